import { apis } from '@millrace/wire';
import { describe, expect, it, vi } from 'vitest';
import type { Client, Consumer } from '../src/index.ts';
import { startMill, valuesIn, valuesOf } from './support/mill.ts';

const TOPIC = 'orders';

async function fill(client: Client, partition: number, ...values: readonly string[]): Promise<void> {
  const producer = client.producer();
  await Promise.all(values.map((value) => producer.send({ topic: TOPIC, partition, value })));
}

async function take(consumer: Consumer, count: number): Promise<string[]> {
  const values: string[] = [];
  while (values.length < count) values.push(...valuesIn(await consumer.take()));
  return values;
}

describe('a consumer', () => {
  it('reads several partitions from the offsets it is given', async () => {
    const client = await (await startMill()).withTopic(TOPIC, 2);
    await fill(client, 0, 'a0', 'a1', 'a2');
    await fill(client, 1, 'b0', 'b1');
    const consumer = client.consumer();
    consumer.add({ topic: TOPIC, partition: 0, offset: 1 });
    consumer.add({ topic: TOPIC, partition: 1, offset: 0 });
    expect((await take(consumer, 4)).sort()).toEqual(['a1', 'a2', 'b0', 'b1']);
    expect(consumer.position({ topic: TOPIC, partition: 0 })).toBe(3);
  });

  it.for(['gzip', 'snappy', 'lz4', 'zstd'])(
    'reads what lies there in %s, also from the middle of a batch',
    async (codec) => {
      const client = await (await startMill()).withTopic(TOPIC, 1, { 'compression.type': codec });
      await fill(client, 0, 'a', 'b', 'c'.repeat(1000));
      const consumer = client.consumer();
      consumer.add({ topic: TOPIC, partition: 0, offset: 1 });
      expect(await take(consumer, 2)).toEqual(['b', 'c'.repeat(1000)]);
    },
  );

  it('gets a record that comes while the broker holds its fetch', async () => {
    const client = await (await startMill()).withTopic(TOPIC);
    const consumer = client.consumer({ maxWaitMs: 20_000 });
    consumer.add({ topic: TOPIC, partition: 0, offset: 0 });
    const waiting = consumer.take();
    await fill(client, 0, 'now');
    expect(valuesIn(await waiting)).toEqual(['now']);
  });

  it('begins to read a partition at once that is added while the broker holds the fetch of others', async () => {
    const client = await (await startMill()).withTopic(TOPIC, 2);
    await fill(client, 1, 'b');
    const consumer = client.consumer({ maxWaitMs: 20_000 });
    consumer.add({ topic: TOPIC, partition: 0, offset: 0 });
    const waiting = consumer.take();
    consumer.add({ topic: TOPIC, partition: 1, offset: 0 });
    expect(valuesIn(await waiting)).toEqual(['b']);
  });

  it('gives out nothing of a partition that was removed, fetched or not', async () => {
    const client = await (await startMill()).withTopic(TOPIC, 2);
    await fill(client, 0, 'a');
    await fill(client, 1, 'b');
    const consumer = client.consumer();
    consumer.add({ topic: TOPIC, partition: 0, offset: 0 });
    await take(consumer, 1);
    consumer.add({ topic: TOPIC, partition: 0, offset: 0 });
    consumer.remove({ topic: TOPIC, partition: 0 });
    consumer.add({ topic: TOPIC, partition: 1, offset: 0 });
    expect(await take(consumer, 1)).toEqual(['b']);
    expect(consumer.assigned()).toEqual([{ topic: TOPIC, partition: 1 }]);
  });

  it('reads a partition again from where it is moved to', async () => {
    const client = await (await startMill()).withTopic(TOPIC);
    await fill(client, 0, 'a', 'b');
    const consumer = client.consumer();
    consumer.add({ topic: TOPIC, partition: 0, offset: 0 });
    expect(await take(consumer, 2)).toEqual(['a', 'b']);
    consumer.add({ topic: TOPIC, partition: 0, offset: 1 });
    expect(await take(consumer, 1)).toEqual(['b']);
  });

  it('fetches nothing of a partition while it is paused', async () => {
    const client = await (await startMill()).withTopic(TOPIC, 2);
    const consumer = client.consumer({ maxWaitMs: 5 });
    const paused = { topic: TOPIC, partition: 0 };
    consumer.add({ ...paused, offset: 0 });
    consumer.pause(paused);
    await fill(client, 0, 'a');
    await fill(client, 1, 'b');
    consumer.add({ topic: TOPIC, partition: 1, offset: 0 });
    expect(await take(consumer, 1)).toEqual(['b']);
    consumer.resume(paused);
    expect(await take(consumer, 1)).toEqual(['a']);
  });

  it('holds no more than one fetch of a partition that nobody takes from (C5)', async () => {
    const mill = await startMill();
    const client = await mill.withTopic(TOPIC);
    const consumer = client.consumer({ partitionMaxBytes: 1, maxWaitMs: 5 });
    const producer = client.producer();
    for (const value of ['1', '2', '3']) await producer.send({ topic: TOPIC, partition: 0, value });
    consumer.add({ topic: TOPIC, partition: 0, offset: 0 });
    // The first batch comes whole although it is larger than the limit, and stays alone until it is taken.
    expect(valuesIn(await consumer.take())).toEqual(['1']);
    expect(await take(consumer, 2)).toEqual(['2', '3']);
  });

  it('goes on over lost connections without a gap or a repetition', async () => {
    const mill = await startMill();
    const client = await mill.withTopic(TOPIC);
    mill.link.next(apis.fetch, 'pass', 'lose answer', 'lose request', 'pass', 'lose answer');
    const consumer = client.consumer({ maxWaitMs: 5 });
    consumer.add({ topic: TOPIC, partition: 0, offset: 0 });
    const read: string[] = [];
    for (const value of ['1', '2', '3', '4']) {
      await fill(client, 0, value);
      read.push(...(await take(consumer, 1)));
    }
    expect(read).toEqual(['1', '2', '3', '4']);
  });

  it('goes on after the broker restarted', async () => {
    const mill = await startMill();
    const client = await mill.withTopic(TOPIC);
    const consumer = client.consumer();
    consumer.add({ topic: TOPIC, partition: 0, offset: 0 });
    await fill(client, 0, 'before');
    expect(await take(consumer, 1)).toEqual(['before']);
    await mill.stop();
    await mill.start();
    await fill(client, 0, 'after');
    expect(await take(consumer, 1)).toEqual(['after']);
  });

  it('tells that an offset is out of range, reads the other partitions on, and recovers when it is moved', async () => {
    const client = await (await startMill()).withTopic(TOPIC, 2);
    await fill(client, 0, 'a');
    await fill(client, 1, 'b');
    const consumer = client.consumer({ maxWaitMs: 5 });
    consumer.add({ topic: TOPIC, partition: 0, offset: 99 });
    await expect(consumer.take()).rejects.toMatchObject({
      code: 'OFFSET_OUT_OF_RANGE',
      message: expect.stringContaining('orders-0 at 99') as string,
    });
    consumer.add({ topic: TOPIC, partition: 1, offset: 0 });
    expect(await take(consumer, 1)).toEqual(['b']);
    consumer.add({ topic: TOPIC, partition: 0, offset: 0 });
    expect(await take(consumer, 1)).toEqual(['a']);
  });

  it('waits for a topic that does not exist yet', async () => {
    const mill = await startMill();
    const consumer = mill.client({ backoffMsMax: 20 }).consumer();
    consumer.add({ topic: TOPIC, partition: 0, offset: 0 });
    const waiting = consumer.take();
    const client = await mill.withTopic(TOPIC);
    await fill(client, 0, 'a');
    expect(valuesIn(await waiting)).toEqual(['a']);
  });

  it('ends its iteration when it is closed', async () => {
    const client = await (await startMill()).withTopic(TOPIC);
    const consumer = client.consumer({ maxWaitMs: 20_000 });
    consumer.add({ topic: TOPIC, partition: 0, offset: 0 });
    const all = Array.fromAsync(consumer);
    await new Promise((resolve) => void setImmediate(resolve));
    consumer.close();
    expect(await all).toEqual([]);
  });

  it('leaves no connection behind when it is closed', async () => {
    const mill = await startMill();
    const client = await mill.withTopic(TOPIC);
    await fill(client, 0, 'a');
    await client.admin.listOffsets([{ topic: TOPIC, partition: 0 }], 'latest');
    const { connections } = mill.link;
    for (let round = 0; round < 3; round++) {
      const consumer = client.consumer({ maxWaitMs: 20_000 });
      consumer.add({ topic: TOPIC, partition: 0, offset: 0 });
      await take(consumer, 1);
      consumer.close();
    }
    await vi.waitFor(() => expect(mill.link.connections).toBe(connections));
  });

  it('yields no record of an aborted transaction, however several interleave, and passes all markers (C4)', async () => {
    const client = await (await startMill()).withTopic(TOPIC, 2, { 'max.message.bytes': '1000' });
    const records = (value: string) => [{ topic: TOPIC, partition: 0, value }];
    const one = client.transactionalProducer({ transactionalId: 'one' });
    const two = client.transactionalProducer({ transactionalId: 'two' });
    await Promise.all([one.init(), two.init()]);
    for (const round of ['1', '2', '3']) {
      await one.commit(records(`kept ${round}`));
      await Promise.all([
        abort(client, 'three', round),
        two.commit(records(`also ${round}`)),
        abort(client, 'four', round),
      ]);
    }
    const expected = ['1', '2', '3'].flatMap((round) => [`kept ${round}`, `also ${round}`]);
    expect(await valuesOf(client, TOPIC)).toEqual(expected);
    const everything = await valuesOf(client, TOPIC, 0, 'read_uncommitted');
    expect(everything.filter((value) => value.startsWith('aborted'))).toHaveLength(6);
  });
});

/** Writes a record in a transaction that the broker then refuses a part of. */
async function abort(client: Client, transactionalId: string, round: string): Promise<void> {
  const producer = client.transactionalProducer({ transactionalId });
  await producer.init();
  const records = [
    { topic: TOPIC, partition: 0, value: `aborted ${round}` },
    { topic: TOPIC, partition: 1, value: 'x'.repeat(2000) },
  ];
  await expect(producer.commit(records)).rejects.toMatchObject({ code: 'ABORTED' });
}
