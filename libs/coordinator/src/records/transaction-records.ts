import { type Schema, array, int16, int32, int64, int8, nullable, string, struct } from '@millrace/wire';

/** The records of `__transaction_state`, as Kafka's own tools read them, and one kind of ours. */
export const transactionLogKey = {
  name: 'TransactionLogKey',
  versions: [0, 0],
  flexibleSince: Infinity,
  fields: { transactionalId: string },
} as const satisfies Schema;

/** 1 is compact and has tagged fields that tell more of the producer's past. Written: 0, which every version of Kafka reads. */
export const transactionLogValue = {
  name: 'TransactionLogValue',
  versions: [0, 1],
  flexibleSince: 1,
  fields: {
    producerId: int64,
    producerEpoch: int16,
    transactionTimeoutMs: int32,
    transactionStatus: int8,
    /** Null but while a transaction is open or ending. */
    transactionPartitions: nullable(array(struct({ topic: string, partitionIds: array(int32) }))),
    transactionLastUpdateTimestampMs: int64,
    transactionStartTimestampMs: int64,
  },
} as const satisfies Schema;

/**
 * A claim of producer ids: those below `nextProducerId` are given away or lost. Kafka keeps this in its controller, with
 * this content; here it lies beside the transactions, under a key version that Kafka's readers skip as unknown.
 */
export const producerIdsKey = {
  name: 'ProducerIdsKey',
  versions: [1000, 1000],
  flexibleSince: Infinity,
  fields: {},
} as const satisfies Schema;

export const producerIdsValue = {
  name: 'ProducerIdsValue',
  versions: [0, 0],
  flexibleSince: Infinity,
  fields: { nextProducerId: int64 },
} as const satisfies Schema;

export const written = {
  transactionLogKey: 0,
  transactionLogValue: 0,
  producerIdsKey: 1000,
  producerIdsValue: 0,
} as const;
