import { type MessageSchema, array, boolean, int16, int32, int64, int8, since, string, struct } from '../schema.ts';

/**
 * WriteTxnMarkers, versions 1 and 2: ends transactions in the partitions that are named. Among brokers it is how a coordinator
 * has its markers written; administrators end with it what no coordinator ends (KIP-664). 2 brought the version of the
 * transaction protocol (KIP-1228).
 */
export const writeTxnMarkersRequest = {
  apiKey: 27,
  name: 'WriteTxnMarkers',
  versions: [1, 2],
  flexibleSince: 1,
  fields: {
    markers: array(
      struct({
        producerId: int64,
        producerEpoch: int16,
        isCommit: boolean,
        topics: array(struct({ name: string, partitions: array(int32) })),
        coordinatorEpoch: int32,
        transactionVersion: since(2, int8),
      }),
    ),
  },
} as const satisfies MessageSchema;

export const writeTxnMarkersResponse = {
  apiKey: 27,
  name: 'WriteTxnMarkers response',
  versions: [1, 2],
  flexibleSince: 1,
  fields: {
    markers: array(
      struct({
        producerId: int64,
        topics: array(struct({ name: string, partitions: array(struct({ partition: int32, errorCode: int16 })) })),
      }),
    ),
  },
} as const satisfies MessageSchema;
