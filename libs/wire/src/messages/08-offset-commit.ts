import {
  type MessageSchema,
  array,
  between,
  defaulted,
  int16,
  int32,
  int64,
  nullable,
  since,
  string,
  struct,
} from '../schema.ts';

/**
 * OffsetCommit, versions 2 to 9. 5 dropped the retention time, 6 brought leader epochs, 7 static members, 8 compact
 * encoding, 9 the consumer protocol of KIP-848, whose member epoch stands for the generation.
 */
export const offsetCommitRequest = {
  apiKey: 8,
  name: 'OffsetCommit',
  versions: [2, 9],
  flexibleSince: 8,
  fields: {
    groupId: string,
    generationId: defaulted(int32, -1),
    memberId: defaulted(string),
    groupInstanceId: since(7, nullable(string)),
    retentionTimeMs: between(2, 4, int64, -1),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partition: int32,
            committedOffset: int64,
            committedLeaderEpoch: since(6, int32, -1),
            committedMetadata: nullable(string),
          }),
        ),
      }),
    ),
  },
} as const satisfies MessageSchema;

export const offsetCommitResponse = {
  apiKey: 8,
  name: 'OffsetCommit response',
  versions: [2, 9],
  flexibleSince: 8,
  fields: {
    throttleTimeMs: since(3, int32),
    topics: array(struct({ name: string, partitions: array(struct({ partition: int32, errorCode: int16 })) })),
  },
} as const satisfies MessageSchema;
