import {
  type Admin,
  type Consumer,
  ConfigResourceTypes,
  ConfigSource,
  CompressionCodecs,
  CompressionTypes,
  Kafka,
  type KafkaMessage,
  logLevel,
  PartitionAssigners,
  type Producer,
  type Transaction,
} from 'kafkajs';
import { type CompressionCodec, packRecords, unpackRecords } from '@millrace/wire';
import { until } from '../../support/until.ts';
import {
  type Client,
  ClientError,
  type ClientKind,
  type Incoming,
  type MemberView,
  type Operations,
} from './client.ts';

/** Node's own client, in this process. */
export const kafkajs: ClientKind = {
  name: 'kafkajs',
  codecs: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
  tellsEmptyFromMissing: true,
  writesWholeRecords: true,
  strategies: ['roundrobin'],
  hasStaticMembers: false,
  hearsOfFencing: false,
  isIdempotent: true,
  hasTransactions: true,
  filtersAborted: true,
  findsMaxTimestamp: false,
  lacks: [],
  open: (address) => Promise.resolve(new KafkajsClient(address)),
};

type Own = { [O in keyof Operations]: (args: Parameters<Operations[O]>[0]) => Promise<ReturnType<Operations[O]>> };

const codecs = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};

// It leaves these to plugins, whose packages nobody has kept: the native libraries of our own client serve as well.
CompressionCodecs[CompressionTypes.Snappy] = codecOf('snappy');
CompressionCodecs[CompressionTypes.LZ4] = codecOf('lz4');
CompressionCodecs[CompressionTypes.ZSTD] = codecOf('zstd');

class KafkajsClient implements Client {
  readonly #kafka: Kafka;
  readonly #members = new Map<string, { consumer: Consumer; seen: Incoming[]; assignment: [string, number][] }>();
  readonly #producers = new Map<string, { producer: Producer; transaction?: Transaction }>();
  readonly #streams = new Map<string, { stop: () => Promise<{ sent: number; acknowledged: number }> }>();
  #readers = 0;

  constructor(address: string) {
    const retry = { initialRetryTime: 50, maxRetryTime: 500, retries: 60 };
    this.#kafka = new Kafka({ clientId: 'conformance', brokers: [address], logLevel: logLevel.NOTHING, retry });
  }

  async call<O extends keyof Operations>(
    operation: O,
    args: Parameters<Operations[O]>[0],
  ): Promise<ReturnType<Operations[O]>> {
    try {
      return await this.#operations[operation](args);
    } catch (error) {
      throw clientError(error);
    }
  }

