import { type Schema, array, between, bytes, int32, int64, nullable, since, string, struct } from '@millrace/wire';

/** The records of `__consumer_offsets`, as Kafka's own tools read them. A key's version says what kind it is. */

/** Versions 0 and 1 are alike. */
export const offsetCommitKey = {
  name: 'OffsetCommitKey',
  versions: [0, 1],
  flexibleSince: Infinity,
  fields: { group: string, topic: string, partition: int32 },
} as const satisfies Schema;

/** 1 had a time of its own to expire at, 3 brought leader epochs, 4 compact encoding. Written: 3, which Kafka 2.1 and later read. */
export const offsetCommitValue = {
  name: 'OffsetCommitValue',
  versions: [0, 4],
  flexibleSince: 4,
  fields: {
    offset: int64,
    leaderEpoch: since(3, int32, -1),
    metadata: string,
    commitTimestamp: int64,
    expireTimestamp: between(1, 1, int64, -1),
  },
} as const satisfies Schema;

export const groupMetadataKey = {
  name: 'GroupMetadataKey',
  versions: [2, 2],
  flexibleSince: Infinity,
  fields: { group: string },
} as const satisfies Schema;

/** 1 brought rebalance timeouts, 2 the time of the last change, 3 static members, 4 compact encoding. Written: 3 (Kafka 2.3). */
export const groupMetadataValue = {
  name: 'GroupMetadataValue',
  versions: [0, 4],
  flexibleSince: 4,
  fields: {
    protocolType: string,
    generation: int32,
    protocol: nullable(string),
    leader: nullable(string),
    currentStateTimestamp: since(2, int64, -1),
    members: array(
      struct({
        memberId: string,
        groupInstanceId: since(3, nullable(string)),
        clientId: string,
        clientHost: string,
        rebalanceTimeout: since(1, int32, -1),
        sessionTimeout: int32,
        subscription: bytes,
        assignment: bytes,
      }),
    ),
  },
} as const satisfies Schema;

/** A group of the consumer protocol (KIP-848). */
export const consumerGroupMetadataKey = {
  name: 'ConsumerGroupMetadataKey',
  versions: [3, 3],
  flexibleSince: Infinity,
  fields: { groupId: string },
} as const satisfies Schema;

export const consumerGroupMetadataValue = {
  name: 'ConsumerGroupMetadataValue',
  versions: [0, 0],
  flexibleSince: 0,
  fields: { epoch: int32 },
} as const satisfies Schema;

export const written = {
  offsetCommitKey: 1,
  offsetCommitValue: 3,
  groupMetadataKey: 2,
  groupMetadataValue: 3,
  consumerGroupMetadataKey: 3,
  consumerGroupMetadataValue: 0,
} as const;
