import type { CompressionCodec } from '@millrace/wire';

/** What one log is told. Times in ms, sizes in bytes; −1 means without limit. */
export interface LogConfig {
  readonly segmentBytes: number;
  readonly segmentMs: number;
  /** A segment may end by up to this much earlier than its age says, so that not all partitions roll at once. */
  readonly segmentJitterMs: number;
  /** How large the offset index of a segment grows before the segment ends. */
  readonly segmentIndexBytes: number;
  readonly retentionBytes: number;
  readonly retentionMs: number;
  readonly cleanup: 'delete' | 'compact' | 'compact,delete';
  /** How long compaction keeps a tombstone (a record without value) from when it first met it. */
  readonly deleteRetentionMs: number;
  /** Compaction leaves segments with younger records alone. */
  readonly compactionLagMsMin: number;
  /** After this long a record is compacted however little there is of new ones. */
  readonly compactionLagMsMax: number;
  /** Compaction waits until this share of the log is new. */
  readonly cleanableRatioMin: number;
  /** Largest batch a client may append. */
  readonly messageBytesMax: number;
  /** One index entry for about this many bytes of log. */
  readonly indexIntervalBytes: number;
  readonly timestampType: 'CreateTime' | 'LogAppendTime';
  /** How far a record's own timestamp may lie before or after the time of its append. */
  readonly timestampBeforeMsMax: number;
  readonly timestampAfterMsMax: number;
  /** Batches are kept as the producer packed them, or packed anew. */
  readonly compression: 'producer' | 'none' | CompressionCodec;
  readonly gzipLevel: number | undefined;
  readonly zstdLevel: number | undefined;
}

/** Without limit, as Kafka says it: the largest int64, of which a number holds this much exactly. */
export const UNLIMITED = Number.MAX_SAFE_INTEGER;

export const defaultLogConfig: LogConfig = {
  segmentBytes: 1024 * 1024 * 1024,
  segmentMs: 7 * 24 * 3_600_000,
  segmentJitterMs: 0,
  segmentIndexBytes: 10 * 1024 * 1024,
  retentionBytes: -1,
  retentionMs: 7 * 24 * 3_600_000,
  cleanup: 'delete',
  deleteRetentionMs: 24 * 3_600_000,
  compactionLagMsMin: 0,
  compactionLagMsMax: UNLIMITED,
  cleanableRatioMin: 0.5,
  messageBytesMax: 1024 * 1024 + 12,
  indexIntervalBytes: 4096,
  timestampType: 'CreateTime',
  timestampBeforeMsMax: UNLIMITED,
  timestampAfterMsMax: 3_600_000,
  compression: 'producer',
  gzipLevel: undefined,
  zstdLevel: undefined,
};

export const isCompacted = (config: LogConfig): boolean => config.cleanup !== 'delete';
export const isDeleted = (config: LogConfig): boolean => config.cleanup !== 'compact';

/** What `compression` asks for where it is not the producer's choice. */
export function packingOf(
  config: LogConfig,
): { codec: 'none' | CompressionCodec; level?: number | undefined } | undefined {
  if (config.compression === 'producer') return undefined;
  const levels = { gzip: config.gzipLevel, zstd: config.zstdLevel };
  const codec = config.compression;
  return { codec, level: codec === 'gzip' || codec === 'zstd' ? levels[codec] : undefined };
}
