import { type MessageSchema, array, bytes, int16, int32, nullable, since, string, struct } from '../schema.ts';

/**
 * SyncGroup, versions 0 to 5. 3 brought static members, 4 compact encoding, 5 the protocol, which the coordinator
 * compares with the one it chose.
 */
export const syncGroupRequest = {
  apiKey: 14,
  name: 'SyncGroup',
  versions: [0, 5],
  flexibleSince: 4,
  fields: {
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: since(3, nullable(string)),
    protocolType: since(5, nullable(string)),
    protocolName: since(5, nullable(string)),
    assignments: array(struct({ memberId: string, assignment: bytes })),
  },
} as const satisfies MessageSchema;

export const syncGroupResponse = {
  apiKey: 14,
  name: 'SyncGroup response',
  versions: [0, 5],
  flexibleSince: 4,
  fields: {
    throttleTimeMs: since(1, int32),
    errorCode: int16,
    protocolType: since(5, nullable(string)),
    protocolName: since(5, nullable(string)),
    assignment: bytes,
  },
} as const satisfies MessageSchema;
