import { apis, errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { createTopic, produce, startBroker } from '../running-broker.ts';
import { beginTransaction } from '../transaction.ts';
import type { WireConnection } from '../wire-connection.ts';

const stamped = (...timestamps: number[]) => timestamps.map((timestamp) => ({ timestamp, key: 'k', value: 'v' }));

async function offsetAt(connection: WireConnection, timestamp: number, isolationLevel = 0, partition = 0, version = 9) {
  const { topics } = await connection.request(apis.listOffsets, version, {
    isolationLevel,
    topics: [{ name: 'orders', partitions: [{ partition, timestamp }] }],
  });
  return topics[0]?.partitions[0];
}

describe('ListOffsets', () => {
  it('pitfall 4: finds the first record that is not older than a time, inside a batch too', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    await produce(connection, 'orders', stamped(1_000, 3_000, 2_000));
    await produce(connection, 'orders', stamped(5_000));
    expect(await offsetAt(connection, 1_500)).toMatchObject({
      errorCode: 0,
      offset: 1,
      timestamp: 3_000,
      leaderEpoch: 0,
    });
    expect(await offsetAt(connection, 3_001)).toMatchObject({ offset: 3, timestamp: 5_000 });
    expect(await offsetAt(connection, 5_001)).toMatchObject({
      errorCode: 0,
      offset: -1,
      timestamp: -1,
      leaderEpoch: -1,
    });
  });

  it('pitfall 7: finds start, end and the record with the largest timestamp', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    await produce(connection, 'orders', stamped(1_000, 9_000, 2_000));
    expect(await offsetAt(connection, -2)).toMatchObject({ offset: 0, timestamp: -1 });
    expect(await offsetAt(connection, -1)).toMatchObject({ offset: 3, timestamp: -1 });
    expect(await offsetAt(connection, -3)).toMatchObject({ offset: 1, timestamp: 9_000 });
  });

  it('knows the record with the largest timestamp only in the version that brought it', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    await produce(connection, 'orders', stamped(1_000));
    const { topics } = await connection.request(apis.listOffsets, 6, {
      isolationLevel: 0,
      topics: [{ name: 'orders', partitions: [{ partition: 0, timestamp: -3 }] }],
    });
    expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: errors.UNSUPPORTED_VERSION.code, offset: -1 });
  });

  it('pitfall 5: never answers below the start of the log', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    await produce(connection, 'orders', stamped(1_000, 2_000, 3_000));
    const { topics } = await connection.request(apis.deleteRecords, 2, {
      topics: [{ name: 'orders', partitions: [{ partition: 0, offset: 2 }] }],
      timeoutMs: 0,
    });
    expect(topics[0]?.partitions[0]).toMatchObject({ errorCode: 0, lowWatermark: 2 });
    expect(await offsetAt(connection, -2)).toMatchObject({ offset: 2 });
    expect(await offsetAt(connection, 500)).toMatchObject({ offset: 2, timestamp: 3_000 });
  });

  it('ends at the last stable offset for read_committed', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    await createTopic(connection, 'orders');
    await produce(connection, 'orders', stamped(1_000));
    const transaction = await beginTransaction(await broker.connect(), 'tx', 'orders');
    await transaction.produce('a');
    expect(await offsetAt(connection, -1, 1)).toMatchObject({ offset: 1 });
    expect(await offsetAt(connection, -1, 0)).toMatchObject({ offset: 2 });
    await transaction.end(true);
    expect(await offsetAt(connection, -1, 1)).toMatchObject({ offset: 3 });
  });

  it('refuses unknown partitions and timestamps that mean nothing', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    expect(await offsetAt(connection, -1, 0, 1)).toMatchObject({ errorCode: errors.UNKNOWN_TOPIC_OR_PARTITION.code });
    expect(await offsetAt(connection, -6)).toMatchObject({ errorCode: errors.UNSUPPORTED_FOR_MESSAGE_FORMAT.code });
  });

  it('has everything on this node and nothing in tiered storage, for those who ask in a version that knows of it', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    await produce(connection, 'orders', stamped(1_000));
    expect(await offsetAt(connection, -4)).toMatchObject({ errorCode: 0, offset: 0, leaderEpoch: 0 });
    expect(await offsetAt(connection, -5)).toMatchObject({ errorCode: 0, offset: -1, leaderEpoch: -1 });
    for (const [timestamp, before] of [
      [-3, 6],
      [-4, 7],
      [-5, 8],
    ] as const) {
      const refused = await offsetAt(connection, timestamp, 0, 0, before);
      expect(refused).toMatchObject({ errorCode: errors.UNSUPPORTED_VERSION.code });
    }
  });
});

describe('DeleteRecords', () => {
  it('pitfall 6: does nothing at or below the log start, and refuses what is above the high watermark', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    await produce(connection, 'orders', stamped(1, 2, 3));
    const deleteBefore = async (offset: number) => {
      const topics = [{ name: 'orders', partitions: [{ partition: 0, offset }] }];
      const response = await connection.request(apis.deleteRecords, 2, { topics, timeoutMs: 0 });
      return response.topics[0]?.partitions[0];
    };
    expect(await deleteBefore(2)).toMatchObject({ errorCode: 0, lowWatermark: 2 });
    expect(await deleteBefore(1)).toMatchObject({ errorCode: 0, lowWatermark: 2 });
    expect(await deleteBefore(4)).toMatchObject({ errorCode: errors.OFFSET_OUT_OF_RANGE.code, lowWatermark: -1 });
    expect(await deleteBefore(-1)).toMatchObject({ errorCode: 0, lowWatermark: 3 });
  });
});

describe('OffsetForLeaderEpoch', () => {
  it('pitfall 8: knows the end of its one epoch, and nothing of any other', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    await produce(connection, 'orders', stamped(1, 2));
    const ask = async (leaderEpoch: number, currentLeaderEpoch = -1) => {
      const partitions = [{ partition: 0, leaderEpoch, currentLeaderEpoch }];
      const response = await connection.request(apis.offsetForLeaderEpoch, 4, {
        topics: [{ name: 'orders', partitions }],
      });
      return response.topics[0]?.partitions[0];
    };
    expect(await ask(0)).toMatchObject({ errorCode: 0, leaderEpoch: 0, endOffset: 2 });
    expect(await ask(5)).toMatchObject({ errorCode: 0, leaderEpoch: -1, endOffset: -1 });
    expect(await ask(0, 5)).toMatchObject({ errorCode: errors.UNKNOWN_LEADER_EPOCH.code });
  });
});
