import { createHash } from 'node:crypto';
import type { Client, Fetched } from '@millrace/client';
import type { EventLog, LogBatch } from './event-log.ts';
import { ProjectionError } from './errors.ts';

/** One answer when reading back: a history rarely needs what lies behind the stretch that was asked for. */
const READ_BYTES_MAX = 256 * 1024;

/** `core.events` through the client, on the built-in broker and on Apache Kafka alike. */
export async function openEventLog(client: Client, topic: string): Promise<EventLog> {
  const partitionCount = await client.admin.partitionCount(topic);
  if (partitionCount === undefined) throw new ProjectionError('NO_EVENTS_TOPIC', `expected topic "${topic}" to exist`);
  const partitions = Array.from({ length: partitionCount }, (_, partition) => ({ topic, partition }));
  const clusterId = (await client.admin.clusterId()) ?? '';

  return {
    partitionCount,
    epoch: createHash('sha256').update(`${clusterId}/${topic}`).digest('base64url').slice(0, 8),
    async bounds() {
      const [starts, ends] = await Promise.all([
        client.admin.listOffsets(partitions, 'earliest', 'read_committed'),
        client.admin.listOffsets(partitions, 'latest', 'read_committed'),
      ]);
      return starts.map((start, partition) => ({ start, end: ends[partition] ?? start }));
    },
    follow(from, onBatch, onFailure) {
      const consumer = client.consumer({ isolation: 'read_committed' });
      for (const one of partitions) consumer.add({ ...one, offset: from[one.partition] ?? 0 });
      const run = async (): Promise<void> => {
        for await (const fetched of consumer) onBatch(batchOf(fetched));
      };
      const running = run().catch(onFailure);
      return {
        async close() {
          consumer.close();
          await running;
        },
      };
    },
    async *read(partition, stretches) {
      const consumer = client.consumer({ isolation: 'read_committed', partitionMaxBytes: READ_BYTES_MAX });
      try {
        for (const { from, to } of stretches) {
          if (from >= to) continue;
          consumer.add({ topic, partition, offset: from });
          for (let at = from; at < to; ) {
            const fetched = await consumer.take();
            if (fetched === undefined) return;
            at = fetched.nextOffset;
            yield batchOf(fetched);
          }
        }
      } finally {
        consumer.close();
      }
    },
  };
}

function batchOf({ partition, records, nextOffset }: Fetched): LogBatch {
  // A record without a value is none of ours: the topic is not compacted, and the engine writes none.
  const valued = records.flatMap(({ offset, value }) => (value === null ? [] : [{ offset, value }]));
  return { partition, records: valued, nextOffset };
}
