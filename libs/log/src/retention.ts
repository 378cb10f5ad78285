import { isDeleted, type LogConfig } from './log-config.ts';
import type { Segment } from './segment.ts';
import type { SegmentList } from './segment-list.ts';

/**
 * Where the log should start by its limits of size and age. Whole segments go, from the front; when it is the active one's
 * turn as well, that is the end of the log, and the caller has to begin a new one. What is not durable, or of a transaction
 * that is open, stays (`before`).
 */
export function retainedFrom(segments: SegmentList, config: LogConfig, before: number, now: number): number {
  const { retentionBytes, retentionMs } = config;
  let start = segments.first.baseOffset;
  if (!isDeleted(config)) return start;
  let excess = retentionBytes < 0 ? 0 : segments.sizeInBytes - retentionBytes;
  for (const segment of segments.all) {
    if (segment.nextOffset > before || segment.size === 0) break;
    const isOld = retentionMs >= 0 && timeOf(segments.use(segment)) < now - retentionMs;
    if (!isOld && (excess <= 0 || excess < segment.size)) break;
    excess -= segment.size;
    start = segment.nextOffset;
  }
  return start;
}

/** Without a timestamp in any record, the time at which nothing more was written to it, as far as we know. */
function timeOf(segment: Segment): number {
  return segment.maxTimestamp < 0 ? segment.writtenAtMs : segment.maxTimestamp;
}
