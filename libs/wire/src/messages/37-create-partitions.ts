import { type MessageSchema, array, boolean, defaulted, int16, int32, nullable, string, struct } from '../schema.ts';

/** CreatePartitions, versions 0 to 3. 2 brought compact encoding. `count` is the new total. */
export const createPartitionsRequest = {
  apiKey: 37,
  name: 'CreatePartitions',
  versions: [0, 3],
  flexibleSince: 2,
  fields: {
    topics: array(
      struct({
        name: string,
        count: int32,
        assignments: defaulted(nullable(array(struct({ brokerIds: array(int32) })))),
      }),
    ),
    timeoutMs: int32,
    validateOnly: defaulted(boolean),
  },
} as const satisfies MessageSchema;

export const createPartitionsResponse = {
  apiKey: 37,
  name: 'CreatePartitions response',
  versions: [0, 3],
  flexibleSince: 2,
  fields: {
    throttleTimeMs: defaulted(int32),
    results: array(struct({ name: string, errorCode: int16, errorMessage: defaulted(nullable(string)) })),
  },
} as const satisfies MessageSchema;
