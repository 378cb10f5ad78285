import { join } from 'node:path';
import { parseTopicConfigs, readSealed, replaceSealed, type TopicConfigs, topicConfigKeys } from '@millrace/log';
import { messageOf } from '@millrace/std';
import { BrokerError } from '../errors.ts';
import type { Nodes } from '../nodes.ts';
import type { BrokerConfig } from '../options.ts';
import type { ConfigRefusal } from './alteration.ts';
import { type BrokerConfigKey, brokerConfigKeys } from './broker-config-table.ts';
import { configSource, type ConfigType } from './config-source.ts';
import { brokerNameOf, topicNameOf } from './topic-synonyms.ts';

/** The name of what was set for all brokers; the others are called by their node id. */
const ALL_BROKERS = '';
const FILE = 'broker-configs';

/** A value with where it comes from, as DescribeConfigs lists synonyms: the first counts. */
export interface ConfigSynonym {
  readonly name: string;
  readonly value: string | null;
  readonly source: number;
}

/**
 * What the broker runs with: its options under Kafka's names, and what IncrementalAlterConfigs has set, durably. The latter
 * takes effect where it is the default of a topic configuration; the rest that Kafka can change at run time is kept and shown.
 */
export class BrokerConfigs {
  readonly keys = brokerConfigKeys;
  readonly #byName = new Map(brokerConfigKeys.map((key) => [key.name, key]));
  readonly #config: BrokerConfig;
  readonly #nodes: Nodes;
  readonly #path: string;
  readonly #fixed: ReadonlyMap<string, string>;
  #dynamic: Readonly<Record<string, TopicConfigs>>;

