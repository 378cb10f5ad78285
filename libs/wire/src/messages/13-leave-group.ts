import {
  type MessageSchema,
  array,
  between,
  defaulted,
  int16,
  int32,
  nullable,
  since,
  string,
  struct,
} from '../schema.ts';

/**
 * LeaveGroup, versions 0 to 5. From 3 on several members leave at once, static ones by their instance id; 4 brought
 * compact encoding, 5 a reason.
 */
export const leaveGroupRequest = {
  apiKey: 13,
  name: 'LeaveGroup',
  versions: [0, 5],
  flexibleSince: 4,
  fields: {
    groupId: string,
    memberId: between(0, 2, string),
    members: since(
      3,
      array(
        struct({
          memberId: string,
          groupInstanceId: defaulted(nullable(string)),
          reason: since(5, nullable(string)),
        }),
      ),
    ),
  },
} as const satisfies MessageSchema;

export const leaveGroupResponse = {
  apiKey: 13,
  name: 'LeaveGroup response',
  versions: [0, 5],
  flexibleSince: 4,
  fields: {
    throttleTimeMs: since(1, int32),
    errorCode: int16,
    members: since(3, array(struct({ memberId: string, groupInstanceId: nullable(string), errorCode: int16 }))),
  },
} as const satisfies MessageSchema;
