import { apis, errors, type RequestInput } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { createTopic, fetch, produce, recordsOf, startBroker } from '../running-broker.ts';
import type { WireConnection } from '../wire-connection.ts';

type NewTopic = RequestInput<typeof apis.createTopics>['topics'][number];

/** Beside assignments neither number may be given. */
const assigned = { numPartitions: -1, replicationFactor: -1 };
const plain = { numPartitions: 1, replicationFactor: 1 };

async function create(connection: WireConnection, topics: NewTopic[], validateOnly = false) {
  return (await connection.request(apis.createTopics, 7, { topics, validateOnly, timeoutMs: 0 })).topics;
}

const namesOf = async (connection: WireConnection) =>
  (await connection.request(apis.metadata, 9, { topics: null })).topics
    .filter((one) => !one.isInternal)
    .map((one) => one.name);

describe('CreateTopics', () => {
  it('pitfall 38: creates each topic on its own, and says what it created', async () => {
    const connection = await (await startBroker({ defaultPartitions: 2 })).connect();
    const configs = [{ name: 'retention.ms', value: '5000' }];
    const results = await create(connection, [
      { name: 'orders', numPartitions: 3, replicationFactor: 1, configs },
      { name: 'bad name', ...plain },
      { name: 'defaults', numPartitions: -1, replicationFactor: -1 },
    ]);
    expect(results.map(({ name, errorCode, numPartitions }) => [name, errorCode, numPartitions])).toEqual([
      ['orders', 0, 3],
      ['bad name', errors.INVALID_TOPIC_EXCEPTION.code, -1],
      ['defaults', 0, 2],
    ]);
    expect(results[0]?.topicId).toMatch(/^[0-9a-f]{8}-/);
    expect(results[0]?.configs).toContainEqual(
      expect.objectContaining({ name: 'retention.ms', value: '5000', configSource: 1 }),
    );
    expect((await create(connection, [{ name: 'orders', ...plain }]))[0]?.errorCode).toBe(
      errors.TOPIC_ALREADY_EXISTS.code,
    );
  });

  it.for<{ what: string; topic: Partial<NewTopic>; error: { code: number } }>([
    { what: 'no partitions', topic: { numPartitions: 0 }, error: errors.INVALID_PARTITIONS },
    { what: 'replicas elsewhere', topic: { replicationFactor: 3 }, error: errors.INVALID_REPLICATION_FACTOR },
    {
      what: 'an unknown configuration',
      topic: { configs: [{ name: 'no', value: '1' }] },
      error: errors.INVALID_CONFIG,
    },
    {
      what: 'a value that is no number',
      topic: { configs: [{ name: 'retention.ms', value: 'long' }] },
      error: errors.INVALID_CONFIG,
    },
    {
      what: 'assignments to brokers that are not there',
      topic: { ...assigned, assignments: [{ partition: 0, brokerIds: [2] }] },
      error: errors.INVALID_REPLICA_ASSIGNMENT,
    },
    {
      what: 'assignments with a gap',
      topic: { ...assigned, assignments: [{ partition: 1, brokerIds: [1] }] },
      error: errors.INVALID_REPLICA_ASSIGNMENT,
    },
    {
      what: 'a configuration without a value',
      topic: { configs: [{ name: 'retention.ms', value: null }] },
      error: errors.INVALID_CONFIG,
    },
    {
      what: 'a partition that is assigned twice',
      topic: { ...assigned, assignments: [0, 0].map((partition) => ({ partition, brokerIds: [1] })) },
      error: errors.INVALID_REPLICA_ASSIGNMENT,
    },
    {
      what: 'a partition that is assigned to nobody',
      topic: { ...assigned, assignments: [{ partition: 0, brokerIds: [] }] },
      error: errors.INVALID_REPLICA_ASSIGNMENT,
    },
    { what: 'no replicas', topic: { replicationFactor: 0 }, error: errors.INVALID_REPLICATION_FACTOR },
    {
      what: 'assignments beside a count',
      topic: { numPartitions: 1, assignments: [{ partition: 0, brokerIds: [1] }] },
      error: errors.INVALID_REQUEST,
    },
    { what: 'more partitions than the broker may have', topic: { numPartitions: 99 }, error: errors.POLICY_VIOLATION },
  ])('refuses $what', async ({ topic, error }) => {
    const connection = await (await startBroker({ limits: { partitionsMax: 50 } })).connect();
    const [result] = await create(connection, [{ name: 'orders', ...plain, ...topic }]);
    expect(result).toMatchObject({ errorCode: error.code });
    expect(result?.errorMessage).not.toBeNull();
    expect(await namesOf(connection)).toEqual([]);
  });

  it('creates what is assigned to this broker', async () => {
    const connection = await (await startBroker()).connect();
    const assignments = [1, 0].map((partition) => ({ partition, brokerIds: [1] }));
    const [result] = await create(connection, [
      { name: 'orders', numPartitions: -1, replicationFactor: -1, assignments },
    ]);
    expect(result).toMatchObject({ errorCode: 0, numPartitions: 2 });
  });

  it('refuses a name that differs from another in "." and "_" only', async () => {
    const connection = await (await startBroker()).connect();
    const results = await create(connection, [
      { name: 'a.b', ...plain },
      { name: 'a_b', ...plain },
      { name: 'a-b', ...plain },
    ]);
    expect(results.map(({ errorCode }) => errorCode)).toEqual([0, errors.INVALID_TOPIC_EXCEPTION.code, 0]);
  });

  it('refuses a name that occurs twice, and creates nothing when it only validates', async () => {
    const connection = await (await startBroker()).connect();
    const twice = [
      { name: 'orders', ...plain },
      { name: 'orders', ...plain },
      { name: 'fine', ...plain },
    ];
    const results = await create(connection, twice, true);
    expect(results.map(({ name, errorCode }) => [name, errorCode])).toEqual([
      ['orders', errors.INVALID_REQUEST.code],
      ['fine', 0],
    ]);
    expect(await namesOf(connection)).toEqual([]);
  });
});

