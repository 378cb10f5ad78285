import { apis, type ErrorName, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { clusterResource } from '../security/acl.ts';

/**
 * ElectLeaders 0–2. The preferred replica always leads, so an election is never needed: ELECTION_NOT_NEEDED for each
 * partition that was named; nothing when all are asked for, since only what changed is then listed. Takes ALTER on the cluster.
 */
export const electLeaders = handler(apis.electLeaders, ({ topics }, { topicPartitions }, exchange) => {
  const isAllowed = exchange.access.may('ALTER', clusterResource);
  const replicaElectionResults = (topicPartitions ?? []).map(({ topic, partitions }) => ({
    topic,
    partitions: partitions.map((partition) => {
      const isThere = topics.log(topic, partition) !== undefined;
      const found: ErrorName = isThere ? 'ELECTION_NOT_NEEDED' : 'UNKNOWN_TOPIC_OR_PARTITION';
      const error: ErrorName = isAllowed ? found : 'CLUSTER_AUTHORIZATION_FAILED';
      return { partition, errorCode: errors[error].code, errorMessage: errors[error].message };
    }),
  }));
  const { code: errorCode } = isAllowed ? errors.NONE : errors.CLUSTER_AUTHORIZATION_FAILED;
  exchange.reply({ errorCode, replicaElectionResults });
});
