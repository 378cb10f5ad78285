import { type MessageSchema, array, boolean, bytes, int16, int32, nullable, since, string, struct } from '../schema.ts';

/**
 * JoinGroup, versions 0 to 9. 1 separates the rebalance timeout from the session timeout, from 4 on a new member is
 * first sent away with an id (MEMBER_ID_REQUIRED), 5 brought static members, 6 compact encoding, 7 the protocol type in
 * the answer, 8 a reason (KIP-800), 9 tells a leader that came back not to assign anew (KIP-814).
 */
export const joinGroupRequest = {
  apiKey: 11,
  name: 'JoinGroup',
  versions: [0, 9],
  flexibleSince: 6,
  fields: {
    groupId: string,
    sessionTimeoutMs: int32,
    rebalanceTimeoutMs: since(1, int32, -1),
    memberId: string,
    groupInstanceId: since(5, nullable(string)),
    protocolType: string,
    protocols: array(struct({ name: string, metadata: bytes })),
    reason: since(8, nullable(string)),
  },
} as const satisfies MessageSchema;

export const joinGroupResponse = {
  apiKey: 11,
  name: 'JoinGroup response',
  versions: [0, 9],
  flexibleSince: 6,
  fields: {
    throttleTimeMs: since(2, int32),
    errorCode: int16,
    generationId: int32,
    protocolType: since(7, nullable(string)),
    protocolName: nullable(string, 7),
    leader: string,
    skipAssignment: since(9, boolean),
    memberId: string,
    members: array(struct({ memberId: string, groupInstanceId: since(5, nullable(string)), metadata: bytes })),
  },
} as const satisfies MessageSchema;
