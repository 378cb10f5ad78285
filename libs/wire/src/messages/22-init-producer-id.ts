import { type MessageSchema, defaulted, int16, int32, int64, nullable, since, string } from '../schema.ts';

/**
 * InitProducerId, versions 0 to 4. 2 brought compact encoding, 3 lets a producer name the id and epoch it has, so that
 * the epoch is bumped only for its rightful owner, 4 answers PRODUCER_FENCED where 3 said INVALID_PRODUCER_EPOCH.
 */
export const initProducerIdRequest = {
  apiKey: 22,
  name: 'InitProducerId',
  versions: [0, 4],
  flexibleSince: 2,
  fields: {
    transactionalId: nullable(string),
    transactionTimeoutMs: int32,
    producerId: since(3, int64, -1),
    producerEpoch: since(3, int16, -1),
  },
} as const satisfies MessageSchema;

export const initProducerIdResponse = {
  apiKey: 22,
  name: 'InitProducerId response',
  versions: [0, 4],
  flexibleSince: 2,
  fields: { throttleTimeMs: defaulted(int32), errorCode: int16, producerId: int64, producerEpoch: int16 },
} as const satisfies MessageSchema;
