import { createTopic, kafkaOf } from '../../support/kafkajs-client.ts';
import type { Outgoing } from '../clients/client.ts';
import type { Bench } from './conform.ts';

/** A topic for a test about something else; resolves when its partitions have leaders. */
export async function makeTopic({ broker }: Bench, topic: string, partitions = 1): Promise<string> {
  await createTopic(kafkaOf(broker), topic, partitions);
  return topic;
}

/** Records with these values, to partition 0 or in turns to several. */
export function recordsOf(values: readonly string[], partitions = 1): Outgoing[] {
  return values.map((value, index) => ({ partition: index % partitions, value }));
}

export function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index}`);
}

/** Sorted by how they print, for comparing what comes in any order. */
export function sorted<T>(items: readonly T[]): T[] {
  return items.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}
