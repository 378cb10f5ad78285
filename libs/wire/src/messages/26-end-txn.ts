import { type MessageSchema, boolean, defaulted, int16, int32, int64, string } from '../schema.ts';

/**
 * EndTxn, versions 0 to 3. 2 answers PRODUCER_FENCED where 1 said INVALID_PRODUCER_EPOCH, 3 is compact. 4 and 5 belong
 * to the second transaction protocol, where every transaction bumps the epoch.
 */
export const endTxnRequest = {
  apiKey: 26,
  name: 'EndTxn',
  versions: [0, 3],
  flexibleSince: 3,
  fields: {
    transactionalId: string,
    producerId: int64,
    producerEpoch: int16,
    committed: boolean,
  },
} as const satisfies MessageSchema;

export const endTxnResponse = {
  apiKey: 26,
  name: 'EndTxn response',
  versions: [0, 3],
  flexibleSince: 3,
  fields: { throttleTimeMs: defaulted(int32), errorCode: int16 },
} as const satisfies MessageSchema;
