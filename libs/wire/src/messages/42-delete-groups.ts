import { type MessageSchema, array, defaulted, int16, int32, string, struct } from '../schema.ts';

/** DeleteGroups, versions 0 to 2. 2 brought compact encoding. */
export const deleteGroupsRequest = {
  apiKey: 42,
  name: 'DeleteGroups',
  versions: [0, 2],
  flexibleSince: 2,
  fields: { groups: array(string) },
} as const satisfies MessageSchema;

export const deleteGroupsResponse = {
  apiKey: 42,
  name: 'DeleteGroups response',
  versions: [0, 2],
  flexibleSince: 2,
  fields: {
    throttleTimeMs: defaulted(int32),
    results: array(struct({ groupId: string, errorCode: int16 })),
  },
} as const satisfies MessageSchema;
