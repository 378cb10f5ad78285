import type { TopicPartition } from './admin.ts';

/**
 * Shares partitions among members as evenly as it goes and moves as few as it can: a member keeps what it had up to its
 * fair share; what is left goes to whoever has least.
 *
 * @param owned what each member had before, by member id
 */
export function assignSticky(
  partitions: readonly TopicPartition[],
  owned: ReadonlyMap<string, readonly TopicPartition[]>,
): Map<string, TopicPartition[]> {
  const members = [...owned.keys()].sort();
  const assigned = new Map<string, TopicPartition[]>(members.map((member) => [member, []]));
  if (members.length === 0) return assigned;
  const least = Math.floor(partitions.length / members.length);
  let extra = partitions.length % members.length;
  const free = new Map(partitions.map((one) => [`${one.topic}/${one.partition}`, one]));

  for (const member of members) {
    const mine = assigned.get(member) ?? [];
    for (const one of owned.get(member) ?? []) {
      const key = `${one.topic}/${one.partition}`;
      const mayHaveExtra = mine.length === least && extra > 0;
      if (!free.has(key) || (mine.length >= least && !mayHaveExtra)) continue;
      if (mayHaveExtra) extra -= 1;
      mine.push(one);
      free.delete(key);
    }
  }
  for (const one of free.values()) {
    let poorest = members[0] as string;
    for (const member of members) {
      if ((assigned.get(member)?.length ?? 0) < (assigned.get(poorest)?.length ?? 0)) poorest = member;
    }
    assigned.get(poorest)?.push(one);
  }
  return assigned;
}
