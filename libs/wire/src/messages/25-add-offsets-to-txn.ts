import { type MessageSchema, defaulted, int16, int32, int64, string } from '../schema.ts';

/** AddOffsetsToTxn, versions 0 to 3. 2 answers PRODUCER_FENCED where 1 said INVALID_PRODUCER_EPOCH, 3 is compact. */
export const addOffsetsToTxnRequest = {
  apiKey: 25,
  name: 'AddOffsetsToTxn',
  versions: [0, 3],
  flexibleSince: 3,
  fields: {
    transactionalId: string,
    producerId: int64,
    producerEpoch: int16,
    groupId: string,
  },
} as const satisfies MessageSchema;

export const addOffsetsToTxnResponse = {
  apiKey: 25,
  name: 'AddOffsetsToTxn response',
  versions: [0, 3],
  flexibleSince: 3,
  fields: { throttleTimeMs: defaulted(int32), errorCode: int16 },
} as const satisfies MessageSchema;
