import { type MessageSchema, array, defaulted, int16, int32, nullable, string, struct } from '../schema.ts';

/** ListPartitionReassignments, version 0 (KIP-455). Null asks for all topics; what is not being moved is left out. */
export const listPartitionReassignmentsRequest = {
  apiKey: 46,
  name: 'ListPartitionReassignments',
  versions: [0, 0],
  flexibleSince: 0,
  fields: {
    timeoutMs: defaulted(int32, 60_000),
    topics: nullable(array(struct({ name: string, partitions: array(int32) }))),
  },
} as const satisfies MessageSchema;

export const listPartitionReassignmentsResponse = {
  apiKey: 46,
  name: 'ListPartitionReassignments response',
  versions: [0, 0],
  flexibleSince: 0,
  fields: {
    throttleTimeMs: defaulted(int32),
    errorCode: int16,
    errorMessage: defaulted(nullable(string)),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partition: int32,
            replicas: array(int32),
            addingReplicas: array(int32),
            removingReplicas: array(int32),
          }),
        ),
      }),
    ),
  },
} as const satisfies MessageSchema;
