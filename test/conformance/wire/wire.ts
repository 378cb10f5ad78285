import {
  type Api,
  apis,
  type BatchProducer,
  encodeBatch,
  errorOf,
  type RecordInput,
  type RequestInput,
  type Response,
} from '@millrace/wire';
import { afterAll, beforeAll } from 'vitest';
import { WireConnection } from '../../../libs/broker/test/wire-connection.ts';
import { until } from '../../support/until.ts';
import { type TestBroker, startBroker } from '../brokers/index.ts';

type Produced = Response<typeof apis.produce>['topics'][number]['partitions'][number];
type Fetched = Response<typeof apis.fetch>['topics'][number]['partitions'][number];
type TopicAnswer = Response<typeof apis.createTopics>['topics'][number];

export interface ProduceOptions {
  readonly version?: number;
  readonly acks?: number;
  readonly partition?: number;
  readonly transactionalId?: string;
  readonly producer?: BatchProducer;
  /** Instead of one of the records. */
  readonly batch?: Buffer;
}

export interface FetchOptions {
  readonly version?: number;
  readonly partition?: number;
  readonly offset?: number;
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  readonly partitionMaxBytes?: number;
  readonly isolationLevel?: number;
  readonly currentLeaderEpoch?: number;
}

export interface TransactionalProducer {
  readonly transactionalId: string;
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** Requests as bytes, without a client that would never send the wrong ones. */
export class Wire {
  readonly broker: TestBroker;
  readonly connection: WireConnection;
  #names = 0;

  constructor(broker: TestBroker, connection: WireConnection) {
    this.broker = broker;
    this.connection = connection;
  }

  ask<A extends Api>(api: A, version: number, body: RequestInput<A>): Promise<Response<A>> {
    return this.connection.request(api, version, body);
  }

  another(): Promise<WireConnection> {
    return WireConnection.open(this.broker.port);
  }

  /** Creates a topic of a new name, and returns it when it can be written. */
  async topic(partitions = 1, configs: Readonly<Record<string, string>> = {}): Promise<string> {
    const name = `topic-${this.#names++}`;
    const { errorCode, errorMessage } = await this.create({ name, numPartitions: partitions }, configs);
    if (errorCode !== 0) throw new Error(`expected ${name} to be created, found ${errorMessage}`);
    const asked = Array.from({ length: partitions }, (_, partition) => ({ partition, timestamp: -1 }));
    await until('its leaders', async () => {
      const { topics } = await this.ask(apis.listOffsets, 7, { topics: [{ name, partitions: asked }] });
      return topics[0]?.partitions.every((each) => each.errorCode === 0);
    });
    return name;
  }

  async create(
    topic: { name: string; numPartitions?: number; replicationFactor?: number },
    configs: Readonly<Record<string, string | null>> = {},
    validateOnly = false,
  ): Promise<TopicAnswer> {
    const entries = Object.entries(configs).map(([name, value]) => ({ name, value }));
    const topics = [{ numPartitions: 1, replicationFactor: 1, ...topic, configs: entries }];
    const answer = await this.ask(apis.createTopics, 7, { topics, timeoutMs: 10_000, validateOnly });
    return only(answer.topics);
  }

  async produce(topic: string, records: readonly RecordInput[], options: ProduceOptions = {}): Promise<Produced> {
    const { version = 9, acks = -1, partition = 0, transactionalId = null, producer } = options;
    const batch = options.batch ?? encodeBatch(records, producer);
    const topics = [{ name: topic, partitions: [{ partition, records: batch }] }];
    const answer = await this.ask(apis.produce, version, { transactionalId, acks, timeoutMs: 10_000, topics });
    return only(only(answer.topics).partitions);
  }

