import { crc32 } from 'node:zlib';

import type { DiskFile } from '@millrace/std';

/** One aborted transaction on a partition. */
export interface AbortedRange {
  readonly producerId: number;
  readonly firstOffset: number;
  /** Offset of its abort marker. */
  readonly markerOffset: number;
  /** Every transaction that began before this offset had ended when the marker was written. */
  readonly lastStableOffset: number;
}

/** Four int64 and a checksum: unlike the other indexes this one cannot be checked against the log where it points. */
const CHECKED_BYTES = 32;
const ENTRY_BYTES = CHECKED_BYTES + 4;

/**
 * The aborted transactions whose marker lies in one segment, in the order of their markers.
 *
 * A1. A transaction is in the index of the segment that holds its marker, not of those that hold its data: a reader of
 *     some range looks from the segment of its first offset onwards, up to the segment that holds the end of its range.
 */
export class AbortedIndex {
  readonly #ranges: AbortedRange[] = [];
  readonly #byProducer = new Map<number, AbortedRange[]>();
  #savedCount = 0;

  get ranges(): readonly AbortedRange[] {
    return this.#ranges;
  }

  get count(): number {
    return this.#ranges.length;
  }

  get isSaved(): boolean {
    return this.#savedCount === this.#ranges.length;
  }

  /** Ignores what it has already: replay after a crash may begin before what was saved. */
  add(range: AbortedRange): void {
    const last = this.#ranges.at(-1);
    if (last === undefined || range.markerOffset > last.markerOffset) this.#push(range);
  }

  /** Whether a batch that the producer wrote at `offset` belongs to one of these. */
  holds(producerId: number, offset: number): boolean {
    const ranges = this.#byProducer.get(producerId);
    if (ranges === undefined) return false;
    // A producer's transactions follow each other, so the first that ends behind the offset is the only candidate.
    const range = ranges[firstEndingBehind(ranges, offset)];
    return range !== undefined && range.firstOffset <= offset;
  }

  /** Those that overlap a range of offsets. */
  *overlapping(from: number, to: number): Generator<AbortedRange> {
    for (let at = firstEndingBehind(this.#ranges, from - 1); at < this.#ranges.length; at++) {
      const range = this.#ranges[at] as AbortedRange;
      if (range.firstOffset < to) yield range;
    }
  }

  /** Whether no later marker can end a transaction that began before `offset`. */
  decidesAllBefore(offset: number): boolean {
    const last = this.#ranges.at(-1);
    return last !== undefined && last.lastStableOffset >= offset;
  }

  /** Forgets markers at `offset` and behind. */
  cut(offset: number): void {
    const kept = this.#ranges.filter((range) => range.markerOffset < offset);
    this.#ranges.length = 0;
    this.#byProducer.clear();
    for (const range of kept) this.#push(range);
    this.#savedCount = Math.min(this.#savedCount, this.#ranges.length);
  }

  save(file: DiskFile): void {
    const bytes = Buffer.concat(this.#ranges.slice(this.#savedCount).map(encode));
    if (bytes.length > 0) file.write(bytes, this.#savedCount * ENTRY_BYTES);
    if (file.size() > this.#ranges.length * ENTRY_BYTES) file.truncate(this.#ranges.length * ENTRY_BYTES);
    this.#savedCount = this.#ranges.length;
  }

  static load(bytes: Buffer): AbortedIndex | undefined {
    if (bytes.length % ENTRY_BYTES !== 0) return undefined;
    const index = new AbortedIndex();
    for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
      const range = decode(bytes.subarray(at, at + ENTRY_BYTES));
      if (range === undefined) return undefined;
      index.#push(range);
    }
    index.#savedCount = index.#ranges.length;
    return index;
  }

  #push(range: AbortedRange): void {
    this.#ranges.push(range);
    const ranges = this.#byProducer.get(range.producerId);
    if (ranges === undefined) this.#byProducer.set(range.producerId, [range]);
    else ranges.push(range);
  }
}

function firstEndingBehind(ranges: readonly AbortedRange[], offset: number): number {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ranges[middle] as AbortedRange).markerOffset > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

function encode(range: AbortedRange): Buffer {
  const bytes = Buffer.allocUnsafe(ENTRY_BYTES);
  bytes.writeBigInt64BE(BigInt(range.producerId), 0);
  bytes.writeBigInt64BE(BigInt(range.firstOffset), 8);
  bytes.writeBigInt64BE(BigInt(range.markerOffset), 16);
  bytes.writeBigInt64BE(BigInt(range.lastStableOffset), 24);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, CHECKED_BYTES)), CHECKED_BYTES);
  return bytes;
}

function decode(bytes: Buffer): AbortedRange | undefined {
  if (crc32(bytes.subarray(0, CHECKED_BYTES)) !== bytes.readUInt32BE(CHECKED_BYTES)) return undefined;
  return {
    producerId: Number(bytes.readBigInt64BE(0)),
    firstOffset: Number(bytes.readBigInt64BE(8)),
    markerOffset: Number(bytes.readBigInt64BE(16)),
    lastStableOffset: Number(bytes.readBigInt64BE(24)),
  };
}
