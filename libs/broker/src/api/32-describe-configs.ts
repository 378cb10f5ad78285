import { defaultLogConfig, type TopicConfigKey, topicConfigKeys } from '@millrace/log';
import { apis, errors, type KafkaError, type Request, type ResponseInput } from '@millrace/wire';
import { configSource, configType } from '../config-source.ts';
import { distinct } from '../distinct.ts';
import { handler } from '../handler.ts';
import { NODE_ID, type Parts } from '../parts.ts';
import type { Access } from '../security/access.ts';
import { clusterResource, topicResource } from '../security/acl.ts';

const resourceTypes = { topic: 2, broker: 4 } as const;

/**
 * DescribeConfigs 1–4. 3 brought types and documentation. Topics say what they were given and the default of everything
 * else; the broker says what it runs with, read-only: its settings come from its command line.
 */
export const describeConfigs = handler(apis.describeConfigs, (parts, request, exchange) => {
  const resources = distinct(request.resources, (one) => `${one.resourceType} ${one.resourceName}`);
  const results = resources.map((resource): Result => {
    const { resourceType, resourceName, configurationKeys: keys } = resource;
    const found = configsOf(parts, exchange.access, resource, request.includeSynonyms, request.includeDocumentation);
    if ('refused' in found) {
      return { errorCode: found.refused.code, errorMessage: found.message, resourceType, resourceName, configs: [] };
    }
    const configs = keys === null ? found.configs : found.configs.filter(({ name }) => keys.includes(name));
    return { errorCode: errors.NONE.code, errorMessage: null, resourceType, resourceName, configs };
  });
  exchange.reply({ results });
});

type Resource = Request<typeof apis.describeConfigs>['resources'][number];
type Result = ResponseInput<typeof apis.describeConfigs>['results'][number];
type Config = Result['configs'][number];
type Found = { readonly configs: readonly Config[] } | { readonly refused: KafkaError; readonly message: string };

function configsOf(parts: Parts, access: Access, resource: Resource, synonyms: boolean, documented: boolean): Found {
  const { resourceType: type, resourceName: name } = resource;
  if (type === resourceTypes.broker) {
    if (!access.may('DESCRIBE_CONFIGS', clusterResource)) {
      return { refused: errors.CLUSTER_AUTHORIZATION_FAILED, message: errors.CLUSTER_AUTHORIZATION_FAILED.message };
    }
    if (name === '' || name === String(NODE_ID)) return { configs: brokerConfigs(parts) };
    return { refused: errors.INVALID_REQUEST, message: `expected broker ${NODE_ID}, found "${name}"` };
  }
  if (type !== resourceTypes.topic) {
    return {
      refused: errors.INVALID_REQUEST,
      message: `expected resource type 2 (topic) or 4 (broker), found ${type}`,
    };
  }
  if (!access.may('DESCRIBE_CONFIGS', topicResource(name))) {
    return { refused: errors.TOPIC_AUTHORIZATION_FAILED, message: errors.TOPIC_AUTHORIZATION_FAILED.message };
  }
  const topic = parts.topics.find(name);
  if (topic === undefined) {
    return { refused: errors.UNKNOWN_TOPIC_OR_PARTITION, message: `expected topic "${name}" to exist` };
  }
  return { configs: topicConfigKeys.map((key) => topicConfig(key, topic.configs[key.name], synonyms, documented)) };
}

function topicConfig(key: TopicConfigKey, given: string | undefined, synonyms: boolean, documented: boolean): Config {
  const own = given === undefined ? [] : [{ name: key.name, value: given, source: configSource.topic }];
  return {
    name: key.name,
    value: given ?? key.default,
    readOnly: false,
    configSource: given === undefined ? configSource.default : configSource.topic,
    isSensitive: false,
    synonyms: synonyms ? [...own, { name: key.name, value: key.default, source: configSource.default }] : [],
    configType: configType[key.type],
    documentation: documented ? key.documentation : null,
  };
}

function brokerConfigs({ config }: Parts): Config[] {
  const values: readonly (readonly [name: string, value: string, type: keyof typeof configType])[] = [
    ['auto.create.topics.enable', String(config.autoCreateTopics), 'boolean'],
    ['broker.id', String(NODE_ID), 'int'],
    ['default.replication.factor', '1', 'int'],
    ['fetch.max.bytes', String(config.limits.unsentBytesMax), 'int'],
    ['log.dirs', config.dataDirectory, 'string'],
    ['max.connections', String(config.limits.connectionsMax), 'int'],
    ['message.max.bytes', String(defaultLogConfig.messageBytesMax), 'int'],
    ['num.partitions', String(config.defaultPartitions), 'int'],
    ['socket.request.max.bytes', String(config.limits.requestBytesMax), 'int'],
    ['transaction.max.timeout.ms', String(config.limits.transactionTimeoutMsMax), 'int'],
  ];
  return values.map(([name, value, type]) => ({
    name,
    value,
    readOnly: true,
    configSource: configSource.broker,
    isSensitive: false,
    configType: configType[type],
    documentation: null,
  }));
}
