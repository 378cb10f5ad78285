import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { VirtualClock } from '@millrace/testing';
import { apis, encodeBatch, errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { createBroker, defaultLimits } from '../src/index.ts';
import { createTopic, fetch, fetchOf, produce, recordsOf, type RunningBroker, startBroker } from './running-broker.ts';
import { waitFor } from './wait-for.ts';
import type { WireConnection } from './wire-connection.ts';

const KB = 1024;
const lastWarning = (broker: RunningBroker) => broker.lines.findLast(({ level }) => level === 'warn')?.message;

async function joinGroup(connection: WireConnection, groupId: string, metadataBytes = 0): Promise<number> {
  const answer = await connection.request(apis.joinGroup, 3, {
    groupId,
    sessionTimeoutMs: 30_000,
    rebalanceTimeoutMs: 30_000,
    memberId: '',
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.alloc(metadataBytes) }],
  });
  return answer.errorCode;
}

async function initProducerId(connection: WireConnection, transactionalId: string, timeoutMs = 1_000): Promise<number> {
  const request = { transactionalId, transactionTimeoutMs: timeoutMs };
  return (await connection.request(apis.initProducerId, 4, request)).errorCode;
}

describe('the limits of a broker', () => {
  it.for(Object.keys(defaultLimits))('have a row in the README: %s', (name) => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    expect(readme).toContain(`| \`${name}\` |`);
  });

  it.for([
    [{ connectionMax: 1 }, 'found "connectionMax"'],
    [{ connectionsMax: 0 }, 'expected connectionsMax to be a whole number above 0, found 0'],
    [{ groupsMax: Number.NaN }, 'expected groupsMax to be a whole number above 0, found NaN'],
  ] as const)('are refused when they bound nothing: %o', ([limits, found]) => {
    const options = { dataDirectory: 'unused', listeners: [], limits: limits as object };
    expect(() => createBroker(options)).toThrow(expect.objectContaining({ code: 'UNUSABLE_LIMIT' }));
    expect(() => createBroker(options)).toThrow(found);
  });

  it('close the connection of a request above requestBytesMax', async () => {
    const broker = await startBroker({ limits: { requestBytesMax: 1_000 } });
    const connection = await broker.connect();
    connection.send(apis.metadata, 9, { topics: [{ name: 'x'.repeat(1_000) }] });
    await connection.closed;
    expect(lastWarning(broker)).toContain('expected a frame of 0 to 1000 bytes');
  });

  it('close the connection of a request with more elements than requestElementsMax', async () => {
    const broker = await startBroker({ limits: { requestElementsMax: 10 } });
    const [connection, other] = [await broker.connect(), await broker.connect()];
    const topics = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `t${index}` }));
    await other.request(apis.metadata, 9, { topics: topics(10) });
    connection.send(apis.metadata, 9, { topics: topics(11) });
    await connection.closed;
    expect(lastWarning(broker)).toContain('expected at most 10 elements in all');
  });

  it('turn one address away at connectionsPerAddressMax, and let others in', async () => {
    const broker = await startBroker({ limits: { connectionsPerAddressMax: 2 } });
    const [first] = [await broker.connect(), await broker.connect()];
    await (await broker.connect()).closed;
    expect(lastWarning(broker)).toContain('at most 2 of one address');
    const elsewhere = connect({ port: broker.port, host: '127.0.0.1', localAddress: '127.0.0.2' });
    await waitFor(() => broker.broker.stats().connections === 3);
    elsewhere.destroy();
    first.close();
    await waitFor(() => broker.broker.stats().connections === 1);
    await (await broker.connect()).request(apis.apiVersions, 3, {});
  });

  it.for(['connectionBytesMax', 'totalBytesMax'] as const)(
    'stop reading a connection whose requests are not answered at %s',
    async (limit) => {
      const clock = new VirtualClock();
      const broker = await startBroker({ clock, limits: { [limit]: 256 * KB } });
      const [connection, other] = [await broker.connect(), await broker.connect()];
      await createTopic(connection, 'polled');
      await createTopic(connection, 'orders');
      // Holds back every answer behind it.
      connection.send(apis.fetch, 12, fetchOf('polled', { maxWaitMs: 60_000 }));
      await waitFor(() => broker.broker.stats().waitingFetches === 1);
      const records = encodeBatch([{ timestamp: 0, value: Buffer.alloc(100 * KB) }]);
      const topics = [{ name: 'orders', partitions: [{ partition: 0, records }] }];
      const ids = Array.from({ length: 40 }, () => connection.send(apis.produce, 9, { acks: 1, timeoutMs: 0, topics }));
      await waitFor(() => broker.broker.stats().bytes >= 256 * KB);
      // One chunk of the socket and one frame beyond it, at the most.
      expect(broker.broker.stats().bytes).toBeLessThan((256 + 64 + 101) * KB);
      if (limit === 'connectionBytesMax') {
        await produce(other, 'polled', recordsOf('a'));
        await waitFor(() => connection.answered.at(-1) === ids.at(-1));
      } else {
        // Nobody is read now, and the poll may last: who holds so much for it is cut off for the others' sake.
        const fetched = fetch(other, 'orders');
        await waitFor(() => broker.broker.stats().bytes > 256 * KB);
        for (let ms = 0; ms < defaultLimits.stallTimeoutMs + 3_000; ms += 1_000) clock.advance(1_000);
        expect((await fetched).errorCode).toBe(0);
        await connection.closed;
        expect(lastWarning(broker)).toMatch(/^connection closed: expected room for others, found \d+ bytes held/);
      }
      await waitFor(() => broker.broker.stats().bytes === 0);
    },
  );

  it('refuse a topic at topicsMax, also one that is asked for', async () => {
    const broker = await startBroker({ limits: { topicsMax: 4 } });
    const connection = await broker.connect();
    await createTopic(connection, 'a');
    await createTopic(connection, 'b');
    await expect(createTopic(connection, 'c')).rejects.toThrow('expected at most 4 topics');
    const asked = await connection.request(apis.metadata, 9, {
      topics: [{ name: 'd' }],
      allowAutoTopicCreation: true,
    });
    expect(asked.topics[0]?.errorCode).toBe(errors.UNKNOWN_TOPIC_OR_PARTITION.code);
  });

  it('answer a fetch at once that would wait for more than waitedPartitionsMax', async () => {
    const broker = await startBroker({ limits: { waitedPartitionsMax: 3 } });
    const [waiting, connection] = [await broker.connect(), await broker.connect()];
    await createTopic(connection, 'orders', { partitions: 2 });
    const both = fetchOf('orders', { maxWaitMs: 60_000 });
    const [first] = both.topics[0]?.partitions ?? [];
    const topics = [
      { name: 'orders', partitions: [0, 1].map((partition) => ({ ...first, partition, fetchOffset: 0 })) },
    ];
    const wait = (one: WireConnection) =>
      one.request(apis.fetch, 12, {
        ...both,
        topics: topics.map((topic) => ({
          ...topic,
          partitions: topic.partitions.map((partition) => ({ ...partition, partitionMaxBytes: 1_000 })),
        })),
      });
    const poll = wait(waiting);
    await waitFor(() => broker.broker.stats().waitingFetches === 1);
    expect((await wait(connection)).topics[0]?.partitions).toHaveLength(2);
    await produce(connection, 'orders', recordsOf('a'));
    expect((await poll).topics[0]?.partitions[0]?.highWatermark).toBe(1);
    // It waits no more, so another may.
    const next = fetch(waiting, 'orders', { offset: 1, maxWaitMs: 60_000 });
    await waitFor(() => broker.broker.stats().waitingFetches === 1);
    await produce(connection, 'orders', recordsOf('b'));
    expect((await next).highWatermark).toBe(2);
  });

  it('forget the longest silent producer at producersMax: it is then one like any other', async () => {
    const broker = await startBroker({ limits: { producersMax: 2 } });
    const connection = await broker.connect();
    await createTopic(connection, 'orders');
    const from = async (producerId: number, baseSequence: number): Promise<number> =>
      (await produce(connection, 'orders', recordsOf('a'), { producerId, baseSequence })).errorCode;
    for (const producerId of [1, 2]) expect(await from(producerId, 0)).toBe(0);
    expect(await from(1, 7)).toBe(errors.OUT_OF_ORDER_SEQUENCE_NUMBER.code);
    for (const producerId of [3, 4]) expect(await from(producerId, 0)).toBe(0);
    expect(await from(1, 7)).toBe(0);
  });

  it('refuse a transactional id at transactionalIdsMax, and at transactionsBytesMax', async () => {
    const counted = await (await startBroker({ limits: { transactionalIdsMax: 1 } })).connect();
    expect([await initProducerId(counted, 'a'), await initProducerId(counted, 'b')]).toEqual([
      0,
      errors.POLICY_VIOLATION.code,
    ]);
    const weighed = await (await startBroker({ limits: { transactionsBytesMax: 10 * KB } })).connect();
    const long = 'x'.repeat(4 * KB);
    expect([await initProducerId(weighed, `${long}1`), await initProducerId(weighed, `${long}2`)]).toEqual([
      0,
      errors.POLICY_VIOLATION.code,
    ]);
  });

  it('refuse a transaction that may take longer than transactionTimeoutMsMax', async () => {
    const connection = await (await startBroker({ limits: { transactionTimeoutMsMax: 1_000 } })).connect();
    expect(await initProducerId(connection, 'a', 1_001)).toBe(errors.INVALID_TRANSACTION_TIMEOUT.code);
    expect(await initProducerId(connection, 'a', 1_000)).toBe(0);
  });

  it.for([
    ['groupsMax', { groupsMax: 1 }, 'other', errors.POLICY_VIOLATION],
    ['groupMembersMax', { groupMembersMax: 1 }, 'g', errors.GROUP_MAX_SIZE_REACHED],
    ['groupBytesMax', { groupBytesMax: 6 * KB }, 'g', errors.GROUP_MAX_SIZE_REACHED],
    ['groupsBytesMax', { groupsBytesMax: 6 * KB }, 'other', errors.GROUP_MAX_SIZE_REACHED],
  ] as const)('refuse one more member at %s', async ([, limits, groupId, { code }]) => {
    const broker = await startBroker({ limits });
    const [first, second] = [await broker.connect(), await broker.connect()];
    expect(await joinGroup(first, 'g', 4 * KB)).toBe(0);
    expect(await joinGroup(second, groupId, 4 * KB)).toBe(code);
  });
});

describe('a small request', () => {
  it('is not answered by what it asks for, times how often it asks', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    const many = <T>(one: T): T[] => Array.from({ length: 1_000 }, () => one);
    const resource = { resourceType: 2, resourceName: 'orders', configurationKeys: null };
    const configs = await connection.request(apis.describeConfigs, 4, { resources: many(resource) });
    expect(configs.results).toHaveLength(1);
    const groups = await connection.request(apis.describeGroups, 5, { groups: many('g') });
    expect(groups.groups).toHaveLength(1);
    const offsets = await connection.request(apis.offsetFetch, 8, { groups: many({ groupId: 'g', topics: null }) });
    expect(offsets.groups).toHaveLength(1);
    const partition = { partition: 0, timestamp: -1 };
    const listed = await connection.request(apis.listOffsets, 7, {
      topics: many({ name: 'orders', partitions: many(partition).slice(0, 50) }),
    });
    expect(listed.topics.map(({ partitions }) => partitions.length)).toEqual([1]);
  });
});
