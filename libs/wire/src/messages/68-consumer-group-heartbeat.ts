import {
  type MessageSchema,
  array,
  defaulted,
  int16,
  int32,
  nullable,
  since,
  string,
  struct,
  uuid,
} from '../schema.ts';

/**
 * ConsumerGroupHeartbeat, versions 0 and 1 (KIP-848): joining, staying, reporting and leaving in one. Member epoch 0 joins, -1
 * leaves, -2 leaves for a while as a static member. Fields that have not changed are null (the rebalance timeout -1). 1 brought
 * subscriptions by pattern and members that make their own ids.
 */
const topicPartitions = array(struct({ topicId: uuid, partitions: array(int32) }));

export const consumerGroupHeartbeatRequest = {
  apiKey: 68,
  name: 'ConsumerGroupHeartbeat',
  versions: [0, 1],
  flexibleSince: 0,
  fields: {
    groupId: string,
    memberId: string,
    memberEpoch: int32,
    instanceId: defaulted(nullable(string)),
    rackId: defaulted(nullable(string)),
    rebalanceTimeoutMs: defaulted(int32, -1),
    subscribedTopicNames: defaulted(nullable(array(string))),
    subscribedTopicRegex: since(1, nullable(string)),
    serverAssignor: defaulted(nullable(string)),
    topicPartitions: defaulted(nullable(topicPartitions)),
  },
} as const satisfies MessageSchema;

export const consumerGroupHeartbeatResponse = {
  apiKey: 68,
  name: 'ConsumerGroupHeartbeat response',
  versions: [0, 1],
  flexibleSince: 0,
  fields: {
    throttleTimeMs: defaulted(int32),
    errorCode: int16,
    errorMessage: defaulted(nullable(string)),
    memberId: defaulted(nullable(string)),
    memberEpoch: int32,
    heartbeatIntervalMs: int32,
    assignment: defaulted(nullable(struct({ topicPartitions }))),
  },
} as const satisfies MessageSchema;
