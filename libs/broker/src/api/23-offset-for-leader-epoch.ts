import { apis, errors } from '@millrace/wire';
import { handler } from '../handler.ts';
import { LEADER_EPOCH } from '../parts.ts';
import { splitTopics } from '../security/split-topics.ts';

const UNKNOWN = { leaderEpoch: -1, endOffset: -1 };

/**
 * OffsetForLeaderEpoch 2–4. There has only ever been one epoch, so its end is the end of the log: the high watermark, as
 * nothing above it is for consumers. An epoch that we never had (a client that comes from another cluster) gets -1 and -1.
 */
export const offsetForLeaderEpoch = handler(apis.offsetForLeaderEpoch, (parts, request, exchange) => {
  const { allowed, refused } = splitTopics(exchange.access, 'DESCRIBE', request.topics);
  const answered = allowed.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }) => {
      const log = parts.topics.log(name, partition);
      if (log === undefined) return { partition, errorCode: errors.UNKNOWN_TOPIC_OR_PARTITION.code, ...UNKNOWN };
      if (currentLeaderEpoch > LEADER_EPOCH) {
        return { partition, errorCode: errors.UNKNOWN_LEADER_EPOCH.code, ...UNKNOWN };
      }
      if (leaderEpoch !== LEADER_EPOCH) return { partition, errorCode: errors.NONE.code, ...UNKNOWN };
      return { partition, errorCode: errors.NONE.code, leaderEpoch: LEADER_EPOCH, endOffset: log.highWatermark };
    }),
  }));
  const failed = refused.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(({ partition }) => ({
      partition,
      errorCode: errors.TOPIC_AUTHORIZATION_FAILED.code,
      ...UNKNOWN,
    })),
  }));
  exchange.reply({ topics: [...answered, ...failed] });
});
