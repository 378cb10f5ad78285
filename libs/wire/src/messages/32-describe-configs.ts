import {
  type MessageSchema,
  array,
  boolean,
  defaulted,
  int16,
  int32,
  int8,
  nullable,
  since,
  string,
  struct,
} from '../schema.ts';

/**
 * DescribeConfigs, versions 1 to 4. 1 replaced `isDefault` by the source and brought synonyms, 3 types and
 * documentation, 4 compact encoding. Resource types: 2 topic, 4 broker.
 */
export const describeConfigsRequest = {
  apiKey: 32,
  name: 'DescribeConfigs',
  versions: [1, 4],
  flexibleSince: 4,
  fields: {
    resources: array(struct({ resourceType: int8, resourceName: string, configurationKeys: nullable(array(string)) })),
    includeSynonyms: defaulted(boolean),
    includeDocumentation: since(3, boolean),
  },
} as const satisfies MessageSchema;

export const describeConfigsResponse = {
  apiKey: 32,
  name: 'DescribeConfigs response',
  versions: [1, 4],
  flexibleSince: 4,
  fields: {
    throttleTimeMs: defaulted(int32),
    results: array(
      struct({
        errorCode: int16,
        errorMessage: nullable(string),
        resourceType: int8,
        resourceName: string,
        configs: array(
          struct({
            name: string,
            value: nullable(string),
            readOnly: boolean,
            configSource: int8,
            isSensitive: boolean,
            synonyms: defaulted(array(struct({ name: string, value: nullable(string), source: int8 }))),
            configType: since(3, int8),
            documentation: since(3, nullable(string)),
          }),
        ),
      }),
    ),
  },
} as const satisfies MessageSchema;
