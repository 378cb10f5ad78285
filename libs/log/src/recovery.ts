import { join } from 'node:path';

import type { Disk } from '@millrace/std';

import type { Checkpoint } from './checkpoint.ts';
import { readCheckpoint } from './checkpoint.ts';
import { readMarker } from './control-marker.ts';
import { type FileKind, offsetFileName, parseOffsetFileName, parseSwapFileName, TEMPORARY } from './file-names.ts';
import { PartitionState } from './partition-state.ts';
import type { ProducerCount } from './producer-count.ts';
import { type ProducerSnapshot, restoreSnapshot } from './producer-snapshot.ts';
import type { RecoverySyncs } from './recovery-syncs.ts';
import { finishSwap } from './replacement.ts';
import { openSaved, type SavedPartition } from './saved-partition.ts';
import { readSealed } from './sealed-file.ts';
import { Segment } from './segment.ts';

/** What recovery did to a partition. */
export interface RecoveryReport {
  /** Bytes behind the recovery point whose checksums were computed. */
  readonly checkedBytes: number;
  /** Bytes behind the last sound batch, cut off. After a clean shutdown and after `kill -9` there are none. */
  readonly truncatedBytes: number;
  /** Whole segments behind a bad batch, removed. */
  readonly removedSegments: number;
  readonly logEndOffset: number;
}

export interface RecoveredPartition {
  readonly segments: Segment[];
  readonly state: PartitionState;
  readonly logStartOffset: number;
  readonly recoveryPoint: number;
  /** As of the recovery point, when the checkpoint had it. */
  readonly producers: ProducerSnapshot | undefined;
  readonly activeSinceMs: number;
  readonly cleanedTo: number;
  readonly report: RecoveryReport;
}

export interface RecoveryOptions {
  readonly disk: Disk;
  readonly directory: string;
  readonly indexIntervalBytes: number;
  readonly now: number;
  /** The last process closed everything in order: names and records are on the device. */
  readonly isClean: boolean;
  readonly syncs: RecoverySyncs;
  /** The partition is compacted. */
  readonly mayHaveGaps: boolean;
  readonly producerCount: ProducerCount;
  /** As the last process left it, if it closed everything in order and said so. */
  readonly saved?: SavedPartition | undefined;
}

/**
 * Brings a partition back from its directory, whatever a crash left of it.
 *
 * R1. Below the recovery point nothing is checked but that it is there; behind it every batch is, by checksum, and the
 *     log ends before the first that is not sound or does not follow on.
 * R2. What recovery found is on the device before anybody reads it: a killed process leaves records in the page cache
 *     that a power loss could still take.
 * R3. What is cut off is gone for good, in all files, so that a later crash cannot bring back a part of it.
 */
export function recoverPartition(options: RecoveryOptions): RecoveredPartition {
  const { disk, directory, now } = options;
  const asSaved = options.saved === undefined ? undefined : openSaved(options, options.saved);
  if (asSaved !== undefined) return asSaved;
  const names = settledNames(disk, directory);
  const checkpoint = readCheckpoint(disk, directory);
  const { segments, checkedBytes, truncatedBytes, removedSegments, isAbortedKnown } = recoverSegments(
    options,
    names,
    checkpoint,
  );
  const last = segments.at(-1) as Segment;
  const first = segments[0] as Segment;
  const recoveryPoint = Math.min(checkpoint?.recoveryPoint ?? 0, last.nextOffset);
  const isUsable = isAbortedKnown && recoveryPoint === checkpoint?.recoveryPoint;
  const producers = isUsable ? checkpoint?.producers : undefined;
  const state = recoverState(options, names, {
    segments,
    recoveryPoint: isAbortedKnown ? recoveryPoint : 0,
    producers,
  });
  removeStrangers(disk, directory, names, segments);
  state.unstable.settle(last.nextOffset);
  return {
    segments,
    state,
    logStartOffset: Math.max(checkpoint?.logStartOffset ?? 0, first.baseOffset),
    recoveryPoint,
    producers,
    activeSinceMs: checkpoint?.activeSinceMs ?? now,
    cleanedTo: Math.min(checkpoint?.cleanedTo ?? 0, recoveryPoint),
    report: { checkedBytes, truncatedBytes, removedSegments, logEndOffset: last.nextOffset },
  };
}

