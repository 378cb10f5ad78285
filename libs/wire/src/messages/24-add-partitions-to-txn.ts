import { type MessageSchema, array, defaulted, int16, int32, int64, string, struct } from '../schema.ts';

/**
 * AddPartitionsToTxn, versions 0 to 3. 2 answers PRODUCER_FENCED where 1 said INVALID_PRODUCER_EPOCH, 3 brought compact
 * encoding. From 4 on only brokers send it.
 */
export const addPartitionsToTxnRequest = {
  apiKey: 24,
  name: 'AddPartitionsToTxn',
  versions: [0, 3],
  flexibleSince: 3,
  fields: {
    transactionalId: string,
    producerId: int64,
    producerEpoch: int16,
    topics: array(struct({ name: string, partitions: array(int32) })),
  },
} as const satisfies MessageSchema;

export const addPartitionsToTxnResponse = {
  apiKey: 24,
  name: 'AddPartitionsToTxn response',
  versions: [0, 3],
  flexibleSince: 3,
  fields: {
    throttleTimeMs: defaulted(int32),
    topics: array(struct({ name: string, partitions: array(struct({ partition: int32, errorCode: int16 })) })),
  },
} as const satisfies MessageSchema;
