import { type KafkaError, errors } from '@millrace/wire';
import { consumerGroupTombstone } from '../consumer-groups/consumer-group-record.ts';
import type { Caller } from '../effects.ts';
import type { Turn } from '../turn.ts';
import { checkMember, isError } from './check-member.ts';
import {
  type Group,
  type Member,
  type Protocol,
  NOTHING,
  chooseProtocol,
  supportsProtocols,
  isInUse,
} from './group.ts';
import { groupRecord } from './group-record.ts';
import { memberBytes } from './group-size.ts';
import type { Groups } from './groups.ts';
import type { JoinGroupRequest, JoinGroupResponse } from './messages.ts';
import { answerJoin, answerSync, refusedJoin, refusedSync } from './parked.ts';
import { extendSession, joinedResponse, prepareRebalance, settle } from './rebalance.ts';

type JoinCaller = Caller<JoinGroupResponse>;

/**
 * JoinGroup. A newcomer gets an id (from version 4 on it is first sent away with it, so that a client that retries does
 * not leave dead members behind); everyone else says that it goes along with a rebalance, or starts one. The answer
 * waits until all have joined.
 */
export function joinGroup(groups: Groups, turn: Turn, request: JoinGroupRequest, caller: JoinCaller): void {
  const refuse = (error: KafkaError, memberId = request.memberId): void =>
    turn.reply(caller.to, refusedJoin(error, memberId));
  const { sessionTimeoutMsMin, sessionTimeoutMsMax, protocolsMax } = groups.limits;
  if (request.groupId === '') return refuse(errors.INVALID_GROUP_ID);
  if (request.protocols.length > protocolsMax) return refuse(errors.INVALID_REQUEST);
  if (request.sessionTimeoutMs < sessionTimeoutMsMin || request.sessionTimeoutMs > sessionTimeoutMsMax) {
    return refuse(errors.INVALID_SESSION_TIMEOUT);
  }
  // Ids are made here. One that we do not know comes from before a restart or a removal.
  if (request.memberId !== '' && !groups.groups.has(request.groupId)) return refuse(errors.UNKNOWN_MEMBER_ID);
  const group = groups.open(request.groupId, turn.now);
  if (isError(group)) return refuse(group);

  const stays = group.consumers === null ? null : leaveConsumerProtocol(turn, group);
  const refusal = stays ?? join(groups, turn, group, request, caller);
  if (refusal !== null) refuse(refusal);
  settle(groups, turn, group);
}

function join(
  groups: Groups,
  turn: Turn,
  group: Group,
  request: JoinGroupRequest,
  caller: JoinCaller,
): KafkaError | null {
  const { memberId, protocolType, protocols } = request;
  const ownId = ownMemberId(group, request);
  if (!supportsProtocols(group, ownId, protocolType, protocols)) return errors.INCONSISTENT_GROUP_PROTOCOL;
  const added = addedBytes(group.members.get(ownId), request, caller);
  if (added > Math.max(0, groups.roomOf(group))) return errors.GROUP_MAX_SIZE_REACHED;
  if (memberId === '') return joinAsNewcomer(groups, turn, group, request, caller);
  return joinAsKnown(groups, turn, group, request, caller);
}

/** A group that has no members any more may begin with others by the classic protocol. */
function leaveConsumerProtocol(turn: Turn, group: Group): KafkaError | null {
  if (isInUse(group)) return errors.INCONSISTENT_GROUP_PROTOCOL;
  group.generationId = Math.max(group.generationId, group.consumers?.epoch ?? 0);
  group.consumers = null;
  turn.append([consumerGroupTombstone(group.id)]);
  return null;
}

/** A static member that comes back replaces itself, so that its old protocols do not bind it. */
function ownMemberId(group: Group, request: JoinGroupRequest): string {
  if (request.groupInstanceId === null) return request.memberId;
  return group.staticMembers.get(request.groupInstanceId) ?? request.memberId;
}

/** By how much the group grows: not at all when a member joins again with what it had. */
function addedBytes(known: Member | undefined, request: JoinGroupRequest, { clientId }: JoinCaller): number {
  const { memberId: id, groupInstanceId: instanceId, protocols } = request;
  const assignment = known?.assignment ?? NOTHING;
  const bytes = memberBytes({ id: known?.id ?? id, instanceId, clientId, protocols, assignment });
  return known === undefined ? bytes : bytes - memberBytes(known);
}

function joinAsNewcomer(
  groups: Groups,
  turn: Turn,
  group: Group,
  request: JoinGroupRequest,
  caller: JoinCaller,
): KafkaError | null {
  const { groupInstanceId } = request;
  const replaced = groupInstanceId === null ? undefined : group.staticMembers.get(groupInstanceId);
  const memberId = groups.newMemberId(groupInstanceId ?? caller.clientId);
  if (replaced !== undefined) {
    returnAsStatic(groups, turn, group, group.members.get(replaced) as Member, memberId, request, caller);
    return null;
  }
  if (group.members.size + group.pendingMembers.size >= groups.limits.membersMax) return errors.GROUP_MAX_SIZE_REACHED;
  if (groupInstanceId === null && caller.apiVersion >= 4) {
    // The rebalance waits for it, or the newcomer would only cause the next one.
    group.pendingMembers.set(memberId, turn.now + request.sessionTimeoutMs);
    turn.reply(caller.to, refusedJoin(errors.MEMBER_ID_REQUIRED, memberId));
    return null;
  }
  addMember(groups, turn, group, memberId, request, caller);
  return null;
}

