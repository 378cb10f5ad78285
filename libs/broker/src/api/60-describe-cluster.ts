import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { OPERATIONS_NOT_ASKED } from '../parts.ts';

const BROKERS = 1;

/** DescribeCluster 0–1 (KIP-700). Controllers have no endpoints of their own to be asked for (KIP-919). */
export const describeCluster = handler(apis.describeCluster, ({ nodes, clusterId }, request, exchange) => {
  const { endpointType, includeClusterAuthorizedOperations } = request;
  if (endpointType !== BROKERS) {
    const { code: errorCode } = errors.UNSUPPORTED_ENDPOINT_TYPE;
    const errorMessage = `expected endpoint type ${BROKERS} (brokers), found ${endpointType}`;
    exchange.reply({ errorCode, errorMessage, endpointType, clusterId: '', controllerId: -1, brokers: [] });
    return;
  }
  exchange.reply({
    errorCode: errors.NONE.code,
    clusterId,
    controllerId: nodes.controllerId,
    brokers: nodes
      .addresses(exchange.entrance)
      .map(({ nodeId, host, port }) => ({ brokerId: nodeId, host, port, rack: null })),
    clusterAuthorizedOperations: includeClusterAuthorizedOperations
      ? exchange.access.clusterOperations()
      : OPERATIONS_NOT_ASKED,
  });
});
