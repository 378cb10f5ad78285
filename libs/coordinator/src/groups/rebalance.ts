import { errors } from '@millrace/wire';
import type { Turn } from '../turn.ts';
import {
  type Group,
  type Member,
  NOTHING,
  chooseProtocol,
  hasEveryoneJoined,
  metadataOf,
  rebalanceTimeoutOf,
} from './group.ts';
import { groupRecord } from './group-record.ts';
import type { Groups } from './groups.ts';
import type { JoinGroupResponse } from './messages.ts';
import { answerJoin, answerSync, refusedJoin, refusedSync } from './parked.ts';

/**
 * A rebalance: everyone joins again (PreparingRebalance), the group gets a new generation and its leader the list of members
 * (CompletingRebalance), the leader's SyncGroup brings the assignments (Stable). Eager and cooperative assignment differ
 * only in what clients say to each other in opaque bytes.
 */
export function prepareRebalance(groups: Groups, turn: Turn, group: Group): void {
  const isFirst = group.state === 'Empty';
  for (const member of group.members.values()) {
    answerSync(turn, member, refusedSync(errors.REBALANCE_IN_PROGRESS));
    // What was assigned belongs to a generation that ends.
    if (group.state === 'CompletingRebalance') member.assignment = NOTHING;
  }
  group.enter('PreparingRebalance', turn.now);
  group.gatherUntil = isFirst ? turn.now + groups.limits.initialRebalanceDelayMs : turn.now;
  group.rebalanceDeadline = turn.now + rebalanceTimeoutOf(group);
  group.syncDeadline = Infinity;
}

/** To be called at the end of every turn that changed the group: a rebalance that waited for this goes on. */
export function settle(groups: Groups, turn: Turn, group: Group): void {
  if (group.state === 'PreparingRebalance') {
    const isGathered = hasEveryoneJoined(group) && turn.now >= group.gatherUntil;
    if (isGathered || turn.now >= group.rebalanceDeadline) completeJoin(turn, group);
  }
  groups.settle(group);
}

function completeJoin(turn: Turn, group: Group): void {
  for (const member of group.members.values()) {
    // A static member that restarts keeps its place until its session ends: that is what static membership is for.
    if (member.joining === null && member.instanceId === null) dropMember(turn, group, member);
  }
  if (group.members.size === 0) return becomeEmpty(turn, group);
  const joined = Array.from(group.members.values()).filter(({ joining }) => joining !== null);
  const leader = joined.find(({ id }) => id === group.leaderId) ?? joined[0];
  if (leader === undefined) {
    // Static members only, none of them back yet: nobody could lead. Their sessions or this deadline come next.
    group.rebalanceDeadline = turn.now + Math.max(1, rebalanceTimeoutOf(group));
    return;
  }
  group.leaderId = leader.id;
  group.generationId = nextGeneration(group.generationId);
  group.protocolName = chooseProtocol(group);
  group.enter('CompletingRebalance', turn.now);
  group.rebalanceDeadline = Infinity;
  group.syncDeadline = turn.now + rebalanceTimeoutOf(group);
  for (const member of joined) {
    member.isNew = false;
    member.hasSynced = false;
    extendSession(turn, member);
    answerJoin(turn, member, joinedResponse(group, member));
  }
}

function becomeEmpty(turn: Turn, group: Group): void {
  group.generationId = nextGeneration(group.generationId);
  group.protocolName = null;
  group.leaderId = null;
  group.enter('Empty', turn.now);
  group.rebalanceDeadline = Infinity;
  turn.append([groupRecord(group)]);
}

/** Starts over at 1: clients compare generations for equality only. */
function nextGeneration(generationId: number): number {
  return generationId >= 2 ** 31 - 1 ? 1 : generationId + 1;
}

/** What a member of the current generation hears; the leader also hears who the others are. */
export function joinedResponse(group: Group, member: Member): JoinGroupResponse {
  const isLeader = member.id === group.leaderId;
  const members = isLeader ? [...group.members.values()] : [];
  return {
    errorCode: errors.NONE.code,
    generationId: group.generationId,
    protocolType: group.protocolType,
    protocolName: group.protocolName ?? '',
    leader: group.leaderId ?? '',
    skipAssignment: false,
    memberId: member.id,
    members: members.map((one) => ({
      memberId: one.id,
      groupInstanceId: one.instanceId,
      metadata: metadataOf(one, group.protocolName),
    })),
  };
}

export function extendSession(turn: Turn, member: Member): void {
  member.sessionDeadline = turn.now + member.sessionTimeoutMs;
}

/** Takes a member out, and lets the others know by a rebalance. */
export function removeMember(groups: Groups, turn: Turn, group: Group, member: Member): void {
  dropMember(turn, group, member);
  if (group.state === 'Stable' || group.state === 'CompletingRebalance') prepareRebalance(groups, turn, group);
}

function dropMember(turn: Turn, group: Group, member: Member): void {
  answerJoin(turn, member, refusedJoin(errors.UNKNOWN_MEMBER_ID));
  answerSync(turn, member, refusedSync(errors.UNKNOWN_MEMBER_ID));
  group.members.delete(member.id);
  if (member.instanceId !== null) group.staticMembers.delete(member.instanceId);
  if (group.leaderId === member.id) group.leaderId = null;
}