  async fetch(topic: string, options: FetchOptions = {}): Promise<Fetched> {
    const { version = 11, partition = 0, offset = 0, currentLeaderEpoch = -1, partitionMaxBytes = 1_000_000 } = options;
    const partitions = [{ partition, fetchOffset: offset, currentLeaderEpoch, partitionMaxBytes }];
    const answer = await this.ask(apis.fetch, version, {
      maxWaitMs: options.maxWaitMs ?? 0,
      minBytes: options.minBytes ?? 1,
      maxBytes: 10_000_000,
      isolationLevel: options.isolationLevel ?? 0,
      topics: [{ name: topic, partitions }],
      rackId: '',
    });
    return only(only(answer.topics).partitions);
  }

  /** A group that can be talked to: Kafka makes the coordinator's topic when it is first asked for. */
  async group(): Promise<string> {
    const key = `group-${this.#names++}`;
    await until(`the coordinator of ${key}`, async () => {
      const { coordinators } = await this.ask(apis.findCoordinator, 4, { keyType: 0, coordinatorKeys: [key] });
      if (coordinators?.[0]?.errorCode !== 0) return false;
      const { groups } = await this.ask(apis.describeGroups, 5, { groups: [key] });
      return groups[0]?.errorCode === 0;
    });
    return key;
  }

  /** A transactional producer, initialised. */
  async transactional(transactionTimeoutMs = 60_000): Promise<TransactionalProducer> {
    const transactionalId = `transactional-${this.#names++}`;
    const { producerId, producerEpoch } = await until('the producer', async () => {
      await this.ask(apis.findCoordinator, 4, { keyType: 1, coordinatorKeys: [transactionalId] });
      const answer = await this.ask(apis.initProducerId, 4, { transactionalId, transactionTimeoutMs });
      return answer.errorCode === 0 && answer;
    });
    return { transactionalId, producerId, producerEpoch };
  }

  /** Adds the partition to the producer's transaction, and says how that went. */
  async add(producer: TransactionalProducer, topic: string, partition = 0): Promise<string> {
    const answer = await this.ask(apis.addPartitionsToTxn, 3, {
      ...producer,
      topics: [{ name: topic, partitions: [partition] }],
    });
    return nameOf(only(only(answer.topics).partitions).errorCode);
  }

  async end(producer: TransactionalProducer, committed: boolean, version = 3): Promise<string> {
    return nameOf((await this.ask(apis.endTxn, version, { ...producer, committed })).errorCode);
  }

  /** Writes one record in the producer's transaction, and says how that went. */
  async write(producer: TransactionalProducer, topic: string, baseSequence: number): Promise<string> {
    const { transactionalId, producerId, producerEpoch } = producer;
    const batch = { producerId, producerEpoch, baseSequence, isTransactional: true };
    return nameOf((await this.produce(topic, valuesOf('v'), { transactionalId, producer: batch })).errorCode);
  }

  /** Of an idempotent producer. */
  async producerId(): Promise<number> {
    const given = await until('a producer id', async () => {
      const answer = await this.ask(apis.initProducerId, 4, { transactionalId: null, transactionTimeoutMs: 0 });
      return answer.errorCode === 0 && answer;
    });
    return given.producerId;
  }
}

/** A broker for all tests of a file, and one connection to it. */
export function useWire(): () => Wire {
  let wire: Wire | undefined;
  beforeAll(async () => {
    const broker = await startBroker();
    wire = new Wire(broker, await WireConnection.open(broker.port));
  });
  afterAll(async () => {
    wire?.connection.close();
    await wire?.broker.remove();
  });
  return () => {
    if (wire === undefined) throw new Error('expected the broker to run');
    return wire;
  };
}

export function valuesOf(...values: readonly string[]): RecordInput[] {
  return values.map((value) => ({ timestamp: Date.now(), key: 'k', value }));
}

/** What an error code is called; `NONE` for none. */
export function nameOf(code: number | undefined): string {
  return code === undefined ? 'no answer' : errorOf(code).name;
}

export function only<T>(items: readonly T[] | null | undefined): T {
  if (items?.length !== 1) throw new Error(`expected one, found ${items?.length ?? 'none'}`);
  return items[0] as T;
}
