import type { Isolation, Log, Rejection, TimestampedOffset } from '@millrace/log';
import { apis, errors } from '@millrace/wire';
import { distinct } from '../distinct.ts';
import { handler } from '../handler.ts';
import { LEADER_EPOCH } from '../parts.ts';
import { failPartitions, splitTopics } from '../security/split-topics.ts';

/** The version that brought the timestamp -3 (KIP-734). */
const LARGEST_SINCE = 7;

/** The timestamps that are no times. */
const LATEST = -1;
const EARLIEST = -2;
const LARGEST = -3;

const NO_OFFSET: TimestampedOffset = { offset: -1, timestamp: -1 };

/**
 * ListOffsets 1–7. 2 brought the isolation level, 4 leader epochs, 7 the timestamp -3.
 *
 * - A time asks for the first record with that timestamp or a later one; -1 and offset -1 when there is none.
 * - -1 asks for the high watermark, or with read_committed (or a topic that everybody reads so) for the last stable offset.
 * - Deviation: a topic or partition that is asked for twice is answered once, for the first time; Kafka refuses it.
 * - -3 asks for the record with the largest timestamp; in an earlier version it is answered with UNSUPPORTED_VERSION.
 * - Any other negative timestamp is answered with UNSUPPORTED_FOR_MESSAGE_FORMAT, as brokers without tiered storage do.
 */
export const listOffsets = handler(apis.listOffsets, (parts, request, exchange) => {
  const asked: Isolation = request.isolationLevel === 1 ? 'read_committed' : 'read_uncommitted';
  const { allowed, refused } = splitTopics(
    exchange.access,
    'DESCRIBE',
    distinct(request.topics, ({ name }) => name),
  );
  const topics = allowed.map(({ name, partitions }) => {
    const isolation = parts.topics.isReadCommitted(name) ? 'read_committed' : asked;
    return {
      name,
      partitions: distinct(partitions, ({ partition }) => partition).map((one) => {
        const { partition, currentLeaderEpoch, timestamp } = one;
        const log = parts.topics.log(name, partition);
        if (log === undefined) return { partition, errorCode: errors.UNKNOWN_TOPIC_OR_PARTITION.code };
        if (currentLeaderEpoch > LEADER_EPOCH) return { partition, errorCode: errors.UNKNOWN_LEADER_EPOCH.code };
        if (timestamp < LARGEST) return { partition, errorCode: errors.UNSUPPORTED_FOR_MESSAGE_FORMAT.code };
        if (timestamp === LARGEST && exchange.version < LARGEST_SINCE) {
          return { partition, errorCode: errors.UNSUPPORTED_VERSION.code };
        }
        const found = offsetOf(log, timestamp, isolation) ?? NO_OFFSET;
        if (found.error !== undefined) return { partition, errorCode: errors[found.error].code };
        return {
          partition,
          errorCode: errors.NONE.code,
          ...found,
          leaderEpoch: found.offset === -1 ? -1 : LEADER_EPOCH,
        };
      }),
    };
  });
  exchange.reply({ topics: [...topics, ...failPartitions(refused, errors.TOPIC_AUTHORIZATION_FAILED.code)] });
});

function offsetOf(log: Log, timestamp: number, isolation: Isolation): TimestampedOffset | Rejection | null {
  switch (timestamp) {
    case LATEST:
      return { offset: isolation === 'read_committed' ? log.lastStableOffset : log.highWatermark, timestamp: -1 };
    case EARLIEST:
      return { offset: log.logStartOffset, timestamp: -1 };
    case LARGEST:
      return log.offsetForMaxTimestamp(isolation);
    default:
      return log.offsetForTimestamp(timestamp, isolation);
  }
}