  async end(): Promise<void> {
    await Promise.all([...this.#members.values()].map(({ consumer }) => consumer.disconnect()));
    await Promise.all([...this.#producers.values()].map(({ producer }) => producer.disconnect()));
  }

  readonly #operations: Own = {
    produce: ({ topic, records, codec = 'none', acks = -1 }) =>
      this.#withProducer(async (producer) => {
        const messages = records.map(({ headers, timestamp, key, ...record }) => ({
          ...record,
          key: key ?? null,
          ...(timestamp === undefined ? {} : { timestamp: `${timestamp}` }),
          headers: headersOf(headers ?? []),
        }));
        const sent = await producer.send({ topic, acks, compression: codecs[codec], messages });
        if (acks === 0) return [];
        // One base offset per partition: the records of each lie behind it in order.
        const next = new Map(sent.map(({ partition, baseOffset }) => [partition, Number(baseOffset)]));
        return records.map(({ partition }) => {
          const offset = next.get(partition) ?? -1;
          next.set(partition, offset + 1);
          return { partition, offset };
        });
      }, acks === -1),

    // kafkajs reads in groups only: one of its own, which begins where it is told to.
    read: async ({ topic, partition, from, count, committed = false }) => {
      const groupId = `reader-${process.pid}-${performance.now()}-${this.#readers++}`;
      const consumer = this.#kafka.consumer({ groupId, readUncommitted: !committed, maxWaitTimeInMs: 100 });
      const seen: Incoming[] = [];
      const joined = Promise.withResolvers<unknown>();
      consumer.on('consumer.group_join', joined.resolve);
      await consumer.connect();
      await consumer.subscribe({ topic, fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachMessage: ({ partition: where, message }) => {
          if (where === partition && seen.length < count) seen.push(incoming(where, message));
          return Promise.resolve();
        },
      });
      // It cannot seek before it has joined.
      await joined.promise;
      consumer.seek({ topic, partition, offset: `${from}` });
      await until(`${count} records of ${topic}`, () => seen.length === count, 60_000);
      await consumer.disconnect();
      return seen;
    },

    join: async ({ member, group, topics }) => {
      const consumer = this.#kafka.consumer({
        groupId: group,
        maxWaitTimeInMs: 100,
        heartbeatInterval: 200,
        rebalanceTimeout: 5_000,
        partitionAssigners: [PartitionAssigners.roundRobin],
      });
      const seen: Incoming[] = [];
      const own = { consumer, seen, assignment: [] as [string, number][] };
      this.#members.set(member, own);
      consumer.on('consumer.group_join', ({ payload }) => {
        const entries = Object.entries(payload.memberAssignment as Record<string, number[]>);
        own.assignment = entries.flatMap(([topic, partitions]) =>
          partitions.toSorted((a, b) => a - b).map((partition): [string, number] => [topic, partition]),
        );
      });
      await consumer.connect();
      await consumer.subscribe({ topics: [...topics], fromBeginning: true });
      await consumer.run({
        eachMessage: ({ partition, message }) => {
          seen.push(incoming(partition, message));
          return Promise.resolve();
        },
      });
      return null;
    },
    look: ({ member }): Promise<MemberView> => {
      const { seen, assignment } = this.#member(member);
      return Promise.resolve({ seen, assignment });
    },
    leave: async ({ member }) => {
      await this.#member(member).consumer.disconnect();
      this.#members.delete(member);
      return null;
    },

