import type { Partitions } from './partitions.ts';

export interface Subscriber {
  readonly id: string;
  /** Topic ids. */
  readonly topics: ReadonlySet<string>;
  /** What the target was so far: assignors keep of it what they can. */
  readonly before: Partitions;
}

/** Number of partitions by topic id. */
type PartitionCounts = ReadonlyMap<string, number>;

/** Divides the partitions of topics among those who subscribe to them: each partition goes to one, or to nobody if none does. */
export type Assignor = (subscribers: readonly Subscriber[], topics: PartitionCounts) => Map<string, Partitions>;

/**
 * As many to each as can be, and as few as can be moved: what a member has it keeps, up to its share; the rest goes to who
 * has least. A partition then moves only to somebody who has at least two less.
 */
export const uniform: Assignor = (subscribers, topics) => {
  const loads = subscribers.map(({ id, topics: subscribed }) => ({ id, subscribed, count: 0 }));
  const subscribersOf = new Map(
    Array.from(
      topics.keys(),
      (topicId) => [topicId, loads.filter(({ subscribed }) => subscribed.has(topicId))] as const,
    ),
  );
  const owners = new Map<string, (Load | undefined)[]>();
  for (const [topicId, count] of topics) owners.set(topicId, ownersBefore(subscribers, loads, topicId, count));
  for (const list of owners.values()) for (const owner of list) if (owner !== undefined) owner.count++;

  for (const [topicId, list] of owners) {
    const candidates = subscribersOf.get(topicId) ?? [];
    for (const [partition, owner] of list.entries()) if (owner === undefined) give(list, partition, least(candidates));
  }
  // Each move makes the loads more alike, so this ends.
  for (let hasMoved = true; hasMoved; ) {
    hasMoved = false;
    for (const [topicId, list] of owners) {
      const candidates = subscribersOf.get(topicId) ?? [];
      for (const [partition, owner] of list.entries()) {
        const other = owner === undefined || owner.count < 2 ? undefined : least(candidates);
        if (owner === undefined || other === undefined || owner.count - other.count < 2) continue;
        owner.count--;
        give(list, partition, other);
        hasMoved = true;
      }
    }
  }
  return targetsOf(subscribers, owners);
};

/** Of each topic a range to each subscriber, by their ids: the first ones get one more where it does not come out even. */
export const range: Assignor = (subscribers, topics) => {
  const sorted = subscribers.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const owners = new Map<string, ({ readonly id: string } | undefined)[]>();
  for (const [topicId, count] of topics) {
    const present = sorted.filter((one) => one.topics.has(topicId));
    const list = present.flatMap((one, index) => {
      const share = Math.floor(count / present.length) + (index < count % present.length ? 1 : 0);
      return Array.from({ length: share }, () => one);
    });
    owners.set(topicId, list);
  }
  return targetsOf(subscribers, owners);
};

export const assignors: ReadonlyMap<string, Assignor> = new Map([
  ['uniform', uniform],
  ['range', range],
]);

interface Load {
  readonly id: string;
  readonly subscribed: ReadonlySet<string>;
  count: number;
}

function ownersBefore(
  subscribers: readonly Subscriber[],
  loads: readonly Load[],
  topicId: string,
  count: number,
): (Load | undefined)[] {
  const owners: (Load | undefined)[] = Array.from({ length: count }, () => undefined);
  for (const [index, { topics, before }] of subscribers.entries()) {
    if (!topics.has(topicId)) continue;
    for (const partition of before.get(topicId) ?? []) {
      if (partition < count && owners[partition] === undefined) owners[partition] = loads[index];
    }
  }
  return owners;
}

function give(owners: (Load | undefined)[], partition: number, to: Load | undefined): void {
  owners[partition] = to;
  if (to !== undefined) to.count++;
}

/** The first of those that have least. */
function least(loads: readonly Load[]): Load | undefined {
  let found = loads[0];
  for (const load of loads) if (found !== undefined && load.count < found.count) found = load;
  return found;
}

function targetsOf(
  subscribers: readonly Subscriber[],
  owners: ReadonlyMap<string, readonly ({ readonly id: string } | undefined)[]>,
): Map<string, Partitions> {
  const targets = new Map<string, Map<string, Set<number>>>(subscribers.map(({ id }) => [id, new Map()]));
  for (const [topicId, list] of owners) {
    for (const [partition, owner] of list.entries()) {
      if (owner === undefined) continue;
      const target = targets.get(owner.id) as Map<string, Set<number>>;
      const set = target.get(topicId);
      if (set === undefined) target.set(topicId, new Set([partition]));
      else set.add(partition);
    }
  }
  return targets;
}
