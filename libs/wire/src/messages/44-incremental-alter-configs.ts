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
 * IncrementalAlterConfigs, versions 0 and 1 (KIP-339). 1 brought compact encoding. Operations: 0 set, 1 delete, 2 append
 * to a list, 3 subtract from a list. What is not named stays.
 */
export const incrementalAlterConfigsRequest = {
  apiKey: 44,
  name: 'IncrementalAlterConfigs',
  versions: [0, 1],
  flexibleSince: 1,
  fields: {
    resources: array(
      struct({
        resourceType: int8,
        resourceName: string,
        configs: array(struct({ name: string, operation: int8, value: nullable(string) })),
      }),
    ),
    validateOnly: defaulted(boolean),
  },
} as const satisfies MessageSchema;

export const incrementalAlterConfigsResponse = {
  apiKey: 44,
  name: 'IncrementalAlterConfigs response',
  versions: [0, 1],
  flexibleSince: 1,
  fields: {
    throttleTimeMs: defaulted(int32),
    responses: array(
      struct({ errorCode: int16, errorMessage: nullable(string), resourceType: int8, resourceName: string }),
    ),
  },
} as const satisfies MessageSchema;
