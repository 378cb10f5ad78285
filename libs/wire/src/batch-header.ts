import { crc32c } from '@node-rs/crc32';
import { readInt64, writeInt64 } from './reader.ts';

/**
 * The header of a record batch (message format v2), read and patched in place. The broker handles batches by this
 * alone; at their records it looks once, when they are produced (`record-walk.ts`).
 *
 * B1. The checksum covers everything from `attributes` on. Base offset, length, leader epoch and magic lie before it,
 *     so that a broker assigns offsets without touching what the producer signed.
 * B2. `sizeInBytes` is never trusted before `checkBatch` has compared it with the bytes at hand.
 */
export interface BatchHeader {
  readonly baseOffset: number;
  /** What the batch says of itself: its bytes behind this field. */
  readonly batchLength: number;
  /** The whole batch, from its base offset to its last record. */
  readonly sizeInBytes: number;
  readonly partitionLeaderEpoch: number;
  readonly magic: number;
  readonly crc: number;
  readonly attributes: number;
  readonly lastOffsetDelta: number;
  readonly lastOffset: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly recordCount: number;
  readonly codec: Codec;
  readonly timestampType: TimestampType;
  readonly isTransactional: boolean;
  readonly isControl: boolean;
}

export type Codec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd' | 'unknown';
export type TimestampType = 'CreateTime' | 'LogAppendTime';

/** Why bytes are not a whole and sound batch. */
export type BatchFlaw = 'truncated' | 'too short' | 'unsupported magic' | 'checksum mismatch' | 'inconsistent counts';

export const BATCH_HEADER_BYTES = 61;
/** Base offset and length: what a batch needs before its size is known. */
export const BATCH_PREFIX_BYTES = 12;
export const NO_PRODUCER_ID = -1;
export const MAGIC = 2;

/** Where the fields lie. */
export const at = {
  baseOffset: 0,
  batchLength: 8,
  partitionLeaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  recordCount: 57,
} as const;

/** Bits of `attributes`. */
export const attribute = {
  codec: 0x07,
  logAppendTime: 0x08,
  transactional: 0x10,
  control: 0x20,
  /** KIP-534: compaction keeps its tombstones, or the marker, until the time that stands as base timestamp. */
  deleteHorizon: 0x40,
} as const;

