import { defaultGroupLimits } from '@millrace/coordinator';
import { defaultIntervals, LogDirectory } from '@millrace/log';
import { assert, messageOf, systemClock, systemDisk, systemRandom } from '@millrace/std';
import { handlers } from './api/index.ts';
import { ByteBudget } from './byte-budget.ts';
import { BrokerConfigs } from './configs/broker-configs.ts';
import { GroupConfigs } from './configs/group-configs.ts';
import type { Dispatch } from './connection.ts';
import { Connections } from './connections.ts';
import { Deadlines } from './deadlines.ts';
import { createDispatch } from './dispatch.ts';
import { BrokerError } from './errors.ts';
import { FetchWaits } from './fetch-waits.ts';
import { GroupCommit } from './group-commit.ts';
import { GroupShells, OFFSETS_PARTITIONS } from './groups.ts';
import { logEvents, logRecoveries } from './log-events.ts';
import { Nodes } from './nodes.ts';
import {
  type BrokerConfig,
  type BrokerLimits,
  type BrokerLogger,
  type BrokerOptions,
  defaultLimits,
} from './options.ts';
import type { Parts } from './parts.ts';
import { Quotas } from './quotas/quotas.ts';
import { checkExposure } from './security/exposure.ts';
import { Security } from './security/security.ts';
import { OFFSETS_TOPIC, TRANSACTIONS_TOPIC } from './topic-names.ts';
import { Topics } from './topics.ts';
import { TRANSACTIONS_PARTITIONS, TransactionShell } from './transactions.ts';

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
}

export interface BrokerStats {
  readonly connections: number;
  /** Requests that were begun, since the start. */
  readonly requests: number;
  /** Requests and responses in memory, of all connections. */
  readonly bytes: number;
  readonly waitingFetches: number;
  /** Rounds of fdatasync, and the requests that waited for one. */
  readonly syncRounds: number;
  readonly syncedRequests: number;
}

export interface Broker {
  /**
   * Opens the data directory and listens; the addresses are in the order of `listeners`.
   *
   * @throws LogDirectoryError when the directory is locked, of another format, or unreadable
   * @throws BrokerError when it cannot listen
   */
  start(): Promise<BrokerAddress[]>;
  /** Finishes what is in flight, flushes, leaves the clean-shutdown marker. May be called more than once. */
  close(): Promise<void>;
  stats(): BrokerStats;
}

/** A broker on one data directory; nothing happens before `start()`. */
export function createBroker(options: BrokerOptions): Broker {
  const config = configOf(options);
  let running: Promise<RunningBroker> | undefined;
  let closing: Promise<void> | undefined;
  let current: RunningBroker | undefined;
  return {
    async start() {
      if (running !== undefined) throw new BrokerError('BROKER_CLOSED', 'expected start() once on a broker');
      running = RunningBroker.open(config);
      current = await running;
      return current.addresses;
    },
    close() {
      // Without a successful start there is nothing to close: `open` has cleaned up behind itself.
      closing ??= (running ?? Promise.resolve(undefined)).then(
        (broker) => broker?.close(),
        () => {},
      );
      return closing;
    },
    stats() {
      return (
        current?.stats() ?? {
          connections: 0,
          requests: 0,
          bytes: 0,
          waitingFetches: 0,
          syncRounds: 0,
          syncedRequests: 0,
        }
      );
    },
  };
}

class RunningBroker {
  readonly #config: BrokerConfig;
  readonly #directory: LogDirectory;
  readonly #parts: Parts;
  readonly #connections: Connections;
  readonly #budget: ByteBudget;
  #hasFailed = false;
  #requests = 0;
  addresses: BrokerAddress[] = [];

  static async open(config: BrokerConfig): Promise<RunningBroker> {
    const { dataDirectory: path, disk, clock, fsync, logger } = config;
    checkExposure(config);
    const { producersMax } = config.limits;
    const directory = await LogDirectory.open({
      path,
      disk,
      clock,
      fsync,
      producersMax,
      intervals: config.logIntervals,
      onEvent: logEvents(logger),
    });
    logRecoveries(directory, logger);
    try {
      const broker = new RunningBroker(config, directory, await Security.open(config));
      await broker.#start();
      logger.info({ addresses: broker.addresses, data: path, fsync }, 'broker is ready');
      return broker;
    } catch (error) {
      await directory.close();
      throw error;
    }
  }

