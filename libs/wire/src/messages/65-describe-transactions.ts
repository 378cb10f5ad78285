import { type MessageSchema, array, defaulted, int16, int32, int64, string, struct } from '../schema.ts';

/** DescribeTransactions, version 0 (KIP-664). */
export const describeTransactionsRequest = {
  apiKey: 65,
  name: 'DescribeTransactions',
  versions: [0, 0],
  flexibleSince: 0,
  fields: { transactionalIds: array(string) },
} as const satisfies MessageSchema;

export const describeTransactionsResponse = {
  apiKey: 65,
  name: 'DescribeTransactions response',
  versions: [0, 0],
  flexibleSince: 0,
  fields: {
    throttleTimeMs: defaulted(int32),
    transactionStates: array(
      struct({
        errorCode: int16,
        transactionalId: string,
        transactionState: string,
        transactionTimeoutMs: int32,
        transactionStartTimeMs: int64,
        producerId: int64,
        producerEpoch: int16,
        topics: array(struct({ topic: string, partitions: array(int32) })),
      }),
    ),
  },
} as const satisfies MessageSchema;
