/** A connection as the budget sees it. */
interface Reader {
  /** It may read its socket again. */
  onRoom(): void;
}

/**
 * The bytes that all connections together may hold: requests that are not answered, responses that are not taken.
 * Who finds no room stops reading its socket and waits here; room goes round in the order of waiting.
 *
 * Bytes that have arrived are always counted, never refused: what is bounded is asking the kernel for more. So the
 * total exceeds its limit by at most one read per connection, and one frame.
 */
export class ByteBudget {
  readonly bytesMax: number;
  #used = 0;
  /** Of `#used`, what belongs to frames whose end has not arrived: only reading on can give these back. */
  #unfinished = 0;
  readonly #waiting = new Set<Reader>();
  /** Reads on past the limit to the end of its frame. */
  #exempt: Reader | undefined;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  get used(): number {
    return this.#used;
  }

  mayRead(reader: Reader): boolean {
    return this.#used < this.bytesMax || this.#exempt === reader;
  }

  /** A change of what one connection holds, and of the part of it that is an unfinished frame. */
  change(held: number, unfinished: number): void {
    this.#used += held;
    this.#unfinished += unfinished;
    if (this.#waiting.size > 0) this.#wake();
  }

  /** Calls `onRoom` once when the reader may read again. */
  wait(reader: Reader): void {
    this.#waiting.add(reader);
    this.#wake();
  }

  /** The reader is at the end of a frame: if it was exempt, the next one may be. */
  endFrame(reader: Reader): void {
    if (this.#exempt === reader) this.#exempt = undefined;
  }

  leave(reader: Reader): void {
    this.#waiting.delete(reader);
    this.endFrame(reader);
  }

  #wake(): void {
    for (const reader of this.#waiting) {
      // When unfinished frames fill the budget nothing would ever give back: one connection then reads on to the end
      // of its frame. If its peer stalls, the frame timeout ends it and the next one gets its turn.
      const isStuck = this.#used - this.#unfinished < this.bytesMax / 2 && this.#exempt === undefined;
      if (this.#used >= this.bytesMax) {
        if (!isStuck) return;
        this.#exempt = reader;
      }
      this.#waiting.delete(reader);
      reader.onRoom();
    }
  }
}
