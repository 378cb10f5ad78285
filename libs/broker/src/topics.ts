import type { Log, LogDirectory, StoredTopic, TopicConfigs } from '@millrace/log';
import { parseTopicConfigs } from '@millrace/log';
import type { ErrorName } from '@millrace/wire';
import type { BrokerConfig } from './options.ts';

/** Why a topic was not created, changed or deleted. */
export interface TopicRefusal {
  readonly error: ErrorName;
  readonly message: string;
}

export interface NewTopic {
  readonly name: string;
  /** −1 is the default of the broker. */
  readonly partitions: number;
  readonly configs: TopicConfigs;
}

export const OFFSETS_TOPIC = '__consumer_offsets';
export const TRANSACTIONS_TOPIC = '__transaction_state';

const NAME_LENGTH_MAX = 249;

/** Topics by name: the log directory, with the rules of names and counts that clients are held to. */
export class Topics {
  readonly #directory: LogDirectory;
  readonly #config: BrokerConfig;
  readonly #isReadCommitted: (name: string) => boolean;
  readonly #onDeleted: (name: string) => void;

  constructor(directory: LogDirectory, config: BrokerConfig, onDeleted: (name: string) => void) {
    this.#directory = directory;
    this.#config = config;
    this.#isReadCommitted = matcher(config.readCommittedTopics);
    this.#onDeleted = onDeleted;
  }

  all(): StoredTopic[] {
    return [...this.#directory.topics()];
  }

  find(name: string): StoredTopic | undefined {
    return this.#directory.topic(name);
  }

  log(name: string, partition: number): Log | undefined {
    return this.#directory.partition(name, partition);
  }

  /** False for the log of a topic that was deleted meanwhile. */
  isServed(log: Log): boolean {
    const separator = log.name.lastIndexOf('-');
    return this.log(log.name.slice(0, separator), Number(log.name.slice(separator + 1))) === log;
  }

  /** Whether every consumer of the topic reads as if it were read_committed (DESIGN §4). */
  isReadCommitted(name: string): boolean {
    return this.#isReadCommitted(name);
  }

  /** What stands against creating the topic; null when nothing does. */
  refusalOf({ name, partitions, configs }: NewTopic): TopicRefusal | null {
    const nameProblem = problemOfName(name);
    if (nameProblem !== null) return { error: 'INVALID_TOPIC_EXCEPTION', message: nameProblem };
    if (this.find(name) !== undefined) {
      return { error: 'TOPIC_ALREADY_EXISTS', message: `expected topic "${name}" not to exist` };
    }
    if (partitions < 1 && partitions !== -1) {
      return { error: 'INVALID_PARTITIONS', message: `expected at least one partition, found ${partitions}` };
    }
    const parsed = parseTopicConfigs(configs);
    if ('error' in parsed) return { error: parsed.error, message: parsed.message };
    return this.#refusalOfCount(1, this.#countOf(partitions));
  }

  /** Creates the topic, durably. */
  create(topic: NewTopic): StoredTopic | TopicRefusal {
    const refusal = this.refusalOf(topic);
    if (refusal !== null) return refusal;
    const partitions = this.#countOf(topic.partitions);
    return this.#directory.createTopic({ name: topic.name, partitions, configs: topic.configs });
  }

  /** What stands against growing the topic to `count` partitions. */
  refusalOfGrowth(name: string, count: number): TopicRefusal | null {
    const topic = this.find(name);
    if (topic === undefined) return unknownTopic(name);
    if (isInternal(name)) return { error: 'INVALID_REQUEST', message: `expected "${name}" to keep its partitions` };
    if (count <= topic.partitions) {
      const message = `expected more than the ${topic.partitions} partitions that "${name}" has, found ${count}`;
      return { error: 'INVALID_PARTITIONS', message };
    }
    return this.#refusalOfCount(0, count - topic.partitions);
  }

  grow(name: string, count: number): TopicRefusal | null {
    const refusal = this.refusalOfGrowth(name, count);
    if (refusal !== null) return refusal;
    const stored = this.#directory.createPartitions(name, count);
    return isRefusal(stored) ? stored : null;
  }

  delete(name: string): TopicRefusal | null {
    if (this.find(name) === undefined) return unknownTopic(name);
    if (isInternal(name)) return { error: 'INVALID_TOPIC_EXCEPTION', message: `expected "${name}" not to be internal` };
    const { error, message } = { message: '', ...this.#directory.deleteTopic(name) };
    if (error !== undefined) return { error, message };
    this.#onDeleted(name);
    return null;
  }

  #countOf(partitions: number): number {
    return partitions === -1 ? this.#config.defaultPartitions : partitions;
  }

  #refusalOfCount(addedTopics: number, addedPartitions: number): TopicRefusal | null {
    const { topicsMax, partitionsMax } = this.#config.limits;
    const topics = this.all();
    const count = topics.reduce((sum, topic) => sum + topic.partitions, 0);
    const refused = (expected: string): TopicRefusal => ({ error: 'POLICY_VIOLATION', message: expected });
    if (topics.length + addedTopics > topicsMax) return refused(`expected at most ${topicsMax} topics`);
    if (count + addedPartitions <= partitionsMax) return null;
    return refused(`expected at most ${partitionsMax} partitions in all, found ${count} and ${addedPartitions} more`);
  }
}

export function isInternal(name: string): boolean {
  return name === OFFSETS_TOPIC || name === TRANSACTIONS_TOPIC;
}

export function isRefusal(result: StoredTopic | TopicRefusal): result is TopicRefusal {
  return 'error' in result;
}

function unknownTopic(name: string): TopicRefusal {
  return { error: 'UNKNOWN_TOPIC_OR_PARTITION', message: `expected topic "${name}" to exist` };
}

/** Kafka's rules; the name is also that of directories, so nothing else may pass. */
function problemOfName(name: string): string | null {
  if (name === '' || name === '.' || name === '..') return `expected a topic name, found "${name}"`;
  if (name.length > NAME_LENGTH_MAX) {
    return `expected a topic name of at most ${NAME_LENGTH_MAX} characters, found ${name.length}`;
  }
  if (!/^[A-Za-z0-9._-]+$/.test(name))
    return `expected letters, digits, ".", "_" and "-" in a topic name, found "${name}"`;
  return null;
}

/** Patterns are names, or the start of names with a `*` behind it. */
function matcher(patterns: readonly string[]): (name: string) => boolean {
  const names = new Set(patterns.filter((pattern) => !pattern.endsWith('*')));
  const prefixes = patterns.filter((pattern) => pattern.endsWith('*')).map((pattern) => pattern.slice(0, -1));
  return (name) => names.has(name) || prefixes.some((prefix) => name.startsWith(prefix));
}
