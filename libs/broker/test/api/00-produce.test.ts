import { apis, decodeBatch, encodeBatch, encodeControlBatch, errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { createTopic, fetch, fetchOf, produce, recordsOf, startBroker } from '../running-broker.ts';

describe('Produce', () => {
  it('answers acks=all with the offset, after a sync that other requests shared', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    await createTopic(connection, 'orders');
    const before = broker.broker.stats();
    const results = await Promise.all(
      ['a', 'b', 'c'].map((value) => produce(connection, 'orders', recordsOf(value, `${value}2`))),
    );
    expect(results.map(({ errorCode, baseOffset }) => [errorCode, baseOffset])).toEqual([
      [0, 0],
      [0, 2],
      [0, 4],
    ]);
    const after = broker.broker.stats();
    expect(after.syncedRequests - before.syncedRequests).toBe(3);
    expect(after.syncRounds - before.syncRounds).toBeLessThan(3);
  });

  it('pitfall 12: answers acks=0 with nothing, and goes on with the next request', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    await createTopic(connection, 'orders');
    const records = encodeBatch(recordsOf('a'));
    const silent = connection.send(apis.produce, 9, {
      acks: 0,
      timeoutMs: 0,
      topics: [{ name: 'orders', partitions: [{ partition: 0, records }] }],
    });
    expect((await produce(connection, 'orders', recordsOf('b'))).baseOffset).toBe(1);
    expect(connection.answered).not.toContain(silent);
  });

  it('pitfall 38: refuses each partition on its own', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    await createTopic(connection, 'orders', { partitions: 2 });
    const records = encodeBatch(recordsOf('a'));
    const damaged = Buffer.from(records);
    damaged.writeUInt8(damaged.readUInt8(70) ^ 0xff, 70);
    const { topics } = await connection.request(apis.produce, 9, {
      acks: -1,
      timeoutMs: 0,
      topics: [
        {
          name: 'orders',
          partitions: [
            { partition: 0, records },
            { partition: 1, records: damaged },
            { partition: 2, records },
          ],
        },
        { name: 'unheard-of', partitions: [{ partition: 0, records }] },
      ],
    });
    const codes = topics.map(({ partitions }) => partitions.map(({ errorCode }) => errorCode));
    expect(codes).toEqual([
      [errors.NONE.code, errors.CORRUPT_MESSAGE.code, errors.UNKNOWN_TOPIC_OR_PARTITION.code],
      [errors.UNKNOWN_TOPIC_OR_PARTITION.code],
    ]);
    expect(topics[0]?.partitions[2]?.errorMessage).toContain('orders-2');
  });

  it.for([
    { what: 'acks that do not exist', options: { acks: 2 }, error: errors.INVALID_REQUIRED_ACKS },
    { what: 'no records', options: { batch: Buffer.alloc(0) }, error: errors.INVALID_RECORD },
    {
      what: 'a marker of no transaction, before it looks whether it is one',
      options: {
        batch: encodeControlBatch('commit', { producerId: 1, producerEpoch: 0, coordinatorEpoch: 0, timestamp: 0 }),
      },
      error: errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
    },
    {
      what: 'a transactional batch without a transaction',
      options: { transactionalId: 'nobody', producerId: 7 },
      error: errors.INVALID_PRODUCER_ID_MAPPING,
    },
  ])('refuses $what', async ({ options, error }) => {
    const broker = await startBroker();
    const connection = await broker.connect();
    await createTopic(connection, 'orders');
    expect((await produce(connection, 'orders', recordsOf('a'), options)).errorCode).toBe(error.code);
    expect((await fetch(connection, 'orders')).highWatermark).toBe(0);
  });

  it('pitfall 10: refuses a batch above max.message.bytes with MESSAGE_TOO_LARGE', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    await createTopic(connection, 'small', { configs: { 'max.message.bytes': '200' } });
    const large = [{ timestamp: 0, value: Buffer.alloc(300) }];
    expect((await produce(connection, 'small', large)).errorCode).toBe(errors.MESSAGE_TOO_LARGE.code);
    expect((await produce(connection, 'small', recordsOf('a'))).errorCode).toBe(errors.NONE.code);
  });

  it('pitfall 11: refuses a record without key on a compacted topic with INVALID_RECORD', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    await createTopic(connection, 'table', { configs: { 'cleanup.policy': 'compact' } });
    const keyless = { timestamp: 0, value: 'a' };
    const refused = await produce(connection, 'table', [keyless, ...recordsOf('a'), keyless]);
    expect(refused.errorCode).toBe(errors.INVALID_RECORD.code);
    // Each of them: librdkafka gives its user INVALID_RECORD for these, and another error for those between them.
    expect(refused.recordErrors.map(({ batchIndex }) => batchIndex)).toEqual([0, 2]);
    expect((await produce(connection, 'table', recordsOf('a'))).errorCode).toBe(errors.NONE.code);
  });

  it('refuses to let clients write internal topics', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    const result = await produce(connection, '__consumer_offsets', recordsOf('a'));
    expect(result.errorCode).toBe(errors.INVALID_TOPIC_EXCEPTION.code);
  });

  it('pitfalls 13, 44: returns the original offset of a batch that was sent twice, also after a restart', async () => {
    const broker = await startBroker();
    let connection = await broker.connect();
    await createTopic(connection, 'orders');
    const { producerId, producerEpoch } = await connection.request(apis.initProducerId, 4, {
      transactionalId: null,
      transactionTimeoutMs: 0,
    });
    const send = (baseSequence: number) =>
      produce(connection, 'orders', recordsOf('a', 'b'), { producerId, producerEpoch, baseSequence });
    expect((await send(0)).baseOffset).toBe(0);
    expect((await send(2)).baseOffset).toBe(2);
    expect(await send(0)).toMatchObject({ errorCode: 0, baseOffset: 0 });
    await broker.restart();
    connection = await broker.connect();
    expect(await send(2)).toMatchObject({ errorCode: 0, baseOffset: 2 });
    expect((await send(6)).errorCode).toBe(errors.OUT_OF_ORDER_SEQUENCE_NUMBER.code);
    expect((await send(4)).baseOffset).toBe(4);
    expect((await fetch(connection, 'orders')).highWatermark).toBe(6);
  });

  it('stamps records with the time of the append where the topic asks for it', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    await createTopic(connection, 'stamped', { configs: { 'message.timestamp.type': 'LogAppendTime' } });
    const { logAppendTimeMs } = await produce(connection, 'stamped', recordsOf('a'));
    const { records } = await fetch(connection, 'stamped');
    expect(logAppendTimeMs).toBeGreaterThan(1_700_000_000_000);
    expect(decodeBatch(records ?? Buffer.alloc(0)).records[0]?.timestamp).toBe(logAppendTimeMs);
  });

  it('appends pipelined requests in the order in which they were sent, and answers in that order', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    await createTopic(connection, 'orders');
    const values = Array.from({ length: 50 }, (_, index) => String(index));
    const ids = values.map((value) =>
      connection.send(apis.produce, 9, {
        acks: -1,
        timeoutMs: 0,
        topics: [{ name: 'orders', partitions: [{ partition: 0, records: encodeBatch(recordsOf(value)) }] }],
      }),
    );
    await connection.request(apis.fetch, 12, fetchOf('orders'));
    expect(connection.answered.slice(-ids.length - 1, -1)).toEqual(ids);
    const { records } = await fetch(connection, 'orders', { offset: 49 });
    expect(decodeBatch(records ?? Buffer.alloc(0)).records[0]?.value?.toString()).toBe('49');
  });
});
