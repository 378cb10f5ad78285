import { unpackedBytes } from './batch.ts';
import { BatchBuilder } from './batch-builder.ts';
import {
  at,
  attribute,
  BATCH_HEADER_BYTES,
  BATCH_PREFIX_BYTES,
  type BatchHeader,
  type Codec,
  codecBits,
  readBatchHeader,
  sealChecksum,
} from './batch-header.ts';
import { packRecords } from './compression.ts';
import { writeInt64 } from './reader.ts';
import type { WireRecord } from './record.ts';

export interface Packing {
  readonly codec: Exclude<Codec, 'unknown'>;
  readonly level?: number | undefined;
}

/** The batch with the same records in another codec; all else in its header stays. */
export function packBatch(batch: Buffer, { codec, level }: Packing): Buffer {
  const header = readBatchHeader(batch);
  const bytes = unpackedBytes(batch, header);
  const records = codec === 'none' ? bytes : packRecords(codec, bytes, level);
  const packed = Buffer.concat([batch.subarray(0, BATCH_HEADER_BYTES), records]);
  return sealed(packed, (header.attributes & ~attribute.codec) | codecBits(codec));
}

/**
 * The batch with some of its records left out. Base offset and last offset delta stay as they were, and with them the
 * offsets of the records, the sequences of the producer, and the way of a reader over the gap (REFERENCE §2, 43).
 * With a delete horizon (KIP-534) that becomes the base timestamp; the records keep their times.
 */
export function rewriteBatch(header: BatchHeader, kept: readonly WireRecord[], deleteHorizonMs?: number): Buffer {
  const baseTimestamp = deleteHorizonMs ?? header.baseTimestamp;
  const builder = new BatchBuilder(header.sizeInBytes, baseTimestamp);
  for (const record of kept) builder.append(record, record.offset - header.baseOffset);
  const plain = builder.seal({ ...header, isTransactional: header.isTransactional });
  // Of log append time is the whole batch, whatever is left of it.
  if (header.timestampType === 'LogAppendTime') writeInt64(plain, header.maxTimestamp, at.maxTimestamp);
  writeHeader(plain, header);
  const horizon = deleteHorizonMs === undefined ? 0 : attribute.deleteHorizon;
  const attributes = (header.attributes & ~attribute.codec) | horizon;
  const { codec } = header;
  if (codec === 'none' || codec === 'unknown') return sealed(plain, attributes);
  const records = packRecords(codec, plain.subarray(BATCH_HEADER_BYTES));
  return sealed(Buffer.concat([plain.subarray(0, BATCH_HEADER_BYTES), records]), attributes | codecBits(codec));
}

/**
 * What is left of a batch without records: that its offsets and its producer's sequences were used. It has no timestamp
 * that a search for one could find.
 */
export function emptyBatch(batch: Buffer): Buffer {
  const header = readBatchHeader(batch);
  const empty = Buffer.from(batch.subarray(0, BATCH_HEADER_BYTES));
  empty.writeInt32BE(0, at.recordCount);
  writeInt64(empty, -1, at.maxTimestamp);
  return sealed(empty, header.attributes & ~attribute.codec);
}

function writeHeader(batch: Buffer, header: BatchHeader): void {
  writeInt64(batch, header.baseOffset, at.baseOffset);
  batch.writeInt32BE(header.partitionLeaderEpoch, at.partitionLeaderEpoch);
  batch.writeInt32BE(header.lastOffsetDelta, at.lastOffsetDelta);
}

function sealed(batch: Buffer, attributes: number): Buffer {
  batch.writeInt32BE(batch.length - BATCH_PREFIX_BYTES, at.batchLength);
  batch.writeInt16BE(attributes, at.attributes);
  sealChecksum(batch, 0);
  return batch;
}
