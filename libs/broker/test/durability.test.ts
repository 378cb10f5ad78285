import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { apis, errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { createTopic, fetch, produce, recordsOf, startBroker } from './running-broker.ts';
import { beginTransaction, initProducer } from './transaction.ts';
import { unreliableDisk } from './unreliable-disk.ts';
import { waitFor } from './wait-for.ts';
import type { WireConnection } from './wire-connection.ts';

describe('durability', () => {
  it('answers acks=all only after the sync, and shows consumers nothing before it', async () => {
    const disk = unreliableDisk();
    const broker = await startBroker({ disk });
    const [connection, reader] = [await broker.connect(), await broker.connect()];
    await createTopic(connection, 'orders');
    const release = disk.holdSyncs();
    let isAnswered = false;
    const waiting = produce(connection, 'orders', recordsOf('a')).then((result) => {
      isAnswered = true;
      return result;
    });
    await waitFor(() => disk.heldSyncs > 0);
    expect((await fetch(reader, 'orders')).highWatermark).toBe(0);
    expect(isAnswered).toBe(false);
    release();
    expect((await waiting).errorCode).toBe(0);
    expect((await fetch(reader, 'orders')).highWatermark).toBe(1);
  });

  it('answers acks=1 before the sync, and shows it to consumers after', async () => {
    const disk = unreliableDisk();
    const broker = await startBroker({ disk });
    const [connection, reader] = [await broker.connect(), await broker.connect()];
    await createTopic(connection, 'orders');
    const release = disk.holdSyncs();
    expect((await produce(connection, 'orders', recordsOf('a'), { acks: 1 })).errorCode).toBe(0);
    const waiting = fetch(reader, 'orders', { maxWaitMs: 60_000 });
    await waitFor(() => broker.broker.stats().waitingFetches === 1);
    release();
    expect((await waiting).highWatermark).toBe(1);
  });

  it('does not wait for any sync with fsync: never', async () => {
    const disk = unreliableDisk();
    const broker = await startBroker({ disk, fsync: 'never' });
    const connection = await broker.connect();
    await createTopic(connection, 'orders');
    const release = disk.holdSyncs();
    expect((await produce(connection, 'orders', recordsOf('a'))).errorCode).toBe(0);
    const transaction = await beginTransaction(connection, 'tx', 'orders');
    await transaction.produce('b');
    expect(await transaction.end(true)).toBe(0);
    expect((await fetch(connection, 'orders', { isolationLevel: 1 })).lastStableOffset).toBe(3);
    release();
  });

  it.for([{ acks: 1 }, { acks: -1 }])(
    'writes together what a connection sent together, with acks=$acks, and answers each',
    async ({ acks }) => {
      const disk = unreliableDisk();
      const broker = await startBroker({ disk });
      const connection = await broker.connect();
      await createTopic(connection, 'orders');
      const results = await together(connection, () =>
        ['a', 'b', 'c'].map((value) => produce(connection, 'orders', recordsOf(value), { acks })),
      );
      expect(results.map(({ errorCode, baseOffset }) => [errorCode, baseOffset])).toEqual([
        [0, 0],
        [0, 1],
        [0, 2],
      ]);
      expect(disk.joinedWrites).toBe(1);
      const { records } = await fetch(connection, 'orders', { maxWaitMs: 60_000, minBytes: 200 });
      for (const key of ['k-a', 'k-b', 'k-c']) expect(records?.includes(key)).toBe(true);
    },
  );

  it('tells each of those whose batches were written together that the write failed', async () => {
    const disk = unreliableDisk();
    const broker = await startBroker({ disk });
    const connection = await broker.connect();
    await createTopic(connection, 'orders');
    disk.failing = { writesTo: 'orders-0' };
    const results = await together(connection, () =>
      [1, -1, 1].map((acks) => produce(connection, 'orders', recordsOf('lost'), { acks })),
    );
    const { code } = errors.KAFKA_STORAGE_ERROR;
    expect(results.map(({ errorCode }) => errorCode)).toEqual([code, code, code]);
    expect((await fetch(connection, 'orders')).highWatermark).toBe(0);
    disk.failing = {};
  });

  it.for([
    { what: 'a sync', failing: { syncsOf: 'orders-0' } },
    { what: 'a write', failing: { writesTo: 'orders-0' } },
  ])('takes the partition offline whose $what failed, and no other', async ({ failing }) => {
    const disk = unreliableDisk();
    const broker = await startBroker({ disk });
    const connection = await broker.connect();
    for (const topic of ['orders', 'bills']) await createTopic(connection, topic);
    await produce(connection, 'orders', recordsOf('kept'));
    disk.failing = failing;
    expect((await produce(connection, 'orders', recordsOf('lost'))).errorCode).toBe(errors.KAFKA_STORAGE_ERROR.code);
    expect((await produce(connection, 'orders', recordsOf('later'))).errorCode).toBe(errors.KAFKA_STORAGE_ERROR.code);
    expect((await produce(connection, 'bills', recordsOf('a'))).errorCode).toBe(0);
    expect((await fetch(connection, 'orders')).highWatermark).toBe(1);
    expect(broker.failures).toEqual([]);

    disk.failing = {};
    await broker.restart();
    const again = await broker.connect();
    expect((await produce(again, 'orders', recordsOf('more'))).errorCode).toBe(0);
  });

  it.for(['__consumer_offsets', '__transaction_state'])('stops altogether when %s cannot be synced', async (topic) => {
    const disk = unreliableDisk();
    const broker = await startBroker({ disk });
    const connection = await broker.connect();
    await createTopic(connection, 'orders');
    disk.failing = { syncsOf: topic };
    const partitions = [{ partition: 0, committedOffset: 1, committedMetadata: null }];
    const lost =
      topic === '__consumer_offsets'
        ? connection.request(apis.offsetCommit, 8, { groupId: 'g', topics: [{ name: 'orders', partitions }] })
        : initProducer(connection, 'tx');
    await expect(lost).rejects.toThrow('connection closed');
    expect(broker.failures).toHaveLength(1);
    expect(String(broker.failures.splice(0)[0])).toContain('EIO');
    await expect(broker.connect()).rejects.toThrow('ECONNREFUSED');
    disk.failing = {};
  });

  it('aborts at its start what a power loss has left open and nobody owns', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    await createTopic(connection, 'orders');
    const transaction = await beginTransaction(connection, 'tx', 'orders');
    await transaction.produce('a');
    await broker.broker.close();
    rmSync(join(broker.directory, '__transaction_state-0'), { recursive: true });
    await broker.start();
    const again = await broker.connect();
    const { lastStableOffset, records } = await fetch(again, 'orders', { isolationLevel: 1 });
    expect(lastStableOffset).toBe(2);
    expect(records?.includes('k-a')).toBe(false);
  });
});

/** What `send` sends leaves the client in one piece, and so is there in one read of the broker's. */
function together<T>(connection: WireConnection, send: () => Promise<T>[]): Promise<T[]> {
  connection.socket.cork();
  const answers = send();
  connection.socket.uncork();
  return Promise.all(answers);
}
