/** Whole batches, to be passed on as they are. The buffers belong to the log: nobody may write into them. */
export type Chunks = readonly Buffer[];

export type Isolation = 'read_uncommitted' | 'read_committed';

/** Why an append, a read or an admin call was refused. The names are those of Kafka's error table. */
export type LogError =
  | 'CORRUPT_MESSAGE'
  | 'INVALID_PRODUCER_EPOCH'
  | 'INVALID_RECORD'
  | 'INVALID_TIMESTAMP'
  | 'INVALID_TXN_STATE'
  | 'KAFKA_STORAGE_ERROR'
  | 'MESSAGE_TOO_LARGE'
  | 'OFFSET_OUT_OF_RANGE'
  | 'OUT_OF_ORDER_SEQUENCE_NUMBER'
  | 'POLICY_VIOLATION'
  | 'TRANSACTION_COORDINATOR_FENCED'
  | 'UNSUPPORTED_COMPRESSION_TYPE'
  | 'UNSUPPORTED_FOR_MESSAGE_FORMAT';

export interface Rejection<E extends string = LogError> {
  readonly error: E;
  readonly message: string;
  /** Which records of the batch it is about, where it is about some. Not all, when they are very many. */
  readonly recordIndexes?: readonly number[];
}

export interface AppendOptions {
  /** A client may not write control batches, and its size is limited; a coordinator may, and its epoch is checked. */
  readonly origin: 'client' | 'coordinator';
  /** Written into the batch. Default 0: a single node has one leader epoch for ever. */
  readonly leaderEpoch?: number;
  /**
   * Default `now`. With `later` the batch has its offset and its place when `append` returns, and is in the file, and visible,
   * after the next `write()`, `sync()` or append that writes: batches that come together take one system call.
   */
  readonly write?: 'now' | 'later';
}

export interface Appended {
  readonly error?: never;
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** −1 unless the topic stamps records with the time of the append. */
  readonly logAppendTimeMs: number;
  readonly logStartOffset: number;
  /** The batch was already here: `baseOffset` is where it went the first time. It still needs `sync()` to be durable. */
  readonly isDuplicate: boolean;
}

export type AppendResult = Appended | Rejection;

export interface ReadOptions {
  readonly isolation: Isolation;
  /** Return the first batch even if it is larger than `bytesMax`, so that a reader is never stuck. */
  readonly atLeastOne: boolean;
  /**
   * With `read_committed`: leave out data batches of aborted transactions; `abortedTransactions` is then empty, since
   * there is nothing left for the client to filter. Otherwise they are returned and listed.
   */
  readonly skipAborted?: boolean;
}

export interface ReadSlice {
  readonly error?: never;
  readonly chunks: Chunks;
  readonly sizeInBytes: number;
  /** Where the next read goes on: behind the last batch that was returned or skipped. */
  readonly nextOffset: number;
  readonly abortedTransactions: readonly AbortedTransaction[];
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
}

export type ReadResult = ReadSlice | Rejection;

/** What DeleteRecords answers. */
export type DeleteRecordsResult = { readonly error?: never; readonly logStartOffset: number } | Rejection;

export interface AbortedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

export interface TimestampedOffset {
  readonly error?: never;
  readonly offset: number;
  readonly timestamp: number;
}

/** One producer as DescribeProducers shows it. */
export interface ProducerDescription {
  readonly producerId: number;
  readonly producerEpoch: number;
  /** −1 when no batch of this epoch is remembered. */
  readonly lastSequence: number;
  readonly lastTimestamp: number;
  readonly coordinatorEpoch: number;
  /** First offset of its open transaction, −1 when none is open. */
  readonly currentTransactionStartOffset: number;
}

/** What a log may do: everything, or (after a disk error) nothing but read what was durable before. */
export type LogState = { readonly kind: 'online' } | { readonly kind: 'offline'; readonly reason: string };

/**
 * When appended records become visible and `sync` resolves: `always` after fdatasync(2), `never` after write(2)
 * (Kafka's way, whose safety lies in replicas).
 */
export type FsyncPolicy = 'always' | 'never';

/** What happened to a partition that nobody asked for, and an operator wants to know. */
export type LogEvent =
  /** A disk error, for good until the next start. */
  | { readonly kind: 'offline'; readonly partition: string; readonly reason: string }
  /** Retention moved the log start. */
  | {
      readonly kind: 'retained';
      readonly partition: string;
      readonly logStartOffset: number;
      readonly segments: number;
    }
  | {
      readonly kind: 'compacted';
      readonly partition: string;
      readonly segments: number;
      readonly segmentsLeft: number;
      readonly bytes: number;
      readonly bytesLeft: number;
    }
  /** Nothing was changed; it is tried again. */
  | { readonly kind: 'compaction failed'; readonly partition: string; readonly reason: string };
