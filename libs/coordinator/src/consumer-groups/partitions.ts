/** Partitions by topic id. */
export type Partitions = ReadonlyMap<string, ReadonlySet<number>>;

export const NO_PARTITIONS: Partitions = new Map();

export interface TopicPartitions {
  readonly topicId: string;
  readonly partitions: readonly number[];
}

export function partitionsOf(topics: readonly TopicPartitions[]): Partitions {
  return new Map(topics.map(({ topicId, partitions }) => [topicId, new Set(partitions)]));
}

/** In ascending order, as messages carry them. */
export function listOf(partitions: Partitions): TopicPartitions[] {
  return Array.from(partitions, ([topicId, set]) => ({ topicId, partitions: [...set].sort((a, b) => a - b) }));
}

export function countOf(partitions: Partitions): number {
  let count = 0;
  for (const set of partitions.values()) count += set.size;
  return count;
}

export function contains(partitions: Partitions, topicId: string, partition: number): boolean {
  return partitions.get(topicId)?.has(partition) === true;
}

/** Those that pass. */
export function filtered(partitions: Partitions, passes: (topicId: string, partition: number) => boolean): Partitions {
  const result = new Map<string, Set<number>>();
  for (const [topicId, set] of partitions) {
    const left = new Set([...set].filter((partition) => passes(topicId, partition)));
    if (left.size > 0) result.set(topicId, left);
  }
  return result;
}

export function union(a: Partitions, b: Partitions): Partitions {
  const result = new Map(a);
  for (const [topicId, set] of b) result.set(topicId, new Set([...(a.get(topicId) ?? []), ...set]));
  return result;
}

export function areEqual(a: Partitions, b: Partitions): boolean {
  return (
    countOf(a) === countOf(b) && countOf(filtered(a, (topicId, partition) => !contains(b, topicId, partition))) === 0
  );
}
