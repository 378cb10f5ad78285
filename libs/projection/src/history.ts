import { type InstanceId, partitionOfInstance } from '@millrace/records';
import type { EventLog } from './event-log.ts';
import { FeedEvent } from './feed-event.ts';
import type { Queries } from './queries.ts';

/** Stretches of the log that are looked up at a time. */
const RUNS_PER_LOOK = 64;

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
  let at = from;
  for (;;) {
    const runs = queries.historyRuns(id, at, RUNS_PER_LOOK);
    if (runs.length === 0) return;
    for (const { first, last } of runs) {
      for await (const batch of log.read(partition, first, last + 1)) {
        for (const record of batch.records) {
          if (record.offset < first || record.offset > last) continue;
          const event = new FeedEvent(partition, record);
          if (event.instanceId === id) yield event;
        }
      }
      at = last + 1;
    }
  }
}
