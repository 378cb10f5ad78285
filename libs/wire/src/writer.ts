import { assert } from '@millrace/std';
import { writeInt64 } from './reader.ts';

const INITIAL_BYTES = 512;
const SHARED_BYTES_MAX = 64;

/**
 * Collects a message as a list of chunks.
 *
 * W1. Record batches become chunks of their own: they are never copied on their way to the socket.
 */
export class Writer {
  #chunks: Buffer[] = [];
  #buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  /** Where the part of `#buffer` that is not yet a chunk begins. */
  #from = 0;
  #at = 0;
  /** Bytes in `#chunks`. */
  #closed = 0;

  get length(): number {
    return this.#closed + this.#at - this.#from;
  }

  int8(value: number): void {
    const at = this.#room(1);
    this.#buffer.writeInt8(value, at);
  }

  int16(value: number): void {
    const at = this.#room(2);
    this.#buffer.writeInt16BE(value, at);
  }

  int32(value: number): void {
    const at = this.#room(4);
    this.#buffer.writeInt32BE(value, at);
  }

  int64(value: number): void {
    const at = this.#room(8);
    writeInt64(this.#buffer, value, at);
  }

  float64(value: number): void {
    const at = this.#room(8);
    this.#buffer.writeDoubleBE(value, at);
  }

  boolean(value: boolean): void {
    this.int8(value ? 1 : 0);
  }

  uuid(value: string): void {
    const at = this.#room(16);
    const written = this.#buffer.write(value.replaceAll('-', ''), at, 16, 'hex');
    assert(written === 16, `expected a UUID, found "${value}"`);
  }

  uvarint(value: number): void {
    let rest = value;
    let at = this.#room(5);
    while (rest > 0x7f) {
      this.#buffer[at++] = (rest & 0x7f) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[at++] = rest;
    this.#at = at;
  }

  /** The bytes of a string whose length has been written. */
  string(value: string, length: number): void {
    const at = this.#room(length);
    this.#buffer.write(value, at, length, 'utf8');
  }

  bytes(value: Uint8Array): void {
    const at = this.#room(value.byteLength);
    this.#buffer.set(value, at);
  }

  /** Takes the bytes over without copying them, unless they are so few that a chunk costs more. */
  chunk(value: Uint8Array): void {
    if (value.byteLength <= SHARED_BYTES_MAX) return this.bytes(value);
    this.#close();
    this.#chunks.push(Buffer.isBuffer(value) ? value : Buffer.from(value.buffer, value.byteOffset, value.byteLength));
    this.#closed += value.byteLength;
  }

  /** Everything written since the last call. */
  finish(): Buffer[] {
    this.#close();
    const chunks = this.#chunks;
    this.#chunks = [];
    this.#closed = 0;
    return chunks;
  }

  #close(): void {
    if (this.#at === this.#from) return;
    this.#chunks.push(this.#buffer.subarray(this.#from, this.#at));
    this.#closed += this.#at - this.#from;
    this.#from = this.#at;
  }

  /** Where to write; may put another buffer in place, so ask before naming the buffer. */
  #room(length: number): number {
    const at = this.#at;
    if (at + length > this.#buffer.length) return this.#grow(length);
    this.#at = at + length;
    return at;
  }

  #grow(length: number): number {
    const open = this.#at - this.#from;
    const grown = Buffer.allocUnsafe(Math.max(INITIAL_BYTES, (open + length) * 2));
    this.#buffer.copy(grown, 0, this.#from, this.#at);
    this.#buffer = grown;
    this.#from = 0;
    this.#at = open + length;
    return open;
  }
}
