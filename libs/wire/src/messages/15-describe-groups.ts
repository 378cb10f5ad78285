import { type MessageSchema, array, boolean, bytes, int16, int32, nullable, since, string, struct } from '../schema.ts';

/**
 * DescribeGroups, versions 0 to 5. 3 brought authorised operations, 4 static members, 5 compact encoding.
 */
export const describeGroupsRequest = {
  apiKey: 15,
  name: 'DescribeGroups',
  versions: [0, 5],
  flexibleSince: 5,
  fields: { groups: array(string), includeAuthorizedOperations: since(3, boolean) },
} as const satisfies MessageSchema;

export const describeGroupsResponse = {
  apiKey: 15,
  name: 'DescribeGroups response',
  versions: [0, 5],
  flexibleSince: 5,
  fields: {
    throttleTimeMs: since(1, int32),
    groups: array(
      struct({
        errorCode: int16,
        groupId: string,
        groupState: string,
        protocolType: string,
        protocolName: string,
        members: array(
          struct({
            memberId: string,
            groupInstanceId: since(4, nullable(string)),
            clientId: string,
            clientHost: string,
            memberMetadata: bytes,
            memberAssignment: bytes,
          }),
        ),
        authorizedOperations: since(3, int32, -2_147_483_648),
      }),
    ),
  },
} as const satisfies MessageSchema;
