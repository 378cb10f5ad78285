import { type MessageSchema, array, defaulted, int16, int32, int8, nullable, string, struct } from '../schema.ts';

/** CreateAcls, versions 1 to 3. 1 brought pattern types (KIP-290), 2 compact encoding, 3 the resource type USER. */
export const createAclsRequest = {
  apiKey: 30,
  name: 'CreateAcls',
  versions: [1, 3],
  flexibleSince: 2,
  fields: {
    creations: array(
      struct({
        resourceType: int8,
        resourceName: string,
        patternType: int8,
        principal: string,
        host: string,
        operation: int8,
        permissionType: int8,
      }),
    ),
  },
} as const satisfies MessageSchema;

export const createAclsResponse = {
  apiKey: 30,
  name: 'CreateAcls response',
  versions: [1, 3],
  flexibleSince: 2,
  fields: {
    throttleTimeMs: defaulted(int32),
    results: array(struct({ errorCode: int16, errorMessage: defaulted(nullable(string)) })),
  },
} as const satisfies MessageSchema;
