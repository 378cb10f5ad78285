import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { clusterResource } from '../security/acl.ts';

/**
 * ListPartitionReassignments 0 (KIP-455): none is ever under way, since each is done when it is answered. Takes DESCRIBE on
 * the cluster.
 */
export const listPartitionReassignments = handler(apis.listPartitionReassignments, (_parts, _request, exchange) => {
  const isAllowed = exchange.access.may('DESCRIBE', clusterResource);
  const { code: errorCode } = isAllowed ? errors.NONE : errors.CLUSTER_AUTHORIZATION_FAILED;
  exchange.reply({ errorCode, topics: [] });
});
