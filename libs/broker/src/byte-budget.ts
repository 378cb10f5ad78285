/** A connection as the budget sees it. */
interface Reader {
  /** It may read its socket again. */
  onRoom(): void;
}

/** Changes of what one connection holds, in bytes. */
interface Change {
  /** Received and not yet answered. */
  readonly requests?: number;
  /** Of the requests, what belongs to a frame whose end has not arrived. */
  readonly unfinished?: number;
  /** Answered and not yet taken by the peer. */
  readonly responses?: number;
}

/**
 * The bytes that all connections together may hold. Who finds no room stops reading its socket and waits here; room goes
 * round in the order of waiting.
 *
 * - Bytes that have arrived are always counted, never refused: what is bounded is asking the kernel for more. So the
 *   total exceeds its limit by at most one read per connection, and one frame.
 * - Responses get half of it: peers that do not read cannot keep others from being read. Beyond it only connections that
 *   hold none get one at a time, up to three quarters; then nothing is started until peers have read.
 * - Who holds bytes may go on holding them (a long poll with requests behind it): `isStalled` says when others have waited
 *   for that long enough.
 */
export class ByteBudget {
  readonly bytesMax: number;
  #requests = 0;
  /** Only reading on can give these back. */
  #unfinished = 0;
  #responses = 0;
  /** And since when, in ms of a monotonic clock. */
  readonly #waiting = new Map<Reader, number>();
  /** With requests that may not be started. */
  readonly #starved = new Set<Reader>();
  #noResponseRoomSince: number | undefined;
  /** Reads on past the limit to the end of its frame. */
  #exempt: Reader | undefined;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  get used(): number {
    return this.#requests + this.#responses;
  }

  /** What a response that is about to be made may hold. */
  get responseRoom(): number {
    return Math.max(0, this.bytesMax / 2 - this.#responses);
  }

  mayRead(reader: Reader): boolean {
    return this.used < this.bytesMax || this.#exempt === reader;
  }

  /** Whether a request may be started whose response will be held, by a connection that holds some already, or none. */
  mayStart(isHolding: boolean): boolean {
    return this.#responses < (this.bytesMax * (isHolding ? 2 : 3)) / 4;
  }

  /** Calls `onRoom` once when there is room for responses again. */
  waitToStart(reader: Reader): void {
    this.#starved.add(reader);
  }

  change({ requests = 0, unfinished = 0, responses = 0 }: Change): void {
    this.#requests += requests;
    this.#unfinished += unfinished;
    this.#responses += responses;
    if (this.#waiting.size > 0) this.#wake();
    if (responses < 0 && this.#starved.size > 0 && this.mayStart(true)) this.#feed();
  }

  /** Calls `onRoom` once when the reader may read again. */
  wait(reader: Reader, now: number): void {
    if (!this.#waiting.has(reader)) this.#waiting.set(reader, now);
    this.#wake();
  }

  /** Somebody has found no room for this long. To be asked again and again. */
  isStalled(now: number, afterMs: number): boolean {
    if (this.responseRoom > 0) this.#noResponseRoomSince = undefined;
    else this.#noResponseRoomSince ??= now;
    const [oldest] = this.#waiting.values();
    return Math.min(oldest ?? now, this.#noResponseRoomSince ?? now) < now - afterMs;
  }

  /** The reader is at the end of a frame: if it was exempt, the next one may be. */
  endFrame(reader: Reader): void {
    if (this.#exempt === reader) this.#exempt = undefined;
  }

  leave(reader: Reader): void {
    this.#waiting.delete(reader);
    this.#starved.delete(reader);
    this.endFrame(reader);
  }

  #feed(): void {
    const starved = [...this.#starved];
    this.#starved.clear();
    for (const reader of starved) reader.onRoom();
  }

  #wake(): void {
    for (const reader of this.#waiting.keys()) {
      if (this.used >= this.bytesMax) {
        // When unfinished frames fill the budget nothing would ever give back: one connection then reads on to the end
        // of its frame. If its peer stalls, the frame timeout ends it and the next one gets its turn.
        const canBeGivenBack = this.used - this.#unfinished;
        if (this.#exempt !== undefined || canBeGivenBack > (this.bytesMax * 3) / 4) return;
        this.#exempt = reader;
      }
      this.#waiting.delete(reader);
      reader.onRoom();
    }
  }
}
