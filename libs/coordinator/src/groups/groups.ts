import { type KafkaError, errors } from '@millrace/wire';
import { Deadlines } from '../deadlines.ts';
import { type ConsumerTimes, type GroupLimits, type GroupOptions, defaultGroupLimits } from './group-options.ts';
import { Group, deadlineOf } from './group.ts';
import { groupBytes } from './group-size.ts';

/**
 * The state of one group coordinator.
 *
 * G1. A member is known by its id; with an instance id also by that, and then by exactly one member id at a time: who comes
 *     with an older one is fenced.
 * G2. A generation's assignments go to its members only, each member's own, whole.
 * G3. A group is never stuck: in every state but Empty and Stable a deadline is set.
 * G4. Only a member of the current generation commits offsets in a group that has members, and only its own end makes a
 *     transaction's offsets visible.
 */
export class Groups {
  readonly limits: GroupLimits;
  readonly partitionExists: GroupOptions['partitionExists'];
  readonly topics: GroupOptions['topics'];
  readonly groups = new Map<string, Group>();
  readonly deadlines = new Deadlines<Group>();
  /** Groups with offsets of an open transaction, by producer id. */
  readonly pendingGroups = new Map<number, Set<Group>>();
  retentionCheckAt = Infinity;
  /** What all groups take in memory, each as it was last settled. */
  #bytes = 0;
  #commits = 0;
  readonly #random: GroupOptions['random'];
  readonly #consumerTimesOf: GroupOptions['consumerTimesOf'];

  constructor({ partitionExists, topics, random, limits, consumerTimesOf }: GroupOptions) {
    this.limits = { ...defaultGroupLimits, ...limits };
    this.partitionExists = partitionExists;
    this.topics = topics;
    this.#random = random;
    this.#consumerTimesOf = consumerTimesOf;
  }

  consumerTimes(groupId: string): ConsumerTimes {
    const { consumerSessionTimeoutMs, consumerHeartbeatIntervalMs } = this.limits;
    return {
      sessionTimeoutMs: consumerSessionTimeoutMs,
      heartbeatIntervalMs: consumerHeartbeatIntervalMs,
      ...this.#consumerTimesOf?.(groupId),
    };
  }

  /** The group, made if it is not there; an error when there is no room for one more. */
  open(id: string, now: number): Group | KafkaError {
    const known = this.groups.get(id);
    if (known !== undefined) return known;
    if (this.groups.size >= this.limits.groupsMax || this.#bytes >= this.limits.totalBytesMax)
      return errors.POLICY_VIOLATION;
    const group = new Group(id, now);
    this.groups.set(id, group);
    return group;
  }

  /** By how many bytes the group may grow. */
  roomOf(group: Group): number {
    const { groupBytesMax, totalBytesMax } = this.limits;
    return Math.min(groupBytesMax - groupBytes(group), totalBytesMax - this.#bytes);
  }

  forget(group: Group): void {
    this.#bytes -= group.bytes;
    group.bytes = 0;
    this.groups.delete(group.id);
    this.deadlines.delete(group);
  }

  /** To be called after every change of a group: keeps its deadline, and forgets it when nothing is left to remember. */
  settle(group: Group): void {
    const isBlank = group.generationId === 0 && group.offsets.isEmpty && group.pendingOffsets.size === 0;
    const isConsumers = group.consumers !== null && group.consumers.epoch > 0;
    if (
      isBlank &&
      !isConsumers &&
      group.members.size === 0 &&
      group.pendingMembers.size === 0 &&
      group.state === 'Empty'
    ) {
      this.forget(group);
    } else {
      this.deadlines.set(group, deadlineOf(group));
      const bytes = groupBytes(group);
      this.#bytes += bytes - group.bytes;
      group.bytes = bytes;
    }
  }

  nextDeadline(): number {
    return Math.min(this.deadlines.next(), this.retentionCheckAt);
  }

  nextCommit(): number {
    return ++this.#commits;
  }

  /** Kafka's form: something a human recognises, then what makes it unique. */
  newMemberId(prefix: string): string {
    const hex = Buffer.from(this.#random.bytes(16)).toString('hex');
    return `${prefix}-${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  }
}
