import { assert } from '@millrace/std';
import {
  BATCH_HEADER_BYTES,
  BATCH_PREFIX_BYTES,
  MAGIC,
  NO_PRODUCER_ID,
  at,
  attribute,
  sealChecksum,
} from './batch-header.ts';
import { writeInt64 } from './reader.ts';
import type { Bytes, RecordInput } from './record.ts';

/** Who wrote a batch, for de-duplication and transactions. Absent for a producer without id. */
export interface BatchProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly isTransactional?: boolean;
}

const INITIAL_BYTES = 4096;
const VARINT_BYTES_MAX = 5;
const VARLONG_BYTES_MAX = 10;
/** Up to this a loop over characters beats the call into native code. */
const SHORT_STRING_LENGTH_MAX = 16;

/**
 * Encodes records straight into the bytes of one batch, as they come.
 *
 * B3. A record is written once. Its length precedes it and is not known before, so the place for it is guessed from
 *     lengths that are exact for ASCII, and the record is moved by a byte or two in the rare case that the guess was off.
 */
export class BatchBuilder {
  #buffer: Buffer;
  #at = BATCH_HEADER_BYTES;
  #count = 0;
  #lastOffsetDelta = -1;
  #baseTimestamp = 0;
  #maxTimestamp = 0;
  readonly #givenBaseTimestamp: number | undefined;

  /** `baseTimestamp` is that of the first record unless given: the others count from it, forwards or back. */
  constructor(initialBytes = 0, baseTimestamp?: number) {
    this.#buffer = Buffer.allocUnsafeSlow(Math.max(initialBytes, INITIAL_BYTES));
    this.#givenBaseTimestamp = baseTimestamp;
  }

  get recordCount(): number {
    return this.#count;
  }

  /** What `seal` would return now. */
  get sizeInBytes(): number {
    return this.#at;
  }

  /** Offset deltas follow the order of calls, unless compaction, which leaves gaps, says which it is. */
  append(record: RecordInput, offsetDelta = this.#lastOffsetDelta + 1): void {
    if (this.#count === 0) {
      this.#baseTimestamp = this.#givenBaseTimestamp ?? record.timestamp;
      this.#maxTimestamp = record.timestamp;
    }
    if (record.timestamp > this.#maxTimestamp) this.#maxTimestamp = record.timestamp;
    this.#require(recordBytesMax(record));

    const start = this.#at;
    const guess = varintBytes(asciiBytes(record));
    this.#at = start + guess;
    this.#buffer[this.#at++] = 0;
    this.#varlong(record.timestamp - this.#baseTimestamp);
    this.#varint(offsetDelta);
    this.#bytes(record.key ?? null);
    this.#bytes(record.value ?? null);
    const headers = record.headers;
    this.#varint(headers === undefined ? 0 : headers.length);
    if (headers !== undefined) {
      for (const header of headers) {
        if (header.key.length <= ENCODED_KEY_LENGTH_MAX) this.#encoded(encodedHeaderKey(header.key));
        else this.#string(header.key);
        this.#bytes(header.value);
      }
    }
    this.#lengthBefore(start, guess);
    this.#count++;
    this.#lastOffsetDelta = offsetDelta;
  }

  /** The finished batch, with base offset 0. The builder must not be used afterwards: the bytes are handed over. */
  seal(producer?: BatchProducer): Buffer {
    assert(this.#count > 0, 'expected a batch to hold a record');
    const batch = this.#buffer.subarray(0, this.#at);
    writeInt64(batch, 0, at.baseOffset);
    batch.writeInt32BE(this.#at - BATCH_PREFIX_BYTES, at.batchLength);
    batch.writeInt32BE(-1, at.partitionLeaderEpoch);
    batch.writeInt8(MAGIC, at.magic);
    batch.writeInt16BE(producer?.isTransactional === true ? attribute.transactional : 0, at.attributes);
    batch.writeInt32BE(this.#lastOffsetDelta, at.lastOffsetDelta);
    writeInt64(batch, this.#baseTimestamp, at.baseTimestamp);
    writeInt64(batch, this.#maxTimestamp, at.maxTimestamp);
    writeInt64(batch, producer?.producerId ?? NO_PRODUCER_ID, at.producerId);
    batch.writeInt16BE(producer?.producerEpoch ?? -1, at.producerEpoch);
    batch.writeInt32BE(producer?.baseSequence ?? -1, at.baseSequence);
    batch.writeInt32BE(this.#count, at.recordCount);
    sealChecksum(batch, 0);
    return batch;
  }

  #lengthBefore(start: number, guess: number): void {
    const length = this.#at - start - guess;
    const needed = varintBytes(length);
    if (needed !== guess) {
      this.#buffer.copyWithin(start + needed, start + guess, this.#at);
      this.#at += needed - guess;
    }
    const end = this.#at;
    this.#at = start;
    this.#varint(length);
    this.#at = end;
  }

  #bytes(value: Bytes | null): void {
    if (value === null) return this.#varint(-1);
    if (typeof value === 'string') return this.#string(value);
    this.#varint(value.byteLength);
    this.#encoded(value);
  }

  #encoded(bytes: Uint8Array): void {
    this.#buffer.set(bytes, this.#at);
    this.#at += bytes.byteLength;
  }

  #string(value: string): void {
    if (value.length <= SHORT_STRING_LENGTH_MAX && this.#asciiString(value)) return;
    // As with the record (B3): the length is guessed to be that of ASCII, which saves asking for it beforehand.
    const start = this.#at;
    const guess = varintBytes(value.length);
    this.#at += guess;
    this.#at += this.#buffer.write(value, this.#at, 'utf8');
    this.#lengthBefore(start, guess);
  }

  /** Leaves `#at` where it was when a character turns out not to be ASCII. */
  #asciiString(value: string): boolean {
    const start = this.#at;
    this.#varint(value.length);
    const buffer = this.#buffer;
    let to = this.#at;
    for (let index = 0; index < value.length; index++) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) {
        this.#at = start;
        return false;
      }
      buffer[to++] = code;
    }
    this.#at = to;
    return true;
  }

  #varint(value: number): void {
    const buffer = this.#buffer;
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    let to = this.#at;
    while (rest > 0x7f) {
      buffer[to++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    buffer[to++] = rest;
    this.#at = to;
  }

  #varlong(value: number): void {
    if (value >= -0x40000000 && value <= 0x3fffffff) return this.#varint(value);
    let rest = value >= 0 ? value * 2 : -value * 2 - 1;
    while (rest > 0x7f) {
      this.#buffer[this.#at++] = (rest % 128) | 0x80;
      rest = Math.floor(rest / 128);
    }
    this.#buffer[this.#at++] = rest;
  }

  #require(length: number): void {
    const needed = this.#at + length;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#at);
    this.#buffer = grown;
  }
}

