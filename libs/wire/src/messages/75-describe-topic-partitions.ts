import {
  type MessageSchema,
  array,
  boolean,
  defaulted,
  int16,
  int32,
  nullable,
  string,
  struct,
  uuid,
} from '../schema.ts';

/** Stands for "not asked for" in the bit field of authorised operations. */
const NOT_ASKED = -2_147_483_648;

/** Where to go on: the topic, and the first of its partitions that has not been told. */
const cursor = nullable(struct({ topicName: string, partition: int32 }));

/**
 * DescribeTopicPartitions, version 0 (KIP-966): Metadata of topics page by page, in the order of their names. No topics stand for all.
 */
export const describeTopicPartitionsRequest = {
  apiKey: 75,
  name: 'DescribeTopicPartitions',
  versions: [0, 0],
  flexibleSince: 0,
  fields: {
    topics: array(struct({ name: string })),
    responsePartitionLimit: defaulted(int32, 2_000),
    cursor: defaulted(cursor),
  },
} as const satisfies MessageSchema;

export const describeTopicPartitionsResponse = {
  apiKey: 75,
  name: 'DescribeTopicPartitions response',
  versions: [0, 0],
  flexibleSince: 0,
  fields: {
    throttleTimeMs: defaulted(int32),
    topics: array(
      struct({
        errorCode: int16,
        name: nullable(string),
        topicId: uuid,
        isInternal: boolean,
        partitions: array(
          struct({
            errorCode: int16,
            partition: int32,
            leaderId: int32,
            leaderEpoch: defaulted(int32, -1),
            replicaNodes: array(int32),
            isrNodes: array(int32),
            eligibleLeaderReplicas: defaulted(nullable(array(int32))),
            lastKnownElr: defaulted(nullable(array(int32))),
            offlineReplicas: defaulted(array(int32)),
          }),
        ),
        topicAuthorizedOperations: defaulted(int32, NOT_ASKED),
      }),
    ),
    nextCursor: defaulted(cursor),
  },
} as const satisfies MessageSchema;
