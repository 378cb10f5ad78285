import { decodeBatch } from '@millrace/wire';

import type { AbortedRange } from './aborted-index.ts';
import type { ScannedBatch } from './batch-scan.ts';
import { Gathering, type SkipBatch } from './gather.ts';
import { at } from './header-fields.ts';
import type { SegmentList } from './segment-list.ts';
import type { Tail } from './tail-cache.ts';
import type { AbortedTransaction, TimestampedOffset } from './types.ts';

export interface GatherRange {
  readonly from: number;
  /** Batches at or behind this are not returned. */
  readonly end: number;
  readonly bytesMax: number;
  readonly atLeastOne: boolean;
  readonly skip?: SkipBatch | undefined;
}

/** Whole batches of a range, from memory if its start is there, otherwise from the segments. */
export function gatherBatches(segments: SegmentList, tail: Tail, range: GatherRange): Gathering {
  const gathering = new Gathering(range.from, range.end, range.bytesMax, range.atLeastOne, range.skip);
  if (range.from >= tail.startOffset) {
    tail.touch();
    gathering.fromMemory(tail.from(range.from));
    return gathering;
  }
  for (const segment of segments.from(range.from)) {
    segment.gather(gathering);
    // One segment is enough once there is something: the next read goes on where this one ends.
    if (gathering.isDone || gathering.bytes > 0) break;
  }
  if (gathering.nextOffset >= range.end) tail.touch();
  return gathering;
}

/**
 * Tells batches of aborted transactions; undefined when there are none to tell.
 *
 * A1. A transaction is in the index of the segment that holds its marker. The marker lies behind the data, so the search
 *     begins at the segment of the batch and goes on until one says that all from before is decided.
 */
export function abortedFilter(segments: SegmentList, from: number): SkipBatch | undefined {
  const candidates = segments.all.slice(Math.max(segments.indexOf(from), 0));
  if (candidates.every((segment) => segment.aborted.count === 0)) return undefined;
  return (buffer, start, baseOffset) => {
    if (!at.isTransactionalData(buffer, start)) return false;
    const producerId = at.producerId(buffer, start);
    for (const { aborted, nextOffset } of candidates) {
      if (nextOffset <= baseOffset) continue;
      if (aborted.holds(producerId, baseOffset)) return true;
      if (aborted.decidesAllBefore(baseOffset + 1)) return false;
    }
    return false;
  };
}

/** The aborted transactions with data in a range, by their first offsets, as a fetch response lists them. */
export function abortedIn(segments: SegmentList, from: number, to: number): AbortedTransaction[] {
  const found: AbortedRange[] = [];
  for (const { aborted } of segments.all.slice(Math.max(segments.indexOf(from), 0))) {
    for (const range of aborted.overlapping(from, to)) found.push(range);
    if (aborted.decidesAllBefore(to)) break;
  }
  return found
    .sort((a, b) => a.firstOffset - b.firstOffset)
    .map(({ producerId, firstOffset }) => ({ producerId, firstOffset }));
}

/** The first record from `from` on, before `end`, that is not older than `timestamp`. */
export function firstAtTimestamp(
  segments: SegmentList,
  timestamp: number,
  from: number,
  end: number,
): TimestampedOffset | null {
  for (const segment of segments.from(from)) {
    if (segment.baseOffset >= end) break;
    let next = Math.max(from, segment.baseOffset);
    for (;;) {
      const batch = segment.batchAtTimestamp(timestamp, next);
      if (batch === undefined) break;
      if (batch.header.baseOffset >= end) return null;
      const found = recordAtTimestamp(batch, timestamp, from);
      if (found !== undefined) return found.offset < end ? found : null;
      next = batch.header.lastOffset + 1;
    }
  }
  return null;
}

/** The first record with the largest timestamp of all before `end`. */
export function lastTimestamp(segments: SegmentList, from: number, end: number): TimestampedOffset | null {
  let largest = -1;
  for (const segment of segments.from(from)) {
    if (segment.baseOffset >= end) break;
    if (segment.nextOffset <= end) largest = Math.max(largest, segment.maxTimestamp);
    else {
      for (const { header } of segment.batchesFrom(segment.baseOffset)) {
        if (header.baseOffset >= end) break;
        largest = Math.max(largest, header.maxTimestamp);
      }
    }
  }
  return largest < 0 ? null : firstAtTimestamp(segments, largest, from, end);
}

function recordAtTimestamp(batch: ScannedBatch, timestamp: number, from: number): TimestampedOffset | undefined {
  const { header } = batch;
  // Without a look inside: a marker has one record, and log append time is that of all.
  if (header.isControl || header.timestampType === 'LogAppendTime') {
    return { offset: Math.max(header.baseOffset, from), timestamp: header.maxTimestamp };
  }
  for (const record of decodeBatch(batch.bytes()).records) {
    if (record.timestamp >= timestamp && record.offset >= from) {
      return { offset: record.offset, timestamp: record.timestamp };
    }
  }
  return undefined;
}
