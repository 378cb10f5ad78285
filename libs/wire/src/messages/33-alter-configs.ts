import {
  type MessageSchema,
  array,
  boolean,
  defaulted,
  int16,
  int32,
  int8,
  nullable,
  string,
  struct,
} from '../schema.ts';

/**
 * AlterConfigs, versions 0 to 2. 2 brought compact encoding. Replaces everything that was set for a resource; Kafka keeps it
 * for older clients, IncrementalAlterConfigs (KIP-339) took its place. Resource types as in DescribeConfigs.
 */
export const alterConfigsRequest = {
  apiKey: 33,
  name: 'AlterConfigs',
  versions: [0, 2],
  flexibleSince: 2,
  fields: {
    resources: array(
      struct({
        resourceType: int8,
        resourceName: string,
        configs: array(struct({ name: string, value: nullable(string) })),
      }),
    ),
    validateOnly: defaulted(boolean),
  },
} as const satisfies MessageSchema;

export const alterConfigsResponse = {
  apiKey: 33,
  name: 'AlterConfigs response',
  versions: [0, 2],
  flexibleSince: 2,
  fields: {
    throttleTimeMs: defaulted(int32),
    responses: array(
      struct({ errorCode: int16, errorMessage: nullable(string), resourceType: int8, resourceName: string }),
    ),
  },
} as const satisfies MessageSchema;
