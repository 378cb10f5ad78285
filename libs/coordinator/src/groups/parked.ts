import type { KafkaError } from '@millrace/wire';
import type { Turn } from '../turn.ts';
import { type Group, type Member, NOTHING } from './group.ts';
import type { JoinGroupResponse, SyncGroupResponse } from './messages.ts';

/** Answers to JoinGroup and SyncGroup requests that wait for other members: each is given exactly once (C3). */

export function answerJoin(turn: Turn, member: Member, response: JoinGroupResponse): void {
  if (member.joining === null) return;
  turn.reply(member.joining, response);
  member.joining = null;
}

export function answerSync(turn: Turn, member: Member, response: SyncGroupResponse): void {
  if (member.syncing === null) return;
  turn.reply(member.syncing, response);
  member.syncing = null;
  // From now on it is up to the client to be heard of.
  member.sessionDeadline = turn.now + member.sessionTimeoutMs;
}

export function refusedJoin(error: KafkaError, memberId = ''): JoinGroupResponse {
  return {
    errorCode: error.code,
    generationId: -1,
    protocolType: null,
    protocolName: '',
    leader: '',
    skipAssignment: false,
    memberId,
    members: [],
  };
}

export function refusedSync(error: KafkaError): SyncGroupResponse {
  return { errorCode: error.code, protocolType: null, protocolName: null, assignment: NOTHING };
}

export function syncedResponse(group: Group, member: Member): SyncGroupResponse {
  return {
    errorCode: 0,
    protocolType: group.protocolType,
    protocolName: group.protocolName,
    assignment: member.assignment,
  };
}
