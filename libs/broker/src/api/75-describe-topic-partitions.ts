import type { StoredTopic } from '@millrace/log';
import { apis, type ErrorName, errors, type Request, type ResponseInput } from '@millrace/wire';
import { handler } from '../handler.ts';
import { LEADER_EPOCH, type Parts } from '../parts.ts';
import type { Access } from '../security/access.ts';
import { topicResource } from '../security/acl.ts';
import { isInternal } from '../topic-names.ts';

/** Of all topics of a response, as `max.request.partition.size.limit` of Kafka has it by default. */
const PARTITIONS_MAX = 2_000;

/**
 * DescribeTopicPartitions 0 (KIP-966): what topics consist of, in the order of their names, as many partitions as a page may have,
 * and where the next page begins. What is named is described or says why not; of all topics those are told that the caller may
 * describe. Nothing here is ever without its leader, so no replicas are eligible beside it.
 */
export const describeTopicPartitions = handler(apis.describeTopicPartitions, (parts, request, exchange) => {
  const { cursor } = request;
  const names = namesOf(parts, exchange.access, request).filter((name) => cursor === null || name >= cursor.topicName);
  const first = (name: string): number => (name === cursor?.topicName ? Math.max(0, cursor.partition) : 0);
  let room = Math.max(1, Math.min(request.responsePartitionLimit, PARTITIONS_MAX));
  const topics: Described[] = [];
  let nextCursor: Response['nextCursor'] = null;
  for (const name of names) {
    if (room > 0) topics.push(describe(parts, exchange.access, name, { from: first(name), room }));
    const told = room > 0 ? (topics.at(-1)?.partitions.length ?? 0) : 0;
    room -= told;
    if (room > 0) continue;
    // The page is full: the next one begins in this topic, or at the one behind it.
    const next = first(name) + told;
    if (told > 0 && next === parts.topics.find(name)?.partitions) continue;
    nextCursor = { topicName: name, partition: next };
    break;
  }
  exchange.reply({ topics, nextCursor });
});

type Response = ResponseInput<typeof apis.describeTopicPartitions>;
type Described = Response['topics'][number];

const NO_TOPIC_ID = '00000000-0000-0000-0000-000000000000';

/** Each topic once. */
function namesOf({ topics }: Parts, access: Access, asked: Request<typeof apis.describeTopicPartitions>): string[] {
  const names =
    asked.topics.length > 0
      ? asked.topics.map(({ name }) => name)
      : topics
          .all()
          .map(({ name }) => name)
          .filter((name) => access.sees('DESCRIBE', topicResource(name)));
  return [...new Set(names)].toSorted();
}

function describe(
  parts: Parts,
  access: Access,
  name: string,
  page: { readonly from: number; readonly room: number },
): Described {
  const resource = topicResource(name);
  if (!access.may('DESCRIBE', resource)) return missing(name, 'TOPIC_AUTHORIZATION_FAILED');
  const topic = parts.topics.find(name);
  if (topic === undefined) return missing(name, 'UNKNOWN_TOPIC_OR_PARTITION');
  return {
    errorCode: errors.NONE.code,
    name,
    topicId: topic.id,
    isInternal: isInternal(name),
    partitions: partitionsOf(parts, topic, page),
    topicAuthorizedOperations: access.operations(resource),
  };
}

function partitionsOf(
  { nodes }: Parts,
  topic: StoredTopic,
  { from, room }: { readonly from: number; readonly room: number },
): Described['partitions'] {
  return Array.from({ length: Math.max(0, Math.min(room, topic.partitions - from)) }, (_, index) => {
    const partition = from + index;
    const replicaNodes = nodes.replicasOf(topic, partition);
    return {
      errorCode: errors.NONE.code,
      partition,
      leaderId: replicaNodes[0] ?? -1,
      leaderEpoch: LEADER_EPOCH,
      replicaNodes,
      isrNodes: replicaNodes,
      eligibleLeaderReplicas: [],
      lastKnownElr: [],
    };
  });
}

function missing(name: string, error: ErrorName): Described {
  return { errorCode: errors[error].code, name, topicId: NO_TOPIC_ID, isInternal: false, partitions: [] };
}