interface RecoveredSegments {
  segments: Segment[];
  checkedBytes: number;
  truncatedBytes: number;
  removedSegments: number;
  isAbortedKnown: boolean;
}

function recoverSegments(
  options: RecoveryOptions,
  names: readonly string[],
  checkpoint: Checkpoint | undefined,
): RecoveredSegments {
  const { disk, directory } = options;
  const recoveryPoint = checkpoint?.recoveryPoint ?? 0;
  const logStartOffset = checkpoint?.logStartOffset ?? 0;
  // Compaction leaves gaps, but never behind the recovery point. Without a checkpoint nobody knows where that is: then what
  // is sound and lies further on counts, rather than nothing.
  const mayHaveGaps = options.mayHaveGaps || (checkpoint?.cleanedTo ?? 0) > 0;
  const gaplessFrom = mayHaveGaps ? (checkpoint?.recoveryPoint ?? Number.POSITIVE_INFINITY) : 0;
  const found = segmentsIn(options, names);
  const result: RecoveredSegments = {
    segments: [],
    checkedBytes: 0,
    truncatedBytes: 0,
    removedSegments: 0,
    isAbortedKnown: true,
  };
  let isChanged = !options.isClean;
  for (const [index, segment] of found.entries()) {
    const next = found[index + 1];
    if (next !== undefined && next.baseOffset <= Math.min(logStartOffset, recoveryPoint)) {
      // K3.
      segment.removeFiles();
      isChanged = true;
      continue;
    }
    result.segments.push(segment);
    if (next !== undefined && next.baseOffset <= recoveryPoint) {
      trust(disk, segment, next.baseOffset);
      if (!segment.loadAborted()) result.isAbortedKnown = false;
      continue;
    }
    if (options.isClean && next === undefined && isAsSaved(disk, segment, checkpoint)) {
      trust(disk, segment, recoveryPoint);
      if (!segment.loadAborted()) result.isAbortedKnown = false;
      continue;
    }
    // R1. Where the device lacks what a sync had promised, nothing is taken for granted.
    if (!segment.recover(recoveryPoint, gaplessFrom)) segment.recover(0, gaplessFrom);
    result.checkedBytes += segment.checkedBytes;
    if (!segment.loadAborted() && segment.baseOffset < recoveryPoint) result.isAbortedKnown = false;
    segment.aborted.cut(Math.min(segment.nextOffset, recoveryPoint));
    const truncatedBytes = segment.trim();
    result.truncatedBytes += truncatedBytes;
    const isSaved = segment.nextOffset === recoveryPoint && truncatedBytes === 0;
    if (!options.isClean && !isSaved) options.syncs.segment(segment); // R2
    if (next === undefined || next.baseOffset === segment.nextOffset) continue;
    if (gaplessFrom === Number.POSITIVE_INFINITY && next.baseOffset > segment.nextOffset) continue;
    for (const beyond of found.slice(index + 1)) beyond.removeFiles();
    result.removedSegments = found.length - index - 1;
    isChanged = true;
    break;
  }
  const end = result.segments.at(-1)?.nextOffset ?? -1;
  if (end < logStartOffset) {
    // All records are gone, or all that is left had been deleted: offsets that were given out must not come again.
    for (const segment of result.segments) segment.removeFiles();
    const segment = segmentAt(options, Math.max(logStartOffset, recoveryPoint));
    segment.create();
    segment.datasyncNow();
    result.segments = [segment];
    isChanged = true;
  }
  if (isChanged) options.syncs.directory(directory); // R2, R3
  return result;
}

/** The last process closed in order, and nobody has touched the file since: then there is nothing to look for in it. */
function isAsSaved(disk: Disk, segment: Segment, checkpoint: Checkpoint | undefined): boolean {
  if (checkpoint === undefined || checkpoint.activeOffset !== segment.baseOffset) return false;
  return disk.sizeOf(segment.path('log')) === checkpoint.activeBytes;
}

