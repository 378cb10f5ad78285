import type { DiskFile } from '@millrace/std';
import { BATCH_HEADER_BYTES } from '@millrace/wire';

import { BATCH_BYTES_MAX } from './batch-scan.ts';
import { at, readOffset } from './header-fields.ts';

/** Bytes taken in one read of a file at the most: a reader with a huge limit gets it in several buffers. */
const READ_BYTES_MAX = 4 * 1024 * 1024;
/** Read beyond the limit, to find the first batch behind an index point without a second read. */
const SLACK_BYTES = 8 * 1024;

export type SkipBatch = (buffer: Buffer, start: number, baseOffset: number) => boolean;

/** Collects whole batches, from files or from memory, until a limit or an end is met. */
export class Gathering {
  readonly chunks: Buffer[] = [];
  bytes = 0;
  nextOffset: number;
  /** No further batch fits, or the end is reached. */
  isDone = false;
  /** Something that is no batch was met: the disk has decayed where we had trusted it. */
  isDamaged = false;
  readonly #endOffset: number;
  readonly #bytesMax: number;
  readonly #atLeastOne: boolean;
  readonly #skip: SkipBatch | undefined;

  constructor(from: number, endOffset: number, bytesMax: number, atLeastOne: boolean, skip?: SkipBatch) {
    this.nextOffset = from;
    this.#endOffset = endOffset;
    this.#bytesMax = bytesMax;
    this.#atLeastOne = atLeastOne;
    this.#skip = skip;
  }

  /** From a file, at a position at or before the batch that holds `nextOffset`. */
  fromFile(file: DiskFile, start: number, size: number): void {
    let position = start;
    let windowStart = start;
    let window: Buffer = EMPTY;
    let runStart = -1;
    const flush = (end: number): void => {
      if (runStart >= 0) this.chunks.push(window.subarray(runStart, end));
      runStart = -1;
    };
    const load = (bytes: number): void => {
      flush(position - windowStart);
      window = Buffer.allocUnsafeSlow(Math.min(bytes, size - position));
      window = window.subarray(0, file.read(window, position));
      windowStart = position;
    };
    while (position < size && !this.isDone) {
      if (position - windowStart + BATCH_HEADER_BYTES > window.length) {
        load(Math.min(Math.max(this.#bytesMax - this.bytes, 0) + SLACK_BYTES, READ_BYTES_MAX));
      }
      const verdict = this.#judge(window, position - windowStart);
      if (verdict === 'stop') break;
      const sizeInBytes = at.sizeInBytes(window, position - windowStart);
      if (verdict === 'take') {
        if (position - windowStart + sizeInBytes > window.length) {
          load(sizeInBytes);
          if (window.length < sizeInBytes) {
            this.#damaged();
            break;
          }
        }
        if (runStart < 0) runStart = position - windowStart;
      } else flush(position - windowStart);
      position += sizeInBytes;
    }
    flush(position - windowStart);
  }

  /** Batches from memory. Those that lie side by side go to the socket as one. */
  fromMemory(batches: Iterable<Buffer>): void {
    let first: Buffer | undefined;
    let length = 0;
    const flush = (): void => {
      if (first !== undefined) this.chunks.push(Buffer.from(first.buffer, first.byteOffset, length));
    };
    for (const batch of batches) {
      const verdict = this.#judge(batch, 0);
      if (verdict === 'stop') break;
      if (verdict === 'pass') continue;
      if (first?.buffer === batch.buffer && first.byteOffset + length === batch.byteOffset) length += batch.length;
      else {
        flush();
        first = batch;
        length = batch.length;
      }
    }
    flush();
  }

  #judge(buffer: Buffer, start: number): 'take' | 'pass' | 'stop' {
    if (start + BATCH_HEADER_BYTES > buffer.length || !at.isPlausible(buffer, start)) return this.#damaged();
    const sizeInBytes = at.sizeInBytes(buffer, start);
    if (sizeInBytes > BATCH_BYTES_MAX) return this.#damaged();
    const baseOffset = readOffset(buffer, start);
    const next = baseOffset + at.lastOffsetDelta(buffer, start) + 1;
    if (next <= this.nextOffset) return 'pass';
    if (baseOffset >= this.#endOffset) return this.#done();
    if (this.#skip?.(buffer, start, baseOffset) === true) {
      this.nextOffset = next;
      return 'pass';
    }
    if (this.bytes + sizeInBytes > this.#bytesMax && !(this.#atLeastOne && this.bytes === 0)) return this.#done();
    this.bytes += sizeInBytes;
    this.nextOffset = next;
    return 'take';
  }

  #done(): 'stop' {
    this.isDone = true;
    return 'stop';
  }

  #damaged(): 'stop' {
    this.isDamaged = true;
    return this.#done();
  }
}

const EMPTY = Buffer.alloc(0);
