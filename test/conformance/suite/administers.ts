import { describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { type Client, ClientError, type ClientKind, type Operation } from '../clients/client.ts';
import type { Bench } from './conform.ts';
import { makeTopic, numbered, recordsOf, sorted } from './topics.ts';

const UNKNOWN_TOPIC_OR_PARTITION = 3;
const TOPIC_ALREADY_EXISTS = 36;
const INVALID_PARTITIONS = 37;
const INVALID_CONFIG = 40;
const INVALID_TOPIC_EXCEPTION = 17;

export function administers(kind: ClientKind, bench: () => Bench): void {
  const has = (...operations: Operation[]): boolean => operations.every((each) => !kind.lacks.includes(each));
  if (!has('createTopic')) return;

  describe('administers', () => {
    it('topics: creates, lists, grows, deletes', async () => {
      const { client } = bench();
      const topic = 'managed';
      await client.call('createTopic', { topic, partitions: 3 });
      await until('the topic', async () => (await partitionsOf(client, topic)) === 3);
      expect(await client.call('listTopics', {})).toContain(topic);
      if (has('createPartitions')) {
        await client.call('createPartitions', { topic, count: 5 });
        await until('its partitions', async () => (await partitionsOf(client, topic)) === 5);
        await client.call('produce', { topic, records: [{ partition: 4, value: 'in the new one' }] });
      }
      await client.call('deleteTopic', { topic });
      await until('it to be gone', async () => !(await client.call('listTopics', {})).includes(topic));
    });

    it('and hears why not: names, partitions, settings', async () => {
      const { client } = bench();
      const make = (topic: string, partitions: number, configs = {}): Promise<null> =>
        client.call('createTopic', { topic, partitions, configs });
      await make('taken', 2);
      await until('the topic', async () => (await partitionsOf(client, 'taken')) === 2);
      // kafkajs answers false instead, which the operation does not show.
      if (kind.name !== 'kafkajs') await expect(make('taken', 1)).rejects.toMatchObject({ code: TOPIC_ALREADY_EXISTS });
      await expect(make('no/slash', 1)).rejects.toMatchObject({ code: INVALID_TOPIC_EXCEPTION });
      await expect(make('unset', 1, { 'retention.ms': 'soon' })).rejects.toMatchObject({ code: INVALID_CONFIG });
      if (!has('createPartitions')) return;
      const shrinks = client.call('createPartitions', { topic: 'taken', count: 1 });
      await expect(shrinks).rejects.toMatchObject({ code: INVALID_PARTITIONS });
    });

    if (has('describeConfigs', 'alterConfigs')) {
      it('settings of a topic: reads defaults, sets some, keeps the others', async () => {
        const { client } = bench();
        const topic = 'configured';
        await client.call('createTopic', { topic, partitions: 1, configs: { 'retention.ms': '123456' } });
        await until('the topic', async () => (await partitionsOf(client, topic)) === 1);
        expect(await client.call('describeConfigs', { topic })).toMatchObject({
          'retention.ms': '123456',
          'cleanup.policy': 'delete',
          'max.message.bytes': '1048588',
          'message.timestamp.type': 'CreateTime',
        });
        await client.call('alterConfigs', { topic, configs: { 'max.message.bytes': '2000' } });
        const altered = await until('the change', async () => {
          const found = await client.call('describeConfigs', { topic });
          return found['max.message.bytes'] === '2000' && found;
        });
        expect(altered['retention.ms']).toBe('123456');
        const refused = client.call('produce', { topic, records: recordsOf(['z'.repeat(9_000)]) });
        await expect(refused).rejects.toMatchObject({ code: 10 });
      });
    }

    if (has('listOffsets', 'deleteRecords')) {
      it('offsets of a log: its ends, those of times, and its records deleted', async () => {
        const { client } = bench();
        const topic = await makeTopic(bench(), 'measured');
        const at = (spec: 'earliest' | 'latest' | 'max' | number): Promise<number> =>
          client.call('listOffsets', { topic, partition: 0, at: spec });
        expect([await at('earliest'), await at('latest')]).toEqual([0, 0]);
        const times = [1_000, 3_000, 2_000, 5_000, 4_000];
        for (const [index, timestamp] of times.entries()) {
          const records = [{ partition: 0, value: `${index}`, timestamp: 1_700_000_000_000 + timestamp }];
          await client.call('produce', { topic, records });
        }
        expect([await at('earliest'), await at('latest')]).toEqual([0, 5]);
        expect(await at(1_700_000_000_000)).toBe(0);
        expect(await at(1_700_000_002_500)).toBe(1);
        expect(await at(1_700_000_003_001)).toBe(3);
        if (kind.findsMaxTimestamp) expect(await at('max')).toBe(3);
        await client.call('deleteRecords', { topic, partition: 0, before: 2 });
        expect([await at('earliest'), await at('latest')]).toEqual([2, 5]);
        expect(await at(1_700_000_000_000)).toBe(2);
      });
    }

    if (has('listGroups', 'describeGroup', 'groupOffsets', 'deleteGroup')) {
      it('groups: lists, describes, reads and sets offsets, deletes', async () => {
        const { client } = bench();
        const topic = await makeTopic(bench(), 'grouped', 2);
        await client.call('produce', { topic, records: recordsOf(numbered('v', 10), 2) });
        const [strategy = 'range'] = kind.strategies;
        const member = 'grouped';
        const group = 'grouped-by';
        await client.call('join', { member, group, topics: [topic], strategy });
        await until('all to be read', async () => (await client.call('look', { member })).seen.length === 10);
        expect(await client.call('listGroups', {})).toContain(group);
        expect(await client.call('describeGroup', { group })).toEqual({ state: 'Stable', members: 1 });
        await client.call('leave', { member });
        expect(await client.call('describeGroup', { group })).toEqual({ state: 'Empty', members: 0 });
        expect(sorted(await client.call('groupOffsets', { group }))).toEqual([
          [topic, 0, 5],
          [topic, 1, 5],
        ]);
        if (has('alterGroupOffsets')) {
          await client.call('alterGroupOffsets', { group, topic, partition: 0, offset: 2 });
          expect(sorted(await client.call('groupOffsets', { group }))).toEqual([
            [topic, 0, 2],
            [topic, 1, 5],
          ]);
        }
        await client.call('deleteGroup', { group });
        expect(await client.call('listGroups', {})).not.toContain(group);
      });
    }
  });
}

/** 0 while the broker has not heard of a topic that was created a moment ago: Kafka answers before all of it has. */
function partitionsOf(client: Client, topic: string): Promise<number> {
  return client.call('partitions', { topic }).catch((error: unknown) => {
    if (error instanceof ClientError && error.code === UNKNOWN_TOPIC_OR_PARTITION) return 0;
    throw error;
  });
}
