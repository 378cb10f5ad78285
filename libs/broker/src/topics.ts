import type { Log, LogDirectory, StoredTopic, TopicConfigs } from '@millrace/log';
import { parseTopicConfigs } from '@millrace/log';
import { assert } from '@millrace/std';
import type { ErrorName } from '@millrace/wire';
import type { BrokerConfigs } from './configs/broker-configs.ts';
import type { Nodes } from './nodes.ts';
import type { BrokerConfig } from './options.ts';
import { type Assignments, refusalOfAssignments, refusalOfFactor } from './placement.ts';
import { collidingName, isInternal, matcher, problemOfName } from './topic-names.ts';

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
  /** −1 is the default, which is 1. */
  readonly replicationFactor?: number;
  /** Replicas by partition; then neither of the two numbers counts. */
  readonly assignments?: Assignments;
}

/** Topics by name: the log directory, with the rules of names, counts and configurations that clients are held to. */
export class Topics {
  readonly #directory: LogDirectory;
  readonly #config: BrokerConfig;
  readonly #nodes: Nodes;
  readonly #brokerConfigs: BrokerConfigs;
  readonly #isReadCommitted: (name: string) => boolean;
  readonly #onDeleted: (name: string) => void;
  /** Another one whenever a topic is created, grown or deleted. */
  version = 0;
  /** Of topic configurations, as they were set for the broker at run time. */
  #defaults: TopicConfigs = {};

  constructor(
    directory: LogDirectory,
    config: BrokerConfig,
    nodes: Nodes,
    brokerConfigs: BrokerConfigs,
    onDeleted: (name: string) => void,
  ) {
    this.#directory = directory;
    this.#config = config;
    this.#nodes = nodes;
    this.#brokerConfigs = brokerConfigs;
    this.#isReadCommitted = matcher(config.readCommittedTopics);
    this.#onDeleted = onDeleted;
    this.applyDefaults();
  }

