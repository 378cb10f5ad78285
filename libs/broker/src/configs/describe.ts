import { type TopicConfigs, topicConfigKeys } from '@millrace/log';
import type { apis, ResponseInput } from '@millrace/wire';
import type { BrokerConfigs, ConfigSynonym } from './broker-configs.ts';
import type { GroupConfigs } from './group-configs.ts';
import { configSource, type ConfigType, configType } from './config-source.ts';

type Described = ResponseInput<typeof apis.describeConfigs>['results'][number]['configs'][number];

/** Every configuration of a topic: what it was given, and the default of everything else. */
export function describeTopicConfigs(own: TopicConfigs, broker: BrokerConfigs): Described[] {
  return topicConfigKeys.map(({ name, type, default: value, documentation }) => {
    const given = own[name];
    const set = given === undefined ? [] : [{ name, value: given, source: configSource.topic }];
    return described(name, type, [...set, ...broker.topicSynonyms(name, value)], { documentation, readOnly: false });
  });
}

/** Every configuration of a broker. Of all brokers together: what was set for them. */
export function describeBrokerConfigs(resourceName: string, broker: BrokerConfigs): Described[] {
  const keys =
    resourceName === '' ? broker.keys.filter(({ name }) => name in broker.dynamic(resourceName)) : broker.keys;
  return keys.map((key) => {
    const synonyms = broker.synonyms(resourceName, key);
    const isOption = synonyms.some(({ source }) => source === configSource.broker);
    const documentation = isOption ? 'An option of this broker.' : 'A configuration of Kafka.';
    return described(key.name, key.type, synonyms, { documentation, readOnly: !key.isDynamic });
  });
}

/** Every configuration of a group, whether or not it is there. */
export function describeGroupConfigs(groupId: string, groups: GroupConfigs): Described[] {
  return groups.keys.map((key) => {
    const documentation = 'A configuration of a group by the consumer protocol.';
    return described(key.name, 'int', groups.synonyms(groupId, key), { documentation, readOnly: false });
  });
}

function described(
  name: string,
  type: ConfigType,
  synonyms: readonly ConfigSynonym[],
  rest: Pick<Described, 'readOnly' | 'documentation'>,
): Described {
  const [first] = synonyms;
  const isSensitive = type === 'password';
  return {
    name,
    value: isSensitive ? null : (first?.value ?? null),
    configSource: first?.source ?? configSource.default,
    isSensitive,
    synonyms: synonyms.map((one) => (isSensitive ? { ...one, value: null } : one)),
    configType: configType[type],
    ...rest,
  };
}
