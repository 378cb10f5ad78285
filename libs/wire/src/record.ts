import { DecodeError } from './wire-error.ts';

/** A record as it is read. Key, value and header values are views into the batch. */
export interface WireRecord {
  readonly offset: number;
  readonly timestamp: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: readonly WireHeader[];
}

export interface WireHeader {
  readonly key: string;
  readonly value: Buffer | null;
}

/** A record as it is written; strings become UTF-8. */
export interface RecordInput {
  readonly timestamp: number;
  readonly key?: Bytes | null;
  readonly value?: Bytes | null;
  readonly headers?: readonly HeaderInput[];
}

export interface HeaderInput {
  readonly key: string;
  readonly value: Bytes | null;
}

export type Bytes = string | Uint8Array;

/**
 * A cursor over the records of one batch: signed (zigzag) varints, and lengths checked before use, since a valid
 * checksum only says that the producer sent these bytes, not that they make sense.
 */
export class RecordReader {
  readonly #buffer: Buffer;
  readonly #end: number;
  at: number;

  constructor(buffer: Buffer, start: number, end: number) {
    this.#buffer = buffer;
    this.at = start;
    this.#end = end;
  }

  record(baseOffset: number, baseTimestamp: number): WireRecord {
    const length = this.varint();
    const end = this.at + length;
    if (length < 0 || end > this.#end) throw this.#flaw(`expected a record of ${length} bytes`);
    this.at++; // Attributes: no bit of them is in use.
    const timestamp = baseTimestamp + this.varlong();
    const offset = baseOffset + this.varint();
    const key = this.#bytes();
    const value = this.#bytes();
    const headers = this.#headers(end);
    if (this.at !== end) throw this.#flaw(`expected the record to end at byte ${end}`);
    return { offset, timestamp, key, value, headers };
  }

  varint(): number {
    const buffer = this.#buffer;
    let at = this.at;
    let byte = at < this.#end ? (buffer[at++] as number) : this.#missing();
    let value = byte & 0x7f;
    for (let shift = 7; byte > 0x7f; shift += 7) {
      if (shift > 28) throw this.#flaw('expected a varint of at most five bytes');
      byte = at < this.#end ? (buffer[at++] as number) : this.#missing();
      value |= (byte & 0x7f) << shift;
    }
    this.at = at;
    return (value >>> 1) ^ -(value & 1);
  }

  /** Exact up to 2^53, as all our 64-bit numbers. */
  varlong(): number {
    let value = 0;
    let scale = 1;
    for (let length = 0; length < 10; length++) {
      const byte = this.at < this.#end ? (this.#buffer[this.at++] as number) : this.#missing();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
      scale *= 128;
    }
    throw this.#flaw('expected a varlong of at most ten bytes');
  }

  #bytes(): Buffer | null {
    const length = this.varint();
    if (length === -1) return null;
    const from = this.#take(length);
    return this.#buffer.subarray(from, from + length);
  }

  #headers(end: number): readonly WireHeader[] {
    const count = this.varint();
    if (count === 0) return NO_HEADERS;
    // A header takes two bytes at the least.
    if (count < 0 || count * 2 > end - this.at) throw this.#flaw(`expected ${count} headers`);
    const headers: WireHeader[] = [];
    while (headers.length < count) {
      const length = this.varint();
      const from = this.#take(length);
      headers.push({ key: headerKey(this.#buffer, from, length), value: this.#bytes() });
    }
    return headers;
  }

  #take(length: number): number {
    const from = this.at;
    if (length < 0 || length > this.#end - from) throw this.#flaw(`expected ${length} bytes`);
    this.at = from + length;
    return from;
  }

  #missing(): never {
    throw this.#flaw('expected another byte');
  }

  #flaw(expected: string): DecodeError {
    return new DecodeError(`${expected}, found ${this.#end - this.at} bytes left`, 'records');
  }
}

const NO_HEADERS: readonly WireHeader[] = Object.freeze([]);
const INTERNED_KEY_BYTES_MAX = 40;
const INTERNED_KEYS = 512;
const interned: (string | undefined)[] = Array.from({ length: INTERNED_KEYS });

/**
 * Header keys repeat from record to record. A small direct-mapped cache saves the call into native code and the string
 * for each; a collision only costs what every key would cost without it.
 */
function headerKey(buffer: Buffer, from: number, length: number): string {
  if (length > INTERNED_KEY_BYTES_MAX) return buffer.toString('utf8', from, from + length);
  let hash = length;
  for (let at = from; at < from + length; at++) hash = (Math.imul(hash, 31) + (buffer[at] as number)) | 0;
  const slot = hash & (INTERNED_KEYS - 1);
  const cached = interned[slot];
  if (cached !== undefined && equals(cached, buffer, from, length)) return cached;
  const key = buffer.toString('utf8', from, from + length);
  // Only ASCII is comparable byte by byte.
  if (key.length === length) interned[slot] = key;
  return key;
}

function equals(text: string, buffer: Buffer, from: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let index = 0; index < length; index++) {
    if (text.charCodeAt(index) !== buffer[from + index]) return false;
  }
  return true;
}
