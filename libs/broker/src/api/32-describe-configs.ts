import { apis, errors, type Request, type ResponseInput } from '@millrace/wire';
import type { ConfigRefusal } from '../configs/alteration.ts';
import { resourceType as types } from '../configs/config-source.ts';
import { describeBrokerConfigs, describeGroupConfigs, describeTopicConfigs } from '../configs/describe.ts';
import { distinct } from '../distinct.ts';
import { handler } from '../handler.ts';
import type { Parts } from '../parts.ts';
import type { Access } from '../security/access.ts';
import { refusalOfConfigs } from '../configs/config-access.ts';
import { unknownTopic } from '../topics.ts';

/**
 * DescribeConfigs 1–4. 3 brought types and documentation. Topics say what they were given and the default of everything
 * else; a broker says what it runs with; the broker without a name is all of them, and says what was set for them. Groups say what counts for
 * them by the consumer protocol, whether or not they are there.
 *
 * Deviation: there are no loggers or client metrics to configure: INVALID_REQUEST.
 */
export const describeConfigs = handler(apis.describeConfigs, (parts, request, exchange) => {
  const resources = distinct(request.resources, (one) => `${one.resourceType} ${one.resourceName}`);
  const results = resources.map(({ resourceType, resourceName, configurationKeys: keys }): Result => {
    const found = configsOf(parts, exchange.access, resourceType, resourceName);
    if ('error' in found) {
      const { error, message: errorMessage } = found;
      return { errorCode: errors[error].code, errorMessage, resourceType, resourceName, configs: [] };
    }
    const configs = found.configs
      .filter(({ name }) => keys === null || keys.includes(name))
      .map(({ synonyms, documentation, ...config }) => ({
        ...config,
        synonyms: request.includeSynonyms ? synonyms : [],
        documentation: request.includeDocumentation ? documentation : null,
      }));
    return { errorCode: errors.NONE.code, errorMessage: null, resourceType, resourceName, configs };
  });
  exchange.reply({ results });
});

type Asked = Request<typeof apis.describeConfigs>['resources'][number];
type Result = ResponseInput<typeof apis.describeConfigs>['results'][number];

function configsOf(
  { topics, brokerConfigs, groupConfigs }: Parts,
  access: Access,
  type: Asked['resourceType'],
  name: string,
): Pick<Result, 'configs'> | ConfigRefusal {
  const unauthorised = refusalOfConfigs(access, 'DESCRIBE_CONFIGS', type, name);
  if (unauthorised !== null) return unauthorised;
  if (type === types.topic) {
    const topic = topics.find(name);
    if (topic === undefined) return unknownTopic(name);
    return { configs: describeTopicConfigs(topic.configs, brokerConfigs) };
  }
  if (type === types.broker) {
    return brokerConfigs.refusalOfName(name) ?? { configs: describeBrokerConfigs(name, brokerConfigs) };
  }
  if (type === types.group) return { configs: describeGroupConfigs(name, groupConfigs) };
  const message = `expected resource type 2 (topic), 4 (broker) or 32 (group), found ${type}`;
  return { error: 'INVALID_REQUEST', message };
}
