import { isCompacted, type LogConfig, UNLIMITED } from './log-config.ts';
import type { Segment } from './segment.ts';
import type { SegmentList } from './segment-list.ts';

interface Cleanable {
  readonly segments: SegmentList;
  readonly config: LogConfig;
  readonly before: number;
  readonly cleanedTo: number;
  readonly horizonMs: number;
  readonly now: number;
}

/** The closed segments from the start that compaction may rewrite. */
export function cleanableRange({ segments, config, before, now }: Cleanable): Segment[] {
  const range: Segment[] = [];
  for (const segment of segments.closed) {
    if (segment.nextOffset > before || segments.pinned.has(segment)) break;
    const youngest = now - config.compactionLagMsMin;
    if (config.compactionLagMsMin > 0 && segments.use(segment).maxTimestamp > youngest) break;
    range.push(segment);
  }
  return range;
}

/** Those with records that no compaction has seen. */
export function dirtyIn(range: readonly Segment[], cleanedTo: number): Segment[] {
  return range.filter((segment) => segment.nextOffset > cleanedTo);
}

/** Rewriting costs as much as all of it, so there has to be something to gain: by how much is new, or by time. */
export function isDue(range: readonly Segment[], cleanable: Cleanable): boolean {
  const { segments, config, cleanedTo, horizonMs, now } = cleanable;
  const sizeOf = (list: readonly Segment[]): number => list.reduce((sum, segment) => sum + segment.size, 0);
  const dirty = dirtyIn(range, cleanedTo);
  if (range.length > 0 && horizonMs <= now) return true;
  const first = dirty[0];
  if (first === undefined) return false;
  if (sizeOf(dirty) >= sizeOf(range) * config.cleanableRatioMin) return true;
  if (config.compactionLagMsMax === UNLIMITED) return false;
  const [oldest] = segments.use(first).batchesFrom(Math.max(first.baseOffset, cleanedTo));
  return oldest !== undefined && oldest.header.maxTimestamp <= now - config.compactionLagMsMax;
}

/** After how long the active segment ends; of a compacted topic no later than its records are due to be compacted. */
export function segmentAgeMsMax(config: LogConfig): number {
  return isCompacted(config) ? Math.min(config.segmentMs, config.compactionLagMsMax) : config.segmentMs;
}
