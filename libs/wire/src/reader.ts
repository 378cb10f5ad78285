import { DecodeError } from './wire-error.ts';

/**
 * A cursor over bytes of others.
 *
 * R1. Every length is compared with the bytes left before anything is read or allocated.
 * R2. What a message makes us allocate is bounded by its own size and by a number of elements, not by the counts it claims.
 */
export const ELEMENTS_MAX = 1_000_000;

const TWO_32 = 4_294_967_296;

export class Reader {
  readonly buffer: Buffer;
  at: number;
  readonly end: number;
  readonly #elementsMax: number;
  #elementsLeft: number;

  constructor(buffer: Buffer, at: number, end = buffer.length, elementsMax = ELEMENTS_MAX) {
    this.buffer = buffer;
    this.at = at;
    this.end = end;
    this.#elementsMax = elementsMax;
    this.#elementsLeft = elementsMax;
  }

  /** Moves past `length` bytes and returns where they begin. */
  take(length: number): number {
    const at = this.at;
    if (length < 0) throw new DecodeError(`expected a length of at least 0, found ${length}`);
    if (length > this.end - at) throw new DecodeError(`expected ${length} bytes, found ${this.end - at}`);
    this.at = at + length;
    return at;
  }

  int8(): number {
    return this.buffer.readInt8(this.take(1));
  }

  int16(): number {
    return this.buffer.readInt16BE(this.take(2));
  }

  int32(): number {
    return this.buffer.readInt32BE(this.take(4));
  }

  int64(): number {
    return readInt64(this.buffer, this.take(8));
  }

  float64(): number {
    return this.buffer.readDoubleBE(this.take(8));
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  uuid(): string {
    const at = this.take(16);
    const hex = this.buffer.toString('hex', at, at + 16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }

  /** Unsigned, seven bits a byte, at most 32 bits. */
  uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.buffer.readUInt8(this.take(1));
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) {
        if (value >= TWO_32) break;
        return value;
      }
    }
    throw new DecodeError('expected a varint of at most 32 bits');
  }

  /** The number of elements that follow, checked against what that many must take at the least. */
  count(claimed: number, bytesEachMin: number): number {
    if (claimed < 0) throw new DecodeError(`expected an array, found null`);
    if (claimed * bytesEachMin > this.end - this.at) {
      throw new DecodeError(`expected ${claimed} elements, found ${this.end - this.at} bytes`);
    }
    this.#elementsLeft -= claimed;
    if (this.#elementsLeft < 0) throw new DecodeError(`expected at most ${this.#elementsMax} elements in all`);
    return claimed;
  }

  string(length: number): string {
    const at = this.take(length);
    return this.buffer.toString('utf8', at, at + length);
  }

  bytes(length: number): Buffer {
    const at = this.take(length);
    return this.buffer.subarray(at, at + length);
  }

  /** Skips the tag section, or hands the fields it knows to `read`, which must take exactly `size` bytes. */
  tags(read?: (tag: number, size: number) => boolean): void {
    const count = this.count(this.uvarint(), 2);
    for (let index = 0; index < count; index++) {
      const tag = this.uvarint();
      const size = this.uvarint();
      const from = this.at;
      this.take(size);
      const end = this.at;
      this.at = from;
      if (read?.(tag, size) === true && this.at !== end) {
        throw new DecodeError(`expected tag ${tag} to take ${size} bytes, found ${this.at - from}`);
      }
      this.at = end;
    }
  }
}

export function readInt64(buffer: Buffer, at: number): number {
  return buffer.readInt32BE(at) * TWO_32 + buffer.readUInt32BE(at + 4);
}

export function writeInt64(buffer: Buffer, value: number, at: number): void {
  buffer.writeInt32BE(Math.floor(value / TWO_32), at);
  buffer.writeUInt32BE(value >>> 0, at + 4);
}
