import type { Groups } from '../groups/groups.ts';
import { assignors, type Subscriber, uniform } from './assign.ts';
import type { ConsumerGroup, ConsumerMember, TopicShape } from './consumer-group.ts';
import { NO_PARTITIONS } from './partitions.ts';

/** The names of the topics that a member subscribes to, whether or not they exist. */
function topicNamesOf(groups: Groups, { topicNames, topicRegex }: ConsumerMember): Set<string> {
  const names = new Set(topicNames);
  if (topicRegex !== null) for (const name of groups.topics.matching(topicRegex) ?? []) names.add(name);
  return names;
}

/**
 * Looks whether members or topics are others than the target was made for, and makes a new one if so; `isChanged` says that
 * the members are. True when the group has a new epoch.
 */
export function refreshTarget(groups: Groups, group: ConsumerGroup, isChanged: boolean): boolean {
  const version = groups.topics.version();
  if (!isChanged && version === group.topicsVersion) return false;
  group.topicsVersion = version;
  const names = new Map(Array.from(group.members.values(), (member) => [member.id, topicNamesOf(groups, member)]));
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
