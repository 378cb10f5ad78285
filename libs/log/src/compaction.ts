import type { Disk, DiskFile } from '@millrace/std';
import { decodeBatch, type WireRecord } from '@millrace/wire';

import type { ScannedBatch } from './batch-scan.ts';
import { readMarker } from './control-marker.ts';
import { TEMPORARY } from './file-names.ts';
import { abortedFilter } from './log-reader.ts';
import { Segment } from './segment.ts';
import type { SegmentList } from './segment-list.ts';
import { thinBatch } from './thin-batch.ts';

export interface CompactionOptions {
  readonly disk: Disk;
  readonly directory: string;
  readonly segments: SegmentList;
  readonly indexIntervalBytes: number;
  /** Only what lies below is compacted: durable, decided, and covered by a snapshot of producer state. */
  readonly before: number;
  /** Where the last compaction ended; below it each key is there once. */
  readonly cleanedTo: number;
  /** Tombstones and markers older than this may go. */
  readonly horizonMs: number;
  isClosed(): boolean;
  /** Lets others have their turn. */
  pause(): Promise<void>;
}

/** Keys remembered in one run; with more the run ends earlier, and the next goes on from there. */
const KEYS_MAX = 1_000_000;
/** Work done between two pauses. */
const STRIDE_BYTES = 1024 * 1024;

/**
 * Rewrites closed segments so that of each key only the last record is left. Returns up to where that now holds.
 *
 * Z1. One segment becomes one segment by one rename. Whatever instant a crash picks, there is the old or the new file.
 * Z2. Older segments come first, so that a tombstone never goes before what it deletes.
 * Z3. Data of aborted transactions goes; a marker stays while data of its transaction does, and for the retention of
 *     tombstones after: otherwise a replay of the log would find a transaction that never ends.
 * Z4. The last batch of the range stays whatever it is, so that a reader at its end finds its way to the next offset.
 * Z5. What cannot be read (a codec we lack) or would have to be compressed again stays whole: nothing is lost by it.
 */
export async function compactSegments(options: CompactionOptions): Promise<number> {
  const { segments, before, cleanedTo } = options;
  const range = segments.closed.filter((segment) => segment.nextOffset <= before && !segments.pinned.has(segment));
  const dirty = range.filter((segment) => segment.nextOffset > cleanedTo);
  const bytesOf = (list: readonly Segment[]): number => list.reduce((sum, segment) => sum + segment.size, 0);
  // Half of it new, as Kafka's min.cleanable.dirty.ratio: rewriting costs as much as all of it.
  if (dirty.length === 0 || bytesOf(dirty) * 2 < bytesOf(range)) return cleanedTo;

  const latest = await latestOffsets(options, dirty);
  const withData = new Set<number>();
  for (const segment of range) {
    if (segment.baseOffset >= latest.end || options.isClosed()) break;
    const isLast = segment.nextOffset >= latest.end || segment === range.at(-1);
    await rewrite(options, segment, latest, withData, isLast);
  }
  return options.isClosed() ? cleanedTo : latest.end;
}

interface Latest {
  readonly offsets: ReadonlyMap<string, number>;
  readonly end: number;
}

async function latestOffsets(options: CompactionOptions, dirty: readonly Segment[]): Promise<Latest> {
  const offsets = new Map<string, number>();
  const stride = new Stride();
  let end = options.cleanedTo;
  for (const segment of dirty) {
    if (offsets.size >= KEYS_MAX || options.isClosed()) break;
    for await (const batch of steps(options, segment, stride)) {
      if (batch.header.isControl || isAborted(options, batch)) continue;
      for (const record of readableRecords(batch) ?? []) {
        if (record.key !== null) offsets.set(keyOf(record.key), record.offset);
      }
    }
    end = segment.nextOffset;
  }
  return { offsets, end };
}

async function rewrite(
  options: CompactionOptions,
  segment: Segment,
  latest: Latest,
  withData: Set<number>,
  isLast: boolean,
): Promise<void> {
  const { disk, segments } = options;
  const path = segment.path('log') + TEMPORARY;
  const output = disk.open(path, { create: true });
  output.truncate(0);
  try {
    const size = await copyKept(options, segment, latest, withData, isLast, output);
    await output.datasync();
    if (options.isClosed() || !segments.all.includes(segment) || size === segment.size) return;
    if (size === 0) {
      segments.removeEmpty(segment);
      disk.syncDirectory(options.directory);
    } else replace(options, segment, path, size);
  } finally {
    output.close();
    disk.remove(path);
  }
}

