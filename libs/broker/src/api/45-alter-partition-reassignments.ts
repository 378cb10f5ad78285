import { apis, type ErrorName, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import type { Parts } from '../parts.ts';
import { clusterResource } from '../security/acl.ts';

/**
 * AlterPartitionReassignments 0 (KIP-455). There is one copy of a partition, which all nodes serve, so a reassignment is
 * done when it is answered, and there is never one to cancel. What is not a node that is presented is refused. Takes ALTER on the cluster.
 */
export const alterPartitionReassignments = handler(apis.alterPartitionReassignments, (parts, { topics }, exchange) => {
  if (!exchange.access.may('ALTER', clusterResource)) {
    const { code: errorCode, message: errorMessage } = errors.CLUSTER_AUTHORIZATION_FAILED;
    exchange.reply({ errorCode, errorMessage, responses: [] });
    return;
  }
  const responses = topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partition, replicas }) => {
      const { error, message } = reassign(parts, name, partition, replicas);
      return { partition, errorCode: errors[error].code, errorMessage: message };
    }),
  }));
  exchange.reply({ errorCode: errors.NONE.code, responses });
});

function reassign(
  { topics }: Parts,
  name: string,
  partition: number,
  replicas: readonly number[] | null,
): { readonly error: ErrorName; readonly message: string | null } {
  if (replicas !== null) return topics.reassign(name, partition, replicas) ?? { error: 'NONE', message: null };
  const error =
    topics.log(name, partition) === undefined ? 'UNKNOWN_TOPIC_OR_PARTITION' : 'NO_REASSIGNMENT_IN_PROGRESS';
  return { error, message: errors[error].message };
}
