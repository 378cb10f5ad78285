import type { Kafka, Producer, Transaction } from 'kafkajs';
import { apis, encodeBatch } from '@millrace/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WireConnection } from '../../libs/broker/test/wire-connection.ts';
import { until } from '../support/until.ts';
import { type TestBroker, brokerKind, startBroker } from './brokers/index.ts';
import { Reader, createTopic, kafkaOf, withProducer } from '../support/kafkajs-client.ts';

let broker: TestBroker;
let kafka: Kafka;

beforeAll(async () => {
  broker = await startBroker();
  kafka = kafkaOf(broker);
});

afterAll(() => broker.remove());

async function transactional(transactionalId: string): Promise<Producer> {
  const producer = kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  return producer;
}

const send = (to: Producer | Transaction, topic: string, value: string, partition = 0): Promise<unknown> =>
  to.send({ topic, messages: [{ partition, value }] });

/** Where the built-in broker differs from Apache Kafka on purpose. The README of this folder says why. */
describe('records of aborted transactions', () => {
  it('are hidden from kafkajs, which sees some of them on Kafka when several transactions abort interleaved', async () => {
    await createTopic(kafka, 'interleaved');
    const producers = await Promise.all(['a', 'b', 'c', 'd'].map((id) => transactional(id)));
    const expected: string[] = [];
    for (let round = 0; round < 5; round++) {
      const open = await Promise.all(producers.map((producer) => producer.transaction()));
      // Each writes twice, in turns, so that every transaction has records of all others between its own.
      for (const part of ['first', 'second']) {
        for (const [index, one] of open.entries()) await send(one, 'interleaved', `${round} ${index} ${part}`);
      }
      // Ends out of order; two of four abort, in every round others.
      for (const index of [2, 0, 3, 1]) {
        const one = open[index];
        if ((index + round) % 2 === 0) await one?.abort();
        else {
          await one?.commit();
          expected.push(`${round} ${index} first`, `${round} ${index} second`);
        }
      }
    }
    for (const producer of producers) await producer.disconnect();
    await withProducer(kafka, (producer) => send(producer, 'interleaved', 'end'));

    const [committed, all] = await Promise.all([
      Reader.of(kafka, 'interleaved', 'committed'),
      Reader.of(kafka, 'interleaved', 'uncommitted', true),
    ]);
    await until('both to have read to the end', () => [committed, all].every((one) => one.values().includes('end')));
    await Promise.all([committed.stop(), all.stop()]);
    expect(all.seen).toHaveLength(41);
    const wrong = committed.values().filter((value) => value !== 'end' && !expected.includes(value ?? ''));
    if (brokerKind === 'millrace') expect(wrong).toEqual([]);
    else expect(wrong).not.toEqual([]);
    expect(committed.seen).toHaveLength(expected.length + 1 + wrong.length);
  });
});

describe('a Produce with acks 0 that fails', () => {
  it('leaves its connection open; Kafka closes it', async () => {
    const connection = await WireConnection.open(broker.port);
    const topics = [
      { name: 'nowhere', partitions: [{ partition: 0, records: encodeBatch([{ timestamp: 0, value: 'v' }]) }] },
    ];
    connection.send(apis.produce, 9, { acks: 0, timeoutMs: 1_000, topics });
    if (brokerKind === 'kafka') await connection.closed;
    else expect((await connection.request(apis.metadata, 9, { topics: [] })).brokers).toHaveLength(1);
    connection.close();
  });
});
