import type { Disk } from '@millrace/std';
import { type BatchHeader, readBatchHeader } from '@millrace/wire';

import { AbortedIndex } from './aborted-index.ts';
import { BatchWalk } from './batch-walk.ts';
import { cleanableRange, dirtyIn, isDue } from './cleanable.ts';
import { TEMPORARY } from './file-names.ts';
import { type Latest, latestOffsets } from './latest-offsets.ts';
import type { LogConfig } from './log-config.ts';
import { abortedFilter } from './log-reader.ts';
import { replaceFiles } from './replacement.ts';
import { Retained } from './retained.ts';
import { Segment } from './segment.ts';
import { SegmentIndex } from './segment-index.ts';
import type { SegmentList } from './segment-list.ts';

export interface CompactionOptions {
  readonly disk: Disk;
  readonly directory: string;
  readonly segments: SegmentList;
  readonly config: LogConfig;
  /** Only what lies below is compacted: durable, decided, and covered by a snapshot of producer state. */
  readonly before: number;
  /** Where the last compaction ended; below it each key is there once. */
  readonly cleanedTo: number;
  /** When the first tombstone or marker that the last compaction kept may go. */
  readonly horizonMs: number;
  readonly now: number;
  /** Whether the batch is the last that its producer's state stands on. */
  isLastOf(header: BatchHeader): boolean;
  isClosed(): boolean;
  /** Lets others have their turn. */
  pause(): Promise<void>;
}

export interface Compacted {
  readonly cleanedTo: number;
  readonly horizonMs: number;
  readonly segments: number;
  readonly segmentsLeft: number;
  readonly bytes: number;
  readonly bytesLeft: number;
}

/** The files of the partition are between two states: only the next open, which finishes it, can tell which. */
export class ReplacementError extends Error {
  override readonly name = 'ReplacementError';
}

const SEGMENT_OFFSETS_MAX = 2 ** 31 - 1;

/**
 * Rewrites closed segments so that of each key only the last record is left, and puts small ones together. Undefined when
 * there was too little to gain, or the log was closed meanwhile.
 *
 * Z1. A group of segments becomes one segment by one rename. Whatever instant a crash picks, there is the old or the new.
 * Z2. Older segments come first, so that a tombstone never goes before what it deletes.
 * Z3. Data of aborted transactions goes; a marker stays while data of its transaction does, and for the retention of
 *     tombstones after: otherwise a replay of the log would find a transaction that never ends.
 * Z4. The last batch of the range stays, without records if need be, so that a reader at its end finds its way to the next
 *     offset; and so does the last batch of a producer that is still remembered.
 * Z5. What cannot be read as records stays as it is: nothing is lost by it.
 * Z6. Tombstones and markers stay for the time of the topic from when compaction first met them (KIP-534: the batch says
 *     until when), not from when they were written: a reader that is behind sees them after it saw what they delete.
 */
export async function compactSegments(options: CompactionOptions): Promise<Compacted | undefined> {
  const range = cleanableRange(options);
  if (!isDue(range, options)) return undefined;
  const latest = await latestOffsets(options, dirtyIn(range, options.cleanedTo));
  const covered = range.filter((segment) => segment.baseOffset < latest.end);
  const last = covered.at(-1);
  if (last === undefined || options.isClosed()) return undefined;
  const trailing = lastBatchOffset(last);
  const retained = new Retained({
    latest,
    now: options.now,
    deleteRetentionMs: options.config.deleteRetentionMs,
    isAborted: (header, bytes) => isAborted(options, header, bytes),
    isNeeded: (header) => header.baseOffset === trailing || options.isLastOf(header),
  });
  const bytes = sizeOf(covered);
  let segmentsLeft = 0;
  let bytesLeft = 0;
  for (const group of groupsOf(covered, options.config.segmentBytes)) {
    const size = await rewrite(options, group, latest, retained);
    if (size === undefined || options.isClosed()) return undefined;
    segmentsLeft += size === 0 ? 0 : 1;
    bytesLeft += size;
  }
  return {
    cleanedTo: latest.end,
    horizonMs: retained.horizonMs,
    segments: covered.length,
    segmentsLeft,
    bytes,
    bytesLeft,
  };
}

