import {
  type MessageSchema,
  array,
  defaulted,
  int16,
  int32,
  int64,
  int8,
  nullable,
  records,
  since,
  string,
  struct,
  tagged,
} from '../schema.ts';

/**
 * Fetch, versions 4 to 12. 4 brought the isolation level, 5 the log start offset, 7 sessions, 9 leader epochs, 10 zstd,
 * 11 racks and preferred replicas, 12 compact encoding and diverging epochs. 13 replaces topic names by ids.
 */
const NO_OFFSET_AND_EPOCH = { epoch: -1, endOffset: -1 };

export const fetchRequest = {
  apiKey: 1,
  name: 'Fetch',
  versions: [4, 12],
  flexibleSince: 12,
  fields: {
    clusterId: tagged(0, 12, nullable(string)),
    replicaId: defaulted(int32, -1),
    maxWaitMs: int32,
    minBytes: int32,
    maxBytes: int32,
    isolationLevel: int8,
    sessionId: since(7, int32, 0),
    sessionEpoch: since(7, int32, -1),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partition: int32,
            currentLeaderEpoch: since(9, int32, -1),
            fetchOffset: int64,
            lastFetchedEpoch: since(12, int32, -1),
            logStartOffset: since(5, int64, -1),
            partitionMaxBytes: int32,
          }),
        ),
      }),
    ),
    forgottenTopics: since(7, array(struct({ name: string, partitions: array(int32) }))),
    rackId: since(11, string),
  },
} as const satisfies MessageSchema;

export const fetchResponse = {
  apiKey: 1,
  name: 'Fetch response',
  versions: [4, 12],
  flexibleSince: 12,
  fields: {
    throttleTimeMs: defaulted(int32),
    errorCode: since(7, int16),
    sessionId: since(7, int32),
    topics: array(
      struct({
        name: string,
        partitions: array(
          struct({
            partition: int32,
            errorCode: int16,
            highWatermark: int64,
            lastStableOffset: defaulted(int64, -1),
            logStartOffset: since(5, int64, -1),
            divergingEpoch: tagged(0, 12, struct({ epoch: int32, endOffset: int64 }), NO_OFFSET_AND_EPOCH),
            currentLeader: tagged(1, 12, struct({ leaderId: int32, leaderEpoch: int32 }), {
              leaderId: -1,
              leaderEpoch: -1,
            }),
            snapshotId: tagged(2, 12, struct({ endOffset: int64, epoch: int32 }), NO_OFFSET_AND_EPOCH),
            abortedTransactions: defaulted(nullable(array(struct({ producerId: int64, firstOffset: int64 })))),
            preferredReadReplica: since(11, int32, -1),
            records,
          }),
        ),
      }),
    ),
  },
} as const satisfies MessageSchema;
