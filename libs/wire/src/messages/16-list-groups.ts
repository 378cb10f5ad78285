import { type MessageSchema, array, int16, int32, since, string, struct } from '../schema.ts';

/** ListGroups, versions 0 to 5. 3 brought compact encoding, 4 states and a filter by them, 5 the same for types. */
export const listGroupsRequest = {
  apiKey: 16,
  name: 'ListGroups',
  versions: [0, 5],
  flexibleSince: 3,
  fields: { statesFilter: since(4, array(string)), typesFilter: since(5, array(string)) },
} as const satisfies MessageSchema;

export const listGroupsResponse = {
  apiKey: 16,
  name: 'ListGroups response',
  versions: [0, 5],
  flexibleSince: 3,
  fields: {
    throttleTimeMs: since(1, int32),
    errorCode: int16,
    groups: array(
      struct({ groupId: string, protocolType: string, groupState: since(4, string), groupType: since(5, string) }),
    ),
  },
} as const satisfies MessageSchema;
