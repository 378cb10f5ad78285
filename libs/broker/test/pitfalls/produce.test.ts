import { apis, encodeBatch, errors, packBatch, readBatchHeader } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { createTopic, fetch, fetchOf, produce, recordsOf, startBroker } from '../running-broker.ts';
import { initProducer } from '../transaction.ts';
import type { WireConnection } from '../wire-connection.ts';

const SEQUENCE_MAX = 2 ** 31 - 1;

async function withTopic() {
  const broker = await startBroker();
  const connection = await broker.connect();
  await createTopic(connection, 'orders');
  return { broker, connection };
}

/** Sends one record with these sequences of producer 7, and returns the error and the offset. */
function sender(connection: WireConnection, producerId = 7) {
  return async (baseSequence: number, producerEpoch = 0, values: readonly string[] = ['a']) => {
    const producer = { producerId, producerEpoch, baseSequence };
    const { errorCode, baseOffset } = await produce(connection, 'orders', recordsOf(...values), producer);
    return [errorCode, baseOffset];
  };
}

describe('producing', () => {
  it('pitfall 13: finds a repeated batch among the last five of its producer, and answers with its first offset', async () => {
    const { connection } = await withTopic();
    const send = sender(connection);
    for (let index = 0; index < 6; index++) expect(await send(index)).toEqual([0, index]);
    for (let index = 1; index < 6; index++) expect(await send(index)).toEqual([0, index]);
    // The sixth last is not remembered any more: it is out of order, and in no case appended again.
    expect((await send(0))[0]).toBe(errors.OUT_OF_ORDER_SEQUENCE_NUMBER.code);
    expect((await fetch(connection, 'orders')).highWatermark).toBe(6);
  });

  it('pitfall 14: goes on with sequence 0 after 2³¹ − 1, inside a batch and between two', async () => {
    const { connection } = await withTopic();
    const send = sender(connection);
    expect(await send(SEQUENCE_MAX - 1)).toEqual([0, 0]);
    expect(await send(SEQUENCE_MAX, 0, ['b', 'c'])).toEqual([0, 1]);
    expect(await send(1)).toEqual([0, 3]);
    expect(await send(SEQUENCE_MAX, 0, ['b', 'c'])).toEqual([0, 1]);
    const other = sender(connection, 8);
    await other(SEQUENCE_MAX);
    expect(await other(0)).toEqual([0, 5]);
  });

  it('pitfall 15: begins a new epoch at sequence 0, and takes any from a producer it does not know', async () => {
    const { connection } = await withTopic();
    const send = sender(connection);
    expect(await send(41)).toEqual([0, 0]);
    expect((await send(42, 1))[0]).toBe(errors.OUT_OF_ORDER_SEQUENCE_NUMBER.code);
    expect(await send(0, 1)).toEqual([0, 1]);
    expect(await send(1, 1)).toEqual([0, 2]);
  });

  it('pitfall 16: calls a stale epoch INVALID_PRODUCER_EPOCH on Produce, and PRODUCER_FENCED at the coordinator', async () => {
    const { connection } = await withTopic();
    const old = await initProducer(connection, 'tx');
    const next = await initProducer(connection, 'tx');
    expect(next).toMatchObject({ producerId: old.producerId, producerEpoch: old.producerEpoch + 1 });
    const { producerId, producerEpoch } = old;
    const transaction = { transactionalId: 'tx', producerId, producerEpoch };
    const produced = await produce(connection, 'orders', recordsOf('a'), transaction);
    expect(produced.errorCode).toBe(errors.INVALID_PRODUCER_EPOCH.code);
    const { errorCode } = await connection.request(apis.endTxn, 3, { ...transaction, committed: true });
    expect(errorCode).toBe(errors.PRODUCER_FENCED.code);
    const older = await connection.request(apis.endTxn, 1, { ...transaction, committed: true });
    expect(older.errorCode).toBe(errors.INVALID_PRODUCER_EPOCH.code);
    const send = sender(connection);
    await send(0, 5);
    expect((await send(1, 4))[0]).toBe(errors.INVALID_PRODUCER_EPOCH.code);
  });

  it('pitfall 17: takes zstd from Produce 7 on, and refuses it before; a Fetch brings it in any version, as in Kafka 4', async () => {
    const { connection } = await withTopic();
    const batch = packBatch(encodeBatch(recordsOf('a')), { codec: 'zstd' });
    const body = {
      acks: -1,
      timeoutMs: 0,
      topics: [{ name: 'orders', partitions: [{ partition: 0, records: batch }] }],
    };
    const send = async (version: number) =>
      (await connection.request(apis.produce, version, body)).topics[0]?.partitions[0]?.errorCode;
    expect(await send(6)).toBe(errors.UNSUPPORTED_COMPRESSION_TYPE.code);
    expect(await send(7)).toBe(0);
    const fetched = async (version: number) =>
      (await connection.request(apis.fetch, version, fetchOf('orders'))).topics[0]?.partitions[0];
    for (const version of [4, 10]) {
      const found = await fetched(version);
      expect(found?.errorCode).toBe(0);
      expect(readBatchHeader(found?.records ?? Buffer.alloc(0)).codec).toBe('zstd');
    }
  });

  it.for([
    {
      what: 'message format 0',
      change: (batch: Buffer) => batch.writeInt8(0, 16),
      error: 'UNSUPPORTED_FOR_MESSAGE_FORMAT',
    },
    {
      what: 'message format 1',
      change: (batch: Buffer) => batch.writeInt8(1, 16),
      error: 'UNSUPPORTED_FOR_MESSAGE_FORMAT',
    },
    {
      what: 'a wrong checksum',
      change: (batch: Buffer) => batch.writeInt8(1, batch.length - 2),
      error: 'CORRUPT_MESSAGE',
    },
  ] as const)('pitfall 17: refuses $what, and appends nothing', async ({ change, error }) => {
    const { connection } = await withTopic();
    const batch = Buffer.from(encodeBatch(recordsOf('a')));
    change(batch);
    const { errorCode } = await produce(connection, 'orders', [], { batch });
    expect(errorCode).toBe(errors[error].code);
    expect((await fetch(connection, 'orders')).highWatermark).toBe(0);
  });
});
