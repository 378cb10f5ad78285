import {
  type MessageSchema,
  array,
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
 * ElectLeaders, versions 0 to 2. 1 brought the type of the election (0 the preferred replica, 1 any that lives, KIP-460), 2
 * compact encoding. Null asks for all partitions.
 */
export const electLeadersRequest = {
  apiKey: 43,
  name: 'ElectLeaders',
  versions: [0, 2],
  flexibleSince: 2,
  fields: {
    electionType: since(1, int8),
    topicPartitions: nullable(array(struct({ topic: string, partitions: array(int32) }))),
    timeoutMs: defaulted(int32, 60_000),
  },
} as const satisfies MessageSchema;

export const electLeadersResponse = {
  apiKey: 43,
  name: 'ElectLeaders response',
  versions: [0, 2],
  flexibleSince: 2,
  fields: {
    throttleTimeMs: defaulted(int32),
    errorCode: since(1, int16),
    replicaElectionResults: array(
      struct({
        topic: string,
        partitions: array(struct({ partition: int32, errorCode: int16, errorMessage: nullable(string) })),
      }),
    ),
  },
} as const satisfies MessageSchema;
