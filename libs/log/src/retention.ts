import { isDeleted, type LogConfig } from './log-config.ts';
import type { SegmentList } from './segment-list.ts';

/** Where the log should start by its limits of size and age. Whole segments go, from the front; the active one stays. */
export function retainedFrom(segments: SegmentList, config: LogConfig, highWatermark: number, now: number): number {
  const { retentionBytes, retentionMs } = config;
  let start = segments.first.baseOffset;
  if (!isDeleted(config)) return start;
  let excess = retentionBytes < 0 ? 0 : segments.sizeInBytes - retentionBytes;
  for (const segment of segments.closed) {
    if (segment.nextOffset > highWatermark) break;
    const isOld = retentionMs >= 0 && segments.use(segment).maxTimestamp < now - retentionMs;
    if (!isOld && excess < segment.size) break;
    excess -= segment.size;
    start = segment.nextOffset;
  }
  return start;
}
