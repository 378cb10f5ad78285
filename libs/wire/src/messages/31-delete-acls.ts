import { type MessageSchema, array, defaulted, int16, int32, int8, nullable, string, struct } from '../schema.ts';

/** DeleteAcls, versions 1 to 3. 1 brought pattern types (KIP-290), 2 compact encoding, 3 the resource type USER. */
export const deleteAclsRequest = {
  apiKey: 31,
  name: 'DeleteAcls',
  versions: [1, 3],
  flexibleSince: 2,
  fields: {
    filters: array(
      struct({
        resourceType: int8,
        resourceName: nullable(string),
        patternType: int8,
        principal: nullable(string),
        host: nullable(string),
        operation: int8,
        permissionType: int8,
      }),
    ),
  },
} as const satisfies MessageSchema;

export const deleteAclsResponse = {
  apiKey: 31,
  name: 'DeleteAcls response',
  versions: [1, 3],
  flexibleSince: 2,
  fields: {
    throttleTimeMs: defaulted(int32),
    filterResults: array(
      struct({
        errorCode: int16,
        errorMessage: defaulted(nullable(string)),
        matchingAcls: array(
          struct({
            errorCode: int16,
            errorMessage: defaulted(nullable(string)),
            resourceType: int8,
            resourceName: string,
            patternType: int8,
            principal: string,
            host: string,
            operation: int8,
            permissionType: int8,
          }),
        ),
      }),
    ),
  },
} as const satisfies MessageSchema;
