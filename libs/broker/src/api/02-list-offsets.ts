import type { Isolation, Log, Rejection, TimestampedOffset } from '@millrace/log';
import { apis, errors, type Request } from '@millrace/wire';
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
 * - A partition that is asked for twice is answered once, with INVALID_REQUEST.
 * - -3 asks for the record with the largest timestamp; in an earlier version it is answered with UNSUPPORTED_VERSION.
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
      return { offset: log.logStartOffset, timestamp: -1 };
    case LARGEST:
      return log.offsetForMaxTimestamp(isolation);
    default:
      return log.offsetForTimestamp(timestamp, isolation);
  }
}
