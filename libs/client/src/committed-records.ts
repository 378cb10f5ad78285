import {
  BATCH_HEADER_BYTES,
  type WireRecord,
  batchesIn,
  controlTypeOf,
  decodeBatch,
  readBatchHeader,
} from '@millrace/wire';

export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

/** Where to fetch next: behind the last whole batch, whatever becomes of its records. Looks at headers only. */
export function endOf(bytes: Buffer | null, fromOffset: number): number {
  let end = fromOffset;
  if (bytes === null) return end;
  for (let at = 0; bytes.length - at >= BATCH_HEADER_BYTES; ) {
    const { sizeInBytes, lastOffset } = readBatchHeader(bytes, at);
    if (sizeInBytes < BATCH_HEADER_BYTES || sizeInBytes > bytes.length - at) break;
    end = Math.max(end, lastOffset + 1);
    at += sizeInBytes;
  }
  return end;
}

/**
 * The records of a fetched partition from `fromOffset` on, without control records and, when `aborted` is given, without those of aborted
 * transactions.
 *
 * C4. The broker lists aborted transactions by producer and first offset. From that offset on the producer's transactional batches are skipped
 *     until its abort marker; a producer may open the next transaction right behind, so each marker ends only one.
 */
export function readRecords(
  bytes: Buffer | null,
  fromOffset: number,
  aborted: readonly AbortedTransaction[] | null,
): WireRecord[] {
  const records: WireRecord[] = [];
  if (bytes === null) return records;

  const upcoming = [...(aborted ?? [])].sort((one, other) => one.firstOffset - other.firstOffset);
  let upcomingAt = 0;
  const aborting = new Set<number>();
  for (const { at, header } of batchesIn(bytes)) {
    for (
      let next = upcoming[upcomingAt];
      next !== undefined && next.firstOffset <= header.lastOffset;
      next = upcoming[upcomingAt]
    ) {
      aborting.add(next.producerId);
      upcomingAt += 1;
    }
    if (header.isControl) {
      const [marker] = decodeBatch(bytes, at).records;
      if (marker !== undefined && controlTypeOf(marker) === 'abort') aborting.delete(header.producerId);
      continue;
    }
    if (header.isTransactional && aborting.has(header.producerId)) continue;
    if (header.lastOffset < fromOffset) continue;
    // A fetch from inside a batch gets the whole batch.
    for (const record of decodeBatch(bytes, at).records) if (record.offset >= fromOffset) records.push(record);
  }
  return records;
}
