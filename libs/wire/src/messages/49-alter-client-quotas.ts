import {
  type MessageSchema,
  array,
  boolean,
  defaulted,
  float64,
  int16,
  int32,
  nullable,
  string,
  struct,
} from '../schema.ts';

/** A name, or null for the default, of each type. */
const entity = array(struct({ entityType: string, entityName: nullable(string) }));

/** AlterClientQuotas, versions 0 and 1 (KIP-546). 1 brought compact encoding. */
export const alterClientQuotasRequest = {
  apiKey: 49,
  name: 'AlterClientQuotas',
  versions: [0, 1],
  flexibleSince: 1,
  fields: {
    entries: array(struct({ entity, ops: array(struct({ key: string, value: float64, remove: boolean })) })),
    validateOnly: boolean,
  },
} as const satisfies MessageSchema;

export const alterClientQuotasResponse = {
  apiKey: 49,
  name: 'AlterClientQuotas response',
  versions: [0, 1],
  flexibleSince: 1,
  fields: {
    throttleTimeMs: defaulted(int32),
    entries: array(struct({ errorCode: int16, errorMessage: nullable(string), entity })),
  },
} as const satisfies MessageSchema;
