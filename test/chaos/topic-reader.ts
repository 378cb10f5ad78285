import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { type IHeaders, Kafka, logLevel } from 'kafkajs';

export interface ReadRecord {
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Reads a topic from its beginning to its present end, as a read_committed consumer of any language would. */
export async function readTopic(broker: string, topic: string): Promise<ReadRecord[]> {
  const kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const ends = new Map((await admin.fetchTopicOffsets(topic)).map((end) => [end.partition, Number(end.high)]));
  const begins = new Map((await admin.fetchTopicOffsets(topic)).map((end) => [end.partition, Number(end.low)]));
  await admin.disconnect();

  const open = new Set(
    [...ends].flatMap(([partition, end]) => (end > (begins.get(partition) ?? 0) ? [partition] : [])),
  );
  const records: ReadRecord[] = [];
  if (open.size === 0) return records;

  const consumer = kafka.consumer({ groupId: `reader-${randomUUID()}`, readUncommitted: false });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const finished = new AbortController();
  const done = once(finished.signal, 'abort');
  await consumer.run({
    eachBatchAutoResolve: true,
    // Control batches take offsets and reach nobody: the batch's last offset is what says how far we are.
    eachBatch: async ({ batch }) => {
      for (const message of batch.messages) {
        records.push({
          partition: batch.partition,
          offset: Number(message.offset),
          key: message.key?.toString() ?? '',
          value: message.value?.toString() ?? '',
          headers: textOf(message.headers ?? {}),
        });
      }
      if (Number(batch.lastOffset()) + 1 >= (ends.get(batch.partition) ?? 0)) open.delete(batch.partition);
      if (open.size === 0) finished.abort();
    },
  });
  await done;
  await consumer.disconnect();
  return records;
}

function textOf(headers: IHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
