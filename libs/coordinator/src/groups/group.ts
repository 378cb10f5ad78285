import type { ConsumerGroup } from '../consumer-groups/consumer-group.ts';
import { consumersDeadline } from '../consumer-groups/expire-consumers.ts';
import type { ReplyTo } from '../effects.ts';
import type { JoinGroupResponse, SyncGroupResponse } from './messages.ts';
import { OffsetMap } from './offset-map.ts';

/** A group that is gone is not kept; describing it says 'Dead'. */
export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable';

export interface Protocol {
  readonly name: string;
  readonly metadata: Buffer;
}

export interface Member {
  readonly id: string;
  readonly instanceId: string | null;
  clientId: string;
  clientHost: string;
  sessionTimeoutMs: number;
  rebalanceTimeoutMs: number;
  protocols: readonly Protocol[];
  assignment: Buffer;
  /** Its JoinGroup waits for the others. */
  joining: ReplyTo<JoinGroupResponse> | null;
  /** Its SyncGroup waits for the leader's. */
  syncing: ReplyTo<SyncGroupResponse> | null;
  /** It has never had an answer to JoinGroup, so its client cannot know that it should send heartbeats. */
  isNew: boolean;
  /** It has asked for its assignment of this generation, or need not. */
  hasSynced: boolean;
  /** Without a sign of life until then it is removed; does not count while one of its requests waits here. */
  sessionDeadline: number;
}

export interface CommittedOffset {
  readonly offset: number;
  readonly leaderEpoch: number;
  readonly metadata: string;
  readonly committedAt: number;
  /** Position in the order of all commits of this coordinator: the later one wins, also over one that became visible after it. */
  readonly order: number;
}

/** Offsets that a transaction has written and not yet ended. */
export interface PendingOffsets {
  readonly producerEpoch: number;
  readonly offsets: OffsetMap;
}

export class Group {
  readonly id: string;
  state: GroupState = 'Empty';
  /** Since when, for the retention of offsets. */
  stateSince: number;
  generationId = 0;
  protocolType: string | null = null;
  protocolName: string | null = null;
  leaderId: string | null = null;
  /** In the order in which they joined. */
  readonly members = new Map<string, Member>();
  /** Member ids by instance id. */
  readonly staticMembers = new Map<string, string>();
  /** Ids that were handed out with MEMBER_ID_REQUIRED, and when they lapse. */
  readonly pendingMembers = new Map<string, number>();
  /** Set for a group whose members speak the consumer protocol (KIP-848): then all that is said here of members is void. */
  consumers: ConsumerGroup | null = null;
  /** PreparingRebalance: before it, a complete group waits for more members all the same. */
  gatherUntil = 0;
  /** PreparingRebalance: from then on the rebalance goes on without those who have not joined. */
  rebalanceDeadline = Infinity;
  /** CompletingRebalance and Stable: from then on those who have not synced are removed. */
  syncDeadline = Infinity;
  readonly offsets = new OffsetMap();
  /** By producer id. */
  readonly pendingOffsets = new Map<number, PendingOffsets>();
  /** What it took in memory when it was last settled. */
  bytes = 0;

  constructor(id: string, now: number) {
    this.id = id;
    this.stateSince = now;
  }

  enter(state: GroupState, now: number): void {
    this.state = state;
    this.stateSince = now;
  }

  /** Pending ones go as well, or the end of their transaction would bring them back. False when there was none. */
  removeOffset(topic: string, partition: number): boolean {
    let isRemoved = this.offsets.delete(topic, partition);
    for (const { offsets } of this.pendingOffsets.values()) {
      if (offsets.delete(topic, partition)) isRemoved = true;
    }
    return isRemoved;
  }

  hasPending(topic: string, partition: number): boolean {
    for (const { offsets } of this.pendingOffsets.values()) if (offsets.has(topic, partition)) return true;
    return false;
  }
}

/** Whether there are members, or some are about to become one, by whichever protocol. */
export function isInUse(group: Group): boolean {
  if (group.consumers !== null) return group.consumers.members.size > 0;
  return group.state !== 'Empty' || group.pendingMembers.size > 0;
}

/** The longest that any member asks for: a slow member is waited for, whoever else is fast. */
export function rebalanceTimeoutOf(group: Group): number {
  let timeoutMs = 0;
  for (const member of group.members.values()) timeoutMs = Math.max(timeoutMs, member.rebalanceTimeoutMs);
  return timeoutMs;
}

/** Waits here for an answer, so that silence says nothing about it. */
function isParked(member: Member): boolean {
  return member.joining !== null || member.syncing !== null;
}

/**
 * When the member is removed for its silence. A new member has no heartbeats, so that only a limit on the wait for its
 * first answer tells the dead from the patient.
 */
export function sessionEnd(member: Member): number {
  return isParked(member) && !member.isNew ? Infinity : member.sessionDeadline;
}

/** When the group next needs a tick. */
export function deadlineOf(group: Group): number {
  if (group.consumers !== null) return consumersDeadline(group.consumers);
  let at = Infinity;
  for (const member of group.members.values()) at = Math.min(at, sessionEnd(member));
  for (const lapse of group.pendingMembers.values()) at = Math.min(at, lapse);
  if (group.state === 'PreparingRebalance') {
    if (hasEveryoneJoined(group)) at = Math.min(at, group.gatherUntil);
    return Math.min(at, group.rebalanceDeadline);
  }
  return Math.min(at, group.syncDeadline);
}

export function hasEveryoneJoined(group: Group): boolean {
  if (group.pendingMembers.size > 0) return false;
  for (const member of group.members.values()) if (member.joining === null) return false;
  return true;
}

/** Every member's protocols of which it and all others have one in common. */
export function supportsProtocols(
  group: Group,
  memberId: string,
  type: string,
  protocols: readonly Protocol[],
): boolean {
  if (type === '' || protocols.length === 0) return false;
  const others = Array.from(group.members.values()).filter(({ id }) => id !== memberId);
  if (others.length === 0) return true;
  if (type !== group.protocolType) return false;
  return protocols.some(({ name }) => others.every((other) => other.protocols.some((theirs) => theirs.name === name)));
}

/** Each member votes for the first of its protocols that all support; the most votes win, the earliest member's on a tie. */
export function chooseProtocol(group: Group): string {
  const members = [...group.members.values()];
  const names = members[0]?.protocols.map(({ name }) => name) ?? [];
  const common = names.filter((name) => members.every(({ protocols }) => protocols.some((one) => one.name === name)));
  const votes = new Map<string, number>();
  for (const { protocols } of members) {
    const vote = protocols.find(({ name }) => common.includes(name));
    if (vote !== undefined) votes.set(vote.name, (votes.get(vote.name) ?? 0) + 1);
  }
  const [first = ['', 0] as const] = [...votes].sort(([, a], [, b]) => b - a);
  return first[0];
}

/** What the member said for a protocol. */
export function metadataOf(member: Member, protocolName: string | null): Buffer {
  return member.protocols.find(({ name }) => name === protocolName)?.metadata ?? NOTHING;
}

export const NOTHING = Buffer.alloc(0);
