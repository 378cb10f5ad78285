import { createHash } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ExecutableProcess, readModel } from '@millrace/bpmn';
import { type Broker, createBroker } from '@millrace/broker';
import { type ReceivedRecord, headerText, headers, topicsOf } from '@millrace/bus';
import { type Client, type Producer, createClient } from '@millrace/client';
import { checkExpression, checkTimer } from '@millrace/feel';
import {
  type Command,
  type Event,
  type EventKind,
  type EventOf,
  type ResourceToDeploy,
  decodeEvent,
  instanceId,
} from '@millrace/records';
import { type Clock, type Disk, systemClock, systemRandom } from '@millrace/std';
import { type Runtime, type RuntimeLimits, createRuntime } from '../../src/index.ts';
import { type Faults, faultyClient } from './faulty-client.ts';

export const topics = topicsOf();
export const PARTITIONS = 3;

/** An event as a reader of `core.events` sees it. */
export interface SeenEvent {
  readonly partition: number;
  readonly offset: number;
  readonly id: string;
  readonly input: number;
  readonly event: Event;
}

export interface SeenRecord extends ReceivedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

interface HouseOptions {
  readonly clock?: Clock;
  readonly limits?: Partial<RuntimeLimits>;
  readonly mode?: 'embedded' | 'group';
  /** Of the first runtime. */
  readonly faults?: Faults;
  /** Before the first runtime starts. */
  readonly prepare?: (house: House) => Promise<void>;
  /** In the place of the machine's; what is acknowledged is synced then. */
  readonly disk?: Disk;
}

/** A broker, a runtime on it, and readers of what it writes: all real, all in this process, gone with `end`. */
export class House {
  readonly directory = mkdtempSync(join(tmpdir(), 'millrace-runtime-'));
  readonly events: SeenEvent[] = [];
  readonly clock: Clock;
  client!: Client;
  broker!: Broker;
  runtime!: Runtime;
  #producer!: Producer;
  #readers: { close(): void }[] = [];
  #clients: Client[] = [];
  #runtimes: Runtime[] = [];
  #port = 0;
  readonly #limits: Partial<RuntimeLimits>;
  readonly #faults: Faults;
  #disk: Disk | undefined;
  readonly #mode: 'embedded' | 'group';

  constructor(options: HouseOptions = {}) {
    this.#faults = options.faults ?? {};
    this.#disk = options.disk;
    this.#mode = options.mode ?? 'embedded';
    this.clock = options.clock ?? systemClock;
    this.#limits = { topicRefreshMs: 50, ...options.limits };
  }

