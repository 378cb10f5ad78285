import { apis, type Codec, readBatchHeader } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { WireConnection } from '../../../libs/broker/test/wire-connection.ts';
import type { ClientKind } from '../clients/client.ts';
import type { Bench } from './conform.ts';
import { makeTopic, numbered, recordsOf } from './topics.ts';

/** Under the million bytes that brokers and clients take by default. */
const LARGE_BYTES = 900_000;

export function producesAndReads(kind: ClientKind, bench: () => Bench): void {
  describe('produces and reads', () => {
    it.for(kind.codecs)('records in their order, each once: codec %s', async (codec) => {
      const { client } = bench();
      const topic = await makeTopic(bench(), `codec-${codec}`);
      const values = numbered(`${codec} that repeats itself, that repeats itself, `, 300);
      const placed = await client.call('produce', { topic, codec, records: recordsOf(values) });
      expect(placed).toEqual(values.map((_, offset) => ({ partition: 0, offset })));
      const seen = await client.call('read', { topic, partition: 0, from: 0, count: values.length });
      expect(seen.map(({ value }) => value)).toEqual(values);
      expect(seen.map(({ offset }) => offset)).toEqual(values.map((_, offset) => offset));
      expect(await codecIn(bench(), topic)).toBe(codec);
    });

    if (kind.writesWholeRecords) {
      it('keys, values, headers and times as they went: missing, empty, repeated', async () => {
        const { client } = bench();
        const topic = await makeTopic(bench(), 'whole');
        const headers = [
          ['one', 'a'],
          ['many', 'b'],
          ['many', 'c'],
          ['empty', ''],
        ] as const;
        const records = [
          { partition: 0, key: 'k', value: 'v', headers, timestamp: 1_700_000_000_123 },
          { partition: 0, key: 'tombstone', value: null, timestamp: 1_700_000_000_124 },
          { partition: 0, key: null, value: '', timestamp: 1_700_000_000_125 },
          { partition: 0, key: '', value: 'ünï→code', timestamp: 1_700_000_000_126 },
        ];
        await client.call('produce', { topic, records });
        const seen = await client.call('read', { topic, partition: 0, from: 0, count: 4 });
        const read = (text: string | null): string | null => (text === '' && !kind.tellsEmptyFromMissing ? null : text);
        const expected = records.map(({ key, value, ...record }, offset) => ({
          headers: [],
          ...record,
          key: read(key),
          value: read(value),
          offset,
        }));
        expect(seen).toEqual(expected);
      });
    }

    it.for([0, 1, -1] as const)('with acks %i', async (acks) => {
      const { client } = bench();
      const topic = await makeTopic(bench(), `acks${acks}`);
      const values = numbered('v', 20);
      const placed = await client.call('produce', { topic, acks, records: recordsOf(values) });
      if (acks !== 0) expect(placed.at(-1)).toEqual({ partition: 0, offset: 19 });
      const seen = await client.call('read', { topic, partition: 0, from: 0, count: 20 });
      expect(seen.map(({ value }) => value)).toEqual(values);
    });

    it('each partition on its own, from any offset, also one within a batch', async () => {
      const { client } = bench();
      const topic = await makeTopic(bench(), 'parts', 3);
      const values = numbered('v', 30);
      await client.call('produce', { topic, records: recordsOf(values, 3) });
      for (const [partition, from] of [
        [0, 0],
        [1, 4],
        [2, 9],
      ] as const) {
        const seen = await client.call('read', { topic, partition, from, count: 10 - from });
        expect(seen.map(({ offset }) => offset)).toEqual(numbered('', 10).map(Number).slice(from));
        expect(seen.map(({ value }) => value)).toEqual(seen.map(({ offset }) => `v${offset * 3 + partition}`));
      }
    });

    it('a large record beside small ones', async () => {
      const { client } = bench();
      const topic = await makeTopic(bench(), 'large');
      const values = ['small', 'x'.repeat(LARGE_BYTES), 'small again'];
      await client.call('produce', { topic, records: recordsOf(values) });
      const seen = await client.call('read', { topic, partition: 0, from: 0, count: 3 });
      expect(seen.map(({ value }) => value?.length)).toEqual([5, LARGE_BYTES, 11]);
    });

    if (!kind.lacks.includes('createTopic')) {
      it('nothing that is larger than its topic allows: MESSAGE_TOO_LARGE', async () => {
        const { client } = bench();
        const topic = 'narrow';
        await client.call('createTopic', { topic, partitions: 1, configs: { 'max.message.bytes': '5000' } });
        const refused = client.call('produce', { topic, records: recordsOf(['y'.repeat(20_000)]) });
        await expect(refused).rejects.toMatchObject({ code: 10 });
        await client.call('produce', { topic, records: recordsOf(['fits']) });
        const [seen] = await client.call('read', { topic, partition: 0, from: 0, count: 1 });
        expect(seen).toMatchObject({ offset: 0, value: 'fits' });
      });
    }

    if (!kind.lacks.includes('deleteRecords')) {
      it('from the start of the log when asked for what is no longer there', async () => {
        const { client } = bench();
        const topic = await makeTopic(bench(), 'trimmed');
        await client.call('produce', { topic, records: recordsOf(numbered('v', 10)) });
        await client.call('deleteRecords', { topic, partition: 0, before: 7 });
        const seen = await client.call('read', { topic, partition: 0, from: 2, count: 3 });
        expect(seen.map(({ offset }) => offset)).toEqual([7, 8, 9]);
      });
    }
  });
}

/** Which codec the first batch of a topic lies in: a client that compressed nothing would read its records all the same. */
async function codecIn({ broker }: Bench, topic: string): Promise<Codec | undefined> {
  const connection = await WireConnection.open(broker.port);
  const fetched = await connection.request(apis.fetch, 11, {
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 1_000_000,
    isolationLevel: 0,
    topics: [{ name: topic, partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1_000_000 }] }],
    rackId: '',
  });
  connection.close();
  const records = fetched.topics[0]?.partitions[0]?.records;
  return records ? readBatchHeader(records).codec : undefined;
}
