import { WireError } from './wire-error.ts';

const LENGTH_BYTES = 4;

/**
 * Cuts a byte stream into frames: four bytes of length, then the frame.
 *
 * F1. A frame that lies in one chunk is a view of it; one that spans chunks is copied, once, when it is whole, and nothing
 *     of the chunks but itself is.
 * F2. A length above the limit is refused when it is read: announcing 2 GB allocates nothing.
 */
export class FrameSplitter {
  /** May be changed at any time; counts for lengths that are read from then on. */
  frameBytesMax: number;
  /** The beginning of a frame that is not whole. */
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Bytes that it takes with its length, once that is known; until then those of the length. */
  #needed = LENGTH_BYTES;

  constructor(frameBytesMax: number) {
    this.frameBytesMax = frameBytesMax;
  }

  /** Bytes held of a frame that is not whole yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** The frames that this chunk completes, without their length. Throws `WireError` with code `FRAME_TOO_LARGE`. */
  push(chunk: Buffer): Buffer[] {
    const frames: Buffer[] = [];
    let at = 0;
    while (this.#pendingBytes > 0 && this.#pendingBytes + chunk.length - at >= this.#needed) {
      at = this.#complete(chunk, at, frames);
    }
    if (this.#pendingBytes === 0) at = this.#cut(chunk, at, frames);
    if (at < chunk.length) {
      this.#pending.push(chunk.subarray(at));
      this.#pendingBytes += chunk.length - at;
    }
    return frames;
  }

  /** Adds to the pending frame what it lacks: its length first, then the rest. Returns where the chunk goes on. */
  #complete(chunk: Buffer, start: number, frames: Buffer[]): number {
    const end = start + this.#needed - this.#pendingBytes;
    const bytes = Buffer.concat([...this.#pending, chunk.subarray(start, end)], this.#needed);
    const isLength = this.#needed === LENGTH_BYTES;
    if (isLength) this.#needed += this.#lengthOf(bytes, 0);
    if (bytes.length === this.#needed) {
      frames.push(bytes.subarray(LENGTH_BYTES));
      this.#pending = [];
      this.#pendingBytes = 0;
      this.#needed = LENGTH_BYTES;
    } else {
      this.#pending = [bytes];
      this.#pendingBytes = bytes.length;
    }
    return end;
  }

  /** Takes the frames that lie in the chunk as a whole. Returns where the first that does not begins. */
  #cut(chunk: Buffer, start: number, frames: Buffer[]): number {
    let at = start;
    while (at + LENGTH_BYTES <= chunk.length) {
      const bytes = LENGTH_BYTES + this.#lengthOf(chunk, at);
      if (at + bytes > chunk.length) {
        this.#needed = bytes;
        break;
      }
      frames.push(chunk.subarray(at + LENGTH_BYTES, at + bytes));
      at += bytes;
    }
    return at;
  }

  #lengthOf(bytes: Buffer, at: number): number {
    const length = bytes.readInt32BE(at);
    if (length >= 0 && length <= this.frameBytesMax) return length;
    throw new WireError('FRAME_TOO_LARGE', `expected a frame of 0 to ${this.frameBytesMax} bytes, found ${length}`);
  }
}