  constructor(config: BrokerConfig, nodes: Nodes) {
    this.#config = config;
    this.#nodes = nodes;
    this.#path = join(config.dataDirectory, FILE);
    this.#fixed = new Map(Object.entries(fixedConfigs(config, nodes)));
    const sealed = readSealed(config.disk, this.#path);
    if (sealed === 'damaged') throw new BrokerError('CONFIGS_DAMAGED', `expected ${this.#path} to be whole`);
    this.#dynamic = sealed === undefined ? {} : (sealed.content as Record<string, TopicConfigs>);
  }

  keyOf(name: string): BrokerConfigKey | undefined {
    return this.#byName.get(name);
  }

  /** Null when the resource is one of ours: a node id, or nothing for all brokers. */
  refusalOfName(resourceName: string): ConfigRefusal | null {
    const ids = this.#nodes.ids.map(String);
    if (resourceName === ALL_BROKERS || ids.includes(resourceName)) return null;
    return { error: 'INVALID_REQUEST', message: `expected broker ${ids.join(', ')} or none, found "${resourceName}"` };
  }

  /** What was set at run time for a broker, or for all. */
  dynamic(resourceName: string): TopicConfigs {
    return this.#dynamic[resourceName] ?? {};
  }

  /** What stands against these being all that is set for the resource; null when nothing does. */
  refusalOf(configs: TopicConfigs): ConfigRefusal | null {
    const problems: string[] = [];
    for (const [name, value] of Object.entries(configs)) {
      const key = this.#byName.get(name);
      const asTopic = topicNameOf(name);
      if (key === undefined) problems.push(`unknown broker configuration ${name}`);
      else if (!key.isDynamic)
        return { error: 'INVALID_REQUEST', message: `expected ${name} not to change at run time` };
      else if (
        asTopic === undefined ? valid[key.type]?.(value) === false : 'error' in parseTopicConfigs({ [asTopic]: value })
      )
        problems.push(`expected ${name} to be a valid ${key.type}, found "${value}"`);
    }
    return problems.length === 0 ? null : { error: 'INVALID_CONFIG', message: problems.join('; ') };
  }

  /** Durable on return. */
  set(resourceName: string, configs: TopicConfigs): ConfigRefusal | null {
    const dynamic = { ...this.#dynamic, [resourceName]: configs };
    try {
      replaceSealed(this.#config.disk, this.#path, dynamic);
    } catch (error) {
      return { error: 'KAFKA_STORAGE_ERROR', message: messageOf(error) };
    }
    this.#dynamic = dynamic;
    return null;
  }

  /** Defaults of topics that were set at run time, by the names that topics have for them. */
  topicDefaults(): TopicConfigs {
    const defaults: Record<string, string> = {};
    for (const resourceName of [ALL_BROKERS, ...this.#nodes.ids.map(String)]) {
      for (const [name, value] of Object.entries(this.dynamic(resourceName))) {
        const asTopic = topicNameOf(name);
        if (asTopic !== undefined) defaults[asTopic] = value;
      }
    }
    return defaults;
  }

  /** Where the value of a broker's configuration comes from, the one that counts first. */
  synonyms(nodeId: string, { name, default: value }: BrokerConfigKey): ConfigSynonym[] {
    const own = nodeId === ALL_BROKERS ? undefined : this.dynamic(nodeId)[name];
    const all = this.dynamic(ALL_BROKERS)[name];
    const fixed = this.#fixed.get(name);
    return [
      ...(own === undefined ? [] : [{ name, value: own, source: configSource.dynamicBroker }]),
      ...(all === undefined ? [] : [{ name, value: all, source: configSource.dynamicDefault }]),
      ...(fixed === undefined ? [] : [{ name, value: fixed, source: configSource.broker }]),
      ...(value === null ? [] : [{ name, value, source: configSource.default }]),
    ];
  }

  /** The same for what a topic has not set itself. */
  topicSynonyms(topicName: string, value: string): ConfigSynonym[] {
    const name = brokerNameOf[topicName];
    if (name === undefined) return [{ name: topicName, value, source: configSource.default }];
    const key = { name, type: 'string', default: value, isDynamic: true } as const;
    return this.synonyms(String(this.#nodes.controllerId), key).filter(({ source }) => source !== configSource.broker);
  }
}

/** The options that the broker was started with, by Kafka's names. */
function fixedConfigs(config: BrokerConfig, { controllerId }: Nodes): Record<string, string> {
  const { limits, groups, logIntervals } = config;
  const listeners = config.listeners.map(({ host, port, name }) => `${name ?? 'PLAINTEXT'}://${host}:${port}`);
  const told = config.listeners.map(({ name, advertised, ...at }) => {
    const { host, port } = advertised ?? at;
    return `${name ?? 'PLAINTEXT'}://${host}:${port}`;
  });
  const minutes = (ms: number): string => String(Math.floor(ms / 60_000));
  return {
    'advertised.listeners': told.join(','),
    'auto.create.topics.enable': String(config.autoCreateTopics),
    'broker.id': String(controllerId),
    'connections.max.idle.ms': String(limits.idleTimeoutMs),
    'fetch.max.bytes': String(limits.unsentBytesMax),
    'group.initial.rebalance.delay.ms': String(groups.initialRebalanceDelayMs),
    'group.max.session.timeout.ms': String(groups.sessionTimeoutMsMax),
    'group.max.size': String(groups.membersMax),
    'group.min.session.timeout.ms': String(groups.sessionTimeoutMsMin),
    listeners: listeners.join(','),
    'log.dirs': config.dataDirectory,
    'max.connections': String(limits.connectionsMax),
    'max.incremental.fetch.session.cache.slots': '0',
    'node.id': String(controllerId),
    'num.partitions': String(config.defaultPartitions),
    'offset.metadata.max.bytes': String(groups.metadataBytesMax),
    'log.cleaner.backoff.ms': String(logIntervals.compactionMs),
    'log.retention.check.interval.ms': String(logIntervals.retentionCheckMs),
    'offsets.retention.check.interval.ms': String(groups.retentionCheckMs),
    'offsets.retention.minutes': minutes(groups.offsetsRetentionMs),
    'offsets.topic.num.partitions': '1',
    'offsets.topic.replication.factor': '1',
    'process.roles': 'broker,controller',
    'socket.request.max.bytes': String(limits.requestBytesMax),
    'transaction.max.timeout.ms': String(limits.transactionTimeoutMsMax),
    'transaction.state.log.min.isr': '1',
    'transaction.state.log.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
  };
}

const valid: Partial<Record<ConfigType, (value: string) => boolean>> = {
  boolean: (value) => value === 'true' || value === 'false',
  int: (value) => /^-?\d+$/.test(value.trim()),
  short: (value) => /^-?\d+$/.test(value.trim()),
  long: (value) => /^-?\d+$/.test(value.trim()),
  double: (value) => value.trim() !== '' && Number.isFinite(Number(value)),
};

/** A topic configuration's key, for changes of lists. */
export function topicKeyOf(name: string): (typeof topicConfigKeys)[number] | undefined {
  return topicConfigKeys.find((key) => key.name === name);
}
