import type { StoredTopic } from '@millrace/log';
import { apis, type ErrorName, errors, type ResponseInput } from '@millrace/wire';
import { handler } from '../handler.ts';
import { LEADER_EPOCH, NODE_ID, OPERATIONS_NOT_ASKED, type Parts } from '../parts.ts';
import type { Access } from '../security/access.ts';
import { clusterResource, topicResource } from '../security/acl.ts';
import { isInternal, isRefusal } from '../topics.ts';

/**
 * Metadata 0–9. 0 asks for all topics with an empty list, 1 and later with null; 4 says whether to create what is missing.
 *
 * Who may not describe a topic does not see it in the list of all, and gets TOPIC_AUTHORIZATION_FAILED when asking for it,
 * whether or not it is there. Creating one takes CREATE on it or on the cluster.
 *
 * Deviation: a topic that is created on the way is answered at once with its partitions, not with LEADER_NOT_AVAILABLE
 * first: it is ready.
 */
export const metadata = handler(apis.metadata, (parts, request, exchange) => {
  const { host, port } = exchange.advertised;
  const asksForAll = request.topics === null || (exchange.version === 0 && request.topics.length === 0);
  const mayCreate = request.allowAutoTopicCreation && parts.config.autoCreateTopics;
  const { access } = exchange;
  const operationsOf = (name: string): number =>
    request.includeTopicAuthorizedOperations ? access.operations(topicResource(name)) : OPERATIONS_NOT_ASKED;
  const names = asksForAll ? null : new Set(request.topics?.map(({ name }) => name));
  const topics =
    names === null
      ? parts.topics
          .all()
          .filter(({ name }) => access.sees('DESCRIBE', topicResource(name)))
          .map((topic) => describe(topic, operationsOf(topic.name)))
      : Array.from(names, (name) => {
          const topic = findOrCreate(parts, access, name, mayCreate);
          return typeof topic === 'string'
            ? missing(name, topic, topic === 'TOPIC_AUTHORIZATION_FAILED' ? OPERATIONS_NOT_ASKED : operationsOf(name))
            : describe(topic, operationsOf(name));
        });
  const clusterOperations = request.includeClusterAuthorizedOperations
    ? access.clusterOperations()
    : OPERATIONS_NOT_ASKED;
  exchange.reply({
    brokers: [{ nodeId: NODE_ID, host, port, rack: null }],
    clusterId: parts.clusterId,
    controllerId: NODE_ID,
    topics,
    clusterAuthorizedOperations: clusterOperations,
  });
});

type TopicMetadata = ResponseInput<typeof apis.metadata>['topics'][number];

function findOrCreate(parts: Parts, access: Access, name: string, mayCreate: boolean): StoredTopic | ErrorName {
  const resource = topicResource(name);
  if (!access.may('DESCRIBE', resource)) return 'TOPIC_AUTHORIZATION_FAILED';
  const topic = parts.topics.find(name);
  if (topic !== undefined) return topic;
  if (mayCreate && !access.sees('CREATE', clusterResource) && !access.may('CREATE', resource)) {
    return 'TOPIC_AUTHORIZATION_FAILED';
  }
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
  const isTold = error === 'INVALID_TOPIC_EXCEPTION' || error === 'TOPIC_AUTHORIZATION_FAILED';
  const { code } = isTold ? errors[error] : errors.UNKNOWN_TOPIC_OR_PARTITION;
  return { errorCode: code, name, isInternal: false, partitions: [], topicAuthorizedOperations };
}
