import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { VirtualClock } from '@millrace/testing';
import { apis, errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { createTopic, fetch, produce, recordsOf, type RunningBroker, startBroker } from './running-broker.ts';
import { beginTransaction, initProducer } from './transaction.ts';
import { waitFor } from './wait-for.ts';
import type { WireConnection } from './wire-connection.ts';

async function withTopic(options: Parameters<typeof startBroker>[0] = {}, partitions = 1) {
  const broker = await startBroker(options);
  const connection = await broker.connect();
  await createTopic(connection, 'orders', { partitions });
  return { broker, connection };
}

const stableOffset = async (connection: WireConnection, partition = 0) =>
  (await fetch(connection, 'orders', { isolationLevel: 1, partition })).lastStableOffset;

/** What a power loss or kill -9 would leave: a copy of the directory as it is now, opened by another broker. */
async function crashed(broker: RunningBroker): Promise<RunningBroker> {
  const copy = mkdtempSync(join(tmpdir(), 'millrace-broker-crash-'));
  cpSync(broker.directory, copy, { recursive: true, filter: (path) => !/\/lock[^/]*$/.test(path) });
  const other = await startBroker({ dataDirectory: copy });
  rmSync(other.directory, { recursive: true, force: true });
  return other;
}

describe('transactions', () => {
  it('pitfall 30: holds the last stable offset back from the first batch to the durable end', async () => {
    const { broker, connection } = await withTopic();
    await produce(connection, 'orders', recordsOf('before'));
    const transaction = await beginTransaction(await broker.connect(), 'tx', 'orders');
    await transaction.produce('a');
    await produce(connection, 'orders', recordsOf('after'));
    expect(await stableOffset(connection)).toBe(1);
    expect(await transaction.end(true)).toBe(0);
    expect(await stableOffset(connection)).toBe(4);
  });

  it('pitfall 33: answers a retried EndTxn like the first, and one that contradicts it with INVALID_TXN_STATE', async () => {
    const { broker } = await withTopic();
    const transaction = await beginTransaction(await broker.connect(), 'tx', 'orders');
    await transaction.produce('a');
    expect([await transaction.end(true), await transaction.end(true)]).toEqual([0, 0]);
    expect(await transaction.end(false)).toBe(errors.INVALID_TXN_STATE.code);
  });

  it('lets a producer begin its next transaction as soon as EndTxn is answered', async () => {
    const { broker, connection } = await withTopic();
    const producer = await broker.connect();
    const { producerId, producerEpoch } = await initProducer(producer, 'tx');
    const identity = { transactionalId: 'tx', producerId, producerEpoch };
    for (let round = 0; round < 20; round++) {
      const topics = [{ name: 'orders', partitions: [0] }];
      const added = await producer.request(apis.addPartitionsToTxn, 3, { ...identity, topics });
      expect(added.topics[0]?.partitions[0]?.errorCode).toBe(0);
      const sent = await produce(producer, 'orders', recordsOf('a'), { ...identity, baseSequence: round });
      expect(sent.errorCode).toBe(0);
      expect((await producer.request(apis.endTxn, 3, { ...identity, committed: true })).errorCode).toBe(0);
      expect(await stableOffset(connection)).toBe(2 * (round + 1));
    }
  });

  it('takes AddPartitionsToTxn, Produce and EndTxn pipelined on one connection', async () => {
    const { broker, connection } = await withTopic();
    const producer = await broker.connect();
    const { producerId, producerEpoch } = await initProducer(producer, 'tx');
    const identity = { transactionalId: 'tx', producerId, producerEpoch };
    const topics = [{ name: 'orders', partitions: [0] }];
    const [added, sent, ended] = await Promise.all([
      producer.request(apis.addPartitionsToTxn, 3, { ...identity, topics }),
      produce(producer, 'orders', recordsOf('a'), identity),
      producer.request(apis.endTxn, 3, { ...identity, committed: true }),
    ]);
    expect([added.topics[0]?.partitions[0]?.errorCode, sent.errorCode, ended.errorCode]).toEqual([0, 0, 0]);
    expect(await stableOffset(connection)).toBe(2);
  });

  it('refuses data of a partition that did not join, and of a transaction that has ended', async () => {
    const { broker, connection } = await withTopic({}, 2);
    const transaction = await beginTransaction(await broker.connect(), 'tx', 'orders', 0);
    const { producerId, producerEpoch } = transaction;
    const identity = { transactionalId: 'tx', producerId, producerEpoch };
    const elsewhere = await produce(connection, 'orders', recordsOf('a'), { ...identity, partition: 1 });
    expect(elsewhere.errorCode).toBe(errors.INVALID_TXN_STATE.code);
    expect(await transaction.produce('a')).toBe(0);
    await transaction.end(true);
    expect(await transaction.produce('late')).toBe(errors.INVALID_TXN_STATE.code);
    expect([await stableOffset(connection, 0), await stableOffset(connection, 1)]).toEqual([2, 0]);
  });

  it('pitfall 36: refuses a plain write of a producer that has a transaction open', async () => {
    const { broker, connection } = await withTopic();
    const transaction = await beginTransaction(await broker.connect(), 'tx', 'orders');
    await transaction.produce('a');
    const { producerId, producerEpoch } = transaction;
    const plain = await produce(connection, 'orders', recordsOf('b'), { producerId, producerEpoch, baseSequence: 1 });
    expect(plain.errorCode).toBe(errors.INVALID_TXN_STATE.code);
  });

  it('fences the producer before, and aborts what it left open, when another takes its id over', async () => {
    const { broker, connection } = await withTopic();
    const old = await beginTransaction(await broker.connect(), 'tx', 'orders');
    await old.produce('lost');
    const next = await beginTransaction(await broker.connect(), 'tx', 'orders');
    expect(next.producerId).toBe(old.producerId);
    expect(next.producerEpoch).toBeGreaterThan(old.producerEpoch);
    expect(await stableOffset(connection)).toBe(2);
    expect(await old.produce('zombie')).toBe(errors.INVALID_PRODUCER_EPOCH.code);
    expect(await old.end(true)).toBe(errors.PRODUCER_FENCED.code);
    await next.produce('kept');
    await next.end(true);
    const { records } = await fetch(connection, 'orders', { isolationLevel: 1 });
    expect(records?.includes('kept')).toBe(true);
    expect(records?.includes('lost')).toBe(false);
  });

  it('aborts a transaction that takes longer than its timeout', async () => {
    const clock = new VirtualClock();
    const { broker, connection } = await withTopic({ clock });
    const transaction = await beginTransaction(await broker.connect(), 'tx', 'orders');
    await transaction.produce('a');
    clock.advance(59_000);
    expect(await stableOffset(connection)).toBe(0);
    clock.advance(2_000);
    let stable = 0;
    while (stable === 0) stable = await stableOffset(connection);
    expect(stable).toBe(2);
    expect(await transaction.end(true)).not.toBe(0);
    expect(broker.failures).toEqual([]);
  });

  it('pitfall 34: refuses a timeout above the maximum', async () => {
    const { broker } = await withTopic({ limits: { transactionTimeoutMsMax: 10_000 } });
    const { errorCode } = await initProducer(await broker.connect(), 'tx', 10_001);
    expect(errorCode).toBe(errors.INVALID_TRANSACTION_TIMEOUT.code);
  });

  it.for(['a clean restart', 'a crash'] as const)('goes on with an open transaction after %s', async (how) => {
    const { broker, connection } = await withTopic();
    const transaction = await beginTransaction(connection, 'tx', 'orders');
    await transaction.produce('a');
    if (how === 'a clean restart') await broker.restart();
    const after = how === 'a crash' ? await crashed(broker) : broker;
    const other = await after.connect();
    expect(await stableOffset(other)).toBe(0);
    const { producerId, producerEpoch } = transaction;
    const identity = { transactionalId: 'tx', producerId, producerEpoch };
    const more = await produce(other, 'orders', recordsOf('b'), { ...identity, baseSequence: 1 });
    expect(more).toMatchObject({ errorCode: 0, baseOffset: 1 });
    expect((await other.request(apis.endTxn, 3, { ...identity, committed: true })).errorCode).toBe(0);
    expect(await stableOffset(other)).toBe(3);
  });

  it('commits offsets of a group with the transaction, and not before', async () => {
    const { broker, connection } = await withTopic();
    const producer = await broker.connect();
    const { producerId, producerEpoch } = await initProducer(producer, 'tx');
    const identity = { transactionalId: 'tx', producerId, producerEpoch, groupId: 'readers' };
    const commitOf = {
      ...identity,
      topics: [{ name: 'orders', partitions: [{ partition: 0, committedOffset: 7, committedMetadata: 'here' }] }],
    };
    const early = await producer.request(apis.txnOffsetCommit, 3, commitOf);
    expect(early.topics[0]?.partitions[0]?.errorCode).toBe(errors.INVALID_TXN_STATE.code);
    expect((await producer.request(apis.addOffsetsToTxn, 3, identity)).errorCode).toBe(0);
    const pending = await producer.request(apis.txnOffsetCommit, 3, commitOf);
    expect(pending.topics[0]?.partitions[0]?.errorCode).toBe(0);

    const offsets = async (on: WireConnection, requireStable: boolean) => {
      const groups = [{ groupId: 'readers', topics: [{ name: 'orders', partitions: [0] }] }];
      const response = await on.request(apis.offsetFetch, 8, { groups, requireStable });
      return response.groups[0]?.topics[0]?.partitions[0];
    };
    expect(await offsets(connection, false)).toMatchObject({ errorCode: 0, committedOffset: -1 });
    expect(await offsets(connection, true)).toMatchObject({ errorCode: errors.UNSTABLE_OFFSET_COMMIT.code });
    const end = await producer.request(apis.endTxn, 3, { ...identity, committed: true });
    expect(end.errorCode).toBe(0);
    expect(await offsets(connection, true)).toMatchObject({ errorCode: 0, committedOffset: 7, metadata: 'here' });
    await broker.restart();
    expect(await offsets(await broker.connect(), true)).toMatchObject({ committedOffset: 7 });
  });

  it('keeps producer ids apart across restarts', async () => {
    const { broker } = await withTopic();
    const ids = new Set<number>();
    for (let round = 0; round < 3; round++) {
      const connection = await broker.connect();
      for (const transactionalId of [null, null, `tx-${round}`]) {
        const body = { transactionalId, transactionTimeoutMs: 1_000 };
        const { errorCode, producerId } = await connection.request(apis.initProducerId, 4, body);
        expect(errorCode).toBe(0);
        ids.add(producerId);
      }
      await broker.restart();
    }
    expect(ids.size).toBe(9);
    await waitFor(() => broker.broker.stats().bytes === 0);
  });
});
