import type { EachBatchPayload, Kafka, Producer } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/until.ts';
import { type TestBroker, brokerKind, startBroker } from './brokers/index.ts';
import { Reader, createTopic, kafkaOf, withProducer } from '../support/kafkajs-client.ts';

const RECORDS = 600;
/** Kafka needs some ten seconds to be there again. */
const KILLS = brokerKind === 'kafka' ? 2 : 6;

let broker: TestBroker;
let kafka: Kafka;

beforeAll(async () => {
  broker = await startBroker();
  kafka = kafkaOf(broker);
});

afterAll(() => broker.remove());

/** Reads `source`, writes `target`, and moves its offsets in the same transaction. Starts over after any failure. */
class Copier {
  #isStopped = false;
  #count = 0;
  readonly #done: Promise<void>;

  constructor() {
    this.#done = this.#run();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#done;
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      const producer = kafka.producer({ transactionalId: 'copier', idempotent: true, maxInFlightRequests: 1 });
      const consumer = kafka.consumer({ groupId: 'copier', maxWaitTimeInMs: 50, maxBytesPerPartition: 400 });
      try {
        await producer.connect();
        await consumer.connect();
        await consumer.subscribe({ topic: 'source', fromBeginning: true });
        let hasFailed = false;
        const fail = (): void => void (hasFailed = true);
        consumer.on('consumer.crash', fail);
        await consumer.run({
          autoCommit: false,
          eachBatchAutoResolve: false,
          eachBatch: async (payload) => {
            if (hasFailed) return;
            await this.#copy(producer, payload).catch((error: unknown) => {
              fail();
              throw error;
            });
          },
        });
        await until('a failure or the end', () => hasFailed || this.#isStopped, 60_000);
      } catch {
        // The broker is gone: that is what this is about.
      }
      await Promise.allSettled([consumer.disconnect(), producer.disconnect()]);
    }
  }

  async #copy(producer: Producer, payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const transaction = await producer.transaction();
    try {
      const messages = batch.messages.map(({ value }) => ({ value }));
      await transaction.send({ topic: 'target', messages });
      const offset = `${Number(batch.lastOffset()) + 1}`;
      const topics = [{ topic: 'source', partitions: [{ partition: batch.partition, offset }] }];
      await transaction.sendOffsets({ consumerGroupId: 'copier', topics });
      // Some give up by themselves.
      if (this.#count++ % 7 === 6) throw new Error('expected to be told to give up');
      await transaction.commit();
      payload.resolveOffset(batch.lastOffset());
    } catch (error) {
      if (transaction.isActive()) await transaction.abort().catch(() => undefined);
      throw error;
    }
  }
}

describe('consume, transform, produce', () => {
  it(`copies each record exactly once while the broker is killed ${KILLS} times`, { timeout: 120_000 }, async () => {
    await createTopic(kafka, 'source');
    await createTopic(kafka, 'target');
    const values = Array.from({ length: RECORDS }, (_, index) => `record ${index}`);
    await withProducer(kafka, (producer) =>
      Promise.all(values.map((value) => producer.send({ topic: 'source', messages: [{ value }] }))),
    );
    const copier = new Copier();
    const reader = await Reader.of(kafka, 'target', 'target');
    for (let kill = 1; kill <= KILLS; kill++) {
      await until('progress', () => reader.seen.length > (kill * RECORDS) / (KILLS + 3), 60_000);
      await broker.kill();
      await broker.start();
    }
    await until('every record', () => new Set(reader.values()).size === RECORDS, 60_000);
    await copier.stop();
    await reader.stop();

    // The reader's own group may have brought it a record again; where they lie says whether they are there twice.
    const byOffset = new Map(reader.seen.map(({ message, value }) => [message.offset, value]));
    expect(byOffset.size).toBe(RECORDS);
    expect(new Set(byOffset.values())).toEqual(new Set(values));
  });
});
