import { apis, batchesIn, decodeBatch, errors } from '@millrace/wire';
import { VirtualClock } from '@millrace/testing';
import { describe, expect, it } from 'vitest';
import { createTopic, fetch, fetchOf, produce, recordsOf, type RunningBroker, startBroker } from '../running-broker.ts';
import { beginTransaction } from '../transaction.ts';
import { waitFor } from '../wait-for.ts';
import type { WireConnection } from '../wire-connection.ts';

/** Values of all data records in what a fetch returned. */
function valuesOf(records: Buffer | null): string[] {
  const bytes = records ?? Buffer.alloc(0);
  return [...batchesIn(bytes)]
    .filter(({ header }) => !header.isControl)
    .flatMap(({ at }) => decodeBatch(bytes, at).records.map(({ value }) => value?.toString() ?? ''));
}

async function topicWith(broker: RunningBroker, ...batches: string[][]): Promise<WireConnection> {
  const connection = await broker.connect();
  await createTopic(connection, 'orders');
  for (const values of batches) await produce(connection, 'orders', recordsOf(...values));
  return connection;
}

describe('Fetch', () => {
  it('pitfall 1: returns the whole batch for an offset inside it', async () => {
    const connection = await topicWith(await startBroker(), ['a', 'b', 'c'], ['d']);
    const { records, highWatermark } = await fetch(connection, 'orders', { offset: 1 });
    expect(valuesOf(records)).toEqual(['a', 'b', 'c', 'd']);
    expect(highWatermark).toBe(4);
  });

  it('pitfall 2: returns the first batch even above max bytes, and only the first', async () => {
    const connection = await topicWith(await startBroker(), ['a'], ['b']);
    const byResponse = await fetch(connection, 'orders', { maxBytes: 1 });
    const byPartition = await fetch(connection, 'orders', { partitionMaxBytes: 1 });
    expect([valuesOf(byResponse.records), valuesOf(byPartition.records)]).toEqual([['a'], ['a']]);
  });

  it('returns one batch too large among several partitions, not one for each', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    await createTopic(connection, 'orders', { partitions: 2 });
    for (const partition of [0, 1]) await produce(connection, 'orders', recordsOf('a'), { partition });
    const partitions = [0, 1].map((partition) => ({ partition, fetchOffset: 0, partitionMaxBytes: 1_000 }));
    const { topics } = await connection.request(apis.fetch, 12, {
      ...fetchOf('orders', { maxBytes: 1 }),
      topics: [{ name: 'orders', partitions }],
    });
    expect(topics[0]?.partitions.map(({ records }) => valuesOf(records))).toEqual([['a'], []]);
  });

  it('pitfall 9: answers a partition once that is asked for twice, for the last offset', async () => {
    const connection = await topicWith(await startBroker(), ['a'], ['b']);
    const partitions = [0, 1].map((fetchOffset) => ({ partition: 0, fetchOffset, partitionMaxBytes: 1_000 }));
    const { topics } = await connection.request(apis.fetch, 12, {
      ...fetchOf('orders'),
      topics: [{ name: 'orders', partitions }],
    });
    expect(topics[0]?.partitions.map(({ records }) => valuesOf(records))).toEqual([['b']]);
  });

  it('refuses offsets out of range, unknown partitions and epochs at once, however long it might wait', async () => {
    const connection = await topicWith(await startBroker(), ['a']);
    const wait = { maxWaitMs: 60_000 };
    const beyond = await fetch(connection, 'orders', { ...wait, offset: 2 });
    // Empty and not null, which librdkafka takes for a broken response.
    expect(beyond).toMatchObject({ errorCode: errors.OFFSET_OUT_OF_RANGE.code, records: Buffer.alloc(0) });
    const unknown = await fetch(connection, 'orders', { ...wait, partition: 1 });
    expect(unknown.errorCode).toBe(errors.UNKNOWN_TOPIC_OR_PARTITION.code);
    const body = fetchOf('orders', wait);
    const partitions = [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1, currentLeaderEpoch: 7 }];
    const { topics } = await connection.request(apis.fetch, 12, { ...body, topics: [{ name: 'orders', partitions }] });
    expect(topics[0]?.partitions[0]?.errorCode).toBe(errors.UNKNOWN_LEADER_EPOCH.code);
  });

  it('answers every full request with session id 0, and a session that it never gave with an error', async () => {
    const connection = await topicWith(await startBroker(), ['a']);
    const first = await connection.request(apis.fetch, 12, { ...fetchOf('orders'), sessionId: 0, sessionEpoch: 0 });
    expect([first.errorCode, first.sessionId]).toEqual([0, 0]);
    const ended = await connection.request(apis.fetch, 12, { ...fetchOf('orders'), sessionId: 5, sessionEpoch: -1 });
    expect(ended.topics[0]?.partitions[0]?.highWatermark).toBe(1);
    const second = await connection.request(apis.fetch, 12, { ...fetchOf('orders'), sessionId: 5, sessionEpoch: 1 });
    expect(second.errorCode).toBe(errors.FETCH_SESSION_ID_NOT_FOUND.code);
  });

  it('waits for more bytes, and wakes when they are there', async () => {
    const broker = await startBroker();
    const connection = await topicWith(broker, ['a']);
    const other = await broker.connect();
    const waiting = fetch(connection, 'orders', { offset: 1, maxWaitMs: 60_000 });
    await waitFor(() => broker.broker.stats().waitingFetches === 1);
    await produce(other, 'orders', recordsOf('b'));
    expect(valuesOf((await waiting).records)).toEqual(['b']);
    expect(broker.broker.stats().waitingFetches).toBe(0);
  });

  it('waits on while there are fewer than min bytes', async () => {
    const broker = await startBroker();
    const connection = await topicWith(broker, ['a']);
    const other = await broker.connect();
    const waiting = fetch(connection, 'orders', { offset: 1, maxWaitMs: 60_000, minBytes: 180 });
    await waitFor(() => broker.broker.stats().waitingFetches === 1);
    await produce(other, 'orders', recordsOf('b'));
    expect(broker.broker.stats().waitingFetches).toBe(1);
    await produce(other, 'orders', recordsOf('c'));
    await produce(other, 'orders', recordsOf('d'));
    expect(valuesOf((await waiting).records)).toEqual(['b', 'c', 'd']);
  });

  it('answers with nothing when its time is up, on the one timer that all waits share', async () => {
    const clock = new VirtualClock();
    const broker = await startBroker({ clock });
    const connections = [await broker.connect(), await broker.connect(), await broker.connect()];
    await createTopic(connections[0] as WireConnection, 'orders');
    const timers = clock.pendingTimers;
    const waits = connections.map((connection, index) => fetch(connection, 'orders', { maxWaitMs: 100 * (index + 1) }));
    await waitFor(() => broker.broker.stats().waitingFetches === 3);
    expect(clock.pendingTimers).toBeLessThanOrEqual(timers + 1);
    clock.advance(100);
    expect((await waits[0])?.records?.length).toBe(0);
    expect(broker.broker.stats().waitingFetches).toBe(2);
    clock.advance(200);
    await Promise.all(waits);
  });

  it('wakes when the topic that it waits for is deleted', async () => {
    const broker = await startBroker();
    const connection = await topicWith(broker, ['a']);
    const other = await broker.connect();
    const waiting = fetch(connection, 'orders', { offset: 1, maxWaitMs: 60_000 });
    await waitFor(() => broker.broker.stats().waitingFetches === 1);
    await other.request(apis.deleteTopics, 5, { topicNames: ['orders'], timeoutMs: 0 });
    expect((await waiting).errorCode).toBe(errors.UNKNOWN_TOPIC_OR_PARTITION.code);
  });

  it('pitfall 3: holds a read_committed fetch back to the commit, which wakes it', async () => {
    const broker = await startBroker();
    const connection = await topicWith(broker);
    const transaction = await beginTransaction(await broker.connect(), 'tx', 'orders');
    await transaction.produce('a');
    expect(valuesOf((await fetch(connection, 'orders')).records)).toEqual(['a']);
    const waiting = fetch(connection, 'orders', { isolationLevel: 1, maxWaitMs: 60_000 });
    await waitFor(() => broker.broker.stats().waitingFetches === 1);
    await transaction.end(true);
    const { records, lastStableOffset } = await waiting;
    expect(valuesOf(records)).toEqual(['a']);
    expect(lastStableOffset).toBe(2);
  });

  it('pitfall 31: leaves aborted data out for read_committed, of transactions that interleave', async () => {
    const broker = await startBroker();
    const connection = await topicWith(broker);
    const one = await beginTransaction(await broker.connect(), 'tx-1', 'orders');
    const two = await beginTransaction(await broker.connect(), 'tx-2', 'orders');
    await one.produce('1-aborted');
    await two.produce('2-committed');
    await one.produce('1-aborted-too');
    await produce(connection, 'orders', recordsOf('plain'));
    await one.end(false);
    await two.end(true);
    const committed = await fetch(connection, 'orders', { isolationLevel: 1 });
    expect(valuesOf(committed.records)).toEqual(['2-committed', 'plain']);
    expect(committed.abortedTransactions).toEqual([]);
    const uncommitted = await fetch(connection, 'orders');
    expect(valuesOf(uncommitted.records)).toEqual(['1-aborted', '2-committed', '1-aborted-too', 'plain']);
    expect(uncommitted.abortedTransactions).toBeNull();
  });

  it('reads topics that match readCommittedTopics as read_committed for everybody', async () => {
    const broker = await startBroker({ readCommittedTopics: ['jobs.*'] });
    const connection = await broker.connect();
    for (const topic of ['jobs.mail', 'jobs']) await createTopic(connection, topic);
    for (const topic of ['jobs.mail', 'jobs']) {
      const aborted = await beginTransaction(await broker.connect(), `tx-${topic}`, topic);
      await aborted.produce('aborted');
      await aborted.end(false);
      await produce(connection, topic, recordsOf('plain'));
    }
    expect(valuesOf((await fetch(connection, 'jobs.mail')).records)).toEqual(['plain']);
    expect(valuesOf((await fetch(connection, 'jobs')).records)).toEqual(['aborted', 'plain']);
  });
});
