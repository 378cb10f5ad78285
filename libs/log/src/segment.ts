import { join } from 'node:path';

import type { Disk, DiskFile } from '@millrace/std';

import { AbortedIndex } from './aborted-index.ts';
import { type ScannedBatch, scanBatches } from './batch-scan.ts';
import { type FileKind, offsetFileName } from './file-names.ts';
import type { Gathering } from './gather.ts';
import { at, readOffset } from './header-fields.ts';
import { type IndexPoint, type Placement, SegmentIndex } from './segment-index.ts';

interface Opened {
  readonly file: DiskFile;
  index: SegmentIndex;
}

interface Passage {
  readonly isChecked: boolean;
  readonly until: number;
  readonly gaplessFrom: number;
}

/**
 * One stretch of a partition: a file of batches, and the indexes into it.
 *
 * G1. The `.log` file is written by `write` alone, at its end. Indexes live in memory; a checkpoint saves them.
 * G2. A segment that is not written any more may be released: file closed, index dropped, both opened again when read.
 * G3. An index is a hint: a point that does not lead to the batch it names has the index rebuilt from the log.
 */
export class Segment {
  readonly baseOffset: number;
  /** Behind the last batch; of a closed segment: where the next one begins. */
  nextOffset: number;
  /** Bytes of whole batches. The file may be longer after a failed append or a crash. */
  size: number;
  aborted = new AbortedIndex();
  /** When it was last written, or found by the start of this process. */
  writtenAtMs = Number.POSITIVE_INFINITY;
  /** By the last `recover`. */
  checkedBytes = 0;
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #indexIntervalBytes: number;
  #opened: Opened | undefined;
  /** Placed, and not yet in the file: the end of `size`. */
  #unwritten: Buffer[] = [];
  #unwrittenBytes = 0;
  /** Of the aborted transactions, as this process wrote it. */
  #hasAbortedFile = false;
  /** Known once it was asked for: nothing changes it in a segment that is not written any more. */
  #maxTimestamp: number | undefined;

  constructor(disk: Disk, directory: string, baseOffset: number, indexIntervalBytes: number) {
    this.#disk = disk;
    this.#directory = directory;
    this.#indexIntervalBytes = indexIntervalBytes;
    this.baseOffset = baseOffset;
    this.nextOffset = baseOffset;
    this.size = 0;
  }

  /** Makes an empty file. Its name is not durable before the directory is synced. */
  create(): void {
    const file = this.#disk.open(this.path('log'), { create: true });
    this.#opened = { file, index: new SegmentIndex(this.baseOffset) };
  }