const codecs: readonly Codec[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd', 'unknown', 'unknown', 'unknown'];

/** Needs `BATCH_HEADER_BYTES` from `start` on; checks nothing. */
export function readBatchHeader(buffer: Buffer, start = 0): BatchHeader {
  const baseOffset = readInt64(buffer, start + at.baseOffset);
  const batchLength = buffer.readInt32BE(start + at.batchLength);
  const attributes = buffer.readInt16BE(start + at.attributes);
  const lastOffsetDelta = buffer.readInt32BE(start + at.lastOffsetDelta);
  return {
    baseOffset,
    batchLength,
    sizeInBytes: BATCH_PREFIX_BYTES + batchLength,
    partitionLeaderEpoch: buffer.readInt32BE(start + at.partitionLeaderEpoch),
    magic: buffer.readInt8(start + at.magic),
    crc: buffer.readUInt32BE(start + at.crc),
    attributes,
    lastOffsetDelta,
    lastOffset: baseOffset + lastOffsetDelta,
    baseTimestamp: readInt64(buffer, start + at.baseTimestamp),
    maxTimestamp: readInt64(buffer, start + at.maxTimestamp),
    producerId: readInt64(buffer, start + at.producerId),
    producerEpoch: buffer.readInt16BE(start + at.producerEpoch),
    baseSequence: buffer.readInt32BE(start + at.baseSequence),
    recordCount: buffer.readInt32BE(start + at.recordCount),
    codec: codecs[attributes & attribute.codec] ?? 'unknown',
    timestampType: (attributes & attribute.logAppendTime) === 0 ? 'CreateTime' : 'LogAppendTime',
    isTransactional: (attributes & attribute.transactional) !== 0,
    isControl: (attributes & attribute.control) !== 0,
  };
}

/** Needs `BATCH_HEADER_BYTES`; for those who ask nothing else, once for each batch that is produced. */
export const codecOf = (batch: Buffer): Codec =>
  codecs[batch.readInt16BE(at.attributes) & attribute.codec] ?? 'unknown';
export const isTransactional = (batch: Buffer): boolean =>
  (batch.readInt16BE(at.attributes) & attribute.transactional) !== 0;

/** When compaction may drop the tombstones of the batch, or the marker that it is; undefined before the first compaction. */
export function deleteHorizonOf({ attributes, baseTimestamp }: BatchHeader): number | undefined {
  return (attributes & attribute.deleteHorizon) === 0 ? undefined : baseTimestamp;
}

export const codecBits = (codec: Codec): number => codecs.indexOf(codec);

/** Checks length, magic, checksum and counts of the batch at `start`. */
export function checkBatch(buffer: Buffer, start = 0): 'ok' | BatchFlaw {
  const left = buffer.length - start;
  if (left < BATCH_PREFIX_BYTES) return 'truncated';
  const batchLength = buffer.readInt32BE(start + at.batchLength);
  if (batchLength < BATCH_HEADER_BYTES - BATCH_PREFIX_BYTES) {
    // Old formats are shorter and have their magic at the same place.
    const hasMagic = left > at.magic && batchLength > at.magic - BATCH_PREFIX_BYTES;
    return hasMagic && buffer.readInt8(start + at.magic) !== MAGIC ? 'unsupported magic' : 'too short';
  }
  if (left < BATCH_PREFIX_BYTES + batchLength) return 'truncated';
  if (buffer.readInt8(start + at.magic) !== MAGIC) return 'unsupported magic';
  const end = start + BATCH_PREFIX_BYTES + batchLength;
  if (crc32c(buffer.subarray(start + at.attributes, end)) !== buffer.readUInt32BE(start + at.crc)) {
    return 'checksum mismatch';
  }
  // Compaction removes records but keeps the last offset delta, so only one direction holds.
  const count = buffer.readInt32BE(start + at.recordCount);
  const lastOffsetDelta = buffer.readInt32BE(start + at.lastOffsetDelta);
  return count < 0 || lastOffsetDelta < 0 || count > lastOffsetDelta + 1 ? 'inconsistent counts' : 'ok';
}

export interface BatchPatch {
  readonly baseOffset: number;
  readonly partitionLeaderEpoch: number;
  /** Makes the batch one of log append time; the only patch that costs a new checksum (B1). */
  readonly logAppendTime?: number;
}

export function patchBatch(buffer: Buffer, start: number, patch: BatchPatch): void {
  writeInt64(buffer, patch.baseOffset, start + at.baseOffset);
  buffer.writeInt32BE(patch.partitionLeaderEpoch, start + at.partitionLeaderEpoch);
  if (patch.logAppendTime === undefined) return;
  writeInt64(buffer, patch.logAppendTime, start + at.maxTimestamp);
  const attributes = buffer.readInt16BE(start + at.attributes) | attribute.logAppendTime;
  buffer.writeInt16BE(attributes, start + at.attributes);
  sealChecksum(buffer, start);
}

/** Makes good what a producer claimed wrongly; like log append time it costs a new checksum (B1). */
export function patchMaxTimestamp(buffer: Buffer, maxTimestamp: number): void {
  writeInt64(buffer, maxTimestamp, at.maxTimestamp);
  sealChecksum(buffer, 0);
}

/** Computes the checksum of a batch whose length is in place. */
export function sealChecksum(buffer: Buffer, start: number): void {
  const end = start + BATCH_PREFIX_BYTES + buffer.readInt32BE(start + at.batchLength);
  buffer.writeUInt32BE(crc32c(buffer.subarray(start + at.attributes, end)), start + at.crc);
}
