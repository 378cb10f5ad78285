import type { ReceivedRecord } from '@millrace/bus';
import type { Client } from '@millrace/client';

export interface LogRecord extends ReceivedRecord {
  readonly offset: number;
  readonly timestamp: number;
}

/** Reading a stretch of the log from one end to the other, committed records only. What follows the log uses a consumer. */
export interface LogReader {
  /** The first offset that is still there. */
  start(topic: string, partition: number): Promise<number>;
  /** Behind the last record of a finished transaction. */
  committedEnd(topic: string, partition: number): Promise<number>;
  /** In order, in pieces; ends when `to` is reached, so `to` must not lie behind the committed end. */
  read(topic: string, partition: number, from: number, to: number): AsyncIterable<readonly LogRecord[]>;
}

export function createLogReader(client: Client): LogReader {
  const offset = async (topic: string, partition: number, spec: 'earliest' | 'latest'): Promise<number> => {
    const [found] = await client.admin.listOffsets([{ topic, partition }], spec, 'read_committed');
    return found ?? 0;
  };
  return {
    start: (topic, partition) => offset(topic, partition, 'earliest'),
    committedEnd: (topic, partition) => offset(topic, partition, 'latest'),
    async *read(topic, partition, from, to) {
      if (from >= to) return;
      const consumer = client.consumer({ isolation: 'read_committed' });
      try {
        consumer.add({ topic, partition, offset: from });
        for await (const { records, nextOffset } of consumer) {
          const within = records.filter((record) => record.offset < to);
          if (within.length > 0) yield within;
          if (nextOffset >= to) return;
        }
      } finally {
        consumer.close();
      }
    },
  };
}