describe('DeleteTopics', () => {
  it('pitfall 40: deletes by name and by id; a topic of the same name starts anew, producers included', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    const [created] = await create(connection, [{ name: 'orders', ...plain }]);
    const producer = { producerId: 40, producerEpoch: 0 };
    await produce(connection, 'orders', recordsOf('a', 'b'), { ...producer, baseSequence: 0 });
    const byId = await connection.request(apis.deleteTopics, 6, {
      topics: [{ name: null, topicId: created?.topicId ?? '' }],
      timeoutMs: 0,
    });
    expect(byId.responses).toMatchObject([{ name: 'orders', errorCode: 0 }]);
    await createTopic(connection, 'orders');
    expect((await fetch(connection, 'orders')).highWatermark).toBe(0);
    expect(await produce(connection, 'orders', recordsOf('c'), { ...producer, baseSequence: 0 })).toMatchObject({
      errorCode: 0,
      baseOffset: 0,
    });
    const byName = await connection.request(apis.deleteTopics, 5, {
      topicNames: ['orders', 'nobody', '__consumer_offsets'],
      timeoutMs: 0,
    });
    expect(byName.responses.map(({ errorCode }) => errorCode)).toEqual([
      0,
      errors.UNKNOWN_TOPIC_OR_PARTITION.code,
      errors.INVALID_TOPIC_EXCEPTION.code,
    ]);
    await createTopic(connection, 'twice');
    const twice = await connection.request(apis.deleteTopics, 5, { topicNames: ['twice', 'twice'], timeoutMs: 0 });
    expect(twice.responses).toMatchObject([{ name: 'twice', errorCode: errors.INVALID_REQUEST.code }]);
    await connection.request(apis.deleteTopics, 5, { topicNames: ['twice'], timeoutMs: 0 });
    await broker.restart();
    expect(await namesOf(await broker.connect())).toEqual([]);
  });
});

describe('CreatePartitions', () => {
  it('adds partitions up to the count, and refuses to take any away', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    await createTopic(connection, 'orders');
    const grow = async (name: string, count: number, validateOnly = false) => {
      const body = { topics: [{ name, count, assignments: null }], timeoutMs: 0, validateOnly };
      return (await connection.request(apis.createPartitions, 3, body)).results[0]?.errorCode;
    };
    expect(await grow('orders', 3, true)).toBe(0);
    expect((await produce(connection, 'orders', recordsOf('a'), { partition: 2 })).errorCode).not.toBe(0);
    expect(await grow('orders', 3)).toBe(0);
    expect((await produce(connection, 'orders', recordsOf('a'), { partition: 2 })).errorCode).toBe(0);
    expect(await grow('orders', 3)).toBe(errors.INVALID_PARTITIONS.code);
    expect(await grow('nobody', 3)).toBe(errors.UNKNOWN_TOPIC_OR_PARTITION.code);
    await broker.restart();
    expect((await fetch(await broker.connect(), 'orders', { partition: 2 })).highWatermark).toBe(1);
  });
});
