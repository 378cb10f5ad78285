import { join } from 'node:path';
import type { ConsumerTimes } from '@millrace/coordinator';
import { readSealed, replaceSealed, type TopicConfigs } from '@millrace/log';
import { messageOf } from '@millrace/std';
import { BrokerError } from '../errors.ts';
import type { BrokerConfig } from '../options.ts';
import type { ConfigRefusal } from './alteration.ts';
import type { ConfigSynonym } from './broker-configs.ts';
import { configSource } from './config-source.ts';

const FILE = 'group-configs';

/** A configuration of a group by the consumer protocol, the default that the broker has for it, and the bounds that Kafka sets by default. */
interface GroupConfigKey {
  readonly name: 'consumer.session.timeout.ms' | 'consumer.heartbeat.interval.ms';
  readonly time: keyof ConsumerTimes;
  readonly min: number;
  readonly max: number;
}

const keys: readonly GroupConfigKey[] = [
  { name: 'consumer.heartbeat.interval.ms', time: 'heartbeatIntervalMs', min: 5_000, max: 15_000 },
  { name: 'consumer.session.timeout.ms', time: 'sessionTimeoutMs', min: 45_000, max: 60_000 },
];

/**
 * What IncrementalAlterConfigs has set for groups, durably; the group need not be there. It counts from the next heartbeat of each
 * member on.
 */
export class GroupConfigs {
  readonly keys = keys;
  readonly #config: BrokerConfig;
  readonly #path: string;
  #byGroup: ReadonlyMap<string, TopicConfigs>;

  constructor(config: BrokerConfig) {
    this.#config = config;
    this.#path = join(config.dataDirectory, FILE);
    const sealed = readSealed(config.disk, this.#path);
    if (sealed === 'damaged') throw new BrokerError('CONFIGS_DAMAGED', `expected ${this.#path} to be whole`);
    const stored = sealed === undefined ? [] : (sealed.content as [string, TopicConfigs][]);
    this.#byGroup = new Map(stored);
  }

  /** The groups for which something is set. */
  names(): string[] {
    return [...this.#byGroup.keys()];
  }

  of(groupId: string): TopicConfigs {
    return this.#byGroup.get(groupId) ?? {};
  }

  /** What is set of the group's times. */
  timesOf(groupId: string): Partial<ConsumerTimes> {
    const own = this.#byGroup.get(groupId);
    if (own === undefined) return {};
    const times: { -readonly [K in keyof ConsumerTimes]?: number } = {};
    for (const { name, time } of keys) {
      const value = own[name];
      if (value !== undefined) times[time] = Number(value);
    }
    return times;
  }

  /** What stands against these being all that is set for the group; null when nothing does. */
  refusalOf(groupId: string, configs: TopicConfigs): ConfigRefusal | null {
    if (groupId === '') return { error: 'INVALID_REQUEST', message: 'expected the id of a group, found nothing' };
    for (const [name, value] of Object.entries(configs)) {
      const key = keys.find((one) => one.name === name);
      if (key === undefined) return invalid(`unknown group configuration ${name}`);
      const ms = /^\d{1,9}$/.test(value.trim()) ? Number(value) : Number.NaN;
      if (!(ms >= key.min && ms <= key.max)) {
        return invalid(`expected ${name} to be from ${key.min} to ${key.max}, found "${value}"`);
      }
    }
    return null;
  }

  /** Durable on return. Nothing set, and the group is not kept. */
  set(groupId: string, configs: TopicConfigs): ConfigRefusal | null {
    const refusal = this.refusalOf(groupId, configs);
    if (refusal !== null) return refusal;
    const next = new Map(this.#byGroup);
    if (Object.keys(configs).length === 0) next.delete(groupId);
    else next.set(groupId, configs);
    const { groupsMax } = this.#config.limits;
    if (next.size > groupsMax) {
      const message = `expected configurations of at most ${groupsMax} groups, found ${next.size}`;
      return { error: 'POLICY_VIOLATION', message };
    }
    try {
      replaceSealed(this.#config.disk, this.#path, [...next]);
    } catch (error) {
      return { error: 'KAFKA_STORAGE_ERROR', message: messageOf(error) };
    }
    this.#byGroup = next;
    return null;
  }

  /** Where the value of a group's configuration comes from, the one that counts first. */
  synonyms(groupId: string, { name, time }: GroupConfigKey): ConfigSynonym[] {
    const own = this.of(groupId)[name];
    const { consumerSessionTimeoutMs, consumerHeartbeatIntervalMs } = this.#config.groups;
    const value = time === 'sessionTimeoutMs' ? consumerSessionTimeoutMs : consumerHeartbeatIntervalMs;
    return [
      ...(own === undefined ? [] : [{ name, value: own, source: configSource.group }]),
      { name: `group.${name}`, value: String(value), source: configSource.default },
    ];
  }
}

function invalid(message: string): ConfigRefusal {
  return { error: 'INVALID_CONFIG', message };
}
