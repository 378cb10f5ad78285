import type { Isolation, Log, Rejection, TimestampedOffset } from '@millrace/log';
import { apis, errors, type Request } from '@millrace/wire';
import { handler } from '../handler.ts';
import { LEADER_EPOCH } from '../parts.ts';
import { failPartitions, splitTopics } from '../security/split-topics.ts';

/** The timestamps that are no times. */
const LATEST = -1;
const EARLIEST = -2;
const LARGEST = -3;
const EARLIEST_LOCAL = -4;
const LATEST_TIERED = -5;

/** The versions that brought them. */
const since: Readonly<Record<number, number>> = {
  [LARGEST]: 7,
  [EARLIEST_LOCAL]: 8,
  [LATEST_TIERED]: 9,
};

const NO_OFFSET: TimestampedOffset = { offset: -1, timestamp: -1 };

/**
 * ListOffsets 1–9. 2 brought the isolation level, 4 leader epochs, 7 the timestamp -3, 8 and 9 those that are about tiered storage.
 *
 * - A time asks for the first record with that timestamp or a later one; -1 and offset -1 when there is none.
 * - -1 asks for the high watermark, or with read_committed (or a topic that everybody reads so) for the last stable offset.
 * - A partition that is asked for twice is answered once, with INVALID_REQUEST.
 * - -3 asks for the record with the largest timestamp; -4 for the first that is on this node, which all are; -5 for the last in
 *   tiered storage: none, as on a Kafka that has none.
 * - Each in an earlier version than it came with is answered with UNSUPPORTED_VERSION.
 * - Any other negative timestamp is answered with UNSUPPORTED_FOR_MESSAGE_FORMAT, as brokers without tiered storage do.
 */
export const listOffsets = handler(apis.listOffsets, (parts, request, exchange) => {
  const asked: Isolation = request.isolationLevel === 1 ? 'read_committed' : 'read_uncommitted';
  const asks = onePerPartition(request.topics);
  const { allowed, refused } = splitTopics(exchange.access, 'DESCRIBE', asks);
  const topics = allowed.map(({ name, partitions }) => {
    const isolation = parts.topics.isReadCommitted(name) ? 'read_committed' : asked;
    return {
      name,
      partitions: partitions.map(({ partition, currentLeaderEpoch, timestamp, isRepeated }) => {
        if (isRepeated) return { partition, errorCode: errors.INVALID_REQUEST.code };
        const log = parts.topics.log(name, partition);
        if (log === undefined) return { partition, errorCode: errors.UNKNOWN_TOPIC_OR_PARTITION.code };
        if (currentLeaderEpoch > LEADER_EPOCH) return { partition, errorCode: errors.UNKNOWN_LEADER_EPOCH.code };
        if (timestamp < LATEST_TIERED) {
          return { partition, errorCode: errors.UNSUPPORTED_FOR_MESSAGE_FORMAT.code };
        }
        if (exchange.version < (since[timestamp] ?? 0)) {
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

type Asked = Request<typeof apis.listOffsets>['topics'][number];
type AskedPartition = Asked['partitions'][number] & { readonly isRepeated: boolean };

/** Each topic once with each partition once, and whether it was asked for more often. */
function onePerPartition(topics: readonly Asked[]): { name: string; partitions: AskedPartition[] }[] {
  const byName = new Map<string, Map<number, AskedPartition>>();
  for (const { name, partitions } of topics) {
    const asked = byName.get(name) ?? new Map<number, AskedPartition>();
    byName.set(name, asked);
    for (const one of partitions) asked.set(one.partition, { ...one, isRepeated: asked.has(one.partition) });
  }
  return Array.from(byName, ([name, asked]) => ({ name, partitions: [...asked.values()] }));
}

function offsetOf(log: Log, timestamp: number, isolation: Isolation): TimestampedOffset | Rejection | null {
  switch (timestamp) {
    case LATEST:
      return { offset: isolation === 'read_committed' ? log.lastStableOffset : log.highWatermark, timestamp: -1 };
    case EARLIEST:
    case EARLIEST_LOCAL:
      return { offset: log.logStartOffset, timestamp: -1 };
    case LARGEST:
      return log.offsetForMaxTimestamp(isolation);
    case LATEST_TIERED:
      return null;
    default:
      return log.offsetForTimestamp(timestamp, isolation);
  }
}
