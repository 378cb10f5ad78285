import type { DiskFile } from '@millrace/std';

import { readOffset } from './header-fields.ts';

/** Key as int64, value as uint32. */
const ENTRY_BYTES = 12;

/**
 * Pairs of numbers with rising keys, of which one needs the last at or below a key: offset → position, and largest
 * timestamp before → offset. In memory while its segment is in use, appended to its file at checkpoints.
 */
export class SparseIndex {
  #pairs: Float64Array;
  #count = 0;
  #savedCount = 0;

  constructor(entries = 8) {
    this.#pairs = new Float64Array(Math.max(entries, 8) * 2);
  }

  get count(): number {
    return this.#count;
  }

  get sizeInBytes(): number {
    return this.#count * ENTRY_BYTES;
  }

  key(entry: number): number {
    return this.#pairs[entry * 2] as number;
  }

  value(entry: number): number {
    return this.#pairs[entry * 2 + 1] as number;
  }

  add(key: number, value: number): void {
    if (this.#count * 2 === this.#pairs.length) {
      const grown = new Float64Array(this.#pairs.length * 2);
      grown.set(this.#pairs);
      this.#pairs = grown;
    }
    this.#pairs[this.#count * 2] = key;
    this.#pairs[this.#count * 2 + 1] = value;
    this.#count++;
  }

  /** The last entry whose key is at most `key`; −1 when there is none. */
  floor(key: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#pairs[middle * 2] as number) <= key) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Forgets entries from `count` on. */
  cut(count: number): void {
    this.#count = Math.min(this.#count, count);
    this.#savedCount = Math.min(this.#savedCount, this.#count);
  }

  /** Writes what the file lacks, and cuts off what it has beyond. The caller syncs. */
  save(file: DiskFile): void {
    const bytes = Buffer.allocUnsafe((this.#count - this.#savedCount) * ENTRY_BYTES);
    for (let entry = this.#savedCount; entry < this.#count; entry++) {
      const at = (entry - this.#savedCount) * ENTRY_BYTES;
      bytes.writeBigInt64BE(BigInt(this.key(entry)), at);
      bytes.writeUInt32BE(this.value(entry), at + 8);
    }
    if (bytes.length > 0) file.write(bytes, this.#savedCount * ENTRY_BYTES);
    if (file.size() > this.#count * ENTRY_BYTES) file.truncate(this.#count * ENTRY_BYTES);
    this.#savedCount = this.#count;
  }

  /** Undefined when the bytes are no index: then it is rebuilt from the log. */
  static load(bytes: Buffer): SparseIndex | undefined {
    if (bytes.length % ENTRY_BYTES !== 0) return undefined;
    const index = new SparseIndex(bytes.length / ENTRY_BYTES);
    for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
      const key = readOffset(bytes, at);
      const value = bytes.readUInt32BE(at + 8);
      const last = index.#count - 1;
      if (last >= 0 && (key <= index.key(last) || value <= index.value(last))) return undefined;
      index.add(key, value);
    }
    index.#savedCount = index.#count;
    return index;
  }
}
