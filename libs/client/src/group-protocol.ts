import {
  type Message,
  type Schema,
  array,
  bytes,
  decode,
  encode,
  int16,
  int32,
  nullable,
  string,
  struct,
} from '@millrace/wire';

import type { TopicPartition } from './admin.ts';

/**
 * What members of a consumer group tell each other through the coordinator, which does not look inside: the "consumer"
 * protocol, versions 0 and 1 (ConsumerProtocolSubscription and ConsumerProtocolAssignment of Kafka; version 1 is KIP-429).
 */
const version = {
  name: 'consumer protocol version',
  versions: [0, 0],
  flexibleSince: Infinity,
  fields: { version: int16 },
} as const satisfies Schema;

const topicPartitions = array(struct({ topic: string, partitions: array(int32) }));

const subscription = {
  name: 'consumer protocol subscription',
  versions: [1, 1],
  flexibleSince: Infinity,
  fields: { version: int16, topics: array(string), userData: nullable(bytes), ownedPartitions: topicPartitions },
} as const satisfies Schema;

const assignment = {
  name: 'consumer protocol assignment',
  versions: [0, 0],
  flexibleSince: Infinity,
  fields: { version: int16, assignedPartitions: topicPartitions, userData: nullable(bytes) },
} as const satisfies Schema;

const WRITTEN_VERSION = 1;

export function encodeSubscription(topics: readonly string[], owned: readonly TopicPartition[]): Buffer {
  const value = { version: WRITTEN_VERSION, topics, userData: null, ownedPartitions: grouped(owned) };
  return Buffer.concat(encode(subscription, 1, value));
}

export function decodeSubscription(buffer: Buffer): { topics: readonly string[]; owned: TopicPartition[] } {
  const { version: found } = decode(version, 0, buffer, 0).value;
  if (found < 1) return { topics: [], owned: [] };
  const { topics, ownedPartitions } = decode(subscription, 1, buffer, 0).value;
  return { topics, owned: flat(ownedPartitions) };
}

export function encodeAssignment(partitions: readonly TopicPartition[]): Buffer {
  return Buffer.concat(encode(assignment, 0, { version: 0, assignedPartitions: grouped(partitions), userData: null }));
}

export function decodeAssignment(buffer: Buffer): TopicPartition[] {
  return buffer.length === 0 ? [] : flat(decode(assignment, 0, buffer, 0).value.assignedPartitions);
}

function grouped(partitions: readonly TopicPartition[]): { topic: string; partitions: number[] }[] {
  return [...Map.groupBy(partitions, (one) => one.topic)].map(([topic, of]) => ({
    topic,
    partitions: of.map((one) => one.partition),
  }));
}

function flat(topics: Message<typeof assignment>['assignedPartitions']): TopicPartition[] {
  return topics.flatMap(({ topic, partitions }) => partitions.map((partition) => ({ topic, partition })));
}
