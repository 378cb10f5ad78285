import { parseTopicConfigs, topicConfigKeys } from '@millrace/log';
import { apis, errors, type Request, type ResponseInput } from '@millrace/wire';
import { configSource } from '../config-source.ts';
import { handler } from '../handler.ts';
import { NODE_ID, type Parts } from '../parts.ts';
import type { Access } from '../security/access.ts';
import { clusterResource, topicResource } from '../security/acl.ts';
import { isRefusal, type NewTopic, type TopicRefusal } from '../topics.ts';

/**
 * CreateTopics 2–7. 4 gives -1 the meaning of "default", 5 returns the created configuration, 7 the topic id.
 *
 * - `validateOnly` says what would happen. A name that occurs twice in one request is refused both times.
 * - Takes CREATE on the cluster or on the topic; who may not describe its configuration is not told it.
 * - Assignments must name this broker alone; the replication factor must be 1 or -1.
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
    return create(parts, access, asked, request.validateOnly);
  });
  exchange.reply({ topics });
});

type Asked = Request<typeof apis.createTopics>['topics'][number];
type Result = ResponseInput<typeof apis.createTopics>['topics'][number];

function create(parts: Parts, access: Access, asked: Asked, validateOnly: boolean): Result {
  const topic = newTopicOf(asked);
  if ('error' in topic) return refused(asked.name, topic);
  const created = validateOnly ? parts.topics.refusalOf(topic) : parts.topics.create(topic);
  if (created !== null && isRefusal(created)) return refused(asked.name, created);
  if (!access.sees('DESCRIBE_CONFIGS', topicResource(asked.name))) {
    return {
      name: asked.name,
      errorCode: errors.NONE.code,
      ...(created === null ? {} : { topicId: created.id }),
      topicConfigErrorCode: errors.TOPIC_AUTHORIZATION_FAILED.code,
      configs: [],
    };
  }
  const numPartitions = topic.partitions === -1 ? parts.config.defaultPartitions : topic.partitions;
  return {
    name: asked.name,
    errorCode: errors.NONE.code,
    ...(created === null ? {} : { topicId: created.id }),
    numPartitions,
    replicationFactor: 1,
    configs: topicConfigKeys.map(({ name, default: value }) => ({
      name,
      value: topic.configs[name] ?? value,
      readOnly: false,
      configSource: name in topic.configs ? configSource.topic : configSource.default,
      isSensitive: false,
    })),
  };
}

function newTopicOf({ name, numPartitions, replicationFactor, assignments, configs }: Asked): NewTopic | TopicRefusal {
  const given: Record<string, string> = {};
  for (const config of configs) if (config.value !== null) given[config.name] = config.value;
  const parsed = parseTopicConfigs(given);
  if ('error' in parsed) return parsed;
  if (assignments.length === 0) {
    if (replicationFactor !== 1 && replicationFactor !== -1) {
      const message = `expected replication factor 1 (there is one broker), found ${replicationFactor}`;
      return { error: 'INVALID_REPLICATION_FACTOR', message };
    }
    return { name, partitions: numPartitions, configs: given };
  }
  if (numPartitions !== -1 || replicationFactor !== -1) {
    const message = 'expected -1 as partition count and replication factor beside assignments';
    return { error: 'INVALID_REQUEST', message };
  }
  const partitions = new Set(assignments.map(({ partition }) => partition));
  const isWhole = assignments.every((_, index) => partitions.has(index));
  const isHere = assignments.every(({ brokerIds }) => brokerIds.length === 1 && brokerIds[0] === NODE_ID);
  if (!isWhole || !isHere) {
    const message = `expected every partition from 0 on once, on broker ${NODE_ID} alone`;
    return { error: 'INVALID_REPLICA_ASSIGNMENT', message };
  }
  return { name, partitions: assignments.length, configs: given };
}

function refused(name: string, { error, message }: TopicRefusal): Result {
  return { name, errorCode: errors[error].code, errorMessage: message, configs: [] };
}
