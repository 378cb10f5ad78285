import { apis, errors } from '@millrace/wire';

import { retrying } from './backoff.ts';
import { refused } from './client-error.ts';
import type { Cluster } from './cluster.ts';

export interface NewTopic {
  readonly name: string;
  readonly partitions: number;
  readonly replicationFactor?: number;
  readonly configs?: Readonly<Record<string, string>>;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface TopicPartitionOffset extends TopicPartition {
  readonly offset: number;
}

export type Isolation = 'read_uncommitted' | 'read_committed';

/** `latest` is the end that a consumer of the isolation level reads to; a number is a timestamp in epoch ms. */
export type OffsetSpec = 'earliest' | 'latest' | number;

const ADMIN_TIMEOUT_MS = 15_000;
const RESOURCE_TOPIC = 2;

export class Admin {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Creates the topics that are not there; true in the answer for those that this call created. */
  async createTopics(topics: readonly NewTopic[]): Promise<ReadonlyMap<string, boolean>> {
    if (topics.length === 0) return new Map();
    const answer = await this.#retrying(() =>
      this.#cluster.requestAny(apis.createTopics, {
        topics: topics.map(({ name, partitions, replicationFactor = 1, configs = {} }) => ({
          name,
          numPartitions: partitions,
          replicationFactor,
          configs: Object.entries(configs).map(([config, value]) => ({ name: config, value })),
        })),
        timeoutMs: ADMIN_TIMEOUT_MS,
      }),
    );
    const created = new Map<string, boolean>();
    for (const topic of answer.topics) {
      const existed = topic.errorCode === errors.TOPIC_ALREADY_EXISTS.code;
      if (topic.errorCode !== 0 && !existed) throw refused(topic.errorCode, `create topic ${topic.name}`);
      created.set(topic.name, !existed);
    }
    return created;
  }

  async deleteTopics(names: readonly string[]): Promise<void> {
    const answer = await this.#retrying(() =>
      this.#cluster.requestAny(apis.deleteTopics, {
        topicNames: [...names],
        topics: names.map((name) => ({ name })),
        timeoutMs: ADMIN_TIMEOUT_MS,
      }),
    );
    for (const { errorCode, name } of answer.responses) {
      if (errorCode !== 0) throw refused(errorCode, `delete topic ${name}`);
    }
  }

  async listTopics(): Promise<{ readonly name: string; readonly partitions: number }[]> {
    const topics = await this.#retrying(() => this.#cluster.topics(null));
    return topics.map(({ name, leaders }) => ({ name, partitions: leaders.length }));
  }

  /** Names the cluster: another data directory, or another cluster, has another id. */
  async clusterId(): Promise<string | undefined> {
    const answer = await this.#retrying(() =>
      this.#cluster.requestAny(apis.metadata, { topics: [], allowAutoTopicCreation: false }),
    );
    return answer.clusterId ?? undefined;
  }

  /** The partition count of a topic; undefined when there is no such topic. */
  async partitionCount(topic: string): Promise<number | undefined> {
    const [metadata] = await this.#retrying(() => this.#cluster.topics([topic]));
    return metadata?.leaders.length;
  }

  async topicConfigs(topic: string): Promise<ReadonlyMap<string, string | null>> {
    const answer = await this.#retrying(() =>
      this.#cluster.requestAny(apis.describeConfigs, {
        resources: [{ resourceType: RESOURCE_TOPIC, resourceName: topic, configurationKeys: null }],
      }),
    );
    const [result] = answer.results;
    if (result === undefined || result.errorCode !== 0)
      throw refused(result?.errorCode ?? -1, `describe the configuration of ${topic}`);
    return new Map(result.configs.map(({ name, value }) => [name, value]));
  }

  /** One offset per partition asked for, in that order. */
  async listOffsets(
    partitions: readonly TopicPartition[],
    spec: OffsetSpec,
    isolation: Isolation = 'read_uncommitted',
  ): Promise<number[]> {
    return Promise.all(partitions.map((one) => this.#retrying(() => this.#offset(one, spec, isolation))));
  }

  /** Deletes the records below the offsets; an offset at or below the start deletes nothing. */
  async deleteRecords(before: readonly TopicPartitionOffset[]): Promise<void> {
    for (const { topic, partition, offset } of before) {
      await this.#retrying(async () => {
        const node = await this.#cluster.leaderOf(topic, partition);
        const body = { topics: [{ name: topic, partitions: [{ partition, offset }] }], timeoutMs: ADMIN_TIMEOUT_MS };
        const answer = await this.#cluster.request(node, 'admin', apis.deleteRecords, body);
        const errorCode = answer.topics[0]?.partitions[0]?.errorCode ?? -1;
        if (errorCode !== 0) throw this.#partitionError(errorCode, topic, `delete records of ${topic}-${partition}`);
      });
    }
  }

  /** Commits offsets of a group without being its member; works only while it has no members. */
  async commitOffsets(groupId: string, offsets: readonly TopicPartitionOffset[]): Promise<void> {
    if (offsets.length === 0) return;
    const body = {
      groupId,
      generationId: -1,
      memberId: '',
      topics: offsets.map(({ topic, partition, offset }) => ({
        name: topic,
        partitions: [{ partition, committedOffset: offset, committedMetadata: '' }],
      })),
    };
    const answer = await this.#cluster.askCoordinator(
      'group',
      groupId,
      'admin',
      apis.offsetCommit,
      body,
      (one) => one.topics[0]?.partitions[0]?.errorCode ?? 0,
    );
    for (const { name, partitions } of answer.topics) {
      for (const { partition, errorCode } of partitions) {
        if (errorCode !== 0) throw refused(errorCode, `commit the offset of ${name}-${partition} for group ${groupId}`);
      }
    }
  }

  /** What a group has committed; partitions that it has not are missing. */
  async committedOffsets(groupId: string, partitions: readonly TopicPartition[]): Promise<TopicPartitionOffset[]> {
    const topics = partitions.map(({ topic, partition }) => ({ name: topic, partitions: [partition] }));
    const answer = await this.#cluster.askCoordinator(
      'group',
      groupId,
      'admin',
      apis.offsetFetch,
      { groupId, topics, groups: [{ groupId, topics }], requireStable: true },
      (one) => one.groups[0]?.errorCode ?? one.errorCode,
    );
    const answered = answer.groups[0] ?? answer;
    if (answered.errorCode !== 0) throw refused(answered.errorCode, `tell the offsets of group ${groupId}`);
    return answered.topics.flatMap(({ name, partitions: each }) =>
      each.flatMap(({ partition, committedOffset, errorCode }) => {
        if (errorCode !== 0) throw refused(errorCode, `tell the offset of ${name}-${partition} for group ${groupId}`);
        return committedOffset < 0 ? [] : [{ topic: name, partition, offset: committedOffset }];
      }),
    );
  }

  async #offset({ topic, partition }: TopicPartition, spec: OffsetSpec, isolation: Isolation): Promise<number> {
    const node = await this.#cluster.leaderOf(topic, partition);
    const timestamp = spec === 'latest' ? -1 : spec === 'earliest' ? -2 : spec;
    const answer = await this.#cluster.request(node, 'admin', apis.listOffsets, {
      isolationLevel: isolation === 'read_committed' ? 1 : 0,
      topics: [{ name: topic, partitions: [{ partition, timestamp }] }],
    });
    const found = answer.topics[0]?.partitions[0];
    if (found === undefined || found.errorCode !== 0)
      throw this.#partitionError(found?.errorCode ?? -1, topic, `tell the ${spec} offset of ${topic}-${partition}`);
    return found.offset;
  }

  #partitionError(errorCode: number, topic: string, what: string): Error {
    this.#cluster.forgetTopic(topic);
    return refused(errorCode, what);
  }

  #retrying<T>(attempt: () => Promise<T>): Promise<T> {
    return retrying(this.#cluster.environment, attempt);
  }
}