  static async start(options: HouseOptions = {}): Promise<House> {
    const house = new House(options);
    await house.startBroker();
    house.client = house.connect('test');
    house.#producer = house.client.producer();
    await options.prepare?.(house);
    house.runtime = house.createRuntime({ client: faultyClient(house.connect('runtime'), house.#faults) });
    await house.runtime.start();
    for (let partition = 0; partition < PARTITIONS; partition++) house.#followEvents(partition);
    return house;
  }

  /** On the port it had before, if it had one; on other data if told so. */
  async startBroker(log = 'log'): Promise<void> {
    this.broker = createBroker({
      // Tests let members die, and wait for that to be noticed.
      groups: { sessionTimeoutMsMin: 1_000 },
      dataDirectory: join(this.directory, log),
      listeners: [{ host: '127.0.0.1', port: this.#port }],
      ...(this.#disk === undefined ? { fsync: 'never' } : { fsync: 'always', disk: this.#disk }),
      onFailure: () => undefined,
      autoCreateTopics: false,
    });
    const [address] = await this.broker.start();
    this.#port = address?.port ?? 0;
  }

  /** Another process on what the disk has kept, once the broker is dead. */
  async replaceBroker(disk: Disk): Promise<void> {
    await this.broker.close().catch(() => undefined);
    this.#disk = disk;
    await this.startBroker();
  }

  connect(clientId: string): Client {
    const client = createClient({ brokers: [`127.0.0.1:${this.#port}`], clientId });
    this.#clients.push(client);
    return client;
  }

  /** Another runtime on the same log; by default with the same store directory, as after a restart. */
  createRuntime(options: { readonly client?: Client; readonly store?: string } = {}): Runtime {
    const runtime = createRuntime({
      client: options.client ?? this.connect('runtime'),
      storeDirectory: this.storeDirectory(options.store),
      partitions: PARTITIONS,
      clock: this.clock,
      limits: this.#limits,
      mode: this.#mode,
    });
    this.#runtimes.push(runtime);
    return runtime;
  }

  /** The store as a crash would leave it at this moment, under another name: the old process may still write to its own. */
  storeImage(name: string, from = 'store'): string {
    cpSync(this.storeDirectory(from), this.storeDirectory(name), { recursive: true });
    return name;
  }

  /** A second process, which shares the partitions in `group` mode. */
  async addRuntime(client: Client, store: string): Promise<Runtime> {
    const runtime = this.createRuntime({ client, store });
    await runtime.start();
    return runtime;
  }

  /** Another process takes over from one that was killed; `store` is what it finds. */
  async replaceRuntime(options: { readonly client?: Client; readonly store: string }): Promise<void> {
    this.#runtimes = [];
    this.runtime = this.createRuntime(options);
    await this.runtime.start();
  }

  storeDirectory(name = 'store'): string {
    return join(this.directory, name);
  }

  stopReading(): void {
    for (const reader of this.#readers) reader.close();
  }

  async end(): Promise<void> {
    this.stopReading();
    await Promise.all(this.#runtimes.map((runtime) => runtime.stop()));
    await this.#producer.close();
    for (const client of this.#clients) client.close();
    await this.broker.close();
    rmSync(this.directory, { recursive: true, force: true });
  }

  async deploy(xml: string): Promise<EventOf<'deployment.accepted'>> {
    const { processes, problems } = await readModel(xml, { checkExpression, checkTimer });
    if (processes.length === 0) throw new Error(JSON.stringify(problems));
    return this.deployModels(processes, xml);
  }

  async deployModels(
    processes: readonly ExecutableProcess[],
    xml = '',
    more: readonly ResourceToDeploy[] = [],
  ): Promise<EventOf<'deployment.accepted'>> {
    const requestId = crypto.randomUUID();
    await this.runtime.sender.send({
      kind: 'deploy',
      version: 1,
      requestId,
      resources: [
        {
          kind: 'bpmn',
          name: 'test.bpmn',
          content: xml,
          digest: createHash('sha256').update(xml).update(JSON.stringify(processes)).digest('hex'),
          processes: processes.map((model) => ({ processId: model.id, name: model.name, model })),
        },
        ...more,
      ],
    });
    const accepted = (await this.answerTo(requestId)) as EventOf<'deployment.accepted'>;
    for (const { definitionKey } of accepted.definitions)
      await this.runtime.definitions.waitForKey(definitionKey, 5_000);
    return accepted;
  }

  /** Asks for an instance on a partition; resolves with its id when the command is durable. */
  async startInstance(
    processId: string,
    variables = {},
    partition = Math.floor(Math.random() * PARTITIONS),
  ): Promise<string> {
    const id = instanceId(partition, systemRandom.bytes(16));
    await this.send({ kind: 'startInstance', version: 1, instanceId: id, processId, variables });
    return id;
  }

  async send(command: Command): Promise<{ partition: number; offset: number }> {
    return this.runtime.sender.send(command);
  }

  async answerTo(requestId: string): Promise<Event> {
    return (await this.seen((one) => one.event.requestId === requestId)).event;
  }

  /** The first event of the kind for an instance, once it is there. */
  async event<Kind extends EventKind>(kind: Kind, id: string): Promise<EventOf<Kind>> {
    const found = await this.seen(
      ({ event }) => event.kind === kind && 'instanceId' in event && event.instanceId === id,
    );
    return found.event as EventOf<Kind>;
  }

  async seen(matches: (event: SeenEvent) => boolean): Promise<SeenEvent> {
    let found: SeenEvent | undefined;
    await until(() => (found = this.events.find(matches)) !== undefined);
    return found as SeenEvent;
  }

  /** Follows a topic as a read_committed consumer: what arrives is appended to the list. */
  follow(topic: string, partitions = PARTITIONS): SeenRecord[] {
    const list: SeenRecord[] = [];
    const consumer = this.client.consumer({ maxWaitMs: 100 });
    this.#readers.push(consumer);
    for (let partition = 0; partition < partitions; partition++) consumer.add({ topic, partition, offset: 0 });
    void (async () => {
      for await (const { partition, records } of consumer) {
        for (const record of records) list.push({ ...record, topic, partition });
      }
    })();
    return list;
  }

  /** A plugin's answer: all headers copied, and what it adds. */
  async reply(
    job: ReceivedRecord,
    variables: unknown,
    added: Record<string, string> = {},
    topic = headerText(job, headers.replyTopic) ?? '',
  ): Promise<void> {
    await this.produce(topic, JSON.stringify(variables), {
      ...Object.fromEntries(job.headers.map(({ key, value }) => [key, Buffer.from(value ?? '').toString()])),
      ...added,
    });
  }

  async produce(
    topic: string,
    value: string | null,
    texts: Record<string, string> = {},
    key: string | null = null,
  ): Promise<void> {
    const list = Object.entries(texts).map(([name, text]) => ({ key: name, value: text }));
    await this.#producer.send({ topic, key, value, headers: list });
  }

  #followEvents(partition: number): void {
    const consumer = this.client.consumer({ maxWaitMs: 100 });
    this.#readers.push(consumer);
    consumer.add({ topic: topics.events, partition, offset: 0 });
    void (async () => {
      for await (const { records } of consumer) {
        for (const record of records) {
          this.events.push({
            partition,
            offset: record.offset,
            id: headerText(record, 'ce_id') ?? '',
            input: Number(headerText(record, headers.input)),
            event: decodeEvent(record.value as Buffer),
          });
        }
      }
    })();
  }
}

/** Until it has come true; the time limit of the test is the limit of this. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => void setImmediate(resolve));
}
