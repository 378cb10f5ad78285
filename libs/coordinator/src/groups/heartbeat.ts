import { type KafkaError, errors } from '@millrace/wire';
import type { Caller } from '../effects.ts';
import type { Turn } from '../turn.ts';
import { checkMember, isError } from './check-member.ts';
import type { Groups } from './groups.ts';
import type { HeartbeatRequest, HeartbeatResponse } from './messages.ts';
import { extendSession } from './rebalance.ts';

/** Heartbeat: the member lives on, and hears whether it has to join again. */
export function heartbeat(
  groups: Groups,
  turn: Turn,
  request: HeartbeatRequest,
  caller: Caller<HeartbeatResponse>,
): void {
  turn.reply(caller.to, { errorCode: beat(groups, turn, request).code });
}

function beat(groups: Groups, turn: Turn, request: HeartbeatRequest): KafkaError {
  if (request.groupId === '') return errors.INVALID_GROUP_ID;
  const group = groups.groups.get(request.groupId);
  if (group === undefined || group.state === 'Empty') return errors.UNKNOWN_MEMBER_ID;
  const member = checkMember(group, request.memberId, request.groupInstanceId);
  if (isError(member)) return member;
  if (request.generationId !== group.generationId) return errors.ILLEGAL_GENERATION;
  // Only to later, so that the group's deadline in the heap still holds: no need to settle.
  extendSession(turn, member);
  return group.state === 'PreparingRebalance' ? errors.REBALANCE_IN_PROGRESS : errors.NONE;
}