  private constructor(config: BrokerConfig, directory: LogDirectory, security: Security) {
    this.#config = config;
    this.#directory = directory;
    const { clock, limits, logger } = config;
    const onFailure = (error: unknown): void => this.#fail(error);
    const deadlines = new Deadlines(clock);
    const fetchWaits = new FetchWaits(deadlines, limits.waitedPartitionsMax);
    const commit = new GroupCommit(config.fsync, onFailure);
    const nodes = new Nodes(config.listeners);
    const brokerConfigs = new BrokerConfigs(config, nodes);
    const topics = new Topics(directory, config, nodes, brokerConfigs, (name) => {
      fetchWaits.releaseAll();
      groups.topicDeleted(name);
    });
    createInternalTopics(topics);
    const environment = { commit, deadlines, onFailure };
    const groupConfigs = new GroupConfigs(config);
    const groups = new GroupShells(config, topics, groupConfigs, environment);
    const transactions = new TransactionShell(config, topics, groups, environment);
    const clusterId = directory.id;
    const quotas = new Quotas(config);
    const shared = { config, clusterId, nodes, brokerConfigs, topics, security, quotas, groupConfigs, onFailure };
    this.#parts = { ...shared, commit, deadlines, fetchWaits, groups, transactions };
    this.#budget = new ByteBudget(limits.totalBytesMax);
    const begin = createDispatch(this.#parts, handlers);
    const dispatch: Dispatch = (frame, owner) => {
      const exchange = begin(frame, owner);
      this.#requests++;
      return exchange;
    };
    const context = { limits, budget: this.#budget, clock, logger, security, deadlines, quotas, dispatch, onFailure };
    this.#connections = new Connections(context);
  }

  async #start(): Promise<void> {
    const { nodes, groups, transactions, commit } = this.#parts;
    groups.load();
    transactions.load();
    groups.start();
    transactions.start();
    // What the start appended (markers of decided transactions) is durable before anybody can ask.
    await commit.flush();
    try {
      for (const listener of this.#config.listeners) {
        const port = await this.#connections.listen(listener);
        nodes.listens(listener, port);
        this.addresses.push({ host: listener.host, port });
      }
    } catch (error) {
      this.#connections.stopListening();
      this.#parts.deadlines.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const { fetchWaits, groups, transactions, commit, deadlines } = this.#parts;
    this.#connections.stopListening();
    // What waits for something to happen is answered now; what waits for the disk is answered by the disk.
    fetchWaits.close();
    groups.close();
    transactions.close();
    await this.#connections.finish(this.#config.limits.closeTimeoutMs);
    if (!this.#hasFailed) await commit.flush();
    deadlines.close();
    await this.#directory.close();
    this.#config.logger.info({}, 'broker is closed');
  }

  stats(): BrokerStats {
    const { commit, fetchWaits } = this.#parts;
    return {
      connections: this.#connections.count,
      requests: this.#requests,
      bytes: this.#budget.used,
      waitingFetches: fetchWaits.size,
      syncRounds: commit.rounds,
      syncedRequests: commit.acknowledged,
    };
  }

  /** B8: an invariant does not hold, or an internal topic cannot be written. Nothing more is answered. */
  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    this.#config.logger.error({ error: error instanceof Error ? error.stack : messageOf(error) }, 'broker has failed');
    this.#connections.stopListening();
    this.#connections.destroy();
    this.#config.onFailure(error);
  }
}

/** Compacted: the last record of a key is the state of what it names. */
function createInternalTopics(topics: Topics): void {
  const configs = {
    'cleanup.policy': 'compact',
    // A batch of a coordinator (the members of a group and their assignment) is bounded by request size only.
    'max.message.bytes': String(100 * 1024 * 1024),
    // A start reads all of it: what compaction has not seen is at most about this much, and as much again.
    'segment.bytes': String(4 * 1024 * 1024),
  };
  const wanted = [
    { name: OFFSETS_TOPIC, partitions: OFFSETS_PARTITIONS, configs },
    { name: TRANSACTIONS_TOPIC, partitions: TRANSACTIONS_PARTITIONS, configs },
  ];
  for (const topic of wanted) {
    if (topics.find(topic.name) !== undefined) continue;
    const created = topics.create(topic);
    assert(!('error' in created), `expected to create ${topic.name}`);
  }
}

const silent: BrokerLogger = { debug() {}, info() {}, warn() {}, error() {} };

/** @throws BrokerError for a limit that there is not, or that is no whole number above 0: it would bound nothing */
function limitsOf({ limits = {} }: BrokerOptions): BrokerLimits {
  for (const [name, value] of Object.entries(limits)) {
    if (!(name in defaultLimits)) {
      const expected = Object.keys(defaultLimits).join(', ');
      throw new BrokerError('UNUSABLE_LIMIT', `expected a limit out of ${expected}, found "${name}"`);
    }
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new BrokerError('UNUSABLE_LIMIT', `expected ${name} to be a whole number above 0, found ${value}`);
    }
  }
  return { ...defaultLimits, ...limits };
}

function configOf(options: BrokerOptions): BrokerConfig {
  const limits = limitsOf(options);
  const { groupsMax, groupMembersMax: membersMax, groupBytesMax, groupsBytesMax: totalBytesMax } = limits;
  return {
    dataDirectory: options.dataDirectory,
    listeners: options.listeners,
    fsync: options.fsync ?? 'always',
    autoCreateTopics: options.autoCreateTopics ?? true,
    defaultPartitions: options.defaultPartitions ?? 1,
    readCommittedTopics: options.readCommittedTopics ?? [],
    allowInsecureListeners: options.allowInsecureListeners ?? false,
    authentication: {
      users: options.authentication?.users ?? {},
      oauthBearer: options.authentication?.oauthBearer ?? null,
      maxReauthMs: options.authentication?.maxReauthMs ?? 0,
    },
    authorization:
      options.authorization === undefined
        ? null
        : {
            ...options.authorization,
            allowEveryoneIfNoAclFound: options.authorization.allowEveryoneIfNoAclFound ?? false,
          },
    limits,
    logIntervals: { ...defaultIntervals, ...options.logIntervals },
    groups: { ...defaultGroupLimits, ...options.groups, groupsMax, membersMax, groupBytesMax, totalBytesMax },
    disk: options.disk ?? systemDisk,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    logger: options.logger ?? silent,
    onFailure:
      options.onFailure ??
      ((error) => {
        throw error;
      }),
  };
}
