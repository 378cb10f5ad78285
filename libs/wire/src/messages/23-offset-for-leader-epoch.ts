import { type MessageSchema, array, defaulted, int16, int32, int64, since, string, struct } from '../schema.ts';

/** OffsetForLeaderEpoch, versions 2 to 4. 3 brought the replica id, 4 compact encoding. */
export const offsetForLeaderEpochRequest = {
  apiKey: 23,
  name: 'OffsetForLeaderEpoch',
  versions: [2, 4],
  flexibleSince: 4,
  fields: {
    replicaId: since(3, int32, -2),
    topics: array(
      struct({
        name: string,
        partitions: array(struct({ partition: int32, currentLeaderEpoch: defaulted(int32, -1), leaderEpoch: int32 })),
      }),
    ),
  },
} as const satisfies MessageSchema;

export const offsetForLeaderEpochResponse = {
  apiKey: 23,
  name: 'OffsetForLeaderEpoch response',
  versions: [2, 4],
  flexibleSince: 4,
  fields: {
    throttleTimeMs: defaulted(int32),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({ errorCode: int16, partition: int32, leaderEpoch: defaulted(int32, -1), endOffset: int64 }),
        ),
      }),
    ),
  },
} as const satisfies MessageSchema;