/** Neighbours that make one segment together. */
function groupsOf(range: readonly Segment[], segmentBytes: number): Segment[][] {
  const groups: Segment[][] = [];
  let size = 0;
  for (const segment of range) {
    const group = groups.at(-1);
    const reach = segment.nextOffset - 1 - (group?.[0]?.baseOffset ?? 0);
    size += segment.size;
    if (group !== undefined && size <= segmentBytes && reach <= SEGMENT_OFFSETS_MAX) group.push(segment);
    else {
      groups.push([segment]);
      size = segment.size;
    }
  }
  return groups;
}

/** Returns what is left; undefined when the log was closed, or the group deleted, meanwhile. */
async function rewrite(
  options: CompactionOptions,
  group: readonly Segment[],
  latest: Latest,
  retained: Retained,
): Promise<number | undefined> {
  const { disk, segments } = options;
  const first = group[0] as Segment;
  const path = first.path('log') + TEMPORARY;
  const output = disk.open(path, { create: true });
  const copy = new Copy(first.baseOffset, options.config.indexIntervalBytes);
  try {
    output.truncate(0);
    for (const segment of group) {
      for await (const batch of new BatchWalk(options, segment).from(segment.baseOffset)) {
        const bytes = retained.of(batch);
        copy.isChanged ||= bytes !== batch.source;
        if (bytes === undefined) continue;
        output.write(bytes, copy.size);
        copy.take(bytes === batch.source ? batch.header : readBatchHeader(bytes), bytes.length);
      }
      for (const range of segment.aborted.ranges) {
        if (range.markerOffset >= latest.end || !retained.droppedMarkers.has(range.markerOffset))
          copy.aborted.add(range);
      }
    }
    await output.datasync();
    if (options.isClosed() || !group.every((segment) => segments.all.includes(segment))) return undefined;
    if (copy.isChanged || group.length > 1) install(options, group, path, copy);
    return copy.size;
  } finally {
    output.close();
    disk.remove(path);
  }
}

/** What has been written so far. */
class Copy {
  size = 0;
  isChanged = false;
  readonly index: SegmentIndex;
  readonly aborted = new AbortedIndex();
  readonly #indexIntervalBytes: number;

  constructor(baseOffset: number, indexIntervalBytes: number) {
    this.index = new SegmentIndex(baseOffset);
    this.#indexIntervalBytes = indexIntervalBytes;
  }

  take(header: BatchHeader, bytes: number): void {
    this.index.place(header, this.size, this.#indexIntervalBytes);
    this.size += bytes;
  }
}

function install(options: CompactionOptions, group: readonly Segment[], path: string, copy: Copy): void {
  const { disk, directory, segments, config } = options;
  const [first, last] = [group[0] as Segment, group.at(-1) as Segment];
  try {
    if (copy.size === 0) {
      for (const segment of group) segments.removeEmpty(segment);
      disk.syncDirectory(directory);
      return;
    }
    replaceFiles(disk, directory, group, path);
    const made = new Segment(disk, directory, first.baseOffset, config.indexIntervalBytes);
    made.size = copy.size;
    made.nextOffset = last.nextOffset;
    made.aborted = copy.aborted;
    segments.replace(group, made);
    // The old ones are gone, and these can be made from the log at any time: nobody waits for them to be on the device.
    for (const file of made.saveAs(copy.index)) file.close();
  } catch (error) {
    throw new ReplacementError(`cannot replace segments of ${directory}`, { cause: error });
  }
}

function lastBatchOffset(segment: Segment): number {
  let offset = -1;
  for (const { header } of segment.batchesFrom(segment.nextOffset - 1)) offset = header.baseOffset;
  // Compaction may have left a gap at the end.
  if (offset < 0) for (const { header } of segment.batchesFrom(segment.baseOffset)) offset = header.baseOffset;
  return offset;
}

function isAborted({ segments }: CompactionOptions, header: BatchHeader, bytes: Buffer): boolean {
  const { isTransactional, isControl, baseOffset } = header;
  if (!isTransactional || isControl) return false;
  return abortedFilter(segments, baseOffset)?.(bytes, 0, baseOffset) ?? false;
}

const sizeOf = (list: readonly Segment[]): number => list.reduce((sum, segment) => sum + segment.size, 0);
