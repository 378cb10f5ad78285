import type { DescribedConsumerGroup } from '@millrace/coordinator';
import { apis, errors } from '@millrace/wire';
import { distinct } from '../distinct.ts';
import { gather } from '../gather.ts';
import { handler } from '../handler.ts';
import { OPERATIONS_NOT_ASKED } from '../parts.ts';
import type { Access } from '../security/access.ts';
import { groupResource, topicResource } from '../security/acl.ts';

/**
 * ConsumerGroupDescribe 0–1 (KIP-848). 1 brought the type of members. GROUP_ID_NOT_FOUND for groups of the classic protocol.
 * Takes DESCRIBE on the group, and on every topic that its members read: else nothing is told of them.
 */
export const consumerGroupDescribe = handler(apis.consumerGroupDescribe, (parts, request, exchange) => {
  const { access } = exchange;
  gather<string, DescribedConsumerGroup>(
    distinct(request.groupIds, (groupId) => groupId),
    (groupId, then) => {
      if (!access.may('DESCRIBE', groupResource(groupId))) {
        then(unauthorised(groupId, 'GROUP_AUTHORIZATION_FAILED'));
        return;
      }
      parts.groups.of(groupId).call<DescribedConsumerGroup>(
        exchange,
        (one, caller, now) => one.describeConsumers({ groupId }, caller, now),
        (group) => then(seesTopics(access, group) ? group : unauthorised(groupId, 'TOPIC_AUTHORIZATION_FAILED')),
      );
    },
    (groups) => {
      const operationsOf = ({ groupId, errorCode }: DescribedConsumerGroup): number =>
        request.includeAuthorizedOperations && errorCode === errors.NONE.code
          ? access.operations(groupResource(groupId))
          : OPERATIONS_NOT_ASKED;
      exchange.reply({ groups: groups.map((group) => ({ ...group, authorizedOperations: operationsOf(group) })) });
    },
  );
});

function seesTopics(access: Access, { members }: DescribedConsumerGroup): boolean {
  const names = members.flatMap(({ subscribedTopicNames, assignment, targetAssignment }) => [
    ...subscribedTopicNames,
    ...[assignment, targetAssignment].flatMap((one) => one.topicPartitions.map(({ topicName }) => topicName)),
  ]);
  return [...new Set(names)].every((name) => access.may('DESCRIBE', topicResource(name)));
}

function unauthorised(
  groupId: string,
  error: 'GROUP_AUTHORIZATION_FAILED' | 'TOPIC_AUTHORIZATION_FAILED',
): DescribedConsumerGroup {
  const { code: errorCode, message: errorMessage } = errors[error];
  const nothing = { groupState: '', groupEpoch: 0, assignmentEpoch: 0, assignorName: '', members: [] };
  return { errorCode, errorMessage, groupId, ...nothing };
}
