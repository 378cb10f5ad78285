import { type RecordSource, type Topics, deadLetter } from '@millrace/bus';
import { type TransactionalRecord, partitionOfKey } from '@millrace/client';
import type { Batch, DeadLetter } from './batch.ts';
import { type TransactionRecord, deadLetterRecord, inputHeader } from './encode.ts';
import type { ExchangeTopics } from './exchange-topics.ts';
import type { LogReader, LogRecord } from './log-reader.ts';

interface CompleteOptions {
  readonly topics: Topics;
  readonly exchange: ExchangeTopics;
  readonly log: LogReader;
  /** Of one record to a topic that is not ours: Kafka's default limit, less room for the batch around it. */
  readonly foreignBytesMax: number;
  readonly now: number;
}

/**
 * Everything that a transaction needs and deciding could not know: which partition a keyed record goes to, that its topic is
 * there, and what a dead letter looked like when it came in. This may wait for the broker, so it is done before the
 * transaction opens (R7).
 */
export async function completeBatch(batch: Batch, options: CompleteOptions): Promise<TransactionalRecord[]> {
  const { topics, now } = options;
  const input = inputHeader(batch.nextCommand);
  const events = batch.events.map((record) => ({ ...record, headers: [...record.headers, input] }));
  const letters = batch.deadLetters.length === 0 ? [] : await deadLetterRecords(batch.deadLetters, options);
  const outputs: TransactionalRecord[] = [];
  for (const record of [...batch.outputs, ...letters]) {
    const placed =
      record.partition === undefined ? await place(record, options) : { record, partition: record.partition };
    if ('partition' in placed) outputs.push({ ...record, partition: placed.partition });
    else {
      const why = { reason: 'NOT_SENDABLE', message: placed.problem };
      outputs.push({ ...deadLetter(topics, record, { topic: record.topic }, why), partition: 0, timestamp: now });
    }
  }
  return [...(events as TransactionalRecord[]), ...outputs];
}

async function place(
  record: TransactionRecord,
  { topics, exchange, foreignBytesMax }: CompleteOptions,
): Promise<{ readonly partition: number } | { readonly problem: string }> {
  // Ours, and there since the start.
  if (record.topic === topics.definitions || record.topic === topics.deadLetters) return { partition: 0 };
  const bytes =
    byteLength(record.value) + record.headers.reduce((sum, { value }) => sum + byteLength(value ?? null) + 50, 0);
  if (bytes > foreignBytesMax)
    return { problem: `expected a record of at most ${foreignBytesMax} bytes, found ${bytes}` };
  let count = exchange.partitionCount(record.topic);
  if (count === undefined) {
    const { problem } = await exchange.ensure(record.topic);
    if (problem !== undefined) return { problem };
    count = exchange.partitionCount(record.topic) ?? 1;
  }
  const { key } = record;
  if (key === null) return { partition: 0 };
  return { partition: partitionOfKey(typeof key === 'string' ? Buffer.from(key) : key, count) };
}

const byteLength = (value: string | Uint8Array | null): number =>
  value === null ? 0 : typeof value === 'string' ? Buffer.byteLength(value) : value.byteLength;

/** R12. Each as it came: one read per source partition covers all of its records in this batch. */
async function deadLetterRecords(
  letters: readonly DeadLetter[],
  options: CompleteOptions,
): Promise<TransactionRecord[]> {
  const { topics, log, now } = options;
  const originals = new Map<string, LogRecord>();
  const missing = letters.filter(({ record }) => record === undefined).map(({ source }) => source);
  for (const of of Map.groupBy(missing, ({ topic, partition }) => `${topic}/${partition}`).values()) {
    for (const record of await readOriginals(log, of)) originals.set(nameOf(record), record);
  }
  return letters.map((letter) =>
    deadLetterRecord(topics, letter, letter.record ?? originals.get(nameOf(letter.source)), now),
  );
}

async function readOriginals(log: LogReader, sources: readonly RecordSource[]): Promise<(LogRecord & RecordSource)[]> {
  const [first] = sources;
  if (first === undefined) return [];
  const { topic, partition } = first;
  const wanted = new Set(sources.map(({ offset }) => offset));
  const from = Math.max(Math.min(...wanted), await log.start(topic, partition));
  const found: (LogRecord & RecordSource)[] = [];
  for await (const records of log.read(topic, partition, from, Math.max(...wanted) + 1)) {
    for (const record of records) if (wanted.has(record.offset)) found.push({ ...record, topic, partition });
  }
  return found;
}

function nameOf({ topic, partition, offset }: RecordSource): string {
  return `${topic}/${partition}/${offset}`;
}
