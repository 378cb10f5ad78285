import {
  type MessageSchema,
  array,
  between,
  boolean,
  int16,
  int32,
  int64,
  nullable,
  since,
  string,
  struct,
} from '../schema.ts';

const askedTopics = array(struct({ name: string, partitions: array(int32) }));

const committedTopics = array(
  struct({
    name: string,
    partitions: array(
      struct({
        partition: int32,
        committedOffset: int64,
        committedLeaderEpoch: since(5, int32, -1),
        metadata: nullable(string),
        errorCode: int16,
      }),
    ),
  }),
);

/**
 * OffsetFetch, versions 1 to 9. 2 lets null ask for all topics and moves errors of the group to the top, 5 brought
 * leader epochs, 6 compact encoding, 7 `requireStable`, 8 asks for several groups at once and so moves everything into
 * `groups`, 9 the member that asks (KIP-848).
 */
export const offsetFetchRequest = {
  apiKey: 9,
  name: 'OffsetFetch',
  versions: [1, 9],
  flexibleSince: 6,
  fields: {
    groupId: between(0, 7, string),
    topics: between(0, 7, nullable(askedTopics, 2)),
    groups: since(
      8,
      array(
        struct({
          groupId: string,
          memberId: since(9, nullable(string)),
          memberEpoch: since(9, int32, -1),
          topics: nullable(askedTopics),
        }),
      ),
    ),
    requireStable: since(7, boolean),
  },
} as const satisfies MessageSchema;

export const offsetFetchResponse = {
  apiKey: 9,
  name: 'OffsetFetch response',
  versions: [1, 9],
  flexibleSince: 6,
  fields: {
    throttleTimeMs: since(3, int32),
    topics: between(0, 7, committedTopics),
    errorCode: between(2, 7, int16),
    groups: since(8, array(struct({ groupId: string, topics: committedTopics, errorCode: int16 }))),
  },
} as const satisfies MessageSchema;
