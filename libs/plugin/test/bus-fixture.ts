import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type JobOffer, jobRecord, topicsOf } from '@millrace/bus';
import { type Broker, createBroker } from '@millrace/broker';
import { Kafka, Partitioners, type Producer, logLevel } from 'kafkajs';

export const topics = topicsOf();

/** A reply as the engine would see it. */
export interface SeenReply {
  readonly key: string;
  readonly value: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** A real broker, and the engine's side of the bus: offers jobs in transactions, reads replies committed. */
export class BusFixture {
  readonly brokers: readonly string[];
  readonly kafka: Kafka;
  readonly replies: SeenReply[] = [];
  readonly #broker: Broker;
  readonly #directory: string;
  readonly #producer: Producer;
  readonly #closers: (() => Promise<void>)[] = [];
  #watchers: (() => void)[] = [];

  private constructor(broker: Broker, directory: string, address: string) {
    this.#broker = broker;
    this.#directory = directory;
    this.brokers = [address];
    this.kafka = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING });
    this.#producer = this.kafka.producer({
      transactionalId: 'engine',
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
  }

  static async start(): Promise<BusFixture> {
    const directory = mkdtempSync(join(tmpdir(), 'millrace-plugin-'));
    const broker = createBroker({
      dataDirectory: directory,
      listeners: [{ host: '127.0.0.1', port: 0 }],
      fsync: 'never',
      autoCreateTopics: false,
    });
    const [address] = await broker.start();
    const fixture = new BusFixture(broker, directory, `127.0.0.1:${address?.port ?? 0}`);
    await fixture.createTopic(topics.reply, 2);
    await fixture.createTopic(topics.plugins, 1);
    await fixture.#producer.connect();
    fixture.#closers.push(() => fixture.#producer.disconnect());
    await fixture.#followReplies();
    return fixture;
  }

  async createTopic(topic: string, numPartitions: number): Promise<void> {
    const admin = this.kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor: 1 }] });
    await admin.disconnect();
  }

  /** Offers jobs in one transaction, which then commits or aborts. */
  async offer(outcome: 'commit' | 'abort', ...jobs: readonly Partial<JobOffer>[]): Promise<void> {
    const transaction = await this.#producer.transaction();
    for (const job of jobs) {
      const { topic, key, value, headers } = jobRecord(topics, { ...someJob, ...job });
      const named = Object.fromEntries(headers.map((header) => [header.key, String(header.value)]));
      await transaction.send({ topic, messages: [{ key: String(key), value: String(value), headers: named }] });
    }
    await transaction[outcome]();
  }

  /** Waits until there are so many replies, and gives them. */
  async repliesUpTo(count: number): Promise<readonly SeenReply[]> {
    while (this.replies.length < count) await new Promise<void>((resolve) => this.#watchers.push(resolve));
    return this.replies;
  }

  /** All offsets that a group has committed on a topic, added up; -1 (none) counts as 0. */
  async committed(groupId: string, topic: string): Promise<number> {
    const admin = this.kafka.admin();
    await admin.connect();
    const [offsets] = await admin.fetchOffsets({ groupId, topics: [topic] });
    await admin.disconnect();
    return (offsets?.partitions ?? []).reduce((sum, { offset }) => sum + Math.max(Number(offset), 0), 0);
  }

  /** The end offsets of a topic, added up. */
  async end(topic: string): Promise<number> {
    const admin = this.kafka.admin();
    await admin.connect();
    const offsets = await admin.fetchTopicOffsets(topic);
    await admin.disconnect();
    return offsets.reduce((sum, { high }) => sum + Number(high), 0);
  }

  /** As by a failure: nobody who speaks with it has left. */
  async stopBroker(): Promise<void> {
    await this.#broker.close();
  }

  async stop(): Promise<void> {
    for (const close of this.#closers) await close();
    await this.#broker.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #followReplies(): Promise<void> {
    const consumer = this.kafka.consumer({ groupId: 'engine', maxWaitTimeInMs: 100 });
    await consumer.connect();
    await consumer.subscribe({ topics: [topics.reply], fromBeginning: true });
    await consumer.run({
      eachMessage: async ({ message }) => {
        const headers = Object.entries(message.headers ?? {}).map(([key, value]) => [key, String(value)]);
        this.replies.push({
          key: String(message.key),
          value: JSON.parse(String(message.value)),
          headers: Object.fromEntries(headers) as Record<string, string>,
        });
        for (const wake of this.#watchers.splice(0)) wake();
      },
    });
    this.#closers.push(() => consumer.disconnect());
  }
}

const someJob: JobOffer = {
  jobKey: 'j',
  type: 'credit-check',
  instanceId: '01890000-0000-8000-8000-000000000001',
  elementId: 'Check',
  attempt: 1,
  retries: 3,
  definition: 'onboarding',
  definitionVersion: 1,
  variables: { customerId: 'c-1' },
};
