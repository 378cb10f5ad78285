import { type KafkaError, errors } from '@millrace/wire';
import type { Caller } from '../effects.ts';
import type { Turn } from '../turn.ts';
import { checkMember, isError } from './check-member.ts';
import type { Group } from './group.ts';
import type { Groups } from './groups.ts';
import type { LeaveGroupRequest, LeaveGroupResponse } from './messages.ts';
import { removeMember, settle } from './rebalance.ts';

interface Leaver {
  readonly memberId: string;
  readonly groupInstanceId: string | null;
}

/**
 * LeaveGroup. Up to version 2 one member leaves and the error stands at the top; later several do, an administrator may
 * name static ones by their instance id alone, and each has an error of its own.
 */
export function leaveGroup(
  groups: Groups,
  turn: Turn,
  request: LeaveGroupRequest,
  caller: Caller<LeaveGroupResponse>,
): void {
  const { groupId } = request;
  if (groupId === '') return turn.reply(caller.to, { errorCode: errors.INVALID_GROUP_ID.code, members: [] });
  const group = groups.groups.get(groupId);
  const leave = (leaver: Leaver): KafkaError =>
    group === undefined ? errors.UNKNOWN_MEMBER_ID : removeLeaver(groups, turn, group, leaver);

  if (caller.apiVersion <= 2) {
    const { code } = leave({ memberId: request.memberId, groupInstanceId: null });
    turn.reply(caller.to, { errorCode: code, members: [] });
  } else {
    const members = request.members.map(({ memberId, groupInstanceId }) => {
      const { code } = leave({ memberId, groupInstanceId });
      return { memberId, groupInstanceId, errorCode: code };
    });
    turn.reply(caller.to, { errorCode: errors.NONE.code, members });
  }
  if (group !== undefined) settle(groups, turn, group);
}

function removeLeaver(groups: Groups, turn: Turn, group: Group, { memberId, groupInstanceId }: Leaver): KafkaError {
  if (groupInstanceId === null && group.pendingMembers.delete(memberId)) return errors.NONE;
  const byInstance = memberId === '' && groupInstanceId !== null ? group.staticMembers.get(groupInstanceId) : undefined;
  const member = checkMember(group, byInstance ?? memberId, groupInstanceId);
  if (isError(member)) return member;
  removeMember(groups, turn, group, member);
  return errors.NONE;
}
