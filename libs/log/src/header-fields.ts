import { BATCH_HEADER_BYTES, BATCH_PREFIX_BYTES } from '@millrace/wire';

/**
 * Single fields of a batch header, for loops that pass over many batches and need two or three of the twenty that
 * `readBatchHeader` returns.
 */
export const at = {
  sizeInBytes: (batch: Buffer, start: number): number => BATCH_PREFIX_BYTES + batch.readInt32BE(start + 8),
  lastOffsetDelta: (batch: Buffer, start: number): number => batch.readInt32BE(start + 23),
  producerId: (batch: Buffer, start: number): number => readOffset(batch, start + 43),
  /** A batch of a transaction, but not its marker. */
  isTransactionalData: (batch: Buffer, start: number): boolean => (batch.readInt16BE(start + 21) & 0x30) === 0x10,
  /** Could be a batch of our format: what lies behind the recovery point was checked in full when it came. */
  isPlausible: (batch: Buffer, start: number): boolean =>
    batch[start + 16] === 2 && batch.readInt32BE(start + 8) >= BATCH_HEADER_BYTES - BATCH_PREFIX_BYTES,
};

/** An int64 that is never beyond 2^53. */
export function readOffset(batch: Buffer, start: number): number {
  return batch.readInt32BE(start) * 0x1_0000_0000 + batch.readUInt32BE(start + 4);
}