    open: async ({ producer: name, transactionalId, timeoutMs = 60_000 }) => {
      const producer = this.#kafka.producer({
        transactionalId,
        transactionTimeout: timeoutMs,
        idempotent: true,
        maxInFlightRequests: 1,
      });
      await producer.connect();
      this.#producers.set(name, { producer });
      return null;
    },
    begin: async ({ producer: name }) => {
      const own = this.#producer(name);
      own.transaction = await own.producer.transaction();
      return null;
    },
    send: async ({ producer: name, topic, partition, values }) => {
      await this.#transaction(name).send({ topic, messages: values.map((value) => ({ partition, value })) });
      return null;
    },
    commit: async ({ producer: name }) => {
      await this.#transaction(name).commit();
      return null;
    },
    abort: async ({ producer: name }) => {
      await this.#transaction(name).abort();
      return null;
    },
    close: async ({ producer: name }) => {
      await this.#producer(name).producer.disconnect();
      this.#producers.delete(name);
      return null;
    },
    copy: async ({ source, target, group, transactionalId, count, abortEvery }) => {
      const producer = this.#kafka.producer({ transactionalId, idempotent: true, maxInFlightRequests: 1 });
      const consumer = this.#kafka.consumer({ groupId: group, maxWaitTimeInMs: 50, maxBytesPerPartition: 1_000 });
      await producer.connect();
      await consumer.connect();
      await consumer.subscribe({ topic: source, fromBeginning: true });
      let [turn, committed, aborted] = [0, 0, 0];
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: async (payload) => {
          const { batch } = payload;
          const transaction = await producer.transaction();
          const messages = batch.messages.map(({ value }) => ({ value, partition: 0 }));
          await transaction.send({ topic: target, messages });
          const offset = `${Number(batch.lastOffset()) + 1}`;
          const topics = [{ topic: source, partitions: [{ partition: batch.partition, offset }] }];
          await transaction.sendOffsets({ consumerGroupId: group, topics });
          if (++turn % abortEvery === 0) {
            await transaction.abort();
            aborted++;
          } else {
            await transaction.commit();
            committed += messages.length;
            payload.resolveOffset(batch.lastOffset());
          }
        },
      });
      await until('all to be copied', () => committed >= count, 60_000);
      await Promise.all([consumer.disconnect(), producer.disconnect()]);
      return { committed, aborted };
    },

    stream: async ({ topic }) => {
      const producer = this.#kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
      await producer.connect();
      let [sent, acknowledged] = [0, 0];
      const stopping = new AbortController();
      const running = (async () => {
        while (!stopping.signal.aborted) {
          const messages = Array.from({ length: 5 }, () => ({ partition: 0, value: `${sent++}` }));
          await producer.send({ topic, messages });
          acknowledged += messages.length;
        }
      })();
      running.catch(() => undefined);
      this.#streams.set(topic, {
        stop: async () => {
          stopping.abort();
          await running;
          await producer.disconnect();
          return { sent, acknowledged };
        },
      });
      return null;
    },
    finish: ({ topic }) => {
      const stream = this.#streams.get(topic);
      if (stream === undefined) throw new Error(`expected a stream to ${topic}`);
      return stream.stop();
    },

    createTopic: ({ topic, partitions, configs = {} }) =>
      this.#withAdmin(async (admin) => {
        const configEntries = Object.entries(configs).map(([name, value]) => ({ name, value }));
        await admin.createTopics({ topics: [{ topic, numPartitions: partitions, configEntries }] });
        return null;
      }),
    createPartitions: ({ topic, count }) =>
      this.#withAdmin(async (admin) => {
        await admin.createPartitions({ topicPartitions: [{ topic, count }] });
        return null;
      }),
    partitions: ({ topic }) =>
      this.#withAdmin(async (admin) => {
        const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
        return topics[0]?.partitions.length ?? 0;
      }),
    listTopics: () => this.#withAdmin((admin) => admin.listTopics()),
    describeConfigs: ({ topic }) =>
      this.#withAdmin(async (admin) => {
        const { resources } = await admin.describeConfigs({
          includeSynonyms: false,
          resources: [{ type: ConfigResourceTypes.TOPIC, name: topic }],
        });
        const entries = resources[0]?.configEntries ?? [];
        return Object.fromEntries(entries.map(({ configName, configValue }) => [configName, configValue]));
      }),
    // It has only the older call, which replaces all.
    alterConfigs: ({ topic, configs }) =>
      this.#withAdmin(async (admin) => {
        const resource = { type: ConfigResourceTypes.TOPIC, name: topic };
        const { resources } = await admin.describeConfigs({ includeSynonyms: false, resources: [resource] });
        const isSet = (source: ConfigSource): boolean => source === ConfigSource.TOPIC_CONFIG;
        const set = (resources[0]?.configEntries ?? []).filter(({ configSource }) => isSet(configSource));
        const all = { ...Object.fromEntries(set.map((entry) => [entry.configName, entry.configValue])), ...configs };
        const configEntries = Object.entries(all).map(([name, value]) => ({ name, value }));
        await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] });
        return null;
      }),
    listOffsets: ({ topic, partition, at }) =>
      this.#withAdmin(async (admin) => {
        const ends = await admin.fetchTopicOffsets(topic);
        const found = ends.find((each) => each.partition === partition);
        if (at === 'earliest') return Number(found?.low);
        if (at === 'latest') return Number(found?.high);
        const times = await admin.fetchTopicOffsetsByTimestamp(topic, at === 'max' ? -3 : at);
        return Number(times.find((each) => each.partition === partition)?.offset);
      }),
    deleteRecords: ({ topic, partition, before }) =>
      this.#withAdmin(async (admin) => {
        // It looks for the leader among the topics that it happens to know.
        await admin.fetchTopicOffsets(topic);
        await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: `${before}` }] });
        return null;
      }),
    deleteTopic: ({ topic }) =>
      this.#withAdmin(async (admin) => {
        await admin.deleteTopics({ topics: [topic] });
        return null;
      }),
    listGroups: () => this.#withAdmin(async (admin) => (await admin.listGroups()).groups.map(({ groupId }) => groupId)),
    describeGroup: ({ group }) =>
      this.#withAdmin(async (admin) => {
        const [found] = (await admin.describeGroups([group])).groups;
        return { state: found?.state ?? '', members: found?.members.length ?? 0 };
      }),
    groupOffsets: ({ group }) =>
      this.#withAdmin(async (admin) =>
        (await admin.fetchOffsets({ groupId: group })).flatMap(({ topic, partitions }) =>
          partitions.map(({ partition, offset }): [string, number, number] => [topic, partition, Number(offset)]),
        ),
      ),
    alterGroupOffsets: ({ group, topic, partition, offset }) =>
      this.#withAdmin(async (admin) => {
        await admin.setOffsets({ groupId: group, topic, partitions: [{ partition, offset: `${offset}` }] });
        return null;
      }),
    deleteGroup: ({ group }) =>
      this.#withAdmin(async (admin) => {
        await admin.deleteGroups([group]);
        return null;
      }),
  };

  async #withProducer<T>(use: (producer: Producer) => Promise<T>, idempotent: boolean): Promise<T> {
    const producer = this.#kafka.producer({ idempotent, maxInFlightRequests: 1 });
    await producer.connect();
    try {
      return await use(producer);
    } finally {
      await producer.disconnect();
    }
  }

  async #withAdmin<T>(use: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.#kafka.admin();
    await admin.connect();
    try {
      return await use(admin);
    } finally {
      await admin.disconnect();
    }
  }

  #member(name: string): { consumer: Consumer; seen: Incoming[]; assignment: [string, number][] } {
    const own = this.#members.get(name);
    if (own === undefined) throw new Error(`expected a member ${name}`);
    return own;
  }

  #producer(name: string): { producer: Producer; transaction?: Transaction } {
    const own = this.#producers.get(name);
    if (own === undefined) throw new Error(`expected a producer ${name}`);
    return own;
  }

  #transaction(name: string): Transaction {
    const { transaction } = this.#producer(name);
    if (transaction === undefined) throw new Error(`expected a transaction of ${name}`);
    return transaction;
  }
}

