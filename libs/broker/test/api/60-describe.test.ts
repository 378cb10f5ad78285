import { apis, errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { createTopic, produce, recordsOf, startBroker } from '../running-broker.ts';
import { beginTransaction, initProducer } from '../transaction.ts';

describe('DescribeCluster', () => {
  it('tells nodes, cluster and controller, and knows no controllers of their own', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    const described = await connection.request(apis.describeCluster, 1, { includeClusterAuthorizedOperations: true });
    const { clusterId } = await connection.request(apis.metadata, 12, { topics: [] });
    expect(described).toMatchObject({
      errorCode: 0,
      clusterId,
      controllerId: 1,
      brokers: [{ brokerId: 1, host: '127.0.0.1', port: broker.port, rack: null }],
    });
    expect(described.clusterAuthorizedOperations).toBeGreaterThan(0);
    const controllers = await connection.request(apis.describeCluster, 1, { endpointType: 2 });
    expect(controllers.errorCode).toBe(errors.UNSUPPORTED_ENDPOINT_TYPE.code);
  });
});

describe('DescribeProducers', () => {
  it('tells the producers of a partition, and where their transaction began', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    await produce(connection, 'orders', recordsOf('a', 'b'), { producerId: 40, producerEpoch: 3 });
    const transaction = await beginTransaction(connection, 'tx', 'orders');
    await transaction.produce('c');
    const { topics } = await connection.request(apis.describeProducers, 0, {
      topics: [{ name: 'orders', partitions: [0, 7] }],
    });
    const [found, missing] = topics[0]?.partitions ?? [];
    expect(found?.activeProducers).toMatchObject([
      { producerId: 40, producerEpoch: 3, lastSequence: 1, currentTransactionStartOffset: -1 },
      { producerId: transaction.producerId, lastSequence: 0, currentTransactionStartOffset: 2 },
    ]);
    expect(missing).toMatchObject({ errorCode: errors.UNKNOWN_TOPIC_OR_PARTITION.code, activeProducers: [] });
  });
});

describe('DescribeTransactions and ListTransactions', () => {
  it('tell how far each transaction is', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    const open = await beginTransaction(connection, 'open', 'orders');
    const ended = await beginTransaction(connection, 'ended', 'orders');
    await ended.produce('a');
    await ended.end(true);
    await initProducer(connection, 'fresh');
    const transactionalIds = ['open', 'ended', 'fresh', 'nobody', ''];
    const described = await connection.request(apis.describeTransactions, 0, { transactionalIds });
    expect(described.transactionStates).toMatchObject([
      {
        errorCode: 0,
        transactionState: 'Ongoing',
        producerId: open.producerId,
        producerEpoch: 0,
        transactionTimeoutMs: 60_000,
        topics: [{ topic: 'orders', partitions: [0] }],
      },
      { errorCode: 0, transactionState: 'CompleteCommit', topics: [] },
      { errorCode: 0, transactionState: 'Empty', transactionStartTimeMs: -1 },
      { errorCode: errors.TRANSACTIONAL_ID_NOT_FOUND.code, transactionalId: 'nobody' },
      { errorCode: errors.INVALID_REQUEST.code },
    ]);
    const list = async (stateFilters: string[], producerIdFilters: number[] = [], durationFilterMs = -1) => {
      const body = { stateFilters, producerIdFilters, durationFilterMs };
      const { transactionStates, unknownStateFilters } = await connection.request(apis.listTransactions, 1, body);
      return [...transactionStates.map(({ transactionalId }) => transactionalId), ...unknownStateFilters].join(' ');
    };
    expect(await list([])).toBe('open ended fresh');
    expect(await list(['Ongoing', 'Empty'])).toBe('open fresh');
    expect(await list(['NoSuch'])).toBe('NoSuch');
    expect(await list([], [ended.producerId])).toBe('ended');
    expect(await list([], [], 1_000_000)).toBe('');
  });
});

describe('DescribeLogDirs', () => {
  it('tells what each partition takes on the disk', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    await createTopic(connection, 'orders', { partitions: 2 });
    await produce(connection, 'orders', recordsOf('a'), { partition: 1 });
    const sizes = async (topics: { topic: string; partitions: number[] }[] | null) => {
      const { results } = await connection.request(apis.describeLogDirs, 4, { topics });
      expect(results).toMatchObject([{ errorCode: 0, logDir: broker.directory }]);
      return results[0]?.topics.map(({ name, partitions }) => [name, partitions.map((one) => one.partitionSize > 0)]);
    };
    expect(await sizes([{ topic: 'orders', partitions: [0, 1, 9] }])).toEqual([['orders', [false, true]]]);
    expect(await sizes([{ topic: 'nobody', partitions: [0] }])).toEqual([]);
    expect((await sizes(null))?.map(([name]) => name)).toEqual(['__consumer_offsets', '__transaction_state', 'orders']);
  });
});

describe('ElectLeaders', () => {
  it('finds no election needed', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    const elect = async (topicPartitions: { topic: string; partitions: number[] }[] | null) =>
      (await connection.request(apis.electLeaders, 2, { topicPartitions })).replicaElectionResults.flatMap(
        ({ partitions }) => partitions.map(({ errorCode }) => errorCode),
      );
    expect(await elect([{ topic: 'orders', partitions: [0, 5] }])).toEqual([
      errors.ELECTION_NOT_NEEDED.code,
      errors.UNKNOWN_TOPIC_OR_PARTITION.code,
    ]);
    expect(await elect(null)).toEqual([]);
  });
});

describe('OffsetDelete', () => {
  it('forgets committed offsets of a group that nobody reads with', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    const partitions = [{ partition: 0, committedOffset: 5, committedMetadata: null }];
    await connection.request(apis.offsetCommit, 9, { groupId: 'g', topics: [{ name: 'orders', partitions }] });
    const committed = async () => {
      const groups = [{ groupId: 'g', topics: [{ name: 'orders', partitions: [0] }] }];
      const fetched = await connection.request(apis.offsetFetch, 9, { groups });
      return fetched.groups[0]?.topics[0]?.partitions[0]?.committedOffset;
    };
    expect(await committed()).toBe(5);
    const remove = (groupId: string) =>
      connection.request(apis.offsetDelete, 0, {
        groupId,
        topics: [{ name: 'orders', partitions: [{ partition: 0 }] }],
      });
    expect(await remove('g')).toMatchObject({ errorCode: 0, topics: [{ partitions: [{ errorCode: 0 }] }] });
    expect(await committed()).toBe(-1);
    expect((await remove('nobody')).errorCode).toBe(errors.GROUP_ID_NOT_FOUND.code);
  });
});
