import {
  type MessageSchema,
  array,
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
 * TxnOffsetCommit, versions 0 to 3. 2 brought leader epochs, 3 compact encoding and the member, by which a consumer that
 * has lost its group is fenced.
 */
export const txnOffsetCommitRequest = {
  apiKey: 28,
  name: 'TxnOffsetCommit',
  versions: [0, 3],
  flexibleSince: 3,
  fields: {
    transactionalId: string,
    groupId: string,
    producerId: int64,
    producerEpoch: int16,
    generationId: since(3, int32, -1),
    memberId: since(3, string),
    groupInstanceId: since(3, nullable(string)),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partition: int32,
            committedOffset: int64,
            committedLeaderEpoch: since(2, int32, -1),
            committedMetadata: nullable(string),
          }),
        ),
      }),
    ),
  },
} as const satisfies MessageSchema;

export const txnOffsetCommitResponse = {
  apiKey: 28,
  name: 'TxnOffsetCommit response',
  versions: [0, 3],
  flexibleSince: 3,
  fields: {
    throttleTimeMs: defaulted(int32),
    topics: array(struct({ name: string, partitions: array(struct({ partition: int32, errorCode: int16 })) })),
  },
} as const satisfies MessageSchema;
