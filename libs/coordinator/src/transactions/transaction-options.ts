import type { TopicPartition } from '../effects.ts';

export interface TransactionOptions {
  /** A partition that does not exist cannot be added to a transaction, and needs no marker at its end. */
  readonly partitionExists: (topic: string, partition: number) => boolean;
  /** The partition of `__consumer_offsets` that keeps a group: AddOffsetsToTxn adds it. */
  readonly offsetsPartition: (groupId: string) => TopicPartition;
  /** Goes into every marker; a constant ≥ 0 on a single node. */
  readonly coordinatorEpoch?: number;
  readonly limits?: Partial<TransactionLimits>;
}

export interface TransactionLimits {
  /** A longer `transaction.timeout.ms` is refused with INVALID_TRANSACTION_TIMEOUT. */
  readonly timeoutMsMax: number;
  /** An id that did nothing for this long is forgotten; its producer gets INVALID_PRODUCER_ID_MAPPING. */
  readonly idExpirationMs: number;
  /** One more transactional id is refused with POLICY_VIOLATION. */
  readonly idsMax: number;
  /** Memory of all ids and the partitions of their transactions; beyond it a new id or partition: POLICY_VIOLATION. */
  readonly totalBytesMax: number;
  /** Requests of one id that wait for its transaction to complete; one more gets CONCURRENT_TRANSACTIONS. */
  readonly waitingMax: number;
  /** A request that has waited this long gets CONCURRENT_TRANSACTIONS: its connection answers in order, others wait behind it. */
  readonly waitMsMax: number;
  /** Markers that could not be written are tried again after this. */
  readonly markerRetryMs: number;
  /** Producer ids claimed by one record. What is left of a claim is lost at a restart; there are 2^53. */
  readonly producerIdBlock: number;
}

export const defaultTransactionLimits: TransactionLimits = {
  timeoutMsMax: 15 * 60_000,
  idExpirationMs: 7 * 24 * 3_600_000,
  idsMax: 100_000,
  totalBytesMax: 128 * 1024 * 1024,
  waitingMax: 8,
  waitMsMax: 2_000,
  markerRetryMs: 500,
  producerIdBlock: 1_000,
};
