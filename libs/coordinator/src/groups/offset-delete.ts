import { type KafkaError, errors } from '@millrace/wire';
import type { Caller, StateRecord } from '../effects.ts';
import type { Turn } from '../turn.ts';
import { subscribedTopics } from './consumer-subscription.ts';
import { offsetTombstone } from './group-record.ts';
import type { Groups } from './groups.ts';
import type { OffsetDeleteRequest, OffsetDeleteResponse } from './messages.ts';
import { settle } from './rebalance.ts';

/** OffsetDelete: of topics that no member reads. */
export function deleteOffsets(
  groups: Groups,
  turn: Turn,
  request: OffsetDeleteRequest,
  caller: Caller<OffsetDeleteResponse>,
): void {
  const group = groups.groups.get(request.groupId);
  if (group === undefined) return turn.reply(caller.to, { errorCode: errors.GROUP_ID_NOT_FOUND.code, topics: [] });
  const inUse = subscribedTopics(group);
  if (inUse === null) return turn.reply(caller.to, { errorCode: errors.NON_EMPTY_GROUP.code, topics: [] });

  const records: StateRecord[] = [];
  const remove = (topic: string, partition: number): KafkaError => {
    if (inUse.has(topic)) return errors.GROUP_SUBSCRIBED_TO_TOPIC;
    if (!groups.partitionExists(topic, partition)) return errors.UNKNOWN_TOPIC_OR_PARTITION;
    if (group.removeOffset(topic, partition)) records.push(offsetTombstone(group.id, topic, partition));
    return errors.NONE;
  };
  const topics = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partition }) => ({ partition, errorCode: remove(name, partition).code })),
  }));
  turn.append(records);
  turn.reply(caller.to, { errorCode: errors.NONE.code, topics });
  settle(groups, turn, group);
}

/** The topic is gone, and whatever was committed for it. */
export function forgetTopic(groups: Groups, turn: Turn, topic: string): void {
  const records: StateRecord[] = [];
  for (const group of Array.from(groups.groups.values())) {
    const partitions = new Set(group.offsets.ofTopic(topic).keys());
    for (const { offsets } of group.pendingOffsets.values()) {
      for (const partition of offsets.ofTopic(topic).keys()) partitions.add(partition);
    }
    for (const partition of partitions) {
      group.removeOffset(topic, partition);
      records.push(offsetTombstone(group.id, topic, partition));
    }
    if (partitions.size > 0) settle(groups, turn, group);
  }
  turn.append(records);
}
