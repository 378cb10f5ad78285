import { apis, errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { createTopic, startBroker } from '../running-broker.ts';
import { beginTransaction } from '../transaction.ts';
import type { WireConnection } from '../wire-connection.ts';

interface Marker {
  readonly producerId: number;
  readonly producerEpoch?: number;
  readonly isCommit?: boolean;
  readonly coordinatorEpoch?: number;
  readonly topic?: string;
}

async function mark(connection: WireConnection, marker: Marker): Promise<number | undefined> {
  const { topic = 'orders', producerEpoch = 0, isCommit = false, coordinatorEpoch = 0, producerId } = marker;
  const topics = [{ name: topic, partitions: [0] }];
  const { markers } = await connection.request(apis.writeTxnMarkers, 2, {
    markers: [{ producerId, producerEpoch, isCommit, coordinatorEpoch, topics }],
  });
  return markers[0]?.topics[0]?.partitions[0]?.errorCode;
}

async function openOffset(connection: WireConnection): Promise<number | undefined> {
  const { topics } = await connection.request(apis.describeProducers, 0, {
    topics: [{ name: 'orders', partitions: [0] }],
  });
  return topics[0]?.partitions[0]?.activeProducers[0]?.currentTransactionStartOffset;
}

describe('WriteTxnMarkers', () => {
  it('ends the transaction of a producer in a partition, as an administrator asks for it', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    const { producerId, ...transaction } = await beginTransaction(connection, 'tx', 'orders');
    await transaction.produce('a');
    expect(await openOffset(connection)).toBe(0);
    expect(await mark(connection, { producerId })).toBe(errors.NONE.code);
    expect(await openOffset(connection)).toBe(-1);
    // What the coordinator holds to be open, it still ends.
    expect(await transaction.end(true)).toBe(errors.NONE.code);
  });

  it('refuses who has been superseded, and what is not there', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    await beginTransaction(connection, 'tx', 'orders');
    const { producerId, producerEpoch, ...transaction } = await beginTransaction(connection, 'tx', 'orders');
    await transaction.produce('a');
    const refused = [
      [{ producerEpoch: producerEpoch - 1 }, errors.INVALID_PRODUCER_EPOCH],
      [{ coordinatorEpoch: 1 }, errors.TRANSACTION_COORDINATOR_FENCED],
      [{ topic: 'nowhere' }, errors.UNKNOWN_TOPIC_OR_PARTITION],
      [{ topic: '__transaction_state' }, errors.INVALID_TOPIC_EXCEPTION],
    ] as const;
    for (const [change, error] of refused) {
      expect(await mark(connection, { producerId, producerEpoch, ...change }), error.name).toBe(error.code);
    }
    // Where it was: behind the marker that ended the superseded one.
    expect(await openOffset(connection)).toBe(1);
  });

  it('ends the offsets of a transaction that is open in a partition of groups', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    const { producerId, producerEpoch, ...transaction } = await beginTransaction(connection, 'tx', 'orders');
    const identity = { transactionalId: 'tx', producerId, producerEpoch, groupId: 'billing' };
    await connection.request(apis.addOffsetsToTxn, 3, identity);
    await connection.request(apis.txnOffsetCommit, 3, {
      ...identity,
      topics: [{ name: 'orders', partitions: [{ partition: 0, committedOffset: 7, committedMetadata: null }] }],
    });
    expect(await mark(connection, { producerId, topic: '__consumer_offsets', isCommit: true })).toBe(errors.NONE.code);
    const { groups } = await connection.request(apis.offsetFetch, 8, {
      groups: [{ groupId: 'billing', topics: null }],
    });
    expect(groups[0]?.topics[0]?.partitions[0]?.committedOffset).toBe(7);
    expect(await transaction.end(false)).toBe(errors.NONE.code);
  });
});
