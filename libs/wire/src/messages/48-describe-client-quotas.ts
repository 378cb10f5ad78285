import {
  type MessageSchema,
  array,
  boolean,
  defaulted,
  float64,
  int16,
  int32,
  int8,
  nullable,
  string,
  struct,
} from '../schema.ts';

/** DescribeClientQuotas, versions 0 and 1 (KIP-546). 1 brought compact encoding. Match types: 0 a name, 1 the default, 2 any. */
export const describeClientQuotasRequest = {
  apiKey: 48,
  name: 'DescribeClientQuotas',
  versions: [0, 1],
  flexibleSince: 1,
  fields: {
    components: array(struct({ entityType: string, matchType: int8, match: nullable(string) })),
    strict: boolean,
  },
} as const satisfies MessageSchema;

export const describeClientQuotasResponse = {
  apiKey: 48,
  name: 'DescribeClientQuotas response',
  versions: [0, 1],
  flexibleSince: 1,
  fields: {
    throttleTimeMs: defaulted(int32),
    errorCode: int16,
    errorMessage: defaulted(nullable(string)),
    entries: nullable(
      array(
        struct({
          entity: array(struct({ entityType: string, entityName: nullable(string) })),
          values: array(struct({ key: string, value: float64 })),
        }),
      ),
    ),
  },
} as const satisfies MessageSchema;
