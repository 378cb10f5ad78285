import { join } from 'node:path';
import { literalJobTypes } from '@millrace/bpmn';
import { type Topics, topicsOf } from '@millrace/bus';
import type { GroupMember } from '@millrace/client';
import { type Clock, messageOf, systemClock } from '@millrace/std';
import { bootId } from './boot-id.ts';
import { CommandReader } from './command-reader.ts';
import { type CommandSender, ProducingCommandSender } from './command-sender.ts';
import type { DeployedDefinition } from './definition-record.ts';
import { type DefinitionReader, Definitions } from './definitions.ts';
import { RuntimeError } from './errors.ts';
import { ExchangeTopics } from './exchange-topics.ts';
import type { RuntimeHealth, RuntimeStats } from './health.ts';
import { Ingress } from './ingress.ts';
import { type LogReader, createLogReader } from './log-reader.ts';
import { type Logger, type RuntimeLimits, type RuntimeOptions, defaultLimits, silentLogger } from './options.ts';
import { PartitionOwner } from './partition-owner.ts';
import { Store } from './store.ts';
import { ensureCoreTopics } from './topology.ts';

export interface Runtime {
  /** Creates or verifies the topics, then takes the partitions over. Resolves when all that it owns are running. */
  start(): Promise<void>;
  /** Finishes the batches under way, takes no more, and closes the store. */
  stop(): Promise<void>;
  health(): RuntimeHealth;
  stats(): RuntimeStats;
  /** Of the core topics; known once `start` has verified them. */
  readonly partitionCount: number;
  /** How anything outside the log asks for something. */
  readonly sender: CommandSender;
  /** What is deployed, as this process has seen it. */
  readonly definitions: DefinitionReader;
}

export function createRuntime(options: RuntimeOptions): Runtime {
  return new PartitionedRuntime(options);
}

class PartitionedRuntime implements Runtime {
  readonly sender: ProducingCommandSender;
  readonly definitions: Definitions;
  readonly #options: RuntimeOptions;
  readonly #topics: Topics;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #limits: RuntimeLimits;
  readonly #log: LogReader;
  readonly #reader: CommandReader;
  readonly #owners = new Map<number, PartitionOwner>();
  /** R11. Runs where partition 0 does: one in the whole installation is enough, and two at a time do no harm. */
  #ingress: Ingress | undefined;
  #group: GroupMember | undefined;
  #exchange: ExchangeTopics | undefined;
  #partitionCount = 0;
  #isStarted = false;
  #problem: string | undefined;

