import type { Isolation, Log, ReadSlice } from '@millrace/log';
import { apis, errors, type Request, type ResponseInput } from '@millrace/wire';
import type { Exchange } from '../exchange.ts';
import { handler } from '../handler.ts';
import { LEADER_EPOCH, type Parts } from '../parts.ts';
import { topicResource } from '../security/acl.ts';

/**
 * Fetch 4–12. 5 brought the log start offset, 7 sessions, 9 leader epochs, 10 zstd, 11 racks, 12 diverging epochs.
 *
 * - Whole batches only: a fetch inside a batch gets all of it. The first batch of a response is returned whatever its
 *   size, so that no consumer is ever stuck. Beyond it the response ends at max bytes, or at what the connection and
 *   all connections together have left for responses (B5).
 * - read_committed ends at the last stable offset and leaves out the data of aborted transactions; their markers stay, and
 *   the list of aborted transactions is empty, since nothing is left to filter. Several clients filter wrongly.
 *   Topics that match `readCommittedTopics` are read like that by everybody.
 * - zstd goes to every version, as in Kafka 4: there are clients that know it and ask in one from before it (KIP-110).
 * - Deviation: no sessions. Every response has session id 0, so clients send full requests.
 * - A partition that is asked for twice is answered once, for the last time it was asked, as in Kafka.
 * - Deviation: `lastFetchedEpoch` never diverges: there has only ever been one epoch.
 */
export const fetch = handler(apis.fetch, (parts, request, exchange) => {
  // A full request (epoch 0 or −1) is served whatever session it names; what goes on with one cannot be.
  if (request.sessionEpoch > 0) {
    exchange.reply({ errorCode: errors.FETCH_SESSION_ID_NOT_FOUND.code, topics: [] });
    return;
  }
  const fetches = partitionsOf(parts, exchange, request);
  const read = (): ReadAll => readAll(parts, fetches, Math.min(Math.max(request.maxBytes, 0), exchange.responseRoom));
  const first = read();
  if (request.maxWaitMs <= 0 || isEnough(first, request.minBytes) || fetches.length === 0) {
    reply(exchange, first);
    return;
  }
  exchange.onAbandoned = parts.fetchWaits.add({
    logs: logsOf(parts, fetches),
    until: parts.deadlines.now() + request.maxWaitMs,
    retry(isLast) {
      // Without this look at the offsets every advance would cost every waiting fetch a read.
      if (!isLast && !fetches.some((one) => hasMore(parts, one))) return false;
      const again = read();
      if (!isLast && !isEnough(again, request.minBytes)) return false;
      reply(exchange, again);
      return true;
    },
  });
});

interface PartitionFetch {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly bytesMax: number;
  readonly leaderEpoch: number;
  readonly isolation: Isolation;
  readonly isAllowed: boolean;
}

type Response = ResponseInput<typeof apis.fetch>;
type PartitionResponse = Response['topics'][number]['partitions'][number];

interface ReadAll {
  readonly fetches: readonly PartitionFetch[];
  readonly partitions: readonly PartitionResponse[];
  readonly sizeInBytes: number;
  /** There was no room for more. */
  readonly isFull: boolean;
  readonly hasError: boolean;
}

function partitionsOf(
  parts: Parts,
  exchange: Exchange<Response>,
  request: Request<typeof apis.fetch>,
): PartitionFetch[] {
  const asked: Isolation = request.isolationLevel === 1 ? 'read_committed' : 'read_uncommitted';
  const fetches: PartitionFetch[] = [];
  for (const { name, partitions } of request.topics) {
    const isolation = parts.topics.isReadCommitted(name) ? 'read_committed' : asked;
    const isAllowed = exchange.access.may('READ', topicResource(name));
    for (const one of partitions) {
      fetches.push({
        topic: name,
        partition: one.partition,
        offset: one.fetchOffset,
        bytesMax: one.partitionMaxBytes,
        leaderEpoch: one.currentLeaderEpoch,
        isolation,
        isAllowed,
      });
    }
  }
  return fetches.length > 1 ? withoutDuplicates(fetches) : fetches;
}

function withoutDuplicates(fetches: readonly PartitionFetch[]): PartitionFetch[] {
  const byPartition = new Map<string, PartitionFetch>();
  for (const one of fetches) byPartition.set(`${one.topic}/${one.partition}`, one);
  return [...byPartition.values()];
}

/** Reads every partition, until the response is full. */
function readAll(parts: Parts, fetches: readonly PartitionFetch[], bytesMax: number): ReadAll {
  const partitions: PartitionResponse[] = [];
  let sizeInBytes = 0;
  let hasError = false;
  for (const one of fetches) {
    const room = Math.min(one.bytesMax, bytesMax - sizeInBytes);
    const read = readOne(parts, one, Math.max(room, 0), sizeInBytes === 0);
    if (typeof read === 'number') {
      hasError = true;
      // No records are empty ones, not null: librdkafka takes null for a broken response, and never sees the error beside it.
      partitions.push({ partition: one.partition, errorCode: read, highWatermark: -1, records: [] });
      continue;
    }
    sizeInBytes += read.sizeInBytes;
    partitions.push({
      partition: one.partition,
      errorCode: errors.NONE.code,
      highWatermark: read.highWatermark,
      lastStableOffset: read.lastStableOffset,
      logStartOffset: read.logStartOffset,
      abortedTransactions: one.isolation === 'read_committed' ? read.abortedTransactions : null,
      records: read.chunks,
    });
  }
  return { fetches, partitions, sizeInBytes, isFull: sizeInBytes > 0 && sizeInBytes >= bytesMax, hasError };
}

/** The slice, or the code of the error. */
function readOne(parts: Parts, one: PartitionFetch, bytesMax: number, atLeastOne: boolean): ReadSlice | number {
  if (!one.isAllowed) return errors.TOPIC_AUTHORIZATION_FAILED.code;
  const log = parts.topics.log(one.topic, one.partition);
  if (log === undefined) return errors.UNKNOWN_TOPIC_OR_PARTITION.code;
  if (one.leaderEpoch > LEADER_EPOCH) return errors.UNKNOWN_LEADER_EPOCH.code;
  const read = log.read(one.offset, bytesMax, { isolation: one.isolation, atLeastOne, skipAborted: true });
  return read.error === undefined ? read : errors[read.error].code;
}

function isEnough(read: ReadAll, minBytes: number): boolean {
  return read.hasError || read.isFull || read.sizeInBytes >= minBytes;
}

function hasMore(parts: Parts, { topic, partition, offset, isolation }: PartitionFetch): boolean {
  const log = parts.topics.log(topic, partition);
  if (log === undefined || log.state.kind === 'offline') return true;
  return (
    offset < (isolation === 'read_committed' ? log.lastStableOffset : log.highWatermark) || offset < log.logStartOffset
  );
}

function logsOf(parts: Parts, fetches: readonly PartitionFetch[]): Log[] {
  return fetches.flatMap(({ topic, partition }) => parts.topics.log(topic, partition) ?? []);
}

/** Puts the partitions back under their topics, in the order in which they were asked for. */
function reply(exchange: Exchange<Response>, { fetches, partitions }: ReadAll): void {
  const topics: { name: string; partitions: PartitionResponse[] }[] = [];
  for (const [index, partition] of partitions.entries()) {
    const name = fetches[index]?.topic ?? '';
    const last = topics.at(-1);
    if (last?.name === name) last.partitions.push(partition);
    else topics.push({ name, partitions: [partition] });
  }
  exchange.reply({ topics });
}
