import { errors, type KafkaError } from '@millrace/wire';
import { checkConsumer } from '../consumer-groups/check-consumer.ts';
import type { Caller } from '../effects.ts';
import type { Turn } from '../turn.ts';
import type { Group } from './group.ts';
import type { Groups } from './groups.ts';
import type { OffsetFetchRequest, OffsetFetchResponse } from './messages.ts';

type FetchedPartition = OffsetFetchResponse['topics'][number]['partitions'][number];

/** OffsetFetch: −1 for what was never committed, in a group that never was just the same. */
export function fetchOffsets(
  groups: Groups,
  turn: Turn,
  request: OffsetFetchRequest,
  caller: Caller<OffsetFetchResponse>,
): void {
  const { groupId, requireStable } = request;
  const group = groups.groups.get(groupId);
  const refusal = checkAsker(group, request);
  if (refusal !== null) return turn.reply(caller.to, { groupId, errorCode: refusal.code, topics: [] });
  const topics = request.topics ?? everyOffset(group);
  turn.reply(caller.to, {
    groupId,
    errorCode: errors.NONE.code,
    // Once each: what is asked for a thousand times would be a thousand times as large an answer.
    topics: Array.from(
      Map.groupBy(topics, ({ name }) => name),
      ([name, asked]) => ({
        name,
        partitions: Array.from(new Set(asked.flatMap(({ partitions }) => partitions)), (partition) =>
          fetched(group, name, partition, requireStable),
        ),
      }),
    ),
  });
}

/** A member of the consumer protocol that names itself must be one. */
function checkAsker(group: Group | undefined, { asker }: OffsetFetchRequest): KafkaError | null {
  if (asker === undefined || group === undefined || group.consumers === null) return null;
  return checkConsumer(group.consumers, asker.memberId, asker.memberEpoch);
}

function everyOffset(group: Group | undefined): NonNullable<OffsetFetchRequest['topics']> {
  if (group === undefined) return [];
  return group.offsets.topics().map(([name, partitions]) => ({ name, partitions: [...partitions.keys()] }));
}

function fetched(group: Group | undefined, topic: string, partition: number, requireStable: boolean): FetchedPartition {
  const nothing = {
    partition,
    committedOffset: -1,
    committedLeaderEpoch: -1,
    metadata: '',
    errorCode: errors.NONE.code,
  };
  if (group === undefined) return nothing;
  // The offset is about to change, or not: who wants to read from where the transaction leaves off has to wait.
  if (requireStable && group.hasPending(topic, partition)) {
    return { ...nothing, errorCode: errors.UNSTABLE_OFFSET_COMMIT.code };
  }
  const commit = group.offsets.get(topic, partition);
  if (commit === undefined) return nothing;
  const { offset: committedOffset, leaderEpoch: committedLeaderEpoch, metadata } = commit;
  return { ...nothing, committedOffset, committedLeaderEpoch, metadata };
}
