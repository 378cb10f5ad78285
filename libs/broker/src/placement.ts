import type { Nodes } from './nodes.ts';
import type { TopicRefusal } from './topics.ts';

/** Replicas by partition, as a client assigns them by hand. */
export type Assignments = readonly (readonly number[])[];

/** What stands against these replicas; null when nothing does. `factor` is that of the topic's other partitions, if it has any. */
export function refusalOfAssignments(assignments: Assignments, nodes: Nodes, factor?: number): TopicRefusal | null {
  const expected = factor ?? assignments[0]?.length ?? 0;
  for (const brokerIds of assignments) {
    const problem = problemOf(brokerIds, nodes, expected);
    if (problem !== null) return { error: 'INVALID_REPLICA_ASSIGNMENT', message: problem };
  }
  return null;
}

function problemOf(brokerIds: readonly number[], { ids }: Nodes, factor: number): string | null {
  const found = `[${brokerIds.join(', ')}]`;
  if (brokerIds.length === 0) return 'expected at least one replica of a partition';
  if (brokerIds.length !== factor) return `expected ${factor} replicas of each partition, found ${found}`;
  if (new Set(brokerIds).size < brokerIds.length) return `expected each broker once for a partition, found ${found}`;
  const isHere = brokerIds.every((id) => ids.includes(id));
  return isHere ? null : `expected replicas on brokers ${ids.join(', ')}, found ${found}`;
}

export function refusalOfFactor(factor: number, { ids }: Nodes): TopicRefusal | null {
  if (factor === -1 || (factor >= 1 && factor <= ids.length)) return null;
  const message = `expected a replication factor from 1 to ${ids.length}, the number of brokers, found ${factor}`;
  return { error: 'INVALID_REPLICATION_FACTOR', message };
}
