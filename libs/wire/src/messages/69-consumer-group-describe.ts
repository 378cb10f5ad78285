import {
  type MessageSchema,
  array,
  boolean,
  defaulted,
  int16,
  int32,
  int8,
  nullable,
  since,
  string,
  struct,
  uuid,
} from '../schema.ts';

const assignment = struct({
  topicPartitions: array(struct({ topicId: uuid, topicName: string, partitions: array(int32) })),
});

/** ConsumerGroupDescribe, versions 0 and 1 (KIP-848). 1 tells by which protocol a member came (1 consumer, 0 classic). */
export const consumerGroupDescribeRequest = {
  apiKey: 69,
  name: 'ConsumerGroupDescribe',
  versions: [0, 1],
  flexibleSince: 0,
  fields: { groupIds: array(string), includeAuthorizedOperations: defaulted(boolean) },
} as const satisfies MessageSchema;

export const consumerGroupDescribeResponse = {
  apiKey: 69,
  name: 'ConsumerGroupDescribe response',
  versions: [0, 1],
  flexibleSince: 0,
  fields: {
    throttleTimeMs: defaulted(int32),
    groups: array(
      struct({
        errorCode: int16,
        errorMessage: defaulted(nullable(string)),
        groupId: string,
        groupState: string,
        groupEpoch: int32,
        assignmentEpoch: int32,
        assignorName: string,
        members: array(
          struct({
            memberId: string,
            instanceId: nullable(string),
            rackId: nullable(string),
            memberEpoch: int32,
            clientId: string,
            clientHost: string,
            subscribedTopicNames: array(string),
            subscribedTopicRegex: nullable(string),
            assignment,
            targetAssignment: assignment,
            memberType: since(1, int8, -1),
          }),
        ),
        authorizedOperations: defaulted(int32, -2_147_483_648),
      }),
    ),
  },
} as const satisfies MessageSchema;
