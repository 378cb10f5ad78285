import { type MessageSchema, array, defaulted, int16, int32, int64, int8, since, string, struct } from '../schema.ts';

/**
 * ListOffsets, versions 1 to 11. 2 brought the isolation level, 4 leader epochs, 6 compact encoding, 7 the timestamp -3
 * (the offset of the record with the largest timestamp), 8, 9 and 11 the timestamps -4, -5 and -6, which are about tiered storage
 * (KIP-405, KIP-1005, KIP-1023), 10 how long to wait for it. Timestamp -1 asks for the end, -2 for the start.
 */
export const listOffsetsRequest = {
  apiKey: 2,
  name: 'ListOffsets',
  versions: [1, 11],
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
    timeoutMs: since(10, int32),
  },
} as const satisfies MessageSchema;

export const listOffsetsResponse = {
  apiKey: 2,
  name: 'ListOffsets response',
  versions: [1, 11],
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
