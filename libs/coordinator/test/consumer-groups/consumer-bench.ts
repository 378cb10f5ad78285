import {
  type ConsumerTimes,
  type ConsumerGroupHeartbeatRequest,
  type ConsumerGroupHeartbeatResponse,
  type DescribedConsumerGroup,
  GroupCoordinator,
  type GroupLimits,
} from '../../src/index.ts';
import { Shell } from '../shell.ts';
import { TestTopics } from '../topic-directory.ts';

const defaults: ConsumerGroupHeartbeatRequest = {
  groupId: 'g',
  memberId: '',
  memberEpoch: 0,
  instanceId: null,
  rackId: null,
  rebalanceTimeoutMs: -1,
  subscribedTopicNames: null,
  subscribedTopicRegex: null,
  serverAssignor: null,
  topicPartitions: null,
};

type Heartbeat = Partial<ConsumerGroupHeartbeatRequest>;

/** A group coordinator, with topics that the test makes. */
export class ConsumerBench extends Shell<GroupCoordinator> {
  readonly topics: TestTopics;

  constructor(
    topics: Record<string, number> = {},
    limits: Partial<GroupLimits> = {},
    consumerTimesOf: (groupId: string) => Partial<ConsumerTimes> = () => ({}),
  ) {
    const directory = new TestTopics();
    for (const [name, partitions] of Object.entries(topics)) directory.set(name, partitions);
    const random = { bytes: (length: number) => new Uint8Array(length).fill(7), fraction: () => 0 };
    super(
      () =>
        new GroupCoordinator({
          partitionExists: (topic, partition) => partition < (directory.find(topic)?.partitions ?? 0),
          topics: directory,
          random,
          limits: { consumerSessionTimeoutMs: 45_000, ...limits },
          consumerTimesOf,
        }),
    );
    this.topics = directory;
  }

  heartbeat(request: Heartbeat, apiVersion = 1): ConsumerGroupHeartbeatResponse {
    const caller = this.caller(apiVersion);
    this.run((groups) => groups.consumerGroupHeartbeat({ ...defaults, ...request }, caller, this.now));
    return this.answers.get(caller.to) as ConsumerGroupHeartbeatResponse;
  }

  /** A client of its own; `topics` is what it subscribes to. */
  client(memberId: string, ...topics: string[]): Client {
    return new Client(this, memberId, topics);
  }

  describe(): DescribedConsumerGroup {
    const caller = this.caller();
    this.run((groups) => groups.describeConsumers({ groupId: 'g' }, caller, this.now));
    return this.answers.get(caller.to) as DescribedConsumerGroup;
  }

  /** Who may read what, by what the coordinator says. */
  shares(): Record<string, string> {
    return Object.fromEntries(
      this.describe().members.map(({ memberId, assignment }) => [
        memberId,
        assignment.topicPartitions.map(({ topicName, partitions }) => `${topicName}:${partitions.join(',')}`).join(' '),
      ]),
    );
  }
}

/** What a client does by the protocol: it takes what it is given, and says what it has once it has let go of the rest. */
export class Client {
  readonly memberId: string;
  readonly instanceId: string | null;
  epoch = 0;
  /** What it reads, as `topicId/partition`. */
  owned = new Set<string>();
  /** What it has been told to read. */
  told = new Set<string>();
  topics: readonly string[];
  readonly #bench: ConsumerBench;

  constructor(bench: ConsumerBench, memberId: string, topics: readonly string[], instanceId: string | null = null) {
    this.#bench = bench;
    this.memberId = memberId;
    this.topics = topics;
    this.instanceId = instanceId;
  }

  /** Joins anew, with nothing. */
  join(rest: Heartbeat = {}): ConsumerGroupHeartbeatResponse {
    this.epoch = 0;
    this.owned.clear();
    return this.#send({
      rebalanceTimeoutMs: 60_000,
      subscribedTopicNames: [...this.topics],
      topicPartitions: [],
      ...rest,
    });
  }

  /** Tells the coordinator what it reads, having let go of what it was told to. */
  beat(rest: Heartbeat = {}): ConsumerGroupHeartbeatResponse {
    for (const key of this.owned) if (!this.told.has(key)) this.owned.delete(key);
    return this.#send({ topicPartitions: this.#listed(), ...rest });
  }

  /** Alive, and slow: says nothing of what it reads. */
  idle(): ConsumerGroupHeartbeatResponse {
    return this.#send({});
  }

  leave(epoch = -1): ConsumerGroupHeartbeatResponse {
    return this.#send({ memberEpoch: epoch });
  }

  #send(request: Heartbeat): ConsumerGroupHeartbeatResponse {
    const { memberId, epoch: memberEpoch, instanceId } = this;
    const response = this.#bench.heartbeat({ memberId, memberEpoch, instanceId, ...request });
    if (response.errorCode !== 0 || response.memberEpoch < 0) return response;
    this.epoch = response.memberEpoch;
    if (response.assignment === null) return response;
    const { topicPartitions } = response.assignment;
    this.told = new Set(topicPartitions.flatMap(({ topicId, partitions }) => partitions.map((p) => `${topicId}/${p}`)));
    // New ones it may read at once; of those that are gone it lets go by its next heartbeat.
    for (const key of this.told) this.owned.add(key);
    return response;
  }

  #listed() {
    const byTopic = Map.groupBy(this.owned, (key) => key.slice(0, key.lastIndexOf('/')));
    return Array.from(byTopic, ([topicId, keys]) => ({
      topicId,
      partitions: keys.map((key) => Number(key.slice(key.lastIndexOf('/') + 1))),
    }));
  }
}
