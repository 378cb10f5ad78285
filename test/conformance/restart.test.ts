import { ConfigResourceTypes, type Kafka } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { type TestBroker, startBroker } from './brokers/index.ts';
import { Reader, createTopic, kafkaOf, withProducer } from '../support/kafkajs-client.ts';

let broker: TestBroker;
let kafka: Kafka;

// As Kafka has it by default: looking sooner, it may end a transaction before it is ready, and then never does (see the README).
const lookForTimedOut = { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': '10000' };

beforeEach(async () => {
  broker = await startBroker(lookForTimedOut);
  kafka = kafkaOf(broker);
});

afterEach(() => broker.remove());

const ways = [
  ['SIGTERM', () => broker.stop()],
  ['SIGKILL', () => broker.kill()],
] as const;

describe.for(ways)('a restart after %s', ([, end]) => {
  const restart = async (): Promise<void> => {
    await end();
    await broker.start();
  };

  it('keeps topics with their configuration, and every acknowledged record at its offset', async () => {
    const admin = kafka.admin();
    await admin.connect();
    const configEntries = [{ name: 'retention.ms', value: '98765' }];
    await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 3, configEntries }] });
    const acknowledged: string[] = [];
    await withProducer(kafka, async (producer) => {
      for (let index = 0; index < 50; index++) {
        const value = `v${index}`;
        const [sent] = await producer.send({ topic: 'kept', messages: [{ value, partition: index % 3 }] });
        acknowledged.push(`${sent?.partition} ${sent?.baseOffset} ${value}`);
      }
    });
    await restart();
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: 'kept', configNames: ['retention.ms'] }],
    });
    expect(resources[0]?.configEntries[0]?.configValue).toBe('98765');
    expect((await admin.fetchTopicMetadata({ topics: ['kept'] })).topics[0]?.partitions).toHaveLength(3);
    const reader = await Reader.of(kafka, 'kept', 'kept');
    await until('all records', () => reader.seen.length === 50);
    const found = reader.seen.map(({ partition, message, value }) => `${partition} ${message.offset} ${value}`);
    expect(new Set(found)).toEqual(new Set(acknowledged));
    await Promise.all([reader.stop(), admin.disconnect()]);
  });

  it('lets a producer and a group go on that were at work', async () => {
    await createTopic(kafka, 'running');
    const reader = await Reader.of(kafka, 'running', 'running');
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const send = (value: string): Promise<unknown> => producer.send({ topic: 'running', messages: [{ value }] });
    await send('before');
    await until('the first record', () => reader.seen.length === 1);
    await restart();
    await send('after');
    await until('the second record', () => reader.values().includes('after'));
    // The consumer commits after each batch, so that it may see a record again, but never miss one or see it out of order.
    expect(new Set(reader.values())).toEqual(new Set(['before', 'after']));
    const offsets = await until('the commit of both', async () => {
      const admin = kafka.admin();
      await admin.connect();
      const fetched = await admin.fetchOffsets({ groupId: 'running', topics: ['running'] });
      await admin.disconnect();
      return fetched[0]?.partitions[0]?.offset === '2' && fetched;
    });
    expect(offsets).toHaveLength(1);
    await Promise.all([reader.stop(), producer.disconnect()]);
  });

  it('keeps committed offsets, and a group goes on from them', async () => {
    await createTopic(kafka, 'positions');
    await withProducer(kafka, (producer) => producer.send({ topic: 'positions', messages: [{ value: 'old' }] }));
    const before = await Reader.of(kafka, 'positions', 'positions');
    await until('the old record', () => before.seen.length === 1);
    await before.stop();
    await restart();
    await withProducer(kafka, (producer) => producer.send({ topic: 'positions', messages: [{ value: 'new' }] }));
    const after = await Reader.of(kafka, 'positions', 'positions');
    await until('the new record', () => after.seen.length > 0);
    expect(after.values()).toEqual(['new']);
    await after.stop();
  });

  it('keeps an open transaction open: its records are hidden, and it can still be ended either way', async () => {
    await createTopic(kafka, 'open');
    await withProducer(kafka, (producer) => producer.send({ topic: 'open', messages: [{ value: 'in front' }] }));
    const producers = ['commits', 'aborts'].map((transactionalId) =>
      kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 }),
    );
    const open = [];
    for (const [index, producer] of producers.entries()) {
      await producer.connect();
      const transaction = await producer.transaction();
      await transaction.send({ topic: 'open', messages: [{ value: `before ${index}` }] });
      open.push(transaction);
    }
    await restart();
    const all = await Reader.of(kafka, 'open', 'open-all', true);
    const committed = await Reader.of(kafka, 'open', 'open-committed');
    await until('all records', () => all.seen.length === 3);
    await until('what lies in front', () => committed.seen.length > 0);
    expect(committed.values()).toEqual(['in front']);
    for (const [index, transaction] of open.entries()) {
      await transaction.send({ topic: 'open', messages: [{ value: `after ${index}` }] });
      await (index === 0 ? transaction.commit() : transaction.abort());
    }
    await until('the committed records', () => committed.seen.length === 3);
    expect(committed.values()).toEqual(['in front', 'before 0', 'after 0']);
    await Promise.all([all, committed].map((reader) => reader.stop()));
    await Promise.all(producers.map((producer) => producer.disconnect()));
  });

  it('ends the transaction of a producer that does not come back, when its timeout has passed', async () => {
    await createTopic(kafka, 'left');
    const producer = kafka.producer({ transactionalId: 'left', idempotent: true, transactionTimeout: 1_500 });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic: 'left', messages: [{ value: 'never' }] });
    await producer.disconnect();
    await restart();
    await withProducer(kafka, (other) => other.send({ topic: 'left', messages: [{ value: 'behind it' }] }));
    const reader = await Reader.of(kafka, 'left', 'left');
    await until('the record behind it', () => reader.seen.length > 0, 60_000);
    expect(reader.values()).toEqual(['behind it']);
    await reader.stop();
  });
});
