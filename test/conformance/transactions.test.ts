import type { Kafka, Producer, Transaction } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { type TestBroker, startBroker } from './brokers/index.ts';
import { Reader, createTopic, kafkaOf, withProducer } from '../support/kafkajs-client.ts';

let broker: TestBroker;
let kafka: Kafka;

beforeAll(async () => {
  broker = await startBroker();
  kafka = kafkaOf(broker);
});

afterAll(() => broker.remove());

async function transactional(transactionalId: string): Promise<Producer> {
  const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  return producer;
}

const send = (to: Producer | Transaction, topic: string, value: string, partition = 0): Promise<unknown> =>
  to.send({ topic, messages: [{ partition, value }] });

describe('transactions of kafkajs', () => {
  it('hold back a read_committed consumer while one is open, and the next one needs no wait after it', async () => {
    await createTopic(kafka, 'held');
    await withProducer(kafka, (other) => send(other, 'held', 'in front'));
    const producer = await transactional('holder');
    const transaction = await producer.transaction();
    await send(transaction, 'held', 'mine');
    await withProducer(kafka, (other) => send(other, 'held', 'behind'));
    const [committed, all] = await Promise.all([
      Reader.of(kafka, 'held', 'held-committed'),
      Reader.of(kafka, 'held', 'held-uncommitted', true),
    ]);
    await until('the uncommitted reader to see all', () => all.seen.length === 3);
    await until('the committed reader to see what lies in front', () => committed.seen.length > 0);
    expect(committed.values()).toEqual(['in front']);
    await transaction.commit();
    // kafkajs sleeps 300 ms on CONCURRENT_TRANSACTIONS: an end that is answered when it is complete spares it that.
    const next = await producer.transaction();
    await send(next, 'held', 'next');
    await next.commit();
    await until('the committed reader to see all', () => committed.seen.length === 4);
    expect(committed.values()).toEqual(['in front', 'mine', 'behind', 'next']);
    await Promise.all([committed.stop(), all.stop(), producer.disconnect()]);
  });

  it('move offsets of a group and records together, or not at all', async () => {
    await createTopic(kafka, 'moved');
    const admin = kafka.admin();
    await admin.connect();
    const offset = async (): Promise<string | undefined> =>
      (await admin.fetchOffsets({ groupId: 'mover', topics: ['moved'] }))[0]?.partitions[0]?.offset;
    const producer = await transactional('mover');
    const topics = [{ topic: 'moved', partitions: [{ partition: 0, offset: '5' }] }];

    const aborted = await producer.transaction();
    await send(aborted, 'moved', 'never');
    await aborted.sendOffsets({ consumerGroupId: 'mover', topics });
    await aborted.abort();
    expect(await offset()).toBe('-1');

    const committed = await producer.transaction();
    await send(committed, 'moved', 'once');
    await committed.sendOffsets({ consumerGroupId: 'mover', topics });
    expect(await offset()).toBe('-1');
    await committed.commit();
    expect(await offset()).toBe('5');
    await Promise.all([producer.disconnect(), admin.disconnect()]);
  });

  it('fence a producer whose transactional id was taken over', async () => {
    await createTopic(kafka, 'fenced');
    const old = await transactional('one-of-us');
    const transaction = await old.transaction();
    await send(transaction, 'fenced', 'zombie');
    const successor = await transactional('one-of-us');
    const mine = await successor.transaction();
    // kafkajs speaks version 1, where fencing has its older name.
    await expect(transaction.commit()).rejects.toMatchObject({ type: 'INVALID_PRODUCER_EPOCH' });
    await send(mine, 'fenced', 'mine');
    await mine.commit();
    const reader = await Reader.of(kafka, 'fenced', 'fenced');
    await until('the successor’s record', () => reader.values().includes('mine'));
    expect(reader.values()).not.toContain('zombie');
    await Promise.all([reader.stop(), old.disconnect(), successor.disconnect()]);
  });
});
