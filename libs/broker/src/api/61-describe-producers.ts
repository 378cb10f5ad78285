import { apis, errors } from '@millrace/wire';
import { distinct } from '../distinct.ts';
import { handler } from '../handler.ts';
import { splitTopics } from '../security/split-topics.ts';

/**
 * DescribeProducers 0 (KIP-664): the idempotent and transactional producers that each partition remembers. Takes
 * READ on the topic.
 */
export const describeProducers = handler(apis.describeProducers, ({ topics }, request, exchange) => {
  const { allowed, refused } = splitTopics(
    exchange.access,
    'READ',
    distinct(request.topics, ({ name }) => name),
  );
  const described = allowed.map(({ name, partitions }) => ({
    name,
    partitions: distinct(partitions, (partition) => partition).map((partition) => {
      const log = topics.log(name, partition);
      if (log !== undefined) return { partition, errorCode: errors.NONE.code, activeProducers: log.producers() };
      const errorMessage = `expected ${name}-${partition} to exist`;
      return { partition, errorCode: errors.UNKNOWN_TOPIC_OR_PARTITION.code, errorMessage };
    }),
  }));
  const { code: errorCode, message: errorMessage } = errors.TOPIC_AUTHORIZATION_FAILED;
  const failed = refused.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((partition) => ({ partition, errorCode, errorMessage })),
  }));
  exchange.reply({ topics: [...described, ...failed] });
});
