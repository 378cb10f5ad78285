import { type ConsumerGroup, type ConsumerMember } from './consumer-group.ts';
import { contains, countOf, filtered, NO_PARTITIONS, type Partitions, union } from './partitions.ts';

/**
 * One step of a member towards its target (KIP-848, "reconciliation"): first it gives up what is not its own any more, then
 * it gets what is free of what is. `owned` is what it says it has; null when it does not say.
 */
export function reconcile(group: ConsumerGroup, member: ConsumerMember, owned: Partitions | null, now: number): void {
  if (member.state === 'stable' && member.epoch === group.targetEpoch) return;
  // It has not said yet that it has let go.
  if (member.state === 'revoking' && holdsAny(owned, member.revoking)) return;

  const target = group.target.get(member.id) ?? NO_PARTITIONS;
  const kept = filtered(member.assigned, (topicId, partition) => contains(target, topicId, partition));
  const surplus = filtered(member.assigned, (topicId, partition) => !contains(target, topicId, partition));
  if (countOf(surplus) > 0 && holdsAny(owned, surplus)) {
    group.hold(member, kept, surplus);
    member.state = 'revoking';
    // From its first being told; being told of more does not give it more time.
    if (member.revokeDeadline === Infinity) member.revokeDeadline = now + member.rebalanceTimeoutMs;
    return;
  }
  const wanted = filtered(target, (topicId, partition) => !contains(kept, topicId, partition));
  const free = filtered(wanted, (topicId, partition) => group.isFreeFor(member, topicId, partition));
  group.hold(member, union(kept, free), NO_PARTITIONS);
  member.state = countOf(free) < countOf(wanted) ? 'waiting' : 'stable';
  member.revokeDeadline = Infinity;
  if (member.epoch === group.targetEpoch) return;
  member.previousEpoch = member.epoch;
  member.epoch = group.targetEpoch; // U2
}

function holdsAny(owned: Partitions | null, some: Partitions): boolean {
  return owned === null || countOf(filtered(some, (topicId, partition) => contains(owned, topicId, partition))) > 0;
}
