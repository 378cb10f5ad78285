import { errors, type KafkaError } from '@millrace/wire';
import type { Caller } from '../effects.ts';
import { isError } from '../groups/check-member.ts';
import type { Group } from '../groups/group.ts';
import type { Groups } from '../groups/groups.ts';
import type { ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse } from '../groups/messages.ts';
import type { Turn } from '../turn.ts';
import { checkHeartbeat } from './check-heartbeat.ts';
import { consumerGroupRecord } from './consumer-group-record.ts';
import { AWAY_EPOCH, ConsumerGroup, type ConsumerMember } from './consumer-group.ts';
import { memberOf } from './member-of.ts';
import { areEqual, listOf, partitionsOf } from './partitions.ts';
import { reconcile } from './reconcile.ts';
import { refreshTarget } from './target.ts';

type Request = ConsumerGroupHeartbeatRequest;
type Response = ConsumerGroupHeartbeatResponse;

/**
 * ConsumerGroupHeartbeat (KIP-848): joins with epoch 0, leaves with a negative one, and in between says what has changed and
 * hears how far it is. A group that has members by the classic protocol is not one of these, and none becomes one while it
 * has.
 */
export function consumerGroupHeartbeat(groups: Groups, turn: Turn, request: Request, caller: Caller<Response>): void {
  const refuse = (error: KafkaError, message: string = error.message): void =>
    turn.reply(caller.to, refused(error, message));
  const problem = checkHeartbeat(groups, request, caller.apiVersion);
  if (problem !== null) return refuse(problem.error, problem.message);
  const group = groupFor(groups, turn, request);
  if (isError(group)) return refuse(group);
  const consumers = group.consumers as ConsumerGroup;

  if (request.memberEpoch < 0) {
    const left = leave(groups, turn, group, consumers, request);
    if (left !== null) refuse(left);
    else turn.reply(caller.to, { ...nothing, memberId: request.memberId, memberEpoch: request.memberEpoch });
  } else {
    const response = stay(groups, turn, group, consumers, request, caller);
    if (isError(response)) refuse(response);
    else turn.reply(caller.to, response);
  }
  groups.settle(group);
}

/** The group as one of this kind; joining makes it so. */
function groupFor(groups: Groups, turn: Turn, { groupId, memberEpoch }: Request): Group | KafkaError {
  const known = groups.groups.get(groupId);
  if (known?.consumers !== null && known !== undefined) return known;
  const isClassic = known !== undefined && (known.state !== 'Empty' || known.pendingMembers.size > 0);
  if (memberEpoch !== 0 || isClassic) return errors.GROUP_ID_NOT_FOUND;
  const group = groups.open(groupId, turn.now);
  if (isError(group)) return group;
  group.protocolType = 'consumer';
  group.consumers = new ConsumerGroup();
  // Above every generation of a time when its members spoke the other protocol.
  group.consumers.epoch = group.generationId;
  return group;
}

function stay(
  groups: Groups,
  turn: Turn,
  group: Group,
  consumers: ConsumerGroup,
  request: Request,
  caller: Caller<Response>,
): Response | KafkaError {
  const found = memberOf(groups, turn, group, consumers, request, caller);
  if (isError(found)) return found;
  const { member, isChanged } = found;
  const epoch = consumers.epoch;
  const before = member.assigned;
  if (refreshTarget(groups, consumers, isChanged)) recordEpoch(turn, group, consumers, epoch);
  reconcile(
    consumers,
    member,
    request.topicPartitions === null ? null : partitionsOf(request.topicPartitions),
    turn.now,
  );
  const { sessionTimeoutMs, heartbeatIntervalMs } = groups.consumerTimes(group.id);
  member.sessionDeadline = turn.now + sessionTimeoutMs;
  const isTold = isFull(request) || !areEqual(before, member.assigned);
  return {
    ...nothing,
    memberId: member.id,
    memberEpoch: member.epoch,
    heartbeatIntervalMs,
    assignment: isTold ? { topicPartitions: listOf(member.assigned) } : null,
  };
}

/** Everything is said anew, as after an error that has lost an answer: everything is answered. */
function isFull({
  memberEpoch,
  rebalanceTimeoutMs,
  subscribedTopicNames,
  subscribedTopicRegex,
  topicPartitions,
}: Request) {
  const isSubscribed = subscribedTopicNames !== null || subscribedTopicRegex !== null;
  return memberEpoch === 0 || (rebalanceTimeoutMs !== -1 && isSubscribed && topicPartitions !== null);
}

function leave(
  groups: Groups,
  turn: Turn,
  group: Group,
  consumers: ConsumerGroup,
  { memberId, memberEpoch, instanceId }: Request,
): KafkaError | null {
  const byInstance = instanceId === null ? undefined : consumers.staticMembers.get(instanceId);
  const member = consumers.members.get(instanceId === null ? memberId : (byInstance ?? ''));
  if (member === undefined) return errors.UNKNOWN_MEMBER_ID;
  if (member.id !== memberId) return errors.FENCED_INSTANCE_ID;
  if (memberEpoch === AWAY_EPOCH) {
    // Its place is kept for the rest of its session.
    consumers.hold(member, member.assigned, new Map());
    member.state = 'stable';
    member.epoch = AWAY_EPOCH;
    member.revokeDeadline = Infinity;
    return null;
  }
  removeConsumer(groups, turn, group, member);
  return null;
}

/** Takes a member out; the others hear of it by their next heartbeats. */
export function removeConsumer(groups: Groups, turn: Turn, group: Group, member: ConsumerMember): void {
  const consumers = group.consumers as ConsumerGroup;
  const { epoch } = consumers;
  consumers.remove(member);
  refreshTarget(groups, consumers, true);
  if (consumers.members.size === 0) group.stateSince = turn.now;
  recordEpoch(turn, group, consumers, epoch);
}

/** Durable before anybody hears of it: no epoch is given twice. */
function recordEpoch(turn: Turn, group: Group, consumers: ConsumerGroup, before: number): void {
  if (consumers.epoch !== before) turn.append([consumerGroupRecord(group.id, consumers.epoch)]);
}

const nothing: Response = {
  errorCode: errors.NONE.code,
  errorMessage: null,
  memberId: null,
  memberEpoch: 0,
  heartbeatIntervalMs: 0,
  assignment: null,
};

function refused({ code: errorCode }: KafkaError, errorMessage: string): Response {
  return { ...nothing, errorCode, errorMessage };
}
