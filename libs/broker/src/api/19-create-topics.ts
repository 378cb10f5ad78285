import { apis, errors, type Request, type ResponseInput } from '@millrace/wire';
import { describeTopicConfigs } from '../configs/describe.ts';
import type { Exchange } from '../exchange.ts';
import { handler } from '../handler.ts';
import type { Parts } from '../parts.ts';
import { mayMutate, quotaUsedUp } from '../quotas/mutations.ts';
import { clusterResource, topicResource } from '../security/acl.ts';
import { isRefusal, type NewTopic, type TopicRefusal } from '../topics.ts';

const QUOTA_TOLD_SINCE = 6;

/**
 * CreateTopics 2–7. 4 gives -1 the meaning of "default", 5 returns the created configuration, 7 the topic id; 6 is told when its
 * quota of partitions is used up (KIP-599).
 *
 * - `validateOnly` says what would happen. A name that occurs twice in one request is refused, once.
 * - Takes CREATE on the cluster or on the topic; who may not describe its configuration is not told it.
 * - Replicas may be as many as there are nodes (see Nodes); there is one copy all the same.
 * - The topic is there, durably, when the response leaves: `timeoutMs` is ignored.
 */
export const createTopics = handler(apis.createTopics, (parts, request, exchange) => {
  const byName = Map.groupBy(request.topics, ({ name }) => name);
  const topics = Array.from(byName, ([name, [asked, ...others]]) => {
    if (asked === undefined || others.length > 0) {
      return refused(name, { error: 'INVALID_REQUEST', message: `expected "${name}" once in the request` });
    }
    const { access } = exchange;
    if (!access.sees('CREATE', clusterResource) && !access.may('CREATE', topicResource(name))) {
      const { message } = errors.TOPIC_AUTHORIZATION_FAILED;
      return refused(name, { error: 'TOPIC_AUTHORIZATION_FAILED', message });
    }
    return create(parts, exchange, asked, request.validateOnly);
  });
  exchange.reply({ topics });
});

type Asking = Exchange<ResponseInput<typeof apis.createTopics>>;
type Asked = Request<typeof apis.createTopics>['topics'][number];
type Result = ResponseInput<typeof apis.createTopics>['topics'][number];

function create(parts: Parts, exchange: Asking, asked: Asked, validateOnly: boolean): Result {
  const { topics, brokerConfigs } = parts;
  const { access } = exchange;
  const topic = newTopicOf(asked);
  if ('error' in topic) return refused(asked.name, topic);
  const refusal = topics.refusalOf(topic);
  const count = topic.assignments?.length ?? topics.countOf(topic.partitions);
  if (refusal === null && !validateOnly && !mayMutate(parts, exchange, count, QUOTA_TOLD_SINCE)) {
    return refused(asked.name, quotaUsedUp);
  }
  const created = validateOnly ? refusal : topics.create(topic);
  if (created !== null && isRefusal(created)) return refused(asked.name, created);
  const { name } = asked;
  const result = { name, errorCode: errors.NONE.code, ...(created === null ? {} : { topicId: created.id }) };
  if (!access.sees('DESCRIBE_CONFIGS', topicResource(name))) {
    return { ...result, topicConfigErrorCode: errors.TOPIC_AUTHORIZATION_FAILED.code, configs: [] };
  }
  return {
    ...result,
    numPartitions: count,
    replicationFactor: topic.assignments?.[0]?.length ?? Math.max(1, asked.replicationFactor),
    configs: describeTopicConfigs(topic.configs, brokerConfigs).map(
      ({ name, value, readOnly, configSource, isSensitive }) => ({ name, value, readOnly, configSource, isSensitive }),
    ),
  };
}

function newTopicOf({ name, numPartitions, replicationFactor, assignments, configs }: Asked): NewTopic | TopicRefusal {
  const unset = configs.filter(({ value }) => value === null).map((config) => config.name);
  if (unset.length > 0)
    return { error: 'INVALID_CONFIG', message: `expected a value for ${unset.join(', ')}, found null` };
  const given = Object.fromEntries(configs.map((config) => [config.name, config.value ?? '']));
  const topic = { name, partitions: numPartitions, replicationFactor, configs: given };
  if (assignments.length === 0) return topic;
  if (numPartitions !== -1 || replicationFactor !== -1) {
    const message = 'expected -1 as partition count and replication factor beside assignments';
    return { error: 'INVALID_REQUEST', message };
  }
  const byPartition = new Map(assignments.map(({ partition, brokerIds }) => [partition, brokerIds]));
  const replicas = assignments.map((_, partition) => byPartition.get(partition));
  if (!replicas.every((brokerIds) => brokerIds !== undefined)) {
    return { error: 'INVALID_REPLICA_ASSIGNMENT', message: 'expected every partition from 0 on once' };
  }
  return { ...topic, assignments: replicas };
}

function refused(name: string, { error, message }: TopicRefusal): Result {
  return { name, errorCode: errors[error].code, errorMessage: message, configs: [] };
}