  constructor(options: RuntimeOptions) {
    const { client } = options;
    this.#options = options;
    this.#topics = topicsOf(options.namespace);
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#limits = { ...defaultLimits, ...options.limits };
    this.#log = createLogReader(client);
    this.definitions = new Definitions({
      client,
      log: this.#log,
      topic: this.#topics.definitions,
      clock: this.#clock,
      logger: this.#logger,
      onDefinition: (definition) => this.#createTopicsOf(definition),
      onSeen: () => {
        for (const owner of this.#owners.values()) owner.look();
      },
    });
    this.sender = new ProducingCommandSender({
      client,
      topics: this.#topics,
      partitionCount: () => this.partitionCount,
      definitionsSeen: () => this.definitions.seen,
      clock: this.#clock,
      sendBytesMax: this.#limits.sendBytesMax,
    });
    this.#reader = new CommandReader({
      client,
      log: this.#log,
      topic: this.#topics.commands,
      logger: this.#logger,
      onFailure: (error) => {
        this.#problem = messageOf(error);
      },
    });
  }

  get partitionCount(): number {
    if (this.#partitionCount === 0) throw new RuntimeError('NOT_STARTED', 'expected the runtime to have started');
    return this.#partitionCount;
  }

  async start(): Promise<void> {
    const { client, partitions = 8, replicationFactor = 1 } = this.#options;
    this.#partitionCount = await ensureCoreTopics(client.admin, this.#topics, partitions, replicationFactor);
    this.#exchange = new ExchangeTopics(client.admin, this.#partitionCount, replicationFactor);
    await this.definitions.start(this.#limits.definitionsWaitMs);
    if (this.#options.mode === 'group') await this.#joinGroup();
    else await this.#acquire(Array.from({ length: this.#partitionCount }, (_, partition) => partition));
    this.#isStarted = true;
  }

  async stop(): Promise<void> {
    // Leaving the group gives every partition back.
    await this.#group?.stop();
    await this.sender.close();
    await this.#release([...this.#owners.keys()]);
    await this.#reader.stop();
    await this.definitions.stop();
  }

  health(): RuntimeHealth {
    const partitions = [...this.#owners.values()].map((owner) => owner.health());
    const ingress = this.#ingress?.health() ?? { isRunning: false };
    const isIngressMissing = this.#owners.has(0) && !ingress.isRunning;
    const isBroken =
      this.#problem !== undefined ||
      this.definitions.problem !== undefined ||
      partitions.some(({ phase }) => phase === 'failed' || phase === 'fenced');
    const areRunning = this.#isStarted && partitions.every(({ phase }) => phase === 'running');
    return { isReady: areRunning && !isIngressMissing && !isBroken, isBroken, partitions, ingress };
  }

  stats(): RuntimeStats {
    return {
      partitions: [...this.#owners.values()].map((owner) => owner.stats()),
      ingress: this.#ingress?.stats() ?? { records: 0, deadLetters: 0, topics: 0 },
      definitions: this.definitions.size,
    };
  }

  /** Resolves with the first assignment. Its partitions are taken over while the member heartbeats, so slowly is not too late. */
  async #joinGroup(): Promise<void> {
    const assigned = Promise.withResolvers<void>();
    this.#group = this.#options.client.group({
      groupId: `${this.#topics.namespace}engines`,
      topics: [this.#topics.commands],
      sessionTimeoutMs: this.#limits.sessionTimeoutMs,
      onAssign: (partitions) => {
        this.#acquire(partitions.map(({ partition }) => partition)).then(assigned.resolve, (error: unknown) => {
          this.#problem = messageOf(error);
          assigned.reject(error);
        });
      },
      onRevoke: (partitions) => this.#release(partitions.map(({ partition }) => partition)),
      onFailure: (error) => {
        this.#problem = messageOf(error);
        assigned.reject(error);
      },
    });
    this.#group.start();
    await assigned.promise;
  }

  async #acquire(partitions: readonly number[]): Promise<void> {
    const owners = partitions.map((partition) => this.#createOwner(partition, this.#exchange as ExchangeTopics));
    await Promise.all(owners.map((owner) => owner.start()));
    if (!partitions.includes(0) || !this.#owners.has(0)) return;
    const ingress = this.#createIngress(this.#exchange as ExchangeTopics);
    this.#ingress = ingress;
    await ingress.start();
  }

  async #release(partitions: readonly number[]): Promise<void> {
    if (partitions.includes(0)) {
      await this.#ingress?.stop();
      this.#ingress = undefined;
    }
    const owners = partitions.flatMap((partition) => this.#owners.get(partition) ?? []);
    for (const partition of partitions) this.#owners.delete(partition);
    await Promise.all(owners.map((owner) => owner.stop()));
  }

  #createIngress(exchange: ExchangeTopics): Ingress {
    return new Ingress({
      client: this.#options.client,
      topics: this.#topics,
      exchange,
      partitionCount: this.#partitionCount,
      definitionsSeen: () => this.definitions.seen,
      clock: this.#clock,
      limits: this.#limits,
      logger: this.#logger,
    });
  }

  #createOwner(partition: number, exchange: ExchangeTopics): PartitionOwner {
    const owner = new PartitionOwner({
      partition,
      partitionCount: this.#partitionCount,
      client: this.#options.client,
      log: this.#log,
      topics: this.#topics,
      exchange,
      definitions: this.definitions,
      openStore: () =>
        Store.open({
          directory: join(this.#options.storeDirectory, `partition-${partition}`),
          bytesMax: this.#limits.storeBytesMax,
          boot: bootId(),
        }),
      clock: this.#clock,
      limits: this.#limits,
      logger: this.#logger,
      readCommands: (offset) =>
        this.#reader.read(partition, offset, {
          receive: (records) => owner.receive(records),
          hasRoom: () => owner.hasRoom,
          lose: () => owner.lose(),
        }),
      onRoom: () => this.#reader.resume(partition),
    });
    this.#owners.set(partition, owner);
    return owner;
  }

  /** Plugins subscribe before the first job, and connectors answer before anybody has sent to their topic. */
  #createTopicsOf({ model }: DeployedDefinition): void {
    const names = [...literalJobTypes(model)].map((type) => this.#topics.job(type));
    for (const node of Object.values(model.elements)) {
      if ('trigger' in node && node.trigger.kind === 'reply') names.push(this.#topics.namespace + node.trigger.topic);
    }
    for (const name of names) void this.#createTopic(name);
  }

  async #createTopic(name: string): Promise<void> {
    try {
      const found = await this.#exchange?.ensure(name);
      if (found?.problem !== undefined) this.#logger.warn({ topic: name, ...found }, 'topic was not created');
    } catch (error) {
      // It is tried again when the first record goes there.
      this.#logger.debug({ topic: name, error: messageOf(error) }, 'topic was not created');
    }
  }
}
