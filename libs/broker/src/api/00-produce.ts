import type { Log } from '@millrace/log';
import {
  apis,
  BATCH_HEADER_BYTES,
  codecOf,
  errors,
  isTransactional,
  readBatchHeader,
  type Request,
  type ResponseInput,
} from '@millrace/wire';
import type { Exchange } from '../exchange.ts';
import { handler } from '../handler.ts';
import type { Parts } from '../parts.ts';
import { topicResource, transactionalIdResource } from '../security/acl.ts';
import { isInternal } from '../topic-names.ts';
import type { Topics } from '../topics.ts';

/**
 * Produce 3–11. 5 brought the log start offset, 7 zstd, 8 error messages, 10 the leader beside errors (never sent: any node
 * that is asked serves).
 *
 * - acks=-1 answers when the batches of all its partitions are durable (B2), acks=1 when they are written, acks=0 never.
 *   Offsets are given, and order is settled, when the request is worked on (B1); only the writing waits for the turn's end.
 * - A batch of an open transaction is appended only if its transaction holds the partition (KIP-890 verifies the same).
 * - Deviation: an error of acks=0 does not close the connection. Kafka does that to make the client look for the
 *   leader elsewhere, and there is no elsewhere.
 * - Deviation: `timeoutMs` is ignored: nobody else has to acknowledge.
 */
export const produce = handler(apis.produce, (parts, request, exchange) => {
  const logs: Log[] = [];
  const topics = appendAll(parts, request, exchange, logs);
  // Readers wait for durability even where the producer does not (B3).
  for (const log of logs) parts.commit.touch(log);

  if (request.acks === 0) exchange.replyNothing();
  else if (logs.length === 0) exchange.reply({ topics });
  else answerWhenKept(parts, request.acks, exchange, logs, topics);
});

type ProduceExchange = Exchange<ResponseInput<typeof apis.produce>>;

/** On its own, so that what waits for the device does not keep the request, and with it all that the socket brought, in memory. */
function answerWhenKept(
  { commit, topics: all }: Parts,
  acks: number,
  exchange: ProduceExchange,
  logs: readonly Log[],
  topics: readonly TopicResult[],
): void {
  const answer = (): void => {
    const areAllKept = logs.every((log) => log.state.kind === 'online');
    exchange.reply({ topics: areAllKept ? topics : withoutLost(all, topics) });
  };
  if (acks === 1) commit.whenWritten(answer);
  else commit.whenDurable(answer);
}

function appendAll(
  parts: Parts,
  request: Request<typeof apis.produce>,
  { access, version }: ProduceExchange,
  logs: Log[],
): TopicResult[] {
  const { transactionalId } = request;
  const mayTransact =
    transactionalId === null ||
    !hasTransactionalBatch(request) ||
    access.may('WRITE', transactionalIdResource(transactionalId));
  return request.topics.map(({ name, partitions }) => {
    const refusal = !mayTransact
      ? errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
      : access.may('WRITE', topicResource(name))
        ? null
        : errors.TOPIC_AUTHORIZATION_FAILED;
    return {
      name,
      partitions: partitions.map(({ partition, records }) =>
        refusal !== null
          ? refused(partition, refusal.code, refusal.message)
          : append(parts, request, { name, partition, records, version }, logs),
      ),
    };
  });
}

/** A transactional id beside batches that are of no transaction means nothing. */
function hasTransactionalBatch({ topics }: Request<typeof apis.produce>): boolean {
  return topics.some(({ partitions }) =>
    partitions.some(
      ({ records }) => records !== null && records.length >= BATCH_HEADER_BYTES && isTransactional(records),
    ),
  );
}

interface Batch {
  readonly name: string;
  readonly partition: number;
  readonly records: Buffer | null;
  readonly version: number;
}

interface PartitionResult {
  readonly partition: number;
  readonly errorCode: number;
  readonly baseOffset: number;
  readonly logAppendTimeMs?: number;
  readonly logStartOffset?: number;
  readonly recordErrors?: readonly { readonly batchIndex: number; readonly message: string }[];
  readonly errorMessage?: string;
}

const VERSION_WITH_ZSTD = 7;
const RECORD_REFUSED = 'expected a key in every record of a compacted topic';

/** What comes in one turn of the event loop is written together, by the group commit. */
const APPEND = { origin: 'client', write: 'later' } as const;

function append(parts: Parts, request: Request<typeof apis.produce>, batch: Batch, appended: Log[]): PartitionResult {
  const { name, partition, records } = batch;
  if (request.acks < -1 || request.acks > 1) {
    return refused(partition, errors.INVALID_REQUIRED_ACKS.code, `expected acks -1, 0 or 1, found ${request.acks}`);
  }
  const log = parts.topics.log(name, partition);
  if (log === undefined) {
    return refused(partition, errors.UNKNOWN_TOPIC_OR_PARTITION.code, `expected ${name}-${partition} to exist`);
  }
  if (isInternal(name)) {
    return refused(
      partition,
      errors.INVALID_TOPIC_EXCEPTION.code,
      `expected "${name}" to be written by the broker only`,
    );
  }
  if (request.acks === -1 && !parts.topics.hasReplicasInSync(name, partition)) {
    const message = `expected as many replicas as min.insync.replicas of "${name}" asks for`;
    return refused(partition, errors.NOT_ENOUGH_REPLICAS.code, message);
  }
  if (records === null || records.length < BATCH_HEADER_BYTES) {
    const found = records?.length ?? 0;
    return refused(partition, errors.INVALID_RECORD.code, `expected one record batch, found ${found} bytes`);
  }
  if (codecOf(records) === 'zstd' && batch.version < VERSION_WITH_ZSTD) {
    const message = `expected zstd in Produce 7 or later, found ${batch.version}`;
    return refused(partition, errors.UNSUPPORTED_COMPRESSION_TYPE.code, message);
  }
  if (isTransactional(records)) {
    const header = readBatchHeader(records);
    const refusal = parts.transactions.verify(request.transactionalId, header, { topic: name, partition });
    if (refusal !== null) return refused(partition, refusal.errorCode, refusal.message);
  }
  const result = log.append(records, APPEND);
  if (result.error !== undefined) {
    const { error, message, recordIndexes = [] } = result;
    // Each by itself: a client lets its user send again what is not among them.
    const recordErrors = recordIndexes.map((batchIndex) => ({ batchIndex, message: RECORD_REFUSED }));
    return { ...refused(partition, errors[error].code, message), recordErrors };
  }
  appended.push(log);
  const { baseOffset, logAppendTimeMs, logStartOffset } = result;
  return { partition, errorCode: 0, baseOffset, logAppendTimeMs, logStartOffset };
}

function refused(partition: number, errorCode: number, errorMessage: string): PartitionResult {
  return { partition, errorCode, baseOffset: -1, errorMessage };
}

type TopicResult = { readonly name: string; readonly partitions: readonly PartitionResult[] };

/** B8. Whether these records are on the device is unknown; the error says so, and a retry finds the partition offline. */
function withoutLost(all: Topics, topics: readonly TopicResult[]): TopicResult[] {
  return topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map((result) => {
      const state = all.log(name, result.partition)?.state;
      if (result.errorCode !== 0 || state === undefined || state.kind === 'online') return result;
      return refused(result.partition, errors.KAFKA_STORAGE_ERROR.code, state.reason);
    }),
  }));
}
