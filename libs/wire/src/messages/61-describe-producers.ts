import { type MessageSchema, array, defaulted, int16, int32, int64, nullable, string, struct } from '../schema.ts';

/** DescribeProducers, version 0 (KIP-664): the producers that a partition remembers. */
export const describeProducersRequest = {
  apiKey: 61,
  name: 'DescribeProducers',
  versions: [0, 0],
  flexibleSince: 0,
  fields: { topics: array(struct({ name: string, partitions: array(int32) })) },
} as const satisfies MessageSchema;

export const describeProducersResponse = {
  apiKey: 61,
  name: 'DescribeProducers response',
  versions: [0, 0],
  flexibleSince: 0,
  fields: {
    throttleTimeMs: defaulted(int32),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partition: int32,
            errorCode: int16,
            errorMessage: defaulted(nullable(string)),
            activeProducers: defaulted(
              array(
                struct({
                  producerId: int64,
                  producerEpoch: int32,
                  lastSequence: int32,
                  lastTimestamp: int64,
                  coordinatorEpoch: int32,
                  currentTransactionStartOffset: int64,
                }),
              ),
            ),
          }),
        ),
      }),
    ),
  },
} as const satisfies MessageSchema;
