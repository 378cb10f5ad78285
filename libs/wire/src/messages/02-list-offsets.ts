import { type MessageSchema, array, defaulted, int16, int32, int64, int8, since, string, struct } from '../schema.ts';

/**
 * ListOffsets, versions 1 to 9. 2 brought the isolation level, 4 leader epochs, 6 compact encoding, 7 the timestamp -3
 * (the offset of the record with the largest timestamp), 8 and 9 the timestamps -4 and -5, which are about tiered storage
 * (KIP-405, KIP-1005). Timestamp -1 asks for the end, -2 for the start.
 *
 * 10 and 11 are left out: kafka-python takes who announces them for Kafka 4.0 and 4.2. When it was told to speak no newer version than
 * these, it asks for everything in the versions that they have.
 */
export const listOffsetsRequest = {
  apiKey: 2,
  name: 'ListOffsets',
  versions: [1, 9],
  flexibleSince: 6,
  fields: {
    replicaId: defaulted(int32, -1),
    isolationLevel: since(2, int8),
    topics: array(
      struct({
        name: string,
        partitions: array(struct({ partition: int32, currentLeaderEpoch: since(4, int32, -1), timestamp: int64 })),
      }),
    ),
  },
} as const satisfies MessageSchema;

export const listOffsetsResponse = {
  apiKey: 2,
  name: 'ListOffsets response',
  versions: [1, 9],
  flexibleSince: 6,
  fields: {
    throttleTimeMs: since(2, int32),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partition: int32,
            errorCode: int16,
            timestamp: defaulted(int64, -1),
            offset: defaulted(int64, -1),
            leaderEpoch: since(4, int32, -1),
          }),
        ),
      }),
    ),
  },
} as const satisfies MessageSchema;
