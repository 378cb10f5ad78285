import type { Groups } from '../groups/groups.ts';
import { assignors, type Subscriber, uniform } from './assign.ts';
import type { ConsumerGroup, ConsumerMember, TopicShape } from './consumer-group.ts';
import { NO_PARTITIONS } from './partitions.ts';

/** The names of the topics that each member subscribes to, whether or not they exist. */
function subscriptionsOf(groups: Groups, { members }: ConsumerGroup): Map<string, ReadonlySet<string>> {
  // Members of a group tend to have the same pattern: it is looked for once.
  const found = new Map<string, readonly string[]>();
  const matching = (pattern: string): readonly string[] => {
    const known = found.get(pattern) ?? groups.topics.matching(pattern) ?? [];
    found.set(pattern, known);
    return known;
  };
  const namesOf = ({ topicNames, topicRegex }: ConsumerMember): Set<string> =>
    new Set(topicRegex === null ? topicNames : [...topicNames, ...matching(topicRegex)]);
  return new Map(Array.from(members.values(), (member) => [member.id, namesOf(member)]));
}

/**
 * Looks whether members or topics are others than the target was made for, and makes a new one if so; `isChanged` says that
 * the members are. True when the group has a new epoch.
 */
export function refreshTarget(groups: Groups, group: ConsumerGroup, isChanged: boolean): boolean {
  const version = groups.topics.version();
  if (!isChanged && version === group.topicsVersion) return false;
  group.topicsVersion = version;
  const names = subscriptionsOf(groups, group);
  const topics = shapesOf(groups, names.values());
  if (!isChanged && areAlike(topics, group.topics)) return false;
  group.topics = topics;
  group.epoch++;

  const idsOf = (all: ReadonlySet<string>): Set<string> =>
    new Set([...all].flatMap((name) => topics.get(name)?.id ?? []));
  const subscribers = Array.from(names, ([id, all]): Subscriber => {
    return { id, topics: idsOf(all), before: group.target.get(id) ?? NO_PARTITIONS };
  });
  const assign = assignors.get(group.assignorName) ?? uniform;
  group.target = assign(subscribers, new Map(Array.from(topics.values(), ({ id, partitions }) => [id, partitions])));
  group.targetEpoch = group.epoch;
  return true;
}

function shapesOf(groups: Groups, subscriptions: Iterable<ReadonlySet<string>>): Map<string, TopicShape> {
  const topics = new Map<string, TopicShape>();
  for (const names of subscriptions) {
    for (const name of names) {
      const shape = topics.has(name) ? undefined : groups.topics.find(name);
      if (shape !== undefined) topics.set(name, shape);
    }
  }
  return topics;
}

function areAlike(a: ReadonlyMap<string, TopicShape>, b: ReadonlyMap<string, TopicShape>): boolean {
  if (a.size !== b.size) return false;
  for (const [name, { id, partitions }] of a) {
    const other = b.get(name);
    if (other?.id !== id || other.partitions !== partitions) return false;
  }
  return true;
}