function joinAsKnown(
  groups: Groups,
  turn: Turn,
  group: Group,
  request: JoinGroupRequest,
  caller: JoinCaller,
): KafkaError | null {
  const { memberId } = request;
  if (group.pendingMembers.has(memberId) && request.groupInstanceId === null) {
    group.pendingMembers.delete(memberId);
    addMember(groups, turn, group, memberId, request, caller);
    return null;
  }
  const member = checkMember(group, memberId, request.groupInstanceId);
  if (isError(member)) return member;
  if (!needsRebalance(group, member, request)) {
    // It has missed the answer, or asks again for nothing: the generation stands.
    extendSession(turn, member);
    turn.reply(caller.to, joinedResponse(group, member));
    return null;
  }
  update(groups, turn, member, request, caller);
  if (group.state !== 'PreparingRebalance') prepareRebalance(groups, turn, group);
  return null;
}

function needsRebalance(group: Group, member: Member, request: JoinGroupRequest): boolean {
  if (group.state === 'PreparingRebalance') return true;
  if (!sameProtocols(member.protocols, request.protocols)) return true;
  // A leader that joins again wants to assign anew: the partitions of a topic changed, say.
  return group.state === 'Stable' && member.id === group.leaderId;
}

function addMember(
  groups: Groups,
  turn: Turn,
  group: Group,
  memberId: string,
  request: JoinGroupRequest,
  caller: JoinCaller,
): void {
  const member: Member = {
    id: memberId,
    instanceId: request.groupInstanceId,
    clientId: '',
    clientHost: '',
    sessionTimeoutMs: 0,
    rebalanceTimeoutMs: 0,
    protocols: [],
    assignment: NOTHING,
    joining: null,
    syncing: null,
    isNew: true,
    hasSynced: true,
    sessionDeadline: turn.now + groups.limits.newMemberTimeoutMs,
  };
  group.members.set(memberId, member);
  if (request.groupInstanceId !== null) group.staticMembers.set(request.groupInstanceId, memberId);
  group.protocolType = request.protocolType;
  update(groups, turn, member, request, caller);
  if (group.state !== 'PreparingRebalance') prepareRebalance(groups, turn, group);
}

/** Takes over what the request says, and lets it wait for the others. */
function update(groups: Groups, turn: Turn, member: Member, request: JoinGroupRequest, caller: JoinCaller): void {
  answerJoin(turn, member, refusedJoin(errors.REBALANCE_IN_PROGRESS));
  answerSync(turn, member, refusedSync(errors.REBALANCE_IN_PROGRESS));
  takeOver(groups, member, request, caller);
  member.joining = caller.to;
}

function takeOver(groups: Groups, member: Member, request: JoinGroupRequest, caller: JoinCaller): void {
  const { sessionTimeoutMs, rebalanceTimeoutMs } = request;
  member.clientId = caller.clientId;
  member.clientHost = caller.clientHost;
  member.sessionTimeoutMs = sessionTimeoutMs;
  // Version 0 has no rebalance timeout: the session timeout stands in.
  const asked = rebalanceTimeoutMs > 0 ? rebalanceTimeoutMs : sessionTimeoutMs;
  member.rebalanceTimeoutMs = Math.min(asked, groups.limits.rebalanceTimeoutMsMax);
  // Copies: a view would keep the whole frame of the request alive for as long as the member lives.
  member.protocols = request.protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) }));
}

/**
 * A static member has restarted: a new id takes the place of the old one, which is fenced from now on (G1). In a stable
 * group whose protocol stays the same nothing else changes, and nobody rebalances.
 */
function returnAsStatic(
  groups: Groups,
  turn: Turn,
  group: Group,
  old: Member,
  memberId: string,
  request: JoinGroupRequest,
  caller: JoinCaller,
): void {
  answerJoin(turn, old, refusedJoin(errors.FENCED_INSTANCE_ID, old.id));
  answerSync(turn, old, refusedSync(errors.FENCED_INSTANCE_ID));
  const member: Member = { ...old, id: memberId, hasSynced: false };
  takeOver(groups, member, request, caller);
  const wasLeader = group.leaderId === old.id;
  group.members.delete(old.id);
  group.members.set(memberId, member);
  group.staticMembers.set(request.groupInstanceId as string, memberId);
  if (wasLeader) group.leaderId = memberId;
  extendSession(turn, member);

  if (group.state === 'Stable' && chooseProtocol(group) === group.protocolName) {
    turn.append([groupRecord(group)]);
    turn.reply(caller.to, keptPlace(group, member, wasLeader ? old.id : null, caller.apiVersion));
    return;
  }
  member.joining = caller.to;
  if (group.state !== 'PreparingRebalance') prepareRebalance(groups, turn, group);
}

/**
 * A client that hears that it leads would assign anew, and hand in what nobody waits for: from version 9 on it is told to
 * skip that (KIP-814), up to version 8 that its old id leads.
 */
function keptPlace(group: Group, member: Member, ledAs: string | null, apiVersion: number): JoinGroupResponse {
  const response = joinedResponse(group, member);
  if (ledAs === null) return response;
  return apiVersion >= 9 ? { ...response, skipAssignment: true } : { ...response, leader: ledAs, members: [] };
}

function sameProtocols(a: readonly Protocol[], b: readonly Protocol[]): boolean {
  return (
    a.length === b.length &&
    a.every(({ name, metadata }, index) => name === b[index]?.name && metadata.equals(b[index].metadata))
  );
}
