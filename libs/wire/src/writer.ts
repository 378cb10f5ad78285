import { assert } from '@millrace/std';
import { writeInt64 } from './reader.ts';

const BUFFER_BYTES = 8 * 1024;
/** With less room than this left, what remains of a buffer is not worth beginning a message in. */
const ROOM_BYTES_MIN = 512;
const SHARED_BYTES_MAX = 64;
/** Longer ones are worth a call into native code. */
const SHORT_STRING_LENGTH_MAX = 32;

/** What the last message left of its buffer, and where: most take a few bytes, and a buffer for each costs more than they do. */
let spare: Buffer | undefined;
let spareAt = 0;

/**
 * Collects a message as a list of chunks.
 *
 * W1. Record batches become chunks of their own: they are never copied on their way to the socket.
 * W2. A buffer has one writer at a time: from its construction to `finish`, which leaves the rest to the next.
 */
export class Writer {
  #chunks: Buffer[] = [];
  #buffer: Buffer;
  /** Where the part of `#buffer` that is not yet a chunk begins. */
  #from = 0;
  #at = 0;
  /** Bytes in `#chunks`. */
  #closed = 0;

  constructor() {
    this.#buffer = spare ?? Buffer.allocUnsafeSlow(BUFFER_BYTES);
    if (spare !== undefined) this.#from = this.#at = spareAt;
    spare = undefined;
  }

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
    // As many bytes as characters: they are ASCII.
    if (length === value.length && length <= SHORT_STRING_LENGTH_MAX) {
      for (let index = 0; index < length; index++) this.#buffer[at + index] = value.charCodeAt(index);
    } else this.#buffer.write(value, at, length, 'utf8');
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
    if (this.#buffer.length - this.#at >= ROOM_BYTES_MIN) {
      spare = this.#buffer;
      spareAt = this.#at;
    }
    // Whatever is written from now on gets a buffer of its own (W2).
    this.#buffer = NO_ROOM;
    this.#from = this.#at = 0;
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
    const grown = Buffer.allocUnsafeSlow(Math.max(BUFFER_BYTES, (open + length) * 2));
    this.#buffer.copy(grown, 0, this.#from, this.#at);
    this.#buffer = grown;
    this.#from = 0;
    this.#at = open + length;
    return open;
  }
}

const NO_ROOM = Buffer.alloc(0);

/** The bytes that a string takes. */
export function utf8Length(value: string): number {
  if (value.length > SHORT_STRING_LENGTH_MAX) return Buffer.byteLength(value);
  for (let index = 0; index < value.length; index++) {
    if (value.charCodeAt(index) > 0x7f) return Buffer.byteLength(value);
  }
  return value.length;
}
