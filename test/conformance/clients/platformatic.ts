import {
  Admin,
  ConfigResourceTypes,
  Consumer,
  cooperativeStickyAssigner,
  FetchIsolationLevels,
  GenericError,
  IncrementalAlterConfigOperationTypes,
  ListOffsetTimestamps,
  type Message,
  type MessagesStream,
  MultipleErrors,
  Producer,
} from '@platformatic/kafka';
import {
  type Client,
  ClientError,
  type ClientKind,
  type Incoming,
  type MemberView,
  type Operations,
  type Outgoing,
} from './client.ts';

/** Another client of Node, in this process. */
export const platformatic: ClientKind = {
  name: '@platformatic/kafka',
  codecs: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
  tellsEmptyFromMissing: true,
  writesWholeRecords: true,
  strategies: ['roundrobin', 'cooperative'],
  // They leave their group when they close, and join again when they are fenced, for ever.
  hasStaticMembers: false,
  hearsOfFencing: false,
  isIdempotent: true,
  hasTransactions: true,
  filtersAborted: false,
  findsMaxTimestamp: true,
  lacks: [],
  open: (address) => Promise.resolve(new PlatformaticClient(address)),
};

type Transaction = NonNullable<Producer['transaction']>;
type Own = { [O in keyof Operations]: (args: Parameters<Operations[O]>[0]) => Promise<ReturnType<Operations[O]>> };

interface Member {
  readonly consumer: Consumer;
  readonly stream: MessagesStream<Buffer, Buffer, Buffer, Buffer>;
  readonly seen: Incoming[];
  owned: [string, number][];
  error?: number;
}

class PlatformaticClient implements Client {
  readonly #common;
  readonly #admin: Admin;
  readonly #members = new Map<string, Member>();
  readonly #producers = new Map<string, { producer: Producer; transaction?: Transaction }>();
  readonly #streams = new Map<string, () => Promise<{ sent: number; acknowledged: number }>>();
  #readers = 0;

  constructor(address: string) {
    this.#common = {
      clientId: 'conformance',
      bootstrapBrokers: [address],
      retries: 300,
      retryDelay: 100,
      metadataMaxAge: 1_000,
    };
    this.#admin = new Admin(this.#common);
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
    for (const { stream, consumer } of this.#members.values()) {
      await stream.close();
      await consumer.close(true);
    }
    for (const { producer } of this.#producers.values()) await producer.close(true);
    await this.#admin.close();
  }

