import { headerText, headers } from '@millrace/bus';
import { apply } from '@millrace/engine';
import { decodeEvent } from '@millrace/records';
import type { LogReader, LogRecord } from './log-reader.ts';
import { RuntimeError } from './errors.ts';
import { PartitionState, type DefinitionLookup } from './partition-state.ts';
import { type PartitionRows, digestOf } from './partition-rows.ts';
import { type Change, type Position, type Store, startOfLog } from './store.ts';

/** The key of the record that ends a checkpoint. No row has it: row keys contain a `/`. */
export const CHECKPOINT_KEY = 'checkpoint';

export interface RestoreOptions {
  readonly log: LogReader;
  readonly eventsTopic: string;
  readonly stateTopic: string;
  readonly partition: number;
  readonly partitionCount: number;
  readonly definitions: DefinitionLookup;
  /** R4. The read-committed end of the events, asked for after the fence. */
  readonly end: number;
}

/**
 * R1. Makes the store one that can be gone on from: as it is, if it is of this log and not older than the last checkpoint, and
 * otherwise from that.
 *
 * A checkpoint that the store does not reflect is another owner's. It may have rows that the store never had, and that are gone
 * by the events behind it: folded on the older store they would leave no tombstone, and come back with the next restore.
 */
export async function prepareStore(store: Store, options: RestoreOptions): Promise<'kept' | 'restored'> {
  const position = store.position();
  const isKept =
    position !== undefined &&
    (await isOfThisLog(position, options)) &&
    position.nextEvent >= (await lastCheckpoint(options)).nextEvent;
  if (isKept) return 'kept';
  store.clear();
  await loadCheckpoint(store, options);
  return 'restored';
}

/** R3. Brings the rows up to the end by the same `apply` that the live partition uses. Returns how many events that took. */
export async function fold(rows: PartitionRows, options: RestoreOptions): Promise<number> {
  const { log, eventsTopic, partition, partitionCount, definitions, end } = options;
  const from = rows.position.nextEvent;
  const start = await log.start(eventsTopic, partition);
  if (start > from) {
    throw new RuntimeError(
      'EVENTS_MISSING',
      `expected ${eventsTopic}-${partition} to have its events from ${from}, found it to begin at ${start}`,
    );
  }
  const state = new PartitionState(partition, partitionCount, rows.held, definitions);
  let count = 0;
  for await (const records of log.read(eventsTopic, partition, from, end)) {
    for (const record of records) {
      if (record.value !== null) apply(state, decodeEvent(record.value));
      rows.advance(after(rows.position, record));
      count++;
    }
  }
  rows.flush();
  return count;
}

function after(position: Position, record: LogRecord): Position {
  const input = Number(headerText(record, headers.input) ?? position.nextCommand);
  return {
    nextEvent: record.offset + 1,
    nextCommand: input,
    sequence: position.sequence + 1,
    last: { offset: record.offset, digest: digestOf(record.value) },
  };
}

async function isOfThisLog(position: Position, { log, eventsTopic, partition, end }: RestoreOptions): Promise<boolean> {
  if (position.nextEvent > end) return false;
  if (position.last === undefined) return true;
  const { offset, digest } = position.last;
  for await (const records of log.read(eventsTopic, partition, offset, offset + 1)) {
    return records[0]?.offset === offset && digestOf(records[0].value) === digest;
  }
  return false;
}

/** The record that ends a checkpoint is the last of its transaction: it is looked for from the end, further back each time. */
async function lastCheckpoint({ log, stateTopic, partition }: RestoreOptions): Promise<Position> {
  const [start, end] = [await log.start(stateTopic, partition), await log.committedEnd(stateTopic, partition)];
  for (let count = 4; ; count *= 16) {
    const from = Math.max(start, end - count);
    let found: Position | undefined;
    for await (const records of log.read(stateTopic, partition, from, end)) {
      for (const { key, value } of records) {
        if (value === null || key === null || Buffer.from(key).toString('utf8') !== CHECKPOINT_KEY) continue;
        found = JSON.parse(Buffer.from(value).toString('utf8')) as Position;
      }
    }
    if (found !== undefined || from === start) return found ?? startOfLog;
  }
}

/** R13. Checkpoints are transactions, so the last one that is there at all is there as a whole. */
async function loadCheckpoint(store: Store, { log, stateTopic, partition }: RestoreOptions): Promise<void> {
  const end = await log.committedEnd(stateTopic, partition);
  let position = startOfLog;
  for await (const records of log.read(stateTopic, partition, await log.start(stateTopic, partition), end)) {
    const changes: Change[] = [];
    for (const { key, value } of records) {
      const name = key === null ? '' : Buffer.from(key).toString('utf8');
      const text = value === null ? undefined : Buffer.from(value).toString('utf8');
      if (name !== CHECKPOINT_KEY) changes.push([name, text]);
      else if (text !== undefined) position = JSON.parse(text) as Position;
    }
    store.load(changes);
  }
  store.loaded(position);
}
