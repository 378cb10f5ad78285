import { NO_PARTITIONS, type Partitions } from './partitions.ts';

/** What a topic is to those who read it. */
export interface TopicShape {
  readonly id: string;
  readonly partitions: number;
}

/**
 * How far a member is towards its target: it has it (`stable`), has partitions that it must give up first (`revoking`), or
 * waits for partitions that others have not given up yet (`waiting`).
 */
type MemberState = 'stable' | 'revoking' | 'waiting';

export interface ConsumerMember {
  readonly id: string;
  readonly instanceId: string | null;
  clientId: string;
  clientHost: string;
  rackId: string | null;
  rebalanceTimeoutMs: number;
  topicNames: readonly string[];
  topicRegex: string | null;
  assignor: string | null;
  epoch: number;
  previousEpoch: number;
  state: MemberState;
  /** What it may read. */
  assigned: Partitions;
  /** What it has been told to give up, and may still read. */
  revoking: Partitions;
  sessionDeadline: number;
  /** Until then it must have given up what it is told to. */
  revokeDeadline: number;
}

/** Epoch of a static member that has gone for a while. */
export const AWAY_EPOCH = -2;

/**
 * The members of a group by the consumer protocol (KIP-848): the coordinator divides the partitions, and each member is led
 * to its share by its own heartbeats.
 *
 * U1. A partition is at no time with two members: it is given on only after its holder has said, or failed to say in time,
 *     that it has given it up.
 * U2. A member has the epoch of the group's target from the moment it has nothing to give up for it; who commits offsets
 *     with another epoch than its member has is refused.
 */
export class ConsumerGroup {
  /** Grows with every change of members, subscriptions or topics. */
  epoch = 0;
  /** The group epoch that the target was made for. */
  targetEpoch = 0;
  target = new Map<string, Partitions>();
  readonly members = new Map<string, ConsumerMember>();
  /** Member ids by instance id. */
  readonly staticMembers = new Map<string, string>();
  /** The topics that members subscribe to, by name, as the target was made for them. */
  topics: ReadonlyMap<string, TopicShape> = new Map();
  /** Of the topics when they were last looked at. */
  topicsVersion = -1;
  /** Who holds a partition, assigned or revoking. */
  readonly #holders = new Map<string, string>();

  get state(): 'Empty' | 'Reconciling' | 'Stable' {
    if (this.members.size === 0) return 'Empty';
    for (const { epoch, state } of this.members.values()) {
      if (state !== 'stable' || (epoch !== this.targetEpoch && epoch !== AWAY_EPOCH)) return 'Reconciling';
    }
    return 'Stable';
  }

  /** The assignor that most members ask for. */
  get assignorName(): string {
    const votes = new Map<string, number>();
    for (const { assignor } of this.members.values()) {
      if (assignor !== null) votes.set(assignor, (votes.get(assignor) ?? 0) + 1);
    }
    const [first = ['uniform', 0] as const] = [...votes].sort(([, a], [, b]) => b - a);
    return first[0];
  }

  isFreeFor(member: ConsumerMember, topicId: string, partition: number): boolean {
    const holder = this.#holders.get(`${topicId}/${partition}`);
    return holder === undefined || holder === member.id;
  }

  /** U1. The only way by which a member gets and loses partitions. */
  hold(member: ConsumerMember, assigned: Partitions, revoking: Partitions): void {
    for (const held of [member.assigned, member.revoking]) this.#each(held, (key) => this.#holders.delete(key));
    member.assigned = assigned;
    member.revoking = revoking;
    for (const held of [assigned, revoking]) this.#each(held, (key) => this.#holders.set(key, member.id));
  }

  add(member: ConsumerMember): void {
    this.members.set(member.id, member);
    if (member.instanceId !== null) this.staticMembers.set(member.instanceId, member.id);
  }

  remove(member: ConsumerMember): void {
    this.hold(member, NO_PARTITIONS, NO_PARTITIONS);
    this.members.delete(member.id);
    this.target.delete(member.id);
    if (member.instanceId !== null && this.staticMembers.get(member.instanceId) === member.id) {
      this.staticMembers.delete(member.instanceId);
    }
  }

  #each(partitions: Partitions, visit: (key: string) => void): void {
    for (const [topicId, set] of partitions) for (const partition of set) visit(`${topicId}/${partition}`);
  }
}
