import { WireError } from './wire-error.ts';

const LENGTH_BYTES = 4;

/**
 * Cuts a byte stream into frames: four bytes of length, then the frame.
 *
 * F1. A frame that lies in one chunk is a view of it; only one that spans chunks is copied, once, when it is whole.
 * F2. A length above the limit is refused when it is read: announcing 2 GB allocates nothing.
 */
export class FrameSplitter {
  readonly #frameBytesMax: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  /** Bytes that the first pending frame takes with its length, once four bytes of it are here. */
  #needed = LENGTH_BYTES;

  constructor(frameBytesMax: number) {
    this.#frameBytesMax = frameBytesMax;
  }

  /** Bytes held of a frame that is not whole yet. */
  get pendingBytes(): number {
    return this.#pendingBytes;
  }

  /** The frames that this chunk completes, without their length. Throws `WireError` with code `FRAME_TOO_LARGE`. */
  push(chunk: Buffer): Buffer[] {
    const frames: Buffer[] = [];
    let rest = chunk;
    while (this.#pendingBytes + rest.length >= this.#needed) {
      if (this.#pendingBytes > 0) {
        rest = Buffer.concat([...this.#pending, rest]);
        this.#pending = [];
        this.#pendingBytes = 0;
      }
      const end = LENGTH_BYTES + this.#lengthOf(rest);
      if (rest.length < end) {
        this.#needed = end;
        break;
      }
      frames.push(rest.subarray(LENGTH_BYTES, end));
      rest = rest.subarray(end);
      this.#needed = LENGTH_BYTES;
    }
    if (rest.length > 0) {
      this.#pending.push(rest);
      this.#pendingBytes += rest.length;
    }
    return frames;
  }

  #lengthOf(bytes: Buffer): number {
    const length = bytes.readInt32BE(0);
    if (length >= 0 && length <= this.#frameBytesMax) return length;
    throw new WireError('FRAME_TOO_LARGE', `expected a frame of 0 to ${this.#frameBytesMax} bytes, found ${length}`);
  }
}
