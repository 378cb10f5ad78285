import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { clusterResource } from '../security/acl.ts';

/**
 * DescribeClientQuotas 0–1: there are none, and none can be set; bounds of clients are the broker's limits. Kafka's tools ask for
 * quotas whenever they show users. Takes DESCRIBE_CONFIGS on the cluster.
 */
export const describeClientQuotas = handler(apis.describeClientQuotas, (_parts, _request, exchange) => {
  const isAllowed = exchange.access.may('DESCRIBE_CONFIGS', clusterResource);
  const { code: errorCode, message } = isAllowed ? errors.NONE : errors.CLUSTER_AUTHORIZATION_FAILED;
  exchange.reply({ errorCode, errorMessage: isAllowed ? null : message, entries: isAllowed ? [] : null });
});
