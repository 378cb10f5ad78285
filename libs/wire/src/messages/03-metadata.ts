import {
  type MessageSchema,
  array,
  between,
  boolean,
  int16,
  int32,
  nullable,
  since,
  string,
  struct,
  uuid,
} from '../schema.ts';

/** Stands for "not asked for" in the bit fields of authorised operations. */
const NOT_ASKED = -2_147_483_648;

/**
 * Metadata, versions 0 to 12. 1 lets null ask for all topics (0 does so with an empty list) and names the controller,
 * 2 the cluster id, 4 allows or forbids topic creation, 5 lists offline replicas, 7 leader epochs, 8 authorised
 * operations, 9 compact encoding, 10 topic ids, 11 leaves the cluster's operations to DescribeCluster, 12 asks for topics by
 * their ids.
 */
export const metadataRequest = {
  apiKey: 3,
  name: 'Metadata',
  versions: [0, 12],
  flexibleSince: 9,
  fields: {
    topics: nullable(array(struct({ topicId: since(10, uuid), name: nullable(string, 10) })), 1),
    allowAutoTopicCreation: since(4, boolean, true),
    includeClusterAuthorizedOperations: between(8, 10, boolean),
    includeTopicAuthorizedOperations: since(8, boolean),
  },
} as const satisfies MessageSchema;

export const metadataResponse = {
  apiKey: 3,
  name: 'Metadata response',
  versions: [0, 12],
  flexibleSince: 9,
  fields: {
    throttleTimeMs: since(3, int32),
    brokers: array(struct({ nodeId: int32, host: string, port: int32, rack: since(1, nullable(string)) })),
    clusterId: since(2, nullable(string)),
    controllerId: since(1, int32, -1),
    topics: array(
      struct({
        errorCode: int16,
        name: nullable(string, 12),
        topicId: since(10, uuid),
        isInternal: since(1, boolean),
        partitions: array(
          struct({
            errorCode: int16,
            partition: int32,
            leaderId: int32,
            leaderEpoch: since(7, int32, -1),
            replicaNodes: array(int32),
            isrNodes: array(int32),
            offlineReplicas: since(5, array(int32)),
          }),
        ),
        topicAuthorizedOperations: since(8, int32, NOT_ASKED),
      }),
    ),
    clusterAuthorizedOperations: between(8, 10, int32, NOT_ASKED),
  },
} as const satisfies MessageSchema;
