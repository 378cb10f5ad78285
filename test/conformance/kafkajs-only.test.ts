import { type Admin, CompressionTypes, ConfigResourceTypes, type Kafka } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { type TestBroker, startBroker } from './brokers/index.ts';
import { Reader, createTopic, kafkaOf, withProducer } from '../support/kafkajs-client.ts';

let broker: TestBroker;
let kafka: Kafka;
let admin: Admin;

beforeAll(async () => {
  broker = await startBroker();
  kafka = kafkaOf(broker);
  admin = kafka.admin();
  await admin.connect();
});

afterAll(async () => {
  await admin.disconnect();
  await broker.remove();
});

describe('kafkajs', () => {
  it('brings keys, values, headers and timestamps back as they went', async () => {
    await createTopic(kafka, 'whole');
    const headers = { one: 'a', many: ['b', 'c'], bytes: Buffer.from([0, 255]) };
    await withProducer(kafka, (producer) =>
      producer.send({
        topic: 'whole',
        messages: [
          { key: 'k', value: 'v', headers, timestamp: '1700000000123' },
          { key: null, value: null },
        ],
      }),
    );
    const reader = await Reader.of(kafka, 'whole', 'whole');
    const [first, second] = await until('both records', () => reader.seen.length === 2 && reader.seen);
    await reader.stop();
    expect(first?.message).toMatchObject({ offset: '0', timestamp: '1700000000123', key: Buffer.from('k') });
    expect(first?.message.headers).toEqual({
      one: Buffer.from('a'),
      many: [Buffer.from('b'), Buffer.from('c')],
      bytes: Buffer.from([0, 255]),
    });
    expect(second?.message).toMatchObject({ offset: '1', key: null, value: null });
  });

  it('sends without asking for an answer (acks=0), compressed, and idempotently', async () => {
    await createTopic(kafka, 'ways');
    await withProducer(kafka, async (producer) => {
      await producer.send({ topic: 'ways', acks: 0, messages: [{ value: 'unasked' }] });
      // The connection still answers in order.
      const [sent] = await producer.send({ topic: 'ways', messages: [{ value: 'asked' }] });
      expect(sent).toMatchObject({ errorCode: 0, baseOffset: '1' });
      await producer.send({ topic: 'ways', compression: CompressionTypes.GZIP, messages: [{ value: 'gzip' }] });
    });
    await withProducer(kafka, (one) => one.send({ topic: 'ways', messages: [{ value: 'once' }] }), {
      idempotent: true,
    });
    const reader = await Reader.of(kafka, 'ways', 'ways');
    await until('all records', () => reader.seen.length === 4);
    await reader.stop();
    expect(reader.values()).toEqual(['unasked', 'asked', 'gzip', 'once']);
  });

  it('lets members of a group join and leave, each record being read and each partition being owned', async () => {
    await createTopic(kafka, 'shared', 4);
    const [first, second] = [await Reader.of(kafka, 'shared', 'team'), await Reader.of(kafka, 'shared', 'team')];
    const membersOf = async (): Promise<number> =>
      (await admin.describeGroups(['team'])).groups[0]?.members.length ?? 0;
    const isStable = async (members: number): Promise<boolean> => {
      const [group] = (await admin.describeGroups(['team'])).groups;
      return group?.state === 'Stable' && group.members.length === members;
    };
    await until('two members', () => isStable(2));
    const send = (round: string): Promise<unknown> =>
      withProducer(kafka, (producer) =>
        producer.send({
          topic: 'shared',
          messages: [0, 1, 2, 3].map((partition) => ({ partition, value: `${round} ${partition}` })),
        }),
      );
    await send('both');
    await until('all of the first round', () => first.seen.length + second.seen.length === 4);
    expect(first.seen.length).toBe(2);
    expect(second.seen.length).toBe(2);

    await second.stop();
    await until('one member', () => isStable(1));
    await send('one');
    await until('the rest', () => first.seen.length === 6);
    const all = [...first.values(), ...second.values()].sort((a, b) => (a ?? '').localeCompare(b ?? ''));
    expect(all).toEqual(['both 0', 'both 1', 'both 2', 'both 3', 'one 0', 'one 1', 'one 2', 'one 3']);
    await first.stop();
    expect(await membersOf()).toBe(0);
    const offsets = await admin.fetchOffsets({ groupId: 'team', topics: ['shared'] });
    expect(offsets[0]?.partitions.map(({ offset }) => offset)).toEqual(['2', '2', '2', '2']);
  });

  it('administers topics: partitions, configuration, offsets, deletion', async () => {
    await admin.createTopics({
      topics: [{ topic: 'managed', numPartitions: 3, configEntries: [{ name: 'retention.ms', value: '1234' }] }],
    });
    expect(await admin.createTopics({ topics: [{ topic: 'managed' }] })).toBe(false);
    const { topics } = await admin.fetchTopicMetadata({ topics: ['managed'] });
    expect(topics[0]?.partitions).toHaveLength(3);
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: 'managed', configNames: ['retention.ms'] }],
    });
    expect(resources[0]?.configEntries).toMatchObject([{ configName: 'retention.ms', configValue: '1234' }]);
    await admin.createPartitions({ topicPartitions: [{ topic: 'managed', count: 4 }] });
    await withProducer(kafka, (producer) =>
      producer.send({ topic: 'managed', messages: [{ partition: 3, value: 'x' }] }),
    );
    const offsets = await admin.fetchTopicOffsets('managed');
    expect(offsets.find(({ partition }) => partition === 3)).toMatchObject({ low: '0', high: '1' });
    await admin.deleteTopics({ topics: ['managed'] });
    expect(await admin.listTopics()).not.toContain('managed');
  });

  it('sets and resets the offsets of a group, lists it, and deletes it', async () => {
    await createTopic(kafka, 'positions');
    await admin.setOffsets({ groupId: 'set', topic: 'positions', partitions: [{ partition: 0, offset: '7' }] });
    const [fetched] = await admin.fetchOffsets({ groupId: 'set', topics: ['positions'] });
    expect(fetched?.partitions).toMatchObject([{ partition: 0, offset: '7' }]);
    expect((await admin.listGroups()).groups.map(({ groupId }) => groupId)).toContain('set');
    await admin.deleteGroups(['set']);
    expect((await admin.listGroups()).groups.map(({ groupId }) => groupId)).not.toContain('set');
  });

  it('hears that a topic does not exist, when it is not to be created', async () => {
    await expect(admin.fetchTopicMetadata({ topics: ['nowhere/at all'] })).rejects.toMatchObject({
      type: 'INVALID_TOPIC_EXCEPTION',
    });
  });
});
