import type { Random } from '@millrace/std';

export interface GroupOptions {
  /** Offsets of partitions that do not exist are refused with UNKNOWN_TOPIC_OR_PARTITION. */
  readonly partitionExists: (topic: string, partition: number) => boolean;
  /** The topics as the consumer protocol needs them. */
  readonly topics: TopicDirectory;
  /** For member ids: they must not repeat across restarts. */
  readonly random: Random;
  readonly limits?: Partial<GroupLimits>;
  /** What a group by the consumer protocol has instead of the limits (`consumer.session.timeout.ms` and the like); asked at every heartbeat. */
  readonly consumerTimesOf?: (groupId: string) => Partial<ConsumerTimes>;
}

/** Of members by the consumer protocol. */
export interface ConsumerTimes {
  /** Silent for longer, and they are out. */
  readonly sessionTimeoutMs: number;
  /** How often they are to send heartbeats, and so how fast they hear of changes. */
  readonly heartbeatIntervalMs: number;
}

export interface TopicDirectory {
  /** Another one whenever a topic is created, grown or deleted. */
  version(): number;
  find(name: string): { readonly id: string; readonly partitions: number } | undefined;
  nameOf(id: string): string | undefined;
  /** The names that a regular expression matches whole; null when it is none. In time linear in the names. */
  matching(pattern: string): readonly string[] | null;
}

export interface GroupLimits {
  /** Members and those who are about to become one; beyond it GROUP_MAX_SIZE_REACHED. */
  readonly membersMax: number;
  /** A member that names more is refused with INVALID_REQUEST: who supports what is compared with every other member. */
  readonly protocolsMax: number;
  /** Groups of one coordinator; one more is refused with POLICY_VIOLATION. */
  readonly groupsMax: number;
  /**
   * Memory of one group: its members with their metadata and assignments, its offsets. Beyond it a join is refused with
   * GROUP_MAX_SIZE_REACHED, the assignments with MESSAGE_TOO_LARGE, a commit with INVALID_COMMIT_OFFSET_SIZE.
   */
  readonly groupBytesMax: number;
  /** The same of all groups of one coordinator; beyond it the same answers, and no new group: POLICY_VIOLATION. */
  readonly totalBytesMax: number;
  readonly sessionTimeoutMsMin: number;
  readonly sessionTimeoutMsMax: number;
  /** A longer rebalance timeout counts as this: it is the longest that a dead member can hold up the others. */
  readonly rebalanceTimeoutMsMax: number;
  /** How long the first rebalance of an empty group waits for more members, so that they need not rebalance one by one. */
  readonly initialRebalanceDelayMs: number;
  /** Longer commit metadata: OFFSET_METADATA_TOO_LARGE for its partition. */
  readonly metadataBytesMax: number;
  /** Offsets are kept this long after a group lost its last member, or after the commit of a group that never had one. */
  readonly offsetsRetentionMs: number;
  readonly retentionCheckMs: number;
  /** Of members by the consumer protocol: silent for longer, and they are out. */
  readonly consumerSessionTimeoutMs: number;
  /** How often they are to send heartbeats, and so how fast they hear of changes. */
  readonly consumerHeartbeatIntervalMs: number;
  /** How long a new member may wait for its first JoinGroup to be answered: its client sends no heartbeat yet. */
  readonly newMemberTimeoutMs: number;
}

export const defaultGroupLimits: GroupLimits = {
  membersMax: 1_000,
  protocolsMax: 64,
  groupsMax: 10_000,
  groupBytesMax: 16 * 1024 * 1024,
  totalBytesMax: 128 * 1024 * 1024,
  sessionTimeoutMsMin: 6_000,
  sessionTimeoutMsMax: 30 * 60_000,
  rebalanceTimeoutMsMax: 30 * 60_000,
  initialRebalanceDelayMs: 0,
  metadataBytesMax: 4_096,
  offsetsRetentionMs: 7 * 24 * 3_600_000,
  retentionCheckMs: 10 * 60_000,
  consumerSessionTimeoutMs: 45_000,
  consumerHeartbeatIntervalMs: 5_000,
  newMemberTimeoutMs: 5 * 60_000,
};
