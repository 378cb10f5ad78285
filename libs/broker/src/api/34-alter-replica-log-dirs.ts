import { resolve } from 'node:path';
import { apis, type ErrorName, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { clusterResource } from '../security/acl.ts';

/**
 * AlterReplicaLogDirs 0–2. There is one directory, and what is in it is where it should be: nothing moves. Any other path is
 * LOG_DIR_NOT_FOUND, a replica that the asked node does not hold REPLICA_NOT_AVAILABLE. Takes ALTER on the cluster.
 */
export const alterReplicaLogDirs = handler(
  apis.alterReplicaLogDirs,
  ({ config, nodes, topics: all }, { dirs }, exchange) => {
    const isAllowed = exchange.access.may('ALTER', clusterResource);
    const logDir = resolve(config.dataDirectory);
    const node = nodes.nodeOf(exchange.entrance);
    const found = (path: string, name: string, partition: number): ErrorName => {
      if (!isAllowed) return 'CLUSTER_AUTHORIZATION_FAILED';
      if (path !== logDir) return 'LOG_DIR_NOT_FOUND';
      const topic = all.find(name);
      const isHere = topic !== undefined && all.log(name, partition) !== undefined;
      return isHere && nodes.replicasOf(topic, partition).includes(node) ? 'NONE' : 'REPLICA_NOT_AVAILABLE';
    };
    const results = dirs.flatMap(({ path, topics }) =>
      topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map((partition) => ({
          partition,
          errorCode: errors[found(path, name, partition)].code,
        })),
      })),
    );
    exchange.reply({ results });
  },
);
