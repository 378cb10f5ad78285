import type { Checkpoint } from './checkpoint.ts';
import { PartitionState } from './partition-state.ts';
import { restoreSnapshot } from './producer-snapshot.ts';
import type { RecoveredPartition, RecoveryOptions } from './recovery.ts';
import { Segment } from './segment.ts';

type SavedSegment = readonly [baseOffset: number, bytes: number, abortedTransactions: number];

/**
 * All that the next start has to know of a partition that was closed in order. It stands in the clean-shutdown marker beside
 * that of all others, so that the start reads one file rather than several in each of a thousand directories: when
 * they are not in memory any more, each of those is a wait for the device.
 */
export interface SavedPartition {
  readonly checkpoint: Checkpoint;
  /** The active one last. */
  readonly segments: readonly SavedSegment[];
}

/** Undefined when the checkpoint does not cover everything: the next start then looks for itself. */
export function savedPartition(
  checkpoint: Checkpoint | undefined,
  segments: readonly Segment[],
): SavedPartition | undefined {
  const active = segments.at(-1);
  if (checkpoint?.producers === undefined || checkpoint.recoveryPoint !== active?.nextOffset) return undefined;
  return {
    checkpoint,
    segments: segments.map(({ baseOffset, size, aborted }) => [baseOffset, size, aborted.count]),
  };
}

/**
 * The partition as it was closed, with one look at the disk: whether its active segment is as long as it was. If not, somebody
 * has been at its files, and what they hold counts; then this returns undefined.
 */
export function openSaved(options: RecoveryOptions, saved: SavedPartition): RecoveredPartition | undefined {
  const { disk, directory, indexIntervalBytes } = options;
  const { checkpoint } = saved;
  const { recoveryPoint, activeOffset, activeBytes, producers } = checkpoint;
  const segments = saved.segments.map(([baseOffset, bytes], index) => {
    const segment = new Segment(disk, directory, baseOffset, indexIntervalBytes);
    segment.size = bytes;
    segment.nextOffset = saved.segments[index + 1]?.[0] ?? recoveryPoint;
    return segment;
  });
  const [first, active] = [segments[0], segments.at(-1)];
  if (first === undefined || active?.baseOffset !== activeOffset || active.size !== activeBytes) return undefined;
  if (disk.sizeOf(active.path('log')) !== activeBytes) return undefined;
  for (const [index, segment] of segments.entries()) {
    const count = saved.segments[index]?.[2];
    if (count !== 0 && (!segment.loadAborted() || segment.aborted.count !== count)) return undefined;
  }
  const state = new PartitionState(options.producerCount);
  if (producers === undefined || !restoreSnapshot(state.producers, producers)) return undefined;
  state.restoreTransactions();
  state.unstable.settle(recoveryPoint);
  return {
    segments,
    state,
    logStartOffset: Math.max(checkpoint.logStartOffset, first.baseOffset),
    recoveryPoint,
    producers,
    activeSinceMs: checkpoint.activeSinceMs,
    cleanedTo: Math.min(checkpoint.cleanedTo, recoveryPoint),
    report: { checkedBytes: 0, truncatedBytes: 0, removedSegments: 0, logEndOffset: recoveryPoint },
  };
}
