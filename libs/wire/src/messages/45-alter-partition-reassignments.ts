import { type MessageSchema, array, defaulted, int16, int32, nullable, string, struct } from '../schema.ts';

/** AlterPartitionReassignments, version 0 (KIP-455). Null replicas cancel a reassignment that is under way. */
export const alterPartitionReassignmentsRequest = {
  apiKey: 45,
  name: 'AlterPartitionReassignments',
  versions: [0, 0],
  flexibleSince: 0,
  fields: {
    timeoutMs: defaulted(int32, 60_000),
    topics: array(
      struct({ name: string, partitions: array(struct({ partition: int32, replicas: nullable(array(int32)) })) }),
    ),
  },
} as const satisfies MessageSchema;

export const alterPartitionReassignmentsResponse = {
  apiKey: 45,
  name: 'AlterPartitionReassignments response',
  versions: [0, 0],
  flexibleSince: 0,
  fields: {
    throttleTimeMs: defaulted(int32),
    errorCode: int16,
    errorMessage: defaulted(nullable(string)),
    responses: array(
      struct({
        name: string,
        partitions: array(struct({ partition: int32, errorCode: int16, errorMessage: defaulted(nullable(string)) })),
      }),
    ),
  },
} as const satisfies MessageSchema;