  path(kind: FileKind): string {
    return join(this.#directory, offsetFileName(this.baseOffset, kind));
  }

  get isOpen(): boolean {
    return this.#opened !== undefined;
  }

  get maxTimestamp(): number {
    return this.#maxTimestamp ?? this.#open().index.maxTimestamp;
  }

  /** Of the offset index in its file. */
  get indexBytes(): number {
    return this.#open().index.sizeInBytes;
  }

  get unwrittenBytes(): number {
    return this.#unwrittenBytes;
  }

  /** Takes a batch to its end; `write` puts it there. */
  append(batch: Buffer, placement: Placement): void {
    this.#unwritten.push(batch);
    this.#unwrittenBytes += batch.length;
    this.place(placement);
  }

  /** Writes what was appended, in one system call. What a failed write leaves in the file is unknown: it is to be the last. */
  write(): void {
    const [first] = this.#unwritten;
    if (first === undefined) return;
    const { file } = this.#open();
    const position = this.#writtenBytes; // G1
    if (this.#unwritten.length === 1) file.write(first, position);
    else file.writeAll(this.#unwritten, position);
    this.#unwritten = [];
    this.#unwrittenBytes = 0;
  }

  /** Takes note of the batch that lies behind the last one: after an append, or when recovery passes it. */
  place(batch: Placement): void {
    this.#maxTimestamp = undefined;
    this.#open().index.place(batch, this.size, this.#indexIntervalBytes);
    this.size += batch.sizeInBytes;
    this.nextOffset = batch.lastOffset + 1;
  }

  datasync(): Promise<void> {
    return this.#open().file.datasync();
  }

  datasyncNow(): void {
    this.#open().file.datasyncNow();
  }

  /** Cuts the file off behind the last whole batch; returns how much there was. */
  trim(): number {
    const { file } = this.#open();
    const excess = Math.max(file.size() - this.size, 0);
    if (excess > 0) file.truncate(this.size);
    return excess;
  }

  /** Adds the batches from the one that holds `gathering.nextOffset`. */
  gather(gathering: Gathering): void {
    const { file } = this.#open();
    gathering.fromFile(file, this.#pointAt(gathering.nextOffset).position, this.#writtenBytes);
  }

  /** Batches from the one that holds `offset`, by their headers. */
  *batchesFrom(offset: number): Generator<ScannedBatch> {
    const from = this.#pointAt(offset).position;
    for (const batch of scanBatches(this.#open().file, { from, to: this.size, isChecked: false })) {
      if (batch.header.lastOffset >= offset) yield batch;
    }
  }

  /** The first batch from the one that holds `from` on with a record at or behind `timestamp`. */
  batchAtTimestamp(timestamp: number, from: number): ScannedBatch | undefined {
    const { index } = this.#open();
    if (index.maxTimestamp < timestamp) return undefined;
    for (const batch of this.batchesFrom(Math.max(index.offsetBelowTimestamp(timestamp), from))) {
      if (batch.header.maxTimestamp >= timestamp) return batch;
    }
    return undefined;
  }

  /** Brings the index files up to date and returns them for the caller to sync and close. */
  saveIndexes(): DiskFile[] {
    const files = this.#open().index.save(this.#disk, this.path('index'), this.path('timeindex'));
    // Mostly there is nothing new, and it needs no sync of its own.
    if (this.#hasAbortedFile && this.aborted.isSaved) return files;
    const aborted = this.#disk.open(this.path('txnindex'), { create: true });
    this.aborted.save(aborted);
    this.#hasAbortedFile = true;
    return [...files, aborted];
  }

  /** As `saveIndexes`, of a segment that was written elsewhere together with its index. */
  saveAs(index: SegmentIndex): DiskFile[] {
    const file = this.#disk.open(this.path('log'));
    this.#opened?.file.close();
    this.#opened = { file, index };
    return this.saveIndexes();
  }

  /** Returns false when the index of aborted transactions is missing or damaged, and only replay can bring it back. */
  loadAborted(): boolean {
    const path = this.path('txnindex');
    const loaded = this.#disk.exists(path) ? AbortedIndex.load(this.#disk.readFile(path)) : undefined;
    this.aborted = loaded ?? new AbortedIndex();
    return loaded !== undefined;
  }

  /**
   * Takes the file as it lies there: up to `trustedOffset` by headers alone, behind it by checksums, until something is
   * no whole batch that follows on; from `gaplessFrom` on, without a gap. Returns whether all that was to be trusted is
   * there.
   */
  recover(trustedOffset: number, gaplessFrom: number): boolean {
    this.release();
    this.#maxTimestamp = undefined;
    const file = this.#disk.open(this.path('log'));
    const saved = trustedOffset > this.baseOffset ? this.#loadIndex() : undefined;
    saved?.cut(trustedOffset);
    this.#opened = { file, index: sound(file, saved) ?? new SegmentIndex(this.baseOffset) };
    const point = this.#opened.index.lastPoint();
    this.size = point.position;
    this.nextOffset = point.offset;
    this.#passBatches(file, { isChecked: false, until: trustedOffset, gaplessFrom });
    const hasTrusted = this.nextOffset >= trustedOffset;
    const trustedSize = this.size;
    if (hasTrusted) this.#passBatches(file, { isChecked: true, until: Number.POSITIVE_INFINITY, gaplessFrom });
    this.checkedBytes = this.size - trustedSize;
    return hasTrusted;
  }

  /** G2. */
  release(): void {
    if (this.#opened === undefined) return;
    this.#maxTimestamp = this.#opened.index.maxTimestamp;
    this.#opened.file.close();
    this.#opened = undefined;
  }

  /** Forgets the index, which is then made anew from the log. */
  dropIndex(): void {
    if (this.#opened !== undefined) this.#opened.index = this.#indexed(this.#opened.file, undefined);
  }

  removeFiles(): void {
    this.release();
    // The log first: what a crash leaves of the others is recognised as belonging to no segment.
    for (const kind of ['log', 'index', 'timeindex', 'txnindex'] as const) this.#disk.remove(this.path(kind));
  }

  get #writtenBytes(): number {
    return this.size - this.#unwrittenBytes;
  }

  #passBatches(file: DiskFile, { isChecked, until, gaplessFrom }: Passage): void {
    if (this.nextOffset >= until) return;
    for (const { header } of scanBatches(file, { from: this.size, to: file.size(), isChecked })) {
      const gap = header.baseOffset - this.nextOffset;
      if (gap < 0 || (gap > 0 && this.nextOffset >= gaplessFrom)) return;
      this.place(header);
      if (this.nextOffset >= until) return;
    }
  }

  #pointAt(offset: number): IndexPoint {
    const opened = this.#open();
    const point = opened.index.pointAt(offset);
    if (point.position === 0 || leadsToBatch(opened.file, point)) return point;
    this.dropIndex(); // G3
    return opened.index.pointAt(offset);
  }

  #open(): Opened {
    if (this.#opened !== undefined) return this.#opened;
    const file = this.#disk.open(this.path('log'));
    this.#opened = { file, index: this.#indexed(file, this.#loadIndex()) };
    return this.#opened;
  }

  #loadIndex(): SegmentIndex | undefined {
    return SegmentIndex.load(this.#disk, this.baseOffset, this.path('index'), this.path('timeindex'));
  }

  /** Completes a saved index by what lies behind its last point; without one, begins at the start of the file. */
  #indexed(file: DiskFile, saved: SegmentIndex | undefined): SegmentIndex {
    const index = sound(file, saved) ?? new SegmentIndex(this.baseOffset);
    const from = index.lastPoint().position;
    for (const { position, header } of scanBatches(file, { from, to: this.size, isChecked: false })) {
      index.place(header, position, this.#indexIntervalBytes);
    }
    return index;
  }
}

/** The saved index, if where it ends there is a batch. */
function sound(file: DiskFile, saved: SegmentIndex | undefined): SegmentIndex | undefined {
  const last = saved?.lastPoint();
  return last === undefined || last.position === 0 || leadsToBatch(file, last) ? saved : undefined;
}

const PROBE_BYTES = 20;

function leadsToBatch(file: DiskFile, point: IndexPoint): boolean {
  const probe = Buffer.alloc(PROBE_BYTES);
  if (file.read(probe, point.position) < PROBE_BYTES) return false;
  return readOffset(probe, 0) === point.offset && at.isPlausible(probe, 0);
}