/** Z1. The old indexes go first; new ones can be made from the log at any time. */
function replace(
  { disk, directory, segments, indexIntervalBytes }: CompactionOptions,
  old: Segment,
  path: string,
  size: number,
): void {
  disk.remove(old.path('index'));
  disk.remove(old.path('timeindex'));
  disk.rename(path, old.path('log'));
  disk.syncDirectory(directory);
  const made = new Segment(disk, directory, old.baseOffset, indexIntervalBytes);
  made.size = size;
  made.nextOffset = old.nextOffset;
  made.aborted = old.aborted;
  segments.replace(old, made);
  for (const file of segments.use(made).saveIndexes()) file.close();
}

/** Returns the bytes written. */
async function copyKept(
  options: CompactionOptions,
  segment: Segment,
  latest: Latest,
  withData: Set<number>,
  isLast: boolean,
  output: DiskFile,
): Promise<number> {
  let size = 0;
  const trailing = isLast ? lastBatchOffset(segment) : -1;
  for await (const batch of steps(options, segment, new Stride())) {
    const isTrailing = batch.header.baseOffset === trailing; // Z4
    const kept = isTrailing ? batch.bytes() : keptOf(options, batch, latest, withData);
    if (kept === undefined) continue;
    output.write(kept, size);
    size += kept.length;
    if (batch.header.isTransactional && !batch.header.isControl) withData.add(batch.header.producerId);
  }
  return size;
}

function keptOf(
  options: CompactionOptions,
  batch: ScannedBatch,
  latest: Latest,
  withData: Set<number>,
): Buffer | undefined {
  const { header } = batch;
  if (header.isControl) {
    // Z3.
    const endsData = withData.delete(header.producerId);
    const isKnown = readMarker(batch.bytes())?.type !== undefined;
    return endsData || !isKnown || header.maxTimestamp >= options.horizonMs ? batch.bytes() : undefined;
  }
  if (isAborted(options, batch)) return undefined;
  const records = readableRecords(batch);
  if (records === undefined) return batch.bytes(); // Z5
  const isKept = records.map((record) => isLatest(record, latest) && !isExpiredTombstone(record, options.horizonMs));
  if (isKept.every(Boolean)) return batch.bytes();
  if (!isKept.some(Boolean)) return undefined;
  return header.codec === 'none' ? thinBatch(batch.bytes(), records, isKept) : batch.bytes(); // Z5
}

function lastBatchOffset(segment: Segment): number {
  let offset = -1;
  for (const { header } of segment.batchesFrom(segment.baseOffset)) offset = header.baseOffset;
  return offset;
}

function isLatest(record: WireRecord, latest: Latest): boolean {
  if (record.key === null || record.offset >= latest.end) return true;
  const offset = latest.offsets.get(keyOf(record.key));
  return offset === undefined || offset <= record.offset;
}

function isExpiredTombstone(record: WireRecord, horizonMs: number): boolean {
  return record.value === null && record.timestamp < horizonMs;
}

function isAborted({ segments }: CompactionOptions, batch: ScannedBatch): boolean {
  const { isTransactional, isControl, baseOffset } = batch.header;
  if (!isTransactional || isControl) return false;
  return abortedFilter(segments, baseOffset)?.(batch.bytes(), 0, baseOffset) ?? false;
}

function readableRecords(batch: ScannedBatch): WireRecord[] | undefined {
  const { codec } = batch.header;
  if (codec === 'snappy' || codec === 'lz4' || codec === 'unknown') return undefined;
  return decodeBatch(batch.bytes()).records;
}

/** One character per byte: equal keys give equal strings, whatever the bytes are. */
const keyOf = (key: Buffer): string => key.toString('latin1');

/** The batches of a segment, with a pause now and then. Ends early when the log is closed. */
async function* steps(options: CompactionOptions, segment: Segment, stride: Stride): AsyncGenerator<ScannedBatch> {
  let next = segment.baseOffset;
  for (;;) {
    let isPaused = false;
    for (const batch of options.segments.use(segment).batchesFrom(next)) {
      yield batch;
      next = batch.header.lastOffset + 1;
      if (stride.isDone(batch.header.sizeInBytes)) {
        isPaused = true;
        break;
      }
    }
    if (!isPaused) return;
    await options.pause();
    // Others may have released the file meanwhile, so the scan is begun anew from where it was.
    if (options.isClosed() || !options.segments.all.includes(segment)) return;
  }
}

class Stride {
  #bytes = 0;

  isDone(bytes: number): boolean {
    this.#bytes += bytes;
    if (this.#bytes < STRIDE_BYTES) return false;
    this.#bytes = 0;
    return true;
  }
}
