import { apis, batchesIn, errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { Member, stable } from '../member.ts';
import { createTopic, fetch, produce, recordsOf, startBroker } from '../running-broker.ts';
import { beginTransaction } from '../transaction.ts';
import { unreliableDisk } from '../unreliable-disk.ts';

async function withTopics(options: Parameters<typeof startBroker>[0] = {}) {
  const broker = await startBroker(options);
  const connection = await broker.connect();
  await createTopic(connection, 'orders', { partitions: 2 });
  return { broker, connection };
}

describe('a transaction', () => {
  it('pitfall 30: holds readers back until it ends, and not for a write of it that failed', async () => {
    const disk = unreliableDisk();
    const { broker, connection } = await withTopics({ disk });
    const transaction = await beginTransaction(await broker.connect(), 'tx', 'orders');
    await transaction.produce('a');
    await produce(connection, 'orders', recordsOf('plain'));
    const stableOf = async (partition: number) =>
      (await fetch(connection, 'orders', { isolationLevel: 1, partition })).lastStableOffset;
    expect(await stableOf(0)).toBe(0);
    const { producerId, producerEpoch } = transaction;
    const topics = [{ name: 'orders', partitions: [1] }];
    const identity = { transactionalId: 'tx', producerId, producerEpoch };
    await connection.request(apis.addPartitionsToTxn, 3, { ...identity, topics });
    disk.failing = { writesTo: 'orders-1' };
    const failed = await produce(connection, 'orders', recordsOf('b'), { ...identity, partition: 1 });
    expect(failed.errorCode).toBe(errors.KAFKA_STORAGE_ERROR.code);
    disk.failing = {};
    // The partition stays offline; whatever is appended where the disk works goes on, and so do its readers.
    expect(await stableOf(0)).toBe(0);
    expect((await produce(connection, 'orders', recordsOf('more'))).errorCode).toBe(0);
    const other = await beginTransaction(await broker.connect(), 'other', 'orders');
    await other.produce('c');
    expect(await other.end(true)).toBe(0);
    expect((await fetch(connection, 'orders')).highWatermark).toBe(5);
  });

  it('pitfall 32: takes an offset for its marker, which readers get past, at the end of the log, too', async () => {
    const { broker, connection } = await withTopics();
    const transaction = await beginTransaction(await broker.connect(), 'tx', 'orders');
    await transaction.produce('a');
    await transaction.end(false);
    for (const isolationLevel of [0, 1]) {
      const { highWatermark, lastStableOffset, records } = await fetch(connection, 'orders', { isolationLevel });
      expect([highWatermark, lastStableOffset]).toEqual([2, 2]);
      const headers = Array.from(batchesIn(records ?? Buffer.alloc(0)), ({ header }) => header);
      const marker = headers.at(-1);
      expect(marker).toMatchObject({ isControl: true, baseOffset: 1, lastOffsetDelta: 0 });
    }
    const atEnd = await fetch(connection, 'orders', { offset: 2, isolationLevel: 1 });
    expect(atEnd).toMatchObject({ errorCode: 0, records: Buffer.alloc(0) });
    expect(await produce(connection, 'orders', recordsOf('b'))).toMatchObject({ baseOffset: 2 });
  });

  it('pitfall 35: takes in the offsets of a group while that rebalances', async () => {
    const { broker, connection } = await withTopics();
    const member = await stable(new Member(await broker.connect()));
    const joining = new Member(await broker.connect()).join();
    await member.untilRebalance();
    const begun = await beginTransaction(await broker.connect(), 'tx', 'orders');
    const { producerId, producerEpoch } = begun;
    const transaction = { transactionalId: 'tx', producerId, producerEpoch, groupId: 'readers' };
    expect((await connection.request(apis.addOffsetsToTxn, 3, transaction)).errorCode).toBe(0);
    const partitions = [{ partition: 0, committedOffset: 9, committedMetadata: null }];
    const { generationId, memberId } = member;
    const body = { ...transaction, generationId, memberId, topics: [{ name: 'orders', partitions }] };
    const { topics } = await connection.request(apis.txnOffsetCommit, 3, body);
    expect(topics[0]?.partitions[0]?.errorCode).toBe(0);
    expect(await begun.end(true)).toBe(0);
    await Promise.all([member.join(), joining]);
  });
});