function trust(disk: Disk, segment: Segment, nextOffset: number): void {
  segment.size = disk.sizeOf(segment.path('log')) ?? 0;
  segment.nextOffset = nextOffset;
}

interface StateSources {
  readonly segments: readonly Segment[];
  readonly recoveryPoint: number;
  readonly producers: ProducerSnapshot | undefined;
}

/**
 * Producer state from the checkpoint's snapshot, or the newest in a file at or before the recovery point (older versions kept
 * them there: those are read once, and gone after the next checkpoint), and replay of what follows. One behind the
 * recovery point is of a checkpoint that did not come to its end: the indexes of aborted transactions are not known to
 * reach as far as it does, and what it tells of may have been cut off.
 */
function recoverState(
  options: RecoveryOptions,
  names: readonly string[],
  { segments, recoveryPoint, producers }: StateSources,
): PartitionState {
  const { disk, directory, now } = options;
  const pathOf = (offset: number): string => join(directory, offsetFileName(offset, 'snapshot'));
  const offsets = offsetsOf(names, 'snapshot');
  const state = new PartitionState(options.producerCount);
  if (producers !== undefined && restoreSnapshot(state.producers, producers)) {
    for (const offset of offsets) disk.remove(pathOf(offset));
    state.restoreTransactions();
    replay(state, segments, producers.offset, now);
    return state;
  }
  const beyond = offsets.filter((offset) => offset > recoveryPoint);
  for (const offset of beyond) disk.remove(pathOf(offset));
  let from = 0;
  for (const offset of offsets.slice(0, offsets.length - beyond.length).toReversed()) {
    const sealed = readSealed(disk, pathOf(offset));
    if (sealed === undefined || sealed === 'damaged' || !restoreSnapshot(state.producers, sealed.content)) continue;
    state.restoreTransactions();
    from = offset;
    break;
  }
  // A marker may end a transaction that began in segments which are gone; then there is nothing it could end.
  replay(state, segments, from, now);
  return state;
}

function replay(state: PartitionState, segments: readonly Segment[], from: number, now: number): void {
  for (const segment of segments) {
    if (segment.nextOffset <= from || segment.size === 0) continue;
    for (const batch of segment.batchesFrom(from)) {
      const { header } = batch;
      const marker = header.isControl ? readMarker(batch.bytes()) : undefined;
      const aborted = state.apply(header, header.baseOffset, marker, now);
      if (aborted !== undefined) segment.aborted.add(aborted);
    }
  }
}

function segmentsIn(options: RecoveryOptions, names: readonly string[]): Segment[] {
  return offsetsOf(names, 'log').map((offset) => segmentAt(options, offset));
}

function offsetsOf(names: readonly string[], kind: FileKind): number[] {
  return names.flatMap((name) => {
    const parsed = parseOffsetFileName(name);
    return parsed?.kind === kind ? [parsed.offset] : [];
  });
}

function segmentAt({ disk, directory, indexIntervalBytes }: RecoveryOptions, baseOffset: number): Segment {
  return new Segment(disk, directory, baseOffset, indexIntervalBytes);
}

/** The files of the partition, after what a crash left unfinished is finished or removed. */
function settledNames(disk: Disk, directory: string): string[] {
  const names = disk.list(directory);
  const temporary = names.filter((name) => name.endsWith(TEMPORARY));
  for (const name of temporary) disk.remove(join(directory, name));
  const swaps = names.filter((name) => parseSwapFileName(name) !== undefined);
  for (const swap of swaps) finishSwap(disk, directory, swap);
  return temporary.length + swaps.length === 0 ? names : disk.list(directory);
}

/** Index files whose segment is gone: a crash came between the removals. */
function removeStrangers(disk: Disk, directory: string, names: readonly string[], segments: readonly Segment[]): void {
  const bases = new Set(segments.map((segment) => segment.baseOffset));
  for (const name of names) {
    const parsed = parseOffsetFileName(name);
    if (parsed === undefined || parsed.kind === 'snapshot' || bases.has(parsed.offset)) continue;
    disk.remove(join(directory, name));
  }
}
