import { type InstanceId, partitionOfInstance } from '@millrace/records';
import type { EventLog, Stretch } from './event-log.ts';
import { FeedEvent } from './feed-event.ts';
import type { Queries } from './queries.ts';

/** Stretches of the log that are looked up at a time. */
const STRETCHES_PER_LOOK = 64;

/**
 * The events of one instance from an offset on, read back from the log, up to where the read models are now. The index
 * says where they lie, so that a long log costs no more than a short one.
 */
export async function* readHistory(
  log: EventLog,
  queries: Queries,
  id: InstanceId,
  from: number,
): AsyncGenerator<FeedEvent, void, undefined> {
  const partition = partitionOfInstance(id);
  const wanted = new Wanted(queries, id, from);
  for await (const batch of log.read(partition, wanted)) {
    for (const record of batch.records) {
      if (record.offset < wanted.from || record.offset >= wanted.to) continue;
      const event = new FeedEvent(partition, record);
      if (event.instanceId === id) yield event;
    }
  }
}

/** The stretches to read, looked up as the reader comes to them; says which one it is at. */
class Wanted implements Iterable<Stretch> {
  readonly #queries: Queries;
  readonly #id: InstanceId;
  from: number;
  to: number;

  constructor(queries: Queries, id: InstanceId, from: number) {
    this.#queries = queries;
    this.#id = id;
    this.from = from;
    this.to = from;
  }

  *[Symbol.iterator](): Iterator<Stretch> {
    for (;;) {
      const stretches = this.#queries.historyRuns(this.#id, this.to, STRETCHES_PER_LOOK);
      if (stretches.length === 0) return;
      for (const { from, to } of stretches) {
        this.from = from;
        this.to = to;
        yield { from, to };
      }
    }
  }
}
