import type { StoredTopic } from '@millrace/log';
import { apis, type ErrorName, errors, type ResponseInput } from '@millrace/wire';
import { handler } from '../handler.ts';
import { LEADER_EPOCH, NODE_ID, OPERATIONS_NOT_ASKED, type Parts } from '../parts.ts';
import { isInternal, isRefusal } from '../topics.ts';

/** Every operation that a topic and a cluster know: there are no ACLs to take any away. Bits as in Kafka's AclOperation. */
const TOPIC_OPERATIONS = bits([3, 4, 5, 6, 7, 8, 10, 11]);
const CLUSTER_OPERATIONS = bits([5, 7, 8, 9, 10, 11, 12]);

/**
 * Metadata 0–9. 0 asks for all topics with an empty list, 1 and later with null; 4 says whether to create what is missing.
 *
 * Deviation: a topic that is created on the way is answered at once with its partitions, not with LEADER_NOT_AVAILABLE
 * first: it is ready.
 */
export const metadata = handler(apis.metadata, (parts, request, exchange) => {
  const { host, port } = exchange.advertised;
  const asksForAll = request.topics === null || (exchange.version === 0 && request.topics.length === 0);
  const mayCreate = request.allowAutoTopicCreation && parts.config.autoCreateTopics;
  const operations = request.includeTopicAuthorizedOperations ? TOPIC_OPERATIONS : OPERATIONS_NOT_ASKED;
  const names = asksForAll ? null : new Set(request.topics?.map(({ name }) => name));
  const topics =
    names === null
      ? parts.topics.all().map((topic) => describe(topic, operations))
      : Array.from(names, (name) => {
          const topic = findOrCreate(parts, name, mayCreate);
          return typeof topic === 'string' ? missing(name, topic, operations) : describe(topic, operations);
        });
  exchange.reply({
    brokers: [{ nodeId: NODE_ID, host, port, rack: null }],
    clusterId: parts.clusterId,
    controllerId: NODE_ID,
    topics,
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations ? CLUSTER_OPERATIONS : OPERATIONS_NOT_ASKED,
  });
});

type TopicMetadata = ResponseInput<typeof apis.metadata>['topics'][number];

function findOrCreate(parts: Parts, name: string, mayCreate: boolean): StoredTopic | ErrorName {
  const topic = parts.topics.find(name);
  if (topic !== undefined) return topic;
  const asNew = { name, partitions: -1, configs: {} };
  const result = mayCreate ? parts.topics.create(asNew) : parts.topics.refusalOf(asNew);
  if (result === null) return 'UNKNOWN_TOPIC_OR_PARTITION';
  return isRefusal(result) ? result.error : result;
}

function describe(topic: StoredTopic, topicAuthorizedOperations: number): TopicMetadata {
  const partitions = Array.from({ length: topic.partitions }, (_, partition) => ({
    errorCode: errors.NONE.code,
    partition,
    leaderId: NODE_ID,
    leaderEpoch: LEADER_EPOCH,
    replicaNodes: [NODE_ID],
    isrNodes: [NODE_ID],
  }));
  const { name } = topic;
  return { errorCode: errors.NONE.code, name, isInternal: isInternal(name), partitions, topicAuthorizedOperations };
}

function missing(name: string, error: ErrorName, topicAuthorizedOperations: number): TopicMetadata {
  // A refusal that is about the number of partitions only means to the asker that the topic is not there.
  const { code } = error === 'INVALID_TOPIC_EXCEPTION' ? errors[error] : errors.UNKNOWN_TOPIC_OR_PARTITION;
  return { errorCode: code, name, isInternal: false, partitions: [], topicAuthorizedOperations };
}

function bits(operations: readonly number[]): number {
  return operations.reduce((field, operation) => field | (1 << operation), 0);
}
