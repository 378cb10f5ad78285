import { apis } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import type { Client, TransactionalProducer, TransactionalProducerOptions, TransactionalRecord } from '../src/index.ts';
import { startMill, valuesOf } from './support/mill.ts';

const TOPIC = 'orders';

const record = (value: string, partition = 0): TransactionalRecord => ({ topic: TOPIC, partition, value });

async function started(
  client: Client,
  options: Partial<TransactionalProducerOptions> = {},
): Promise<TransactionalProducer> {
  const producer = client.transactionalProducer({ transactionalId: 'engine-0', ...options });
  await producer.init();
  return producer;
}

describe('a transactional producer', () => {
  it('commits records of several partitions in three requests and tells their offsets', async () => {
    const mill = await startMill();
    const client = await mill.withTopic(TOPIC, 3);
    const producer = await started(client);
    await producer.commit([record('before', 2)]);
    mill.link.seen.length = 0;
    const offsets = await producer.commit([record('a', 0), record('b', 2), record('c', 0), record('d', 1)]);
    expect(mill.link.seen).toEqual(['AddPartitionsToTxn', 'Produce', 'EndTxn']);
    // On partition 2 the marker of the first transaction lies at offset 1.
    expect(offsets).toEqual([0, 2, 1, 0]);
    expect(await valuesOf(client, TOPIC, 0)).toEqual(['a', 'c']);
    expect(await valuesOf(client, TOPIC, 2)).toEqual(['before', 'b']);
  });

  it('commits one transaction right behind the other', async () => {
    const client = await (await startMill()).withTopic(TOPIC);
    const producer = await started(client);
    const values = Array.from({ length: 30 }, (_, index) => String(index));
    for (const value of values) await producer.commit([record(value)]);
    expect(await valuesOf(client, TOPIC)).toEqual(values);
  });

  it('splits what is too large for one batch, in order', async () => {
    const client = await (await startMill()).withTopic(TOPIC);
    const producer = await started(client, { batchBytesMax: 400 });
    const values = Array.from({ length: 20 }, (_, index) => String(index).padStart(100, '0'));
    const offsets = await producer.commit(values.map((value) => record(value)));
    expect(offsets).toEqual(values.keys().toArray());
    expect(await valuesOf(client, TOPIC)).toEqual(values);
  });

  it('refuses a record that is too large before it sends anything, and stays ready', async () => {
    const mill = await startMill();
    const client = await mill.withTopic(TOPIC);
    const producer = await started(client, { batchBytesMax: 400 });
    mill.link.seen.length = 0;
    await expect(producer.commit([record('x'.repeat(500))])).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE' });
    expect(mill.link.seen).toEqual([]);
    await producer.commit([record('small')]);
    expect(await valuesOf(client, TOPIC)).toEqual(['small']);
  });

  it('has nothing to commit without records', async () => {
    const mill = await startMill();
    const producer = await started(await mill.withTopic(TOPIC));
    mill.link.seen.length = 0;
    expect(await producer.commit([])).toEqual([]);
    expect(mill.link.seen).toEqual([]);
  });

  it.for([
    ['the request', 'AddPartitionsToTxn', apis.addPartitionsToTxn, 'lose request'],
    ['the answer', 'AddPartitionsToTxn', apis.addPartitionsToTxn, 'lose answer'],
    ['the request', 'Produce', apis.produce, 'lose request'],
    ['the answer', 'Produce', apis.produce, 'lose answer'],
    ['the request', 'EndTxn', apis.endTxn, 'lose request'],
    ['the answer', 'EndTxn', apis.endTxn, 'lose answer'],
  ] as const)('commits once, though %s of %s is lost twice', async ([, , api, fate]) => {
    const mill = await startMill();
    const client = await mill.withTopic(TOPIC);
    const producer = await started(client);
    mill.link.next(api, 'pass', fate, fate);
    expect(await producer.commit([record('1')])).toEqual([0]);
    expect(await producer.commit([record('2'), record('3')])).toEqual([2, 3]);
    expect(await producer.commit([record('4')])).toEqual([5]);
    expect(await valuesOf(client, TOPIC)).toEqual(['1', '2', '3', '4']);
  });

  it('does not know whether it has committed when no answer comes in time, and finds out by taking over (C3)', async () => {
    const mill = await startMill();
    const client = await mill.withTopic(TOPIC);
    const impatient = mill.client({ requestTimeoutMs: 100 });
    const producer = await started(impatient, { commitTimeoutMs: 50 });
    mill.link.next(apis.endTxn, 'keep silent');
    await expect(producer.commit([record('perhaps')])).rejects.toMatchObject({ code: 'UNCLEAR' });
    expect(producer.isReady).toBe(false);
    await producer.init();
    // The broker had committed; only the answer was lost.
    expect(await valuesOf(client, TOPIC)).toEqual(['perhaps']);
  });

  it('is fenced by whoever initialises its id after it, and leaves nothing behind', async () => {
    const client = await (await startMill()).withTopic(TOPIC);
    const old = await started(client);
    await old.commit([record('old')]);
    const heir = await started(client);
    await expect(old.commit([record('late')])).rejects.toMatchObject({ code: 'FENCED', retriable: false });
    await heir.commit([record('new')]);
    expect(await valuesOf(client, TOPIC)).toEqual(['old', 'new']);
    await expect(old.commit([record('later')])).rejects.toMatchObject({ code: 'ABORTED' });
  });

  it('is fenced at every request of a transaction that is overtaken', async () => {
    const mill = await startMill();
    const client = await mill.withTopic(TOPIC);
    for (const api of [apis.produce, apis.endTxn]) {
      const old = await started(client);
      const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
      const { promise: mayGo, resolve: go } = Promise.withResolvers<void>();
      mill.link.hold(api, arrive, mayGo);
      const late = old.commit([record('late')]);
      await arrived;
      const heir = await started(mill.client());
      go();
      await expect(late).rejects.toMatchObject({ code: 'FENCED' });
      await heir.commit([record(api.name)]);
    }
    expect(await valuesOf(client, TOPIC)).toEqual(['Produce', 'EndTxn']);
  });

  it('aborts what the broker refuses, and goes on after it was initialised again', async () => {
    const client = await (await startMill()).withTopic(TOPIC, 2, { 'max.message.bytes': '1000' });
    const producer = await started(client);
    const refused = producer.commit([record('small', 0), record('x'.repeat(2000), 1)]);
    await expect(refused).rejects.toMatchObject({
      code: 'ABORTED',
      retriable: true,
      message: expect.stringContaining('MESSAGE_TOO_LARGE') as string,
    });
    await producer.init();
    await producer.commit([record('again', 0)]);
    expect(await valuesOf(client, TOPIC, 0)).toEqual(['again']);
    expect(await valuesOf(client, TOPIC, 0, 'read_uncommitted')).toEqual(['small', 'again']);
  });

  it('commits one set at a time', async () => {
    const client = await (await startMill()).withTopic(TOPIC);
    const producer = await started(client);
    const first = producer.commit([record('1')]);
    await expect(producer.commit([record('2')])).rejects.toThrow('expected one commit at a time');
    await first;
    expect(await valuesOf(client, TOPIC)).toEqual(['1']);
  });

  it('goes on over a restart of the broker', async () => {
    const mill = await startMill();
    const client = await mill.withTopic(TOPIC);
    const producer = await started(client);
    await producer.commit([record('before')]);
    await mill.stop();
    const meanwhile = producer.commit([record('meanwhile')]);
    await mill.start();
    await meanwhile;
    expect(await valuesOf(client, TOPIC)).toEqual(['before', 'meanwhile']);
  });
});