  all(): StoredTopic[] {
    return [...this.#directory.topics()];
  }

  find(name: string): StoredTopic | undefined {
    return this.#directory.topic(name);
  }

  findById(id: string): StoredTopic | undefined {
    return this.all().find((topic) => topic.id === id);
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

  /** Whether acks=all may be promised: min.insync.replicas asks for no more than there are, all of which are always in sync. */
  hasReplicasInSync(name: string, partition: number): boolean {
    const topic = this.find(name);
    const wanted = topic?.configs['min.insync.replicas'] ?? this.#defaults['min.insync.replicas'];
    return (
      topic === undefined || wanted === undefined || Number(wanted) <= this.#nodes.replicasOf(topic, partition).length
    );
  }

  /** What stands against creating the topic; null when nothing does. */
  refusalOf({ name, partitions, configs, replicationFactor = -1, assignments }: NewTopic): TopicRefusal | null {
    const nameProblem = problemOfName(name);
    if (nameProblem !== null) return { error: 'INVALID_TOPIC_EXCEPTION', message: nameProblem };
    if (this.find(name) !== undefined) {
      return { error: 'TOPIC_ALREADY_EXISTS', message: `expected topic "${name}" not to exist` };
    }
    const other = collidingName(name, this.#directory.topics());
    if (other !== null) {
      const message = `expected "${name}" to differ from "${other}" in more than "." and "_"`;
      return { error: 'INVALID_TOPIC_EXCEPTION', message };
    }
    const parsed = parseTopicConfigs(configs);
    if ('error' in parsed) return { error: parsed.error, message: parsed.message };
    if (assignments !== undefined) {
      return refusalOfAssignments(assignments, this.#nodes) ?? this.#refusalOfCount(1, assignments.length);
    }
    const ofFactor = refusalOfFactor(replicationFactor, this.#nodes);
    if (ofFactor !== null) return ofFactor;
    if (partitions < 1 && partitions !== -1) {
      return { error: 'INVALID_PARTITIONS', message: `expected at least one partition, found ${partitions}` };
    }
    return this.#refusalOfCount(1, this.countOf(partitions));
  }

  /** Creates the topic, durably. */
  create(topic: NewTopic): StoredTopic | TopicRefusal {
    const refusal = this.refusalOf(topic);
    if (refusal !== null) return refusal;
    const { name, configs, assignments, replicationFactor = -1 } = topic;
    const partitions = assignments?.length ?? this.countOf(topic.partitions);
    const replicas = assignments ?? this.#nodes.place(name, 0, partitions, Math.max(1, replicationFactor));
    const created = this.#directory.createTopic({ name, partitions, configs, ...this.#placed(replicas) });
    if (isRefusal(created)) return created;
    this.version++;
    this.#configure(created);
    return created;
  }

  /** What stands against growing the topic to `count` partitions, with these replicas for the new ones. */
  refusalOfGrowth(name: string, count: number, assignments?: Assignments): TopicRefusal | null {
    const topic = this.find(name);
    if (topic === undefined) return unknownTopic(name);
    if (isInternal(name)) return { error: 'INVALID_REQUEST', message: `expected "${name}" to keep its partitions` };
    const added = count - topic.partitions;
    if (added <= 0) {
      const message = `expected more than the ${topic.partitions} partitions that "${name}" has, found ${count}`;
      return { error: 'INVALID_PARTITIONS', message };
    }
    if (assignments !== undefined && assignments.length !== added) {
      const message = `expected replicas for each of ${added} new partitions, found ${assignments.length}`;
      return { error: 'INVALID_REPLICA_ASSIGNMENT', message };
    }
    const factor = this.#nodes.replicasOf(topic, 0).length;
    const refusal = assignments === undefined ? null : refusalOfAssignments(assignments, this.#nodes, factor);
    return refusal ?? this.#refusalOfCount(0, added);
  }

  grow(name: string, count: number, assignments?: Assignments): TopicRefusal | null {
    const refusal = this.refusalOfGrowth(name, count, assignments);
    const topic = this.find(name);
    if (refusal !== null || topic === undefined) return refusal;
    const before = Array.from({ length: topic.partitions }, (_, partition) => this.#nodes.replicasOf(topic, partition));
    const factor = before[0]?.length ?? 1;
    const added = assignments ?? this.#nodes.place(name, topic.partitions, count, factor);
    const { replicas } = this.#placed([...before, ...added]);
    const stored = this.#directory.createPartitions(name, count, replicas);
    if (isRefusal(stored)) return stored;
    this.version++;
    this.#configure(stored);
    return null;
  }

  /** Says that these nodes hold a partition from now on. */
  reassign(name: string, partition: number, brokerIds: readonly number[]): TopicRefusal | null {
    const topic = this.find(name);
    if (topic === undefined || partition < 0 || partition >= topic.partitions) return unknownTopic(name);
    const refusal = refusalOfAssignments([brokerIds], this.#nodes);
    if (refusal !== null) return refusal;
    const replicas = Array.from({ length: topic.partitions }, (_, index) =>
      index === partition ? brokerIds : this.#nodes.replicasOf(topic, index),
    );
    const stored = this.#directory.setReplicas(name, replicas);
    return isRefusal(stored) ? stored : null;
  }

  /** What stands against these being all that the topic's configuration sets. */
  refusalOfConfigs(name: string, configs: TopicConfigs): TopicRefusal | null {
    if (this.find(name) === undefined) return unknownTopic(name);
    if (isInternal(name)) return { error: 'POLICY_VIOLATION', message: `expected "${name}" to keep its configuration` };
    const parsed = parseTopicConfigs(configs);
    return 'error' in parsed ? parsed : null;
  }

  /** Takes effect at once, durably. */
  setConfigs(name: string, configs: TopicConfigs): TopicRefusal | null {
    const refusal = this.refusalOfConfigs(name, configs);
    if (refusal !== null) return refusal;
    const stored = this.#directory.setConfigs(name, configs);
    if (isRefusal(stored)) return stored;
    this.#configure(stored);
    return null;
  }

  /** The broker's defaults of topic configurations are others now. */
  applyDefaults(): void {
    this.#defaults = this.#brokerConfigs.topicDefaults();
    for (const topic of this.#directory.topics()) this.#configure(topic);
  }

  delete(name: string): TopicRefusal | null {
    if (this.find(name) === undefined) return unknownTopic(name);
    if (isInternal(name)) return { error: 'INVALID_TOPIC_EXCEPTION', message: `expected "${name}" not to be internal` };
    const { error, message } = { message: '', ...this.#directory.deleteTopic(name) };
    if (error !== undefined) return { error, message };
    this.version++;
    this.#onDeleted(name);
    return null;
  }

  /** −1 is the default of the broker. */
  countOf(partitions: number): number {
    return partitions === -1 ? this.#config.defaultPartitions : partitions;
  }

  /** The log knows what the topic has set itself; what all topics share is here. */
  #configure(topic: StoredTopic): void {
    const config = parseTopicConfigs({ ...this.#defaults, ...topic.configs });
    assert(!('error' in config), `expected the configuration of ${topic.name} to be valid with any defaults`);
    for (let partition = 0; partition < topic.partitions; partition++)
      this.log(topic.name, partition)?.configure(config);
  }

  /** With one node there is nothing to remember. */
  #placed(replicas: Assignments): { readonly replicas?: Assignments } {
    return this.#nodes.ids.length > 1 ? { replicas } : {};
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

export function isRefusal(result: StoredTopic | TopicRefusal): result is TopicRefusal {
  return 'error' in result;
}

export function unknownTopic(name: string): TopicRefusal {
  return { error: 'UNKNOWN_TOPIC_OR_PARTITION', message: `expected topic "${name}" to exist` };
}
