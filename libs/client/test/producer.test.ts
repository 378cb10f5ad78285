import { apis } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { startMill, valuesOf } from './support/mill.ts';

const TOPIC = 'orders';
const partition = 0;

describe('a producer', () => {
  it('acknowledges the records of a partition in the order of sending, with their offsets', async () => {
    const client = await (await startMill()).withTopic(TOPIC);
    const producer = client.producer({ batchBytesMax: 400 });
    const sent = Array.from({ length: 50 }, (_, index) =>
      producer.send({ topic: TOPIC, partition, value: String(index) }),
    );
    const offsets = (await Promise.all(sent)).map((delivered) => delivered.offset);
    expect(offsets).toEqual(Array.from({ length: 50 }, (_, index) => index));
    expect(await valuesOf(client, TOPIC)).toEqual(offsets.map(String));
  });

  it('puts equal keys into one partition and keyless records into all', async () => {
    const client = await (await startMill()).withTopic(TOPIC, 3);
    const producer = client.producer();
    const keyed = await Promise.all([1, 2, 3].map(() => producer.send({ topic: TOPIC, key: 'k', value: 'v' })));
    expect(new Set(keyed.map((one) => one.partition)).size).toBe(1);
    const keyless = await Promise.all([1, 2, 3].map(() => producer.send({ topic: TOPIC, value: 'v' })));
    expect(new Set(keyless.map((one) => one.partition)).size).toBe(3);
  });

  it('waits for company as long as it is told to', async () => {
    const mill = await startMill();
    const client = await mill.withTopic(TOPIC);
    const producer = client.producer({ lingerMs: 20 });
    await producer.send({ topic: TOPIC, partition, value: 'opens the connection' });
    mill.link.seen.length = 0;
    const first = producer.send({ topic: TOPIC, partition, value: '1' });
    await new Promise((resolve) => void setImmediate(resolve));
    await Promise.all([first, producer.send({ topic: TOPIC, partition, value: '2' })]);
    expect(mill.link.seen.filter((name) => name === 'Produce')).toHaveLength(1);
  });

  it.for(['lose request', 'lose answer'] as const)(
    'writes each record once and in order when connections %s (C1)',
    async (fate) => {
      const mill = await startMill();
      const client = await mill.withTopic(TOPIC);
      const producer = client.producer({ batchBytesMax: 300 });
      mill.link.next(apis.produce, 'pass', fate, 'pass', fate, fate, 'pass', fate);
      const values = Array.from({ length: 40 }, (_, index) => String(index));
      const sent = await Promise.all(values.map((value) => producer.send({ topic: TOPIC, partition, value })));
      expect(sent.map((one) => one.offset)).toEqual(values.map(Number));
      expect(await valuesOf(client, TOPIC)).toEqual(values);
    },
  );

  it('goes on with the same sequences after the broker restarted', async () => {
    const mill = await startMill();
    const client = await mill.withTopic(TOPIC);
    const producer = client.producer();
    await producer.send({ topic: TOPIC, partition, value: 'before' });
    await mill.stop();
    const waiting = producer.send({ topic: TOPIC, partition, value: 'meanwhile' });
    await mill.start();
    expect((await waiting).offset).toBe(1);
    await producer.send({ topic: TOPIC, partition, value: 'after' });
    expect(await valuesOf(client, TOPIC)).toEqual(['before', 'meanwhile', 'after']);
  });

  it('gives the numbers of a refused batch to the next one (C2)', async () => {
    const client = await (await startMill()).withTopic(TOPIC, 1, { 'max.message.bytes': '1000' });
    const producer = client.producer();
    await producer.send({ topic: TOPIC, partition, value: 'a' });
    await expect(producer.send({ topic: TOPIC, partition, value: 'x'.repeat(2000) })).rejects.toMatchObject({
      code: 'REFUSED',
      kafka: { name: 'MESSAGE_TOO_LARGE' },
    });
    await producer.send({ topic: TOPIC, partition, value: 'b' });
    expect(await valuesOf(client, TOPIC)).toEqual(['a', 'b']);
  });

  it('never drops what follows a record whose fate it does not know (C2)', async () => {
    const mill = await startMill();
    await mill.withTopic(TOPIC);
    const client = mill.client({ requestTimeoutMs: 100 });
    const producer = client.producer({ deliveryTimeoutMs: 50 });
    await producer.send({ topic: TOPIC, partition, value: 'a' });
    mill.link.next(apis.produce, 'keep silent');
    await expect(producer.send({ topic: TOPIC, partition, value: 'b' })).rejects.toMatchObject({
      code: 'DELIVERY_TIMED_OUT',
    });
    await producer.send({ topic: TOPIC, partition, value: 'c' });
    // The broker had taken "b"; with the old numbers "c" would have passed for it.
    expect(await valuesOf(client, TOPIC)).toEqual(['a', 'b', 'c']);
  });

  it('refuses a record above its batch limit', async () => {
    const producer = (await startMill()).client().producer({ batchBytesMax: 100 });
    await expect(producer.send({ topic: TOPIC, partition, value: 'x'.repeat(200) })).rejects.toMatchObject({
      code: 'RECORD_TOO_LARGE',
    });
  });

  it('refuses more than its buffer holds and takes more when that is acknowledged (C7)', async () => {
    const client = await (await startMill()).withTopic(TOPIC);
    const producer = client.producer({ bufferBytesMax: 1000 });
    const send = (): Promise<unknown> => producer.send({ topic: TOPIC, partition, value: 'x'.repeat(250) });
    const first = send();
    await expect(send()).rejects.toMatchObject({ code: 'BUFFER_FULL', retriable: true });
    await first;
    await send();
    expect(await valuesOf(client, TOPIC)).toHaveLength(2);
  });

  it('says that the topic does not exist once waiting for it has taken long enough', async () => {
    const producer = (await startMill()).client().producer({ deliveryTimeoutMs: 30 });
    await expect(producer.send({ topic: 'nowhere', partition, value: 'v' })).rejects.toMatchObject({
      code: 'NO_SUCH_TOPIC',
    });
  });

  it('sends what waits before it closes, and takes nothing afterwards', async () => {
    const client = await (await startMill()).withTopic(TOPIC);
    const producer = client.producer({ lingerMs: 10_000 });
    const sent = producer.send({ topic: TOPIC, partition, value: 'last' });
    await producer.close();
    expect((await sent).offset).toBe(0);
    await expect(producer.send({ topic: TOPIC, partition, value: 'late' })).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
