/** Memory under full load over minutes: producing as fast as it goes, consuming behind it, and letting go of what was consumed. */
import { apis, encodeRequest } from '@millrace/wire';

import type { Row } from '../table.ts';
import { Pipeline } from './pipeline.ts';
import { withBroker } from './processes.ts';
import { figure } from './produce.ts';
import { createTopic, expectNoError, fetchRequest, nextOffsetOf, produceRequest, readyBatch } from './requests.ts';

const WARM_UP_MS = 15_000;
const SAMPLE_MS = 1_000;
const KEPT_RECORDS = 5_000_000;

export function soak(minutes: number): Promise<Row[]> {
  return withBroker('always', async (broker) => {
    const topic = 'soak';
    await createTopic(broker.port, topic);
    const [producer, consumer, admin] = await Promise.all([1, 2, 3].map(() => Pipeline.open(broker.port)));
    if (producer === undefined || consumer === undefined || admin === undefined)
      throw new Error('expected three connections');
    const batch = readyBatch('64 KB', 64 * 1024);
    const totalMs = WARM_UP_MS + minutes * 60_000;
    let consumed = 0;
    const producing = new AbortController();
    const megabytes: number[] = [];
    const sampling = setInterval(() => {
      megabytes.push(broker.residentMegabytes());
      if (consumed > KEPT_RECORDS) void admin.request(deleteRequest(topic, consumed - KEPT_RECORDS));
    }, SAMPLE_MS);
    const consuming = (async () => {
      while (!producing.signal.aborted)
        consumed = nextOffsetOf(await consumer.request(fetchRequest(topic, 0, consumed, 500))) ?? consumed;
    })();
    const { answers, ms } = await producer.repeat(
      [produceRequest(topic, 0, batch.bytes, -1)],
      64,
      totalMs,
      expectNoError(topic),
    );
    producing.abort();
    await consuming;
    clearInterval(sampling);
    for (const connection of [producer, consumer, admin]) connection.close();

    const steady = megabytes.slice(WARM_UP_MS / SAMPLE_MS);
    const quarter = Math.max(1, steady.length >> 2);
    const mean = (values: readonly number[]): string =>
      (values.reduce((sum, one) => sum + one, 0) / values.length).toFixed(0);
    return [
      {
        what: `full load for ${minutes} min, acks=all, fsync always`,
        value: `${figure((answers * batch.records * 1000) / ms)} produced, ${figure((consumed * 1000) / ms)} consumed`,
        against: '',
      },
      {
        what: 'resident memory meanwhile',
        value: `first quarter ${mean(steady.slice(0, quarter))} MB, last ${mean(steady.slice(-quarter))} MB, most ${Math.max(...steady).toFixed(0)} MB`,
        against: 'mark: flat',
      },
    ];
  });
}

function deleteRequest(name: string, offset: number): Buffer[] {
  return encodeRequest(
    { api: apis.deleteRecords, version: 1, correlationId: 1, clientId: 'bench' },
    { topics: [{ name, partitions: [{ partition: 0, offset }] }], timeoutMs: 10_000 },
  );
}
