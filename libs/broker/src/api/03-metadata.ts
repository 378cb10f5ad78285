import type { StoredTopic } from '@millrace/log';
import { apis, type ErrorName, errors, type Request, type ResponseInput } from '@millrace/wire';
import { handler } from '../handler.ts';
import { LEADER_EPOCH, OPERATIONS_NOT_ASKED, type Parts } from '../parts.ts';
import type { Access } from '../security/access.ts';
import { clusterResource, topicResource } from '../security/acl.ts';
import { isInternal } from '../topic-names.ts';
import { isRefusal } from '../topics.ts';

/**
 * Metadata 0–12. 0 asks for all topics with an empty list, 1 and later with null; 4 says whether to create what is missing;
 * 10 brought topic ids, by which 12 asks.
 *
 * Who may not describe a topic does not see it in the list of all, and gets TOPIC_AUTHORIZATION_FAILED when asking for it
 * (UNKNOWN_TOPIC_ID by its id), whether or not it is there. Creating one takes CREATE on it or on the cluster.
 *
 * Deviation: a topic that is created on the way is answered at once with its partitions, not with LEADER_NOT_AVAILABLE
 * first: it is ready.
 */
export const metadata = handler(apis.metadata, (parts, request, exchange) => {
  const { access, version, entrance } = exchange;
  const operationsOf = (name: string): number =>
    request.includeTopicAuthorizedOperations ? access.operations(topicResource(name)) : OPERATIONS_NOT_ASKED;
  const topics = topicsOf(parts, access, request, version).map((found) =>
    'error' in found ? missing(found, operationsOf) : describe(parts, found, operationsOf(found.name)),
  );
  exchange.reply({
    brokers: parts.nodes.addresses(entrance).map((node) => ({ ...node, rack: null })),
    clusterId: parts.clusterId,
    controllerId: parts.nodes.controllerId,
    topics,
    clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
      ? access.clusterOperations()
      : OPERATIONS_NOT_ASKED,
  });
});

type Asked = Request<typeof apis.metadata>;
type TopicMetadata = ResponseInput<typeof apis.metadata>['topics'][number];

interface Missing {
  readonly error: ErrorName;
  readonly name: string | null;
  readonly topicId: string;
}

const NO_TOPIC_ID = '00000000-0000-0000-0000-000000000000';

/** Each topic once, however often it was asked for. */
function topicsOf(
  parts: Parts,
  access: Access,
  { topics, allowAutoTopicCreation }: Asked,
  version: number,
): (StoredTopic | Missing)[] {
  if (topics === null || (version === 0 && topics.length === 0)) {
    return parts.topics.all().filter(({ name }) => access.sees('DESCRIBE', topicResource(name)));
  }
  const mayCreate = allowAutoTopicCreation && parts.config.autoCreateTopics;
  const found = new Map<string, StoredTopic | Missing>();
  for (const { name, topicId } of topics) {
    if (name === null) found.set(topicId, findById(parts, access, topicId));
    else found.set(name, findOrCreate(parts, access, name, mayCreate));
  }
  return [...found.values()];
}

function findById(parts: Parts, access: Access, topicId: string): StoredTopic | Missing {
  const topic = parts.topics.findById(topicId);
  const isSeen = topic !== undefined && access.may('DESCRIBE', topicResource(topic.name));
  return isSeen ? topic : { error: 'UNKNOWN_TOPIC_ID', name: null, topicId };
}

function findOrCreate(parts: Parts, access: Access, name: string, mayCreate: boolean): StoredTopic | Missing {
  const resource = topicResource(name);
  const unauthorised: Missing = { error: 'TOPIC_AUTHORIZATION_FAILED', name, topicId: NO_TOPIC_ID };
  if (!access.may('DESCRIBE', resource)) return unauthorised;
  const topic = parts.topics.find(name);
  if (topic !== undefined) return topic;
  if (mayCreate && !access.sees('CREATE', clusterResource) && !access.may('CREATE', resource)) return unauthorised;
  const asNew = { name, partitions: -1, configs: {} };
  const result = mayCreate ? parts.topics.create(asNew) : parts.topics.refusalOf(asNew);
  if (result !== null && !isRefusal(result)) return result;
  // A refusal that is about the number of partitions only means to the asker that the topic is not there.
  const isBadName = result?.error === 'INVALID_TOPIC_EXCEPTION';
  return { error: isBadName ? 'INVALID_TOPIC_EXCEPTION' : 'UNKNOWN_TOPIC_OR_PARTITION', name, topicId: NO_TOPIC_ID };
}

function describe({ nodes }: Parts, topic: StoredTopic, topicAuthorizedOperations: number): TopicMetadata {
  const partitions = Array.from({ length: topic.partitions }, (_, partition) => {
    const replicaNodes = nodes.replicasOf(topic, partition);
    return {
      errorCode: errors.NONE.code,
      partition,
      leaderId: replicaNodes[0] ?? -1,
      leaderEpoch: LEADER_EPOCH,
      replicaNodes,
      isrNodes: replicaNodes,
    };
  });
  const { name, id: topicId } = topic;
  const isOfBroker = isInternal(name);
  return { errorCode: errors.NONE.code, name, topicId, isInternal: isOfBroker, partitions, topicAuthorizedOperations };
}

function missing({ error, name, topicId }: Missing, operationsOf: (name: string) => number): TopicMetadata {
  const isTold = name !== null && error !== 'TOPIC_AUTHORIZATION_FAILED';
  const topicAuthorizedOperations = isTold ? operationsOf(name) : OPERATIONS_NOT_ASKED;
  return { errorCode: errors[error].code, name, topicId, isInternal: false, partitions: [], topicAuthorizedOperations };
}
