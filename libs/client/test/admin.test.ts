import { apis } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import type { Client } from '../src/index.ts';
import { startMill, valuesOf } from './support/mill.ts';

const TOPIC = 'orders';
const spot = { topic: TOPIC, partition: 0 };

async function fill(client: Client, ...values: readonly string[]): Promise<void> {
  const producer = client.producer();
  for (const [index, value] of values.entries()) {
    await producer.send({ ...spot, value, timestamp: 1_000 * (index + 1) });
  }
}

describe('admin', () => {
  it('creates what is missing and says what was there', async () => {
    const client = await (await startMill()).withTopic(TOPIC, 3);
    const created = await client.admin.createTopics([
      { name: TOPIC, partitions: 5 },
      { name: 'invoices', partitions: 2, configs: { 'cleanup.policy': 'compact' } },
    ]);
    expect([...created]).toEqual([
      [TOPIC, false],
      ['invoices', true],
    ]);
    expect(await client.admin.partitionCount(TOPIC)).toBe(3);
    expect((await client.admin.topicConfigs('invoices')).get('cleanup.policy')).toBe('compact');
    const topics = await client.admin.listTopics();
    expect(topics).toEqual(expect.arrayContaining([{ name: 'invoices', partitions: 2 }]));
  });

  it('deletes topics, and tells of one that is not there', async () => {
    const client = await (await startMill()).withTopic(TOPIC);
    await client.admin.deleteTopics([TOPIC]);
    expect(await client.admin.partitionCount(TOPIC)).toBeUndefined();
    await expect(client.admin.deleteTopics([TOPIC])).rejects.toMatchObject({
      kafka: { name: 'UNKNOWN_TOPIC_OR_PARTITION' },
    });
  });

  it('finds offsets by their ends and by time', async () => {
    const client = await (await startMill()).withTopic(TOPIC);
    await fill(client, 'a', 'b', 'c');
    const { admin } = client;
    expect(await admin.listOffsets([spot], 'earliest')).toEqual([0]);
    expect(await admin.listOffsets([spot], 'latest')).toEqual([3]);
    expect(await admin.listOffsets([spot], 1_500)).toEqual([1]);
  });

  it('deletes records below an offset', async () => {
    const client = await (await startMill()).withTopic(TOPIC);
    await fill(client, 'a', 'b', 'c');
    await client.admin.deleteRecords([{ ...spot, offset: 2 }]);
    expect(await client.admin.listOffsets([spot], 'earliest')).toEqual([2]);
  });

  it('commits and reads the offsets of a group that has no members', async () => {
    const client = await (await startMill()).withTopic(TOPIC, 2);
    await client.admin.commitOffsets('readers', [{ ...spot, offset: 7 }]);
    const both = [spot, { topic: TOPIC, partition: 1 }];
    expect(await client.admin.committedOffsets('readers', both)).toEqual([{ ...spot, offset: 7 }]);
  });

  it('tells apart clusters', async () => {
    const [one, other] = [await startMill(), await startMill()];
    expect(await one.client().admin.clusterId()).toBe(await one.client().admin.clusterId());
    expect(await one.client().admin.clusterId()).not.toBe(await other.client().admin.clusterId());
  });

  it('asks again over lost connections', async () => {
    const mill = await startMill();
    const client = await mill.withTopic(TOPIC);
    mill.link.next(apis.listOffsets, 'lose answer', 'lose request');
    await fill(client, 'a');
    expect(await client.admin.listOffsets([spot], 'latest')).toEqual([1]);
    expect(await valuesOf(client, TOPIC)).toEqual(['a']);
  });

  it('gives up on a broker that stays away', async () => {
    const mill = await startMill();
    const client = mill.client({ retryMs: 50 });
    await mill.link.close();
    await expect(client.admin.listTopics()).rejects.toMatchObject({ code: 'DISCONNECTED', retriable: true });
  });

  it('refuses everything once the client is closed', async () => {
    const client = (await startMill()).client();
    client.close();
    await expect(client.admin.listTopics()).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
