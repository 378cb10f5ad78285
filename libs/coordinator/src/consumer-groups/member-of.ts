import { errors, type KafkaError } from '@millrace/wire';
import type { Caller } from '../effects.ts';
import { isError } from '../groups/check-member.ts';
import type { Group } from '../groups/group.ts';
import type { Groups } from '../groups/groups.ts';
import type { ConsumerGroupHeartbeatRequest, ConsumerGroupHeartbeatResponse } from '../groups/messages.ts';
import type { Turn } from '../turn.ts';
import { AWAY_EPOCH, type ConsumerGroup, type ConsumerMember } from './consumer-group.ts';
import { consumerMemberBytes } from './consumer-group-size.ts';
import { contains, countOf, filtered, NO_PARTITIONS, partitionsOf } from './partitions.ts';

type Request = ConsumerGroupHeartbeatRequest;
type HeartbeatCaller = Caller<ConsumerGroupHeartbeatResponse>;

export interface FoundMember {
  readonly member: ConsumerMember;
  /** It is new, or subscribes to something else, or wants another assignor. */
  readonly isChanged: boolean;
}

/** The member that the request comes from, with what it says of itself taken over; or why it is not one. */
export function memberOf(
  groups: Groups,
  turn: Turn,
  group: Group,
  consumers: ConsumerGroup,
  request: Request,
  caller: HeartbeatCaller,
): FoundMember | KafkaError {
  const known = request.instanceId === null ? byId(consumers, request) : byInstance(consumers, request);
  if (known !== null && isError(known)) return known;
  if (known === null && consumers.members.size >= groups.limits.membersMax) return errors.GROUP_MAX_SIZE_REACHED;
  const said = saidBy(known, request);
  if (consumerMemberBytes(said) > Math.max(0, groups.roomOf(group))) return errors.GROUP_MAX_SIZE_REACHED;

  // Before version 1 ids are made here.
  const id = request.memberId === '' ? groups.newMemberId(caller.clientId) : request.memberId;
  const member = known?.id === id ? known : join(turn, consumers, id, request.instanceId, known);
  const isChanged =
    known === null ||
    !sameNames(said.topicNames, known.topicNames) ||
    said.topicRegex !== known.topicRegex ||
    said.assignor !== known.assignor;
  Object.assign(member, said, { clientId: caller.clientId, clientHost: caller.clientHost });
  return { member, isChanged };
}

function byId(consumers: ConsumerGroup, request: Request): ConsumerMember | null | KafkaError {
  const member = consumers.members.get(request.memberId);
  if (request.memberEpoch === 0) return member ?? null;
  return member === undefined ? errors.UNKNOWN_MEMBER_ID : checkEpoch(member, request);
}

/** G1: one member id at a time; a newcomer takes the place of one that has gone for a while, and of no other. */
function byInstance(consumers: ConsumerGroup, request: Request): ConsumerMember | null | KafkaError {
  const id = consumers.staticMembers.get(request.instanceId as string);
  const member = id === undefined ? undefined : consumers.members.get(id);
  if (request.memberEpoch === 0) {
    if (member === undefined) return null;
    const mayReplace = member.epoch === AWAY_EPOCH || member.id === request.memberId;
    return mayReplace ? member : errors.UNRELEASED_INSTANCE_ID;
  }
  if (member === undefined) return errors.UNKNOWN_MEMBER_ID;
  return member.id === request.memberId ? checkEpoch(member, request) : errors.FENCED_INSTANCE_ID;
}

/** The epoch before is taken as well where the answer with the new one may have been lost. */
function checkEpoch(member: ConsumerMember, { memberEpoch, topicPartitions }: Request): ConsumerMember | KafkaError {
  if (memberEpoch === member.epoch) return member;
  const owned = topicPartitions === null ? null : partitionsOf(topicPartitions);
  const isBehind = memberEpoch === member.previousEpoch && memberEpoch < member.epoch && owned !== null;
  if (!isBehind) return errors.FENCED_MEMBER_EPOCH;
  const strange = filtered(owned, (topicId, partition) => !contains(member.assigned, topicId, partition));
  return countOf(strange) === 0 ? member : errors.FENCED_MEMBER_EPOCH;
}

type Said = Pick<ConsumerMember, 'rackId' | 'rebalanceTimeoutMs' | 'topicNames' | 'topicRegex' | 'assignor'>;

/** Null and −1 stand for what has not changed. */
function saidBy(known: ConsumerMember | null, request: Request): Said {
  const { rackId, rebalanceTimeoutMs, subscribedTopicNames, subscribedTopicRegex, serverAssignor } = request;
  return {
    rackId: rackId ?? known?.rackId ?? null,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? (known?.rebalanceTimeoutMs ?? 0) : rebalanceTimeoutMs,
    topicNames:
      subscribedTopicNames === null ? (known?.topicNames ?? []) : [...new Set(subscribedTopicNames)].sort(byCode),
    topicRegex: subscribedTopicRegex === null ? (known?.topicRegex ?? null) : subscribedTopicRegex || null,
    assignor: serverAssignor ?? known?.assignor ?? null,
  };
}

function join(
  turn: Turn,
  consumers: ConsumerGroup,
  id: string,
  instanceId: string | null,
  replaced: ConsumerMember | null,
): ConsumerMember {
  const member: ConsumerMember = {
    id,
    instanceId,
    clientId: '',
    clientHost: '',
    rackId: null,
    rebalanceTimeoutMs: 0,
    topicNames: [],
    topicRegex: null,
    assignor: null,
    epoch: 0,
    previousEpoch: -1,
    state: 'stable',
    assigned: NO_PARTITIONS,
    revoking: NO_PARTITIONS,
    sessionDeadline: turn.now,
    revokeDeadline: Infinity,
  };
  if (replaced !== null) {
    const { assigned } = replaced;
    const target = consumers.target.get(replaced.id);
    consumers.remove(replaced);
    if (target !== undefined) consumers.target.set(member.id, target);
    consumers.hold(member, assigned, NO_PARTITIONS);
  }
  consumers.add(member);
  return member;
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index]);
}

const byCode = (a: string, b: string): number => (a < b ? -1 : 1);
