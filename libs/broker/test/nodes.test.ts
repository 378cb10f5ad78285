import { apis, errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { fetch, produce, recordsOf, startBroker } from './running-broker.ts';
import { WireConnection } from './wire-connection.ts';

const host = '127.0.0.1';
const cluster = { listeners: [1, 2, 3].map((nodeId) => ({ host, port: 0, nodeId })) };

/** The nodes that the client of this connection is told of, by id. */
async function nodesOf(connection: WireConnection): Promise<Map<number, number>> {
  const { brokers } = await connection.request(apis.metadata, 12, { topics: [] });
  return new Map(brokers.map(({ nodeId, port }) => [nodeId, port]));
}

async function create(
  connection: WireConnection,
  name: string,
  rest: { numPartitions?: number; replicationFactor?: number; assignments?: [number, number[]][] },
) {
  const { numPartitions = -1, replicationFactor = -1, assignments = [] } = rest;
  const assigned = assignments.map(([partition, brokerIds]) => ({ partition, brokerIds }));
  const topics = [{ name, numPartitions, replicationFactor, assignments: assigned }];
  return (await connection.request(apis.createTopics, 7, { topics, timeoutMs: 0 })).topics[0];
}

async function replicasOf(connection: WireConnection, name: string): Promise<(readonly number[])[]> {
  const { topics } = await connection.request(apis.metadata, 12, { topics: [{ name }] });
  return (topics[0]?.partitions ?? []).map(({ leaderId, replicaNodes, isrNodes }) => {
    expect([leaderId, isrNodes]).toEqual([replicaNodes[0], replicaNodes]);
    return replicaNodes;
  });
}

describe('several node ids', () => {
  it('are presented on a port each, the same to whoever asks', async () => {
    const broker = await startBroker(cluster);
    const first = await broker.connect();
    const nodes = await nodesOf(first);
    expect([...nodes.keys()]).toEqual([1, 2, 3]);
    expect(new Set(nodes.values()).size).toBe(3);
    for (const port of nodes.values()) {
      const connection = await WireConnection.open(port);
      expect(await nodesOf(connection)).toEqual(nodes);
      const described = await connection.request(apis.describeCluster, 1, {});
      expect(described).toMatchObject({ errorCode: 0, controllerId: 1 });
      expect(described.brokers.map(({ brokerId, port: at }) => [brokerId, at])).toEqual([...nodes]);
      connection.close();
    }
  });

  it('share leaders and replicas, as many as a topic asks for and there are', async () => {
    const connection = await (await startBroker(cluster)).connect();
    expect(await create(connection, 'orders', { numPartitions: 6, replicationFactor: 2 })).toMatchObject({
      errorCode: 0,
      replicationFactor: 2,
    });
    const replicas = await replicasOf(connection, 'orders');
    for (const node of [1, 2, 3]) expect(replicas.filter(([leader]) => leader === node)).toHaveLength(2);
    for (const nodes of replicas) expect(new Set(nodes).size).toBe(2);
    const four = await create(connection, 'four', { numPartitions: 1, replicationFactor: 4 });
    expect(four?.errorCode).toBe(errors.INVALID_REPLICATION_FACTOR.code);
  });

  it('hold what is assigned to them by hand, after a restart, too', async () => {
    const broker = await startBroker(cluster);
    const connection = await broker.connect();
    const assignments: [number, number[]][] = [
      [1, [3, 1]],
      [0, [2, 3]],
    ];
    expect(await create(connection, 'orders', { assignments })).toMatchObject({ errorCode: 0, numPartitions: 2 });
    const grow = async (brokerIds: number[]) => {
      const topics = [{ name: 'orders', count: 3, assignments: [{ brokerIds }] }];
      return (await connection.request(apis.createPartitions, 3, { topics, timeoutMs: 0 })).results[0]?.errorCode;
    };
    expect(await grow([1])).toBe(errors.INVALID_REPLICA_ASSIGNMENT.code);
    expect(await grow([1, 9])).toBe(errors.INVALID_REPLICA_ASSIGNMENT.code);
    expect(await grow([1, 2])).toBe(0);
    await broker.restart();
    const expected = [
      [2, 3],
      [3, 1],
      [1, 2],
    ];
    expect(await replicasOf(await broker.connect(), 'orders')).toEqual(expected);
    await broker.restart({ listeners: [{ host, port: 0, nodeId: 3 }] });
    expect(await replicasOf(await broker.connect(), 'orders')).toEqual([[3], [3], [3]]);
  });

  it('serve every partition and group, whoever is said to lead or coordinate it', async () => {
    const broker = await startBroker(cluster);
    const connection = await broker.connect();
    await create(connection, 'orders', { numPartitions: 1 });
    let expected = 0;
    for (const port of (await nodesOf(connection)).values()) {
      const one = await WireConnection.open(port);
      expect(await produce(one, 'orders', recordsOf('a'))).toMatchObject({ errorCode: 0, baseOffset: expected++ });
      expect((await fetch(one, 'orders')).highWatermark).toBe(expected);
      const { errorCode } = await one.request(apis.heartbeat, 4, { groupId: 'g', generationId: 1, memberId: 'm' });
      expect(errorCode).toBe(errors.UNKNOWN_MEMBER_ID.code);
      one.close();
    }
  });

  it('list groups, transactions and partitions each on one, as clients put the lists of all together', async () => {
    const broker = await startBroker(cluster);
    const connection = await broker.connect();
    await create(connection, 'orders', { numPartitions: 6, replicationFactor: 1 });
    const ids = Array.from({ length: 9 }, (_, index) => `id-${index}`);
    for (const id of ids) {
      const partitions = [{ partition: 0, committedOffset: 1, committedMetadata: null }];
      await connection.request(apis.offsetCommit, 8, { groupId: id, topics: [{ name: 'orders', partitions }] });
      await connection.request(apis.initProducerId, 4, { transactionalId: id, transactionTimeoutMs: 1_000 });
    }
    const found = { groups: [] as string[], transactions: [] as string[], partitions: [] as number[] };
    for (const port of broker.ports) {
      const one = await WireConnection.open(port);
      const { groups } = await one.request(apis.listGroups, 5, {});
      found.groups.push(...groups.map(({ groupId }) => groupId));
      const body = { stateFilters: [], producerIdFilters: [] };
      const { transactionStates } = await one.request(apis.listTransactions, 1, body);
      found.transactions.push(...transactionStates.map(({ transactionalId }) => transactionalId));
      const topics = [{ topic: 'orders', partitions: [0, 1, 2, 3, 4, 5] }];
      const { results } = await one.request(apis.describeLogDirs, 4, { topics });
      found.partitions.push(...(results[0]?.topics[0]?.partitions ?? []).map(({ partition }) => partition));
      one.close();
    }
    for (const list of [found.groups, found.transactions]) {
      expect(list).toHaveLength(9);
      expect(new Set(list)).toEqual(new Set(ids));
    }
    expect(found.partitions).toHaveLength(6);
    expect(new Set(found.partitions).size).toBe(6);
  });

  it('coordinate groups and transactions between them', async () => {
    const connection = await (await startBroker(cluster)).connect();
    const nodes = await nodesOf(connection);
    const coordinatorKeys = Array.from({ length: 30 }, (_, index) => `group-${index}`);
    const { coordinators } = await connection.request(apis.findCoordinator, 4, { keyType: 1, coordinatorKeys });
    expect(new Set(coordinators.map(({ nodeId }) => nodeId))).toEqual(new Set([1, 2, 3]));
    for (const { nodeId, port } of coordinators) expect(port).toBe(nodes.get(nodeId));
  });

  it('take partitions over when they are reassigned, at once', async () => {
    const connection = await (await startBroker(cluster)).connect();
    await create(connection, 'orders', { assignments: [[0, [1, 2]]] });
    const reassign = async (partition: number, replicas: number[] | null) => {
      const topics = [{ name: 'orders', partitions: [{ partition, replicas }] }];
      const { responses } = await connection.request(apis.alterPartitionReassignments, 0, { topics });
      return responses[0]?.partitions[0]?.errorCode;
    };
    expect(await reassign(0, [3, 1])).toBe(0);
    expect(await replicasOf(connection, 'orders')).toEqual([[3, 1]]);
    expect(await reassign(0, [3, 7])).toBe(errors.INVALID_REPLICA_ASSIGNMENT.code);
    expect(await reassign(0, [])).toBe(errors.INVALID_REPLICA_ASSIGNMENT.code);
    expect(await reassign(0, null)).toBe(errors.NO_REASSIGNMENT_IN_PROGRESS.code);
    expect(await reassign(5, [1])).toBe(errors.UNKNOWN_TOPIC_OR_PARTITION.code);
    expect(await connection.request(apis.listPartitionReassignments, 0, { topics: null })).toMatchObject({
      errorCode: 0,
      topics: [],
    });
  });
});

describe('several listeners', () => {
  it('of one node tell each client the address that it came by', async () => {
    const outside = { host, port: 0, name: 'OUTSIDE', advertised: { host: 'mill.example', port: 19092 } };
    const broker = await startBroker({ listeners: [{ host, port: 0 }, outside] });
    const inside = await broker.connect();
    expect(await nodesOf(inside)).toEqual(new Map([[1, broker.port]]));
    const { coordinators } = await inside.request(apis.findCoordinator, 4, { coordinatorKeys: ['g'] });
    expect(coordinators).toMatchObject([{ nodeId: 1, host, port: broker.port }]);
    const fromOutside = await WireConnection.open(broker.ports[1] ?? 0);
    expect(await nodesOf(fromOutside)).toEqual(new Map([[1, 19092]]));
    fromOutside.close();
  });

  it('of several nodes lead to the others by the listener of the same name', async () => {
    const listeners = [1, 2].flatMap((nodeId) =>
      ['IN', 'OUT'].map((name) => ({
        host,
        port: 0,
        nodeId,
        name,
        advertised: { host: `${name}-${nodeId}`, port: 1 },
      })),
    );
    const broker = await startBroker({ listeners });
    const hosts: string[][] = [];
    for (const port of broker.ports) {
      const connection = await WireConnection.open(port);
      const { brokers } = await connection.request(apis.metadata, 12, { topics: [] });
      hosts.push(brokers.map((one) => one.host));
      connection.close();
    }
    const [inside, outside] = [
      ['IN-1', 'IN-2'],
      ['OUT-1', 'OUT-2'],
    ];
    expect(hosts).toEqual([inside, outside, inside, outside]);
  });
});

describe('a node id', () => {
  it('may be any, not only 1', async () => {
    const broker = await startBroker({ listeners: [{ host, port: 0, nodeId: 0 }] });
    expect([...(await nodesOf(await broker.connect())).keys()]).toEqual([0]);
  });
});
