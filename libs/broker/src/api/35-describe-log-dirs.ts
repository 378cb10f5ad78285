import { resolve } from 'node:path';
import { apis, errors } from '@millrace/wire';
import { distinct } from '../distinct.ts';
import { handler } from '../handler.ts';
import { clusterResource } from '../security/acl.ts';

/**
 * DescribeLogDirs 0–4: there is one directory, and what each partition takes in it. What is asked for and does not exist is
 * left out, as in Kafka. Of several nodes each has the partitions that it is said to hold. Takes DESCRIBE on the cluster.
 *
 * Deviation: 4 does not say how large the volume is (-1 stands for unknown): sizes of files come from the log, which does
 * not know the device.
 */
export const describeLogDirs = handler(apis.describeLogDirs, ({ config, nodes, topics }, request, exchange) => {
  if (!exchange.access.may('DESCRIBE', clusterResource)) {
    exchange.reply({ errorCode: errors.CLUSTER_AUTHORIZATION_FAILED.code, results: [] });
    return;
  }
  const all = topics.all().map(({ name, partitions }) => ({ topic: name, partitions: [...Array(partitions).keys()] }));
  const node = nodes.nodeOf(exchange.entrance);
  const results = distinct(request.topics ?? all, ({ topic }) => topic).map(({ topic, partitions }) => ({
    name: topic,
    partitions: distinct(partitions, (partition) => partition).flatMap((partition) => {
      const stored = topics.find(topic);
      const log = topics.log(topic, partition);
      const isHere = stored !== undefined && nodes.replicasOf(stored, partition).includes(node);
      if (log === undefined || !isHere) return [];
      const offsetLag = Math.max(0, log.logEndOffset - log.highWatermark);
      return [{ partition, partitionSize: log.sizeInBytes, offsetLag }];
    }),
  }));
  const logDir = resolve(config.dataDirectory);
  const present = results.filter(({ partitions }) => partitions.length > 0);
  exchange.reply({ results: [{ errorCode: errors.NONE.code, logDir, topics: present }] });
});
