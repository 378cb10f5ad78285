import {
  type MessageSchema,
  array,
  defaulted,
  int16,
  int32,
  int64,
  nullable,
  records,
  since,
  string,
  struct,
  tagged,
} from '../schema.ts';

const NO_LEADER = { leaderId: -1, leaderEpoch: -1 };

/**
 * Produce, versions 3 to 11. 3 brought transactions and message format v2, 5 the log start offset, 7 zstd, 8 errors by
 * record, 9 compact encoding, 10 the leader beside errors (KIP-951), 11 the error TRANSACTION_ABORTABLE (KIP-890). Versions 0
 * to 2 carry only the old message formats: they are announced, because librdkafka derives features from their presence in the
 * range and never sends them, but not served. 12 is the second transaction protocol, 13 replaces topic names by ids.
 */
export const produceRequest = {
  apiKey: 0,
  name: 'Produce',
  versions: [3, 11],
  advertised: [0, 11],
  flexibleSince: 9,
  fields: {
    transactionalId: defaulted(nullable(string)),
    acks: int16,
    timeoutMs: int32,
    topics: array(struct({ name: string, partitions: array(struct({ partition: int32, records })) })),
  },
} as const satisfies MessageSchema;

export const produceResponse = {
  apiKey: 0,
  name: 'Produce response',
  versions: [3, 11],
  flexibleSince: 9,
  fields: {
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partition: int32,
            errorCode: int16,
            baseOffset: int64,
            logAppendTimeMs: defaulted(int64, -1),
            logStartOffset: since(5, int64, -1),
            recordErrors: since(8, array(struct({ batchIndex: int32, message: nullable(string) }))),
            errorMessage: since(8, nullable(string)),
            currentLeader: tagged(0, 10, struct({ leaderId: int32, leaderEpoch: int32 }), NO_LEADER),
          }),
        ),
      }),
    ),
    throttleTimeMs: defaulted(int32),
  },
} as const satisfies MessageSchema;
