import type { DiskFile } from '@millrace/std';
import { BATCH_HEADER_BYTES, type BatchHeader, checkBatch, readBatchHeader } from '@millrace/wire';

/** A larger batch is refused at append, so a length beyond it is damage, and not a reason to allocate that much. */
export const BATCH_BYTES_MAX = 256 * 1024 * 1024;

const WINDOW_BYTES = 256 * 1024;
const HOP_BYTES = 4096;

export interface ScannedBatch {
  readonly position: number;
  readonly header: BatchHeader;
  /** The whole batch. Valid until the next step of the scan. */
  readonly bytes: () => Buffer;
}

export interface ScanRange {
  readonly from: number;
  readonly to: number;
  /** With checksums, as behind the recovery point; otherwise only headers are read. */
  readonly isChecked: boolean;
}

/**
 * The batches of a file in a range. Ends at the first bytes that are no whole batch of our format, which before the
 * recovery point cannot be, and behind it is where a crash cut off.
 */
export function* scanBatches(file: DiskFile, range: ScanRange): Generator<ScannedBatch> {
  const bytes = Math.min(range.isChecked ? WINDOW_BYTES : HOP_BYTES, range.to - range.from);
  const window = new Window(file, range.to, Math.max(bytes, BATCH_HEADER_BYTES));
  let position = range.from;
  while (position + BATCH_HEADER_BYTES <= range.to) {
    const header = readBatchHeader(window.at(position, BATCH_HEADER_BYTES));
    const { sizeInBytes, magic, lastOffsetDelta } = header;
    if (magic !== 2 || sizeInBytes < BATCH_HEADER_BYTES || sizeInBytes > BATCH_BYTES_MAX || lastOffsetDelta < 0) return;
    if (position + sizeInBytes > range.to) return;
    if (range.isChecked && checkBatch(window.at(position, sizeInBytes)) !== 'ok') return;
    const start = position;
    yield { position, header, bytes: () => window.at(start, sizeInBytes) };
    position += sizeInBytes;
  }
}

/** A stretch of the file in memory, moved and grown as needed. */
class Window {
  readonly #file: DiskFile;
  readonly #end: number;
  #buffer: Buffer;
  #start = 0;
  #length = 0;

  constructor(file: DiskFile, end: number, bytes: number) {
    this.#file = file;
    this.#end = end;
    this.#buffer = Buffer.allocUnsafeSlow(bytes);
  }

  at(position: number, length: number): Buffer {
    if (position < this.#start || position + length > this.#start + this.#length) this.#load(position, length);
    const offset = position - this.#start;
    return this.#buffer.subarray(offset, offset + length);
  }

  #load(position: number, length: number): void {
    if (length > this.#buffer.length) this.#buffer = Buffer.allocUnsafeSlow(length);
    const wanted = Math.min(this.#buffer.length, this.#end - position);
    this.#start = position;
    this.#length = this.#file.read(this.#buffer.subarray(0, wanted), position);
    // Shorter than it was a moment ago: somebody cut the file. Zeros are no batch, so the scan ends here.
    if (this.#length < wanted) this.#buffer.fill(0, this.#length);
  }
}