function codecOf(codec: CompressionCodec) {
  return () => ({
    compress: ({ buffer }: { buffer: Buffer }) => Promise.resolve(packRecords(codec, buffer)),
    decompress: (packed: Buffer) => Promise.resolve(unpackRecords(codec, packed)),
  });
}

function incoming(partition: number, { offset, timestamp, key, value, headers = {} }: KafkaMessage): Incoming {
  const pairs = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((each): [string, string] => [name, each?.toString() ?? '']),
  );
  return {
    partition,
    offset: Number(offset),
    timestamp: Number(timestamp),
    key: key?.toString() ?? null,
    value: value?.toString() ?? null,
    headers: pairs,
  };
}

function headersOf(pairs: readonly (readonly [string, string])[]): Record<string, string | string[]> {
  const headers: Record<string, string[]> = {};
  for (const [name, value] of pairs) (headers[name] ??= []).push(value);
  return headers;
}

function clientError(error: unknown): unknown {
  let cause = error as { code?: unknown; cause?: unknown; errors?: readonly Error[]; message?: string };
  // What was retried in vain wraps what happened at last, and a call about several topics all of their errors.
  for (;;) {
    const inner = cause.errors?.[0] ?? cause.cause;
    if (typeof cause.code === 'number' || !(inner instanceof Error)) break;
    cause = inner;
  }
  return typeof cause.code === 'number' ? new ClientError(cause.code, cause.message ?? '') : error;
}