const ENCODED_KEYS_MAX = 512;
const ENCODED_KEY_LENGTH_MAX = 64;
const encodedKeys = new Map<string, Uint8Array>();

/** A header key with its length. Few keys are in use and each in every record, so encoding them once pays. */
function encodedHeaderKey(key: string): Uint8Array {
  const known = encodedKeys.get(key);
  if (known !== undefined) return known;
  const bytes = Buffer.from(key);
  const encoded = Buffer.concat([varintOf(bytes.length), bytes]);
  if (encodedKeys.size >= ENCODED_KEYS_MAX) encodedKeys.clear();
  encodedKeys.set(key, encoded);
  return encoded;
}

function varintOf(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value * 2;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest & 0x7f) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}

/** The records as one batch of their own. */
export function encodeBatch(records: readonly RecordInput[], producer?: BatchProducer): Buffer {
  const builder = new BatchBuilder();
  for (const record of records) builder.append(record);
  return builder.seal(producer);
}

/** An upper bound of what a record adds to a batch: one UTF-16 unit takes three bytes at most. */
export function recordBytesMax(record: RecordInput): number {
  let bytes = 1 + 3 * VARINT_BYTES_MAX + VARLONG_BYTES_MAX + bytesMax(record.key) + bytesMax(record.value);
  if (record.headers !== undefined) {
    for (const header of record.headers) bytes += bytesMax(header.key) + bytesMax(header.value);
  }
  return bytes;
}

function bytesMax(value: Bytes | null | undefined): number {
  if (value === null || value === undefined) return VARINT_BYTES_MAX;
  return VARINT_BYTES_MAX + (typeof value === 'string' ? value.length * 3 : value.byteLength);
}

/** The length of a record whose strings are ASCII, up to a few bytes. */
function asciiBytes(record: RecordInput): number {
  let bytes = 8 + lengthOf(record.key) + lengthOf(record.value);
  if (record.headers !== undefined) {
    for (const header of record.headers) bytes += 2 + header.key.length + lengthOf(header.value);
  }
  return bytes;
}

function lengthOf(value: Bytes | null | undefined): number {
  return value === null || value === undefined ? 0 : value.length;
}

function varintBytes(value: number): number {
  if (value < 0x40) return 1;
  if (value < 0x2000) return 2;
  if (value < 0x100000) return 3;
  return value < 0x8000000 ? 4 : VARINT_BYTES_MAX;
}
