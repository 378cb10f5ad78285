import { consumerGroupTombstone } from '../consumer-groups/consumer-group-record.ts';
import { expireConsumers } from '../consumer-groups/expire-consumers.ts';
import type { StateRecord } from '../effects.ts';
import type { Turn } from '../turn.ts';
import { subscribedTopics } from './consumer-subscription.ts';
import { isInUse, type Group, sessionEnd } from './group.ts';
import { groupTombstone, offsetTombstone } from './group-record.ts';
import type { Groups } from './groups.ts';
import { removeMember, settle } from './rebalance.ts';

/** Everything that happens because time has passed. */
export function tickGroups(groups: Groups, turn: Turn): void {
  for (const group of groups.deadlines.takeDue(turn.now)) {
    if (group.consumers === null) expireMembers(groups, turn, group);
    else expireConsumers(groups, turn, group, group.consumers);
    settle(groups, turn, group);
  }
  if (turn.now >= groups.retentionCheckAt) {
    groups.retentionCheckAt = turn.now + groups.limits.retentionCheckMs;
    for (const group of groups.groups.values()) expireOffsets(groups, turn, group);
  }
}

function expireMembers(groups: Groups, turn: Turn, group: Group): void {
  for (const [memberId, lapse] of group.pendingMembers) if (turn.now >= lapse) group.pendingMembers.delete(memberId);
  const isSyncOver = turn.now >= group.syncDeadline;
  if (isSyncOver) group.syncDeadline = Infinity;
  for (const member of Array.from(group.members.values())) {
    const hasFailedToSync = isSyncOver && !member.hasSynced;
    if (hasFailedToSync || turn.now >= sessionEnd(member)) removeMember(groups, turn, group, member);
  }
}

/**
 * Offsets live on while the group has members that may need them; after that for the retention time. A group without
 * offsets and members is forgotten with them.
 */
function expireOffsets(groups: Groups, turn: Turn, group: Group): void {
  const isSimple = group.protocolType === null;
  const inUse = subscribedTopics(group);
  // An unknown subscription may be to anything.
  if (inUse === null) return;
  const { offsetsRetentionMs } = groups.limits;
  const records: StateRecord[] = [];
  for (const { topic, partition, value } of Array.from(group.offsets.entries())) {
    const unusedSince =
      !isInUse(group) && !isSimple ? Math.max(group.stateSince, value.committedAt) : value.committedAt;
    if (turn.now < unusedSince + offsetsRetentionMs || inUse.has(topic) || group.hasPending(topic, partition)) continue;
    group.offsets.delete(topic, partition);
    records.push(offsetTombstone(group.id, topic, partition));
  }
  if (!isInUse(group) && group.offsets.isEmpty && group.pendingOffsets.size === 0) {
    if (group.generationId > 0) records.push(groupTombstone(group.id));
    if (group.consumers !== null) records.push(consumerGroupTombstone(group.id));
    groups.forget(group);
  }
  turn.append(records);
}
