import { errors } from '@millrace/wire';
import type { Caller } from '../effects.ts';
import type { Groups } from '../groups/groups.ts';
import type { DescribedConsumerGroup, OneGroup } from '../groups/messages.ts';
import type { Turn } from '../turn.ts';
import type { ConsumerGroup, ConsumerMember } from './consumer-group.ts';
import { listOf, NO_PARTITIONS, type Partitions } from './partitions.ts';

/** Members by the consumer protocol; there are no others in these groups. */
const MEMBER_TYPE = 1;

/** ConsumerGroupDescribe: GROUP_ID_NOT_FOUND for groups of the classic protocol, which DescribeGroups tells of. */
export function describeConsumers(
  groups: Groups,
  turn: Turn,
  { groupId }: OneGroup,
  caller: Caller<DescribedConsumerGroup>,
): void {
  const consumers = groups.groups.get(groupId)?.consumers ?? null;
  turn.reply(caller.to, consumers === null ? missing(groupId) : described(groups, groupId, consumers));
}

function described(groups: Groups, groupId: string, consumers: ConsumerGroup): DescribedConsumerGroup {
  const { state, epoch, targetEpoch, assignorName, members, target } = consumers;
  return {
    ...missing(groupId),
    errorCode: errors.NONE.code,
    errorMessage: null,
    groupState: state,
    groupEpoch: epoch,
    assignmentEpoch: targetEpoch,
    assignorName,
    members: Array.from(members.values(), (member) => memberOf(groups, member, target.get(member.id) ?? NO_PARTITIONS)),
  };
}

function memberOf(
  groups: Groups,
  member: ConsumerMember,
  target: Partitions,
): DescribedConsumerGroup['members'][number] {
  const assignmentOf = (partitions: Partitions) => ({
    topicPartitions: listOf(partitions).flatMap(({ topicId, partitions: list }) => {
      const topicName = groups.topics.nameOf(topicId);
      return topicName === undefined ? [] : [{ topicId, topicName, partitions: list }];
    }),
  });
  return {
    memberId: member.id,
    instanceId: member.instanceId,
    rackId: member.rackId,
    memberEpoch: member.epoch,
    clientId: member.clientId,
    clientHost: member.clientHost,
    subscribedTopicNames: member.topicNames,
    subscribedTopicRegex: member.topicRegex,
    assignment: assignmentOf(member.assigned),
    targetAssignment: assignmentOf(target),
    memberType: MEMBER_TYPE,
  };
}

function missing(groupId: string): DescribedConsumerGroup {
  return {
    errorCode: errors.GROUP_ID_NOT_FOUND.code,
    errorMessage: `expected a group "${groupId}" of the consumer protocol`,
    groupId,
    groupState: 'Dead',
    groupEpoch: 0,
    assignmentEpoch: 0,
    assignorName: '',
    members: [],
  };
}
