import { type KafkaError, errors } from '@millrace/wire';
import type { Caller } from '../effects.ts';
import type { Turn } from '../turn.ts';
import { checkMember, isError } from './check-member.ts';
import { type Group, type Member, NOTHING } from './group.ts';
import { groupRecord } from './group-record.ts';
import type { Groups } from './groups.ts';
import type { SyncGroupRequest, SyncGroupResponse } from './messages.ts';
import { answerSync, refusedSync, syncedResponse } from './parked.ts';
import { extendSession, settle } from './rebalance.ts';

/** SyncGroup. The leader brings everyone's assignment, the others wait for it; later ones get theirs at once (G2). */
export function syncGroup(
  groups: Groups,
  turn: Turn,
  request: SyncGroupRequest,
  caller: Caller<SyncGroupResponse>,
): void {
  const group = groups.groups.get(request.groupId);
  const member = group === undefined ? noSuchGroup(request.groupId) : checkSync(group, request);
  if (group === undefined || isError(member)) return turn.reply(caller.to, refusedSync(member as KafkaError));

  switch (group.state) {
    case 'Empty':
      return turn.reply(caller.to, refusedSync(errors.UNKNOWN_MEMBER_ID));
    case 'PreparingRebalance':
      return turn.reply(caller.to, refusedSync(errors.REBALANCE_IN_PROGRESS));
    case 'CompletingRebalance':
      if (member.id === group.leaderId && !hasRoomFor(groups, group, request.assignments)) {
        return turn.reply(caller.to, refusedSync(errors.MESSAGE_TOO_LARGE));
      }
      answerSync(turn, member, refusedSync(errors.REBALANCE_IN_PROGRESS));
      member.syncing = caller.to;
      member.hasSynced = true;
      if (member.id === group.leaderId) assign(turn, group, request.assignments);
      break;
    case 'Stable':
      member.hasSynced = true;
      extendSession(turn, member);
      turn.reply(caller.to, syncedResponse(group, member));
  }
  settle(groups, turn, group);
}

function noSuchGroup(groupId: string): KafkaError {
  return groupId === '' ? errors.INVALID_GROUP_ID : errors.UNKNOWN_MEMBER_ID;
}

function checkSync(group: Group, request: SyncGroupRequest): Member | KafkaError {
  const member = checkMember(group, request.memberId, request.groupInstanceId);
  if (isError(member)) return member;
  if (request.generationId !== group.generationId) return errors.ILLEGAL_GENERATION;
  const { protocolType, protocolName } = request;
  const isOther = (said: string | null, chosen: string | null): boolean => said !== null && said !== chosen;
  if (isOther(protocolType, group.protocolType) || isOther(protocolName, group.protocolName)) {
    return errors.INCONSISTENT_GROUP_PROTOCOL;
  }
  return member;
}

function hasRoomFor(groups: Groups, group: Group, assignments: SyncGroupRequest['assignments']): boolean {
  let added = 0;
  for (const { memberId, assignment } of assignments) {
    const member = group.members.get(memberId);
    if (member !== undefined) added += assignment.length - member.assignment.length;
  }
  return added <= Math.max(0, groups.roomOf(group));
}

function assign(turn: Turn, group: Group, assignments: SyncGroupRequest['assignments']): void {
  const given = new Map(assignments.map(({ memberId, assignment }) => [memberId, assignment]));
  for (const member of group.members.values()) {
    const assignment = given.get(member.id);
    // A copy: a view would keep the leader's whole request alive.
    member.assignment = assignment === undefined ? NOTHING : Buffer.from(assignment);
  }
  group.enter('Stable', turn.now);
  turn.append([groupRecord(group)]);
  for (const member of group.members.values()) answerSync(turn, member, syncedResponse(group, member));
}
