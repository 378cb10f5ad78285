import { type MessageSchema, array, defaulted, int16, int32, int8, nullable, string, struct } from '../schema.ts';

/**
 * DescribeAcls, versions 1 to 3. 1 brought pattern types (KIP-290), 2 compact encoding, 3 the resource type USER. In a
 * filter null stands for any name, 1 for any type.
 */
export const describeAclsRequest = {
  apiKey: 29,
  name: 'DescribeAcls',
  versions: [1, 3],
  flexibleSince: 2,
  fields: {
    resourceType: int8,
    resourceName: nullable(string),
    patternType: int8,
    principal: nullable(string),
    host: nullable(string),
    operation: int8,
    permissionType: int8,
  },
} as const satisfies MessageSchema;

export const describeAclsResponse = {
  apiKey: 29,
  name: 'DescribeAcls response',
  versions: [1, 3],
  flexibleSince: 2,
  fields: {
    throttleTimeMs: defaulted(int32),
    errorCode: int16,
    errorMessage: defaulted(nullable(string)),
    resources: array(
      struct({
        resourceType: int8,
        resourceName: string,
        patternType: int8,
        acls: array(struct({ principal: string, host: string, operation: int8, permissionType: int8 })),
      }),
    ),
  },
} as const satisfies MessageSchema;
