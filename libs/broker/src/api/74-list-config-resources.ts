import { apis, errors } from '@millrace/wire';
import { resourceType as types } from '../configs/config-source.ts';
import { handler } from '../handler.ts';
import type { Parts } from '../parts.ts';
import { clusterResource } from '../security/acl.ts';

/** Kafka has them, and here there is nothing to configure of them: loggers of a broker, metrics of clients. */
const absent = { brokerLogger: 8, clientMetrics: 16 } as const;

/**
 * ListConfigResources 0–1: topics, brokers, and the groups for which something is set. 0 asks for metrics of clients, 1 for the types
 * it says, all when it says none; a type that nobody has is UNSUPPORTED_VERSION. Takes DESCRIBE_CONFIGS on the cluster.
 */
export const listConfigResources = handler(apis.listConfigResources, (parts, request, exchange) => {
  if (!exchange.access.may('DESCRIBE_CONFIGS', clusterResource)) {
    exchange.reply({ errorCode: errors.CLUSTER_AUTHORIZATION_FAILED.code, configResources: [] });
    return;
  }
  const asked = exchange.version === 0 ? [absent.clientMetrics] : [...new Set(request.resourceTypes)];
  const known: readonly number[] = [...Object.values(types), ...Object.values(absent)];
  if (asked.some((type) => !known.includes(type))) {
    exchange.reply({ errorCode: errors.UNSUPPORTED_VERSION.code, configResources: [] });
    return;
  }
  const configResources = (asked.length === 0 ? known : asked).flatMap((resourceType) =>
    namesOf(parts, resourceType).map((resourceName) => ({ resourceName, resourceType })),
  );
  exchange.reply({ errorCode: errors.NONE.code, configResources });
});

function namesOf({ topics, nodes, groupConfigs }: Parts, type: number): string[] {
  if (type === types.topic) return topics.all().map(({ name }) => name);
  if (type === types.group) return groupConfigs.names();
  return type === types.broker || type === absent.brokerLogger ? nodes.ids.map(String) : [];
}
