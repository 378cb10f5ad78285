/** What one log is told. Times in ms, sizes in bytes; −1 means without limit. */
export interface LogConfig {
  readonly segmentBytes: number;
  readonly segmentMs: number;
  readonly retentionBytes: number;
  readonly retentionMs: number;
  readonly cleanup: 'delete' | 'compact' | 'compact,delete';
  /** How long compaction keeps a tombstone (a record without value) that it could drop. */
  readonly deleteRetentionMs: number;
  /** Largest batch a client may append. */
  readonly messageBytesMax: number;
  /** One index entry for about this many bytes of log. */
  readonly indexIntervalBytes: number;
  readonly timestampType: 'CreateTime' | 'LogAppendTime';
}

export const defaultLogConfig: LogConfig = {
  segmentBytes: 1024 * 1024 * 1024,
  segmentMs: 7 * 24 * 3_600_000,
  retentionBytes: -1,
  retentionMs: 7 * 24 * 3_600_000,
  cleanup: 'delete',
  deleteRetentionMs: 24 * 3_600_000,
  messageBytesMax: 1024 * 1024 + 12,
  indexIntervalBytes: 4096,
  timestampType: 'CreateTime',
};

export const isCompacted = (config: LogConfig): boolean => config.cleanup !== 'delete';
export const isDeleted = (config: LogConfig): boolean => config.cleanup !== 'compact';