  readonly #operations: Own = {
    produce: async ({ topic, records, codec = 'none', acks = -1 }) => {
      const producer = new Producer({ ...this.#common, idempotent: acks === -1 });
      const messages = records.map((record) => messageOf(topic, record));
      const { offsets = [] } = await producer.send({ messages, acks, compression: codec });
      await producer.close();
      if (acks === 0) return [];
      // One base offset per partition: the records of each lie behind it in order.
      const next = new Map(offsets.map(({ partition, offset }) => [partition, Number(offset)]));
      return records.map(({ partition }) => {
        const offset = next.get(partition) ?? -1;
        next.set(partition, offset + 1);
        return { partition, offset };
      });
    },

    // It reads in groups only: one of its own, which begins where it is told to.
    read: async ({ topic, partition, from, count, committed = false }) => {
      const consumer = new Consumer({ ...this.#common, groupId: `reader-${process.pid}-${this.#readers++}` });
      const stream = await consumer.consume({
        topics: [topic],
        mode: 'manual',
        fallbackMode: 'earliest',
        offsets: [{ topic, partition, offset: BigInt(from) }],
        maxWaitTime: 100,
        autocommit: false,
        isolationLevel: committed ? FetchIsolationLevels.READ_COMMITTED : FetchIsolationLevels.READ_UNCOMMITTED,
      });
      const seen: Incoming[] = [];
      for await (const message of stream) {
        if (message.partition === partition) seen.push(incoming(message));
        if (seen.length >= count) break;
      }
      await stream.close();
      await consumer.close(true);
      return seen;
    },

    join: async ({ member, group, topics, strategy }) => {
      const isCooperative = strategy === 'cooperative';
      const consumer = new Consumer({
        ...this.#common,
        groupId: group,
        heartbeatInterval: 200,
        sessionTimeout: 10_000,
        rebalanceTimeout: 10_000,
        ...(isCooperative
          ? {
              protocols: [{ name: 'cooperative-sticky', version: 1 }],
              partitionAssigner: cooperativeStickyAssigner,
            }
          : {}),
      });
      const stream = await consumer.consume({
        ...fromCommitted,
        topics: [...topics],
        maxWaitTime: 100,
        autocommit: 50,
      });
      const own: Member = { consumer, stream, seen: [], owned: ownedBy(consumer) };
      this.#members.set(member, own);
      const fail = (error: unknown): void => {
        const cause = clientError(error);
        if (cause instanceof ClientError) own.error = cause.code;
      };
      stream.on('data', (message) => own.seen.push(incoming(message)));
      stream.on('error', fail);
      // Its fetch on the way still brings what others own now: it has come with the next one's answer.
      let fetches = 0;
      consumer.on('consumer:group:join', () => void (fetches = 0));
      stream.on('fetch', () => {
        if (++fetches === 2) own.owned = ownedBy(consumer);
      });
      consumer.on('consumer:heartbeat:error', ({ error }) => fail(error));
      return null;
    },
    look: ({ member }): Promise<MemberView> => {
      const { owned, seen, error } = this.#member(member);
      return Promise.resolve({ assignment: owned, seen: [...seen], ...(error === undefined ? {} : { error }) });
    },
    leave: async ({ member }) => {
      const { stream, consumer } = this.#member(member);
      this.#members.delete(member);
      await stream.close();
      await consumer.close(true);
      return null;
    },

    // It initialises the producer when its first transaction begins.
    open: ({ producer: name, transactionalId, timeoutMs = 60_000 }) => {
      const producer = new Producer({
        ...this.#common,
        ...NO_PRODUCER,
        transactionalId,
        idempotent: true,
        timeout: timeoutMs,
      });
      this.#producers.set(name, { producer });
      return Promise.resolve(null);
    },
    begin: async ({ producer: name }) => {
      const own = this.#producer(name);
      own.transaction = await own.producer.beginTransaction();
      return null;
    },
    send: async ({ producer: name, topic, partition, values }) => {
      await this.#transaction(name).send({ messages: values.map((value) => messageOf(topic, { partition, value })) });
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
      await this.#producer(name).producer.close(true);
      this.#producers.delete(name);
      return null;
    },
    copy: async ({ source, target, group, transactionalId, count, abortEvery }) => {
      const producer = new Producer({ ...this.#common, ...NO_PRODUCER, transactionalId, idempotent: true });
      let [turn, committed, aborted] = [0, 0, 0];
      while (committed < count) {
        // After an abort from the last commit on: a consumer of its own for each turn begins there.
        const consumer = new Consumer({ ...this.#common, groupId: group });
        const stream = await consumer.consume({
          ...fromCommitted,
          topics: [source],
          maxWaitTime: 50,
          autocommit: false,
        });
        const messages: Message[] = [];
        for await (const message of stream) if (messages.push(message) === BATCH) break;
        const transaction = await producer.beginTransaction();
        await transaction.addConsumer(consumer);
        await transaction.send({ messages: messages.map(({ value }) => ({ topic: target, partition: 0, value })) });
        for (const message of messages) await transaction.addOffset(message);
        if (++turn % abortEvery === 0) {
          await transaction.abort();
          aborted++;
        } else {
          await transaction.commit();
          committed += messages.length;
        }
        await stream.close();
        await consumer.close(true);
      }
      await producer.close();
      return { committed, aborted };
    },

    stream: ({ topic }) => {
      const producer = new Producer({ ...this.#common, idempotent: true });
      let [sent, acknowledged] = [0, 0];
      const stopping = new AbortController();
      const running = (async () => {
        while (!stopping.signal.aborted) {
          const messages = Array.from({ length: 5 }, () => messageOf(topic, { partition: 0, value: `${sent++}` }));
          await producer.send({ messages, acks: -1 });
          acknowledged += messages.length;
        }
      })();
      running.catch(() => undefined);
      this.#streams.set(topic, async () => {
        stopping.abort();
        await running;
        await producer.close();
        return { sent, acknowledged };
      });
      return Promise.resolve(null);
    },
    finish: ({ topic }) => {
      const finish = this.#streams.get(topic);
      if (finish === undefined) throw new Error(`expected a stream to ${topic}`);
      return finish();
    },

    createTopic: async ({ topic, partitions, configs = {} }) => {
      const entries = Object.entries(configs).map(([name, value]) => ({ name, value }));
      await this.#admin.createTopics({ topics: [topic], partitions, replicas: 1, configs: entries });
      return null;
    },
    createPartitions: async ({ topic, count }) => {
      await this.#admin.createPartitions({ topics: [{ name: topic, count, assignments: null }] });
      return null;
    },
    partitions: async ({ topic }) => {
      const { topics } = await this.#admin.metadata({ topics: [topic], forceUpdate: true });
      return topics.get(topic)?.partitionsCount ?? 0;
    },
    listTopics: () => this.#admin.listTopics(),
    describeConfigs: async ({ topic }) => {
      const resources = [{ resourceType: ConfigResourceTypes.TOPIC, resourceName: topic }];
      const [found] = await this.#admin.describeConfigs({ resources });
      return Object.fromEntries((found?.configs ?? []).map(({ name, value }) => [name, value ?? null]));
    },
    alterConfigs: async ({ topic, configs }) => {
      const configOperation = IncrementalAlterConfigOperationTypes.SET;
      const changes = Object.entries(configs).map(([name, value]) => ({ name, value, configOperation }));
      const resource = { resourceType: ConfigResourceTypes.TOPIC, resourceName: topic, configs: changes };
      await this.#admin.incrementalAlterConfigs({ resources: [resource] });
      return null;
    },
    listOffsets: async ({ topic, partition, at }) => {
      const ends = {
        earliest: ListOffsetTimestamps.EARLIEST,
        latest: ListOffsetTimestamps.LATEST,
        max: ListOffsetTimestamps.MAX,
      };
      const timestamp = typeof at === 'number' ? BigInt(at) : ends[at];
      const topics = [{ name: topic, partitions: [{ partitionIndex: partition, timestamp }] }];
      const [found] = await this.#admin.listOffsets({ topics });
      return Number(found?.partitions[0]?.offset);
    },
    deleteRecords: async ({ topic, partition, before }) => {
      const topics = [{ name: topic, partitions: [{ partition, offset: BigInt(before) }] }];
      await this.#admin.deleteRecords({ topics });
      return null;
    },
    deleteTopic: async ({ topic }) => {
      await this.#admin.deleteTopics({ topics: [topic] });
      return null;
    },
    listGroups: async () => [...(await this.#admin.listGroups()).keys()],
    describeGroup: async ({ group }) => {
      const found = (await this.#admin.describeGroups({ groups: [group] })).get(group);
      const state = (found?.state ?? '').toLowerCase();
      return { state: state.charAt(0).toUpperCase() + state.slice(1), members: found?.members.size ?? 0 };
    },
    groupOffsets: async ({ group }) => {
      const [found] = await this.#admin.listConsumerGroupOffsets({ groups: [group] });
      return (found?.topics ?? []).flatMap(({ name, partitions }) =>
        partitions.map((each): [string, number, number] => [name, each.partitionIndex, Number(each.committedOffset)]),
      );
    },
    alterGroupOffsets: async ({ group, topic, partition, offset }) => {
      const topics = [{ name: topic, partitionOffsets: [{ partition, offset: BigInt(offset) }] }];
      await this.#admin.alterConsumerGroupOffsets({ groupId: group, topics });
      return null;
    },
    deleteGroup: async ({ group }) => {
      await this.#admin.deleteGroups({ groups: [group] });
      return null;
    },
  };

  #member(name: string): Member {
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

/** What a producer is before it is initialised; it asks as producer 0 otherwise, who is somebody else. */
const NO_PRODUCER = { producerId: -1n, producerEpoch: -1 };
const fromCommitted = { mode: 'committed', fallbackMode: 'earliest' } as const;
/** Of records that are copied in one transaction. */
const BATCH = 20;

function ownedBy({ assignments }: Consumer): [string, number][] {
  const owned = (assignments ?? []).flatMap(({ topic, partitions }) =>
    partitions.map((partition): [string, number] => [topic, partition]),
  );
  return owned.sort(([topicA, a], [topicB, b]) => (topicA === topicB ? a - b : topicA < topicB ? -1 : 1));
}

function messageOf(topic: string, { partition, key, value, headers = [], timestamp }: Outgoing) {
  return {
    topic,
    partition,
    ...(typeof key === 'string' ? { key: Buffer.from(key) } : {}),
    ...(value === null ? {} : { value: Buffer.from(value) }),
    // By their identity, buffers of the same name are different keys.
    headers: new Map(headers.map(([name, text]) => [Buffer.from(name), Buffer.from(text)])),
    ...(timestamp === undefined ? {} : { timestamp: BigInt(timestamp) }),
  };
}

function incoming({ partition, offset, timestamp, key, value, headerEntries }: Message): Incoming {
  const decoded = (bytes: Buffer | null | undefined): string | null => bytes?.toString() ?? null;
  return {
    partition,
    offset: Number(offset),
    timestamp: Number(timestamp),
    key: decoded(key),
    value: decoded(value),
    headers: headerEntries.map(([name, text]): [string, string] => [name.toString(), text.toString()]),
  };
}

/** The first error of Kafka’s among those that it wraps in each other. */
function clientError(error: unknown): unknown {
  const isTheirs = error instanceof GenericError || error instanceof MultipleErrors;
  if (!isTheirs) return error;
  const causes = [error, ...('errors' in error ? (error.errors as Error[]) : []), error.cause];
  for (const cause of causes) {
    if (cause instanceof GenericError && typeof cause['apiCode'] === 'number')
      return new ClientError(cause['apiCode'], cause.message);
  }
  for (const cause of causes.slice(1)) {
    const found = clientError(cause);
    if (found instanceof ClientError) return found;
  }
  return error;
}
