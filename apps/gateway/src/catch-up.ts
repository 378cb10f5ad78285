/**
 * From where a watcher is to where the feed is: what is near comes from the feed's tail in memory, the rest is read from
 * the log, at the watcher's pace. Ends by joining the live watchers in the turn in which nothing is missing (G1).
 */
import { allPosition, instancePosition } from '@millrace/contract';
import { FeedEvent, type Projection } from '@millrace/projection';
import { partitionOfInstance } from '@millrace/records';
import type { EventFilter } from './event-filter.ts';
import { gatewayLimits } from './limits.ts';
import type { LiveWatchers } from './live-watchers.ts';
import type { WatchSink } from './watch-sink.ts';

type Send = (event: FeedEvent) => void;

const isFull = (sink: WatchSink): boolean => sink.bufferedBytes > gatewayLimits.catchUpBufferBytesMax;

export async function catchUpInstance(
  projection: Projection,
  live: LiveWatchers,
  id: string,
  from: number,
  sink: WatchSink,
): Promise<void> {
  const { feed, log } = projection;
  const partition = partitionOfInstance(id);
  const send: Send = (event) => {
    if (event.instanceId === id)
      sink.send(sink.encoding.event(instancePosition(partition, event.offset, log.epoch), event.json));
  };
  let at = from;
  while (!sink.isClosed) {
    if (at > feed.position(partition)) {
      await untilFeed(projection, sink, () => at <= feed.position(partition));
      continue;
    }
    const near = sendTail(projection, partition, at, sink, send);
    if (near !== undefined) {
      if (near.isComplete) return live.joinInstance(id, sink);
      at = near.at;
      await turn(sink);
      continue;
    }
    // The index of an instance's events reflects the feed's position of this turn: behind it, everything below is sent.
    const goal = feed.position(partition);
    for await (const event of projection.history(id, at)) {
      if (sink.isClosed) return;
      send(event);
      at = event.offset + 1;
      if (isFull(sink)) await sink.drained();
    }
    at = Math.max(at, goal);
  }
}

export async function catchUpAll(
  projection: Projection,
  live: LiveWatchers,
  from: readonly number[],
  sink: WatchSink,
  filter: EventFilter,
): Promise<void> {
  const { feed, log } = projection;
  const at = [...from];
  const send: Send = (event) => {
    at[event.partition] = event.offset + 1;
    if (filter(event)) sink.send(sink.encoding.event(allPosition(at, log.epoch), event.json));
  };
  while (!sink.isClosed) {
    const isReached = (): boolean => at.every((offset, partition) => offset <= feed.position(partition));
    if (!isReached()) {
      await untilFeed(projection, sink, isReached);
      continue;
    }
    let isComplete = true;
    // No await in this loop: when it ends complete, every partition is complete in the same turn (G1).
    for (const partition of at.keys()) {
      const near = sendTail(projection, partition, at[partition] as number, sink, send);
      if (near !== undefined) at[partition] = near.at;
      isComplete &&= near?.isComplete === true;
      if (!isComplete) break;
    }
    if (isComplete) return live.joinAll(sink, filter);
    const far = at.findIndex((offset, partition) => feed.tailSince(partition, offset, 0) === undefined);
    if (far === -1) await turn(sink);
    else at[far] = await readLog(projection, far, at[far] as number, sink, send);
  }
}

/** Reads up to where the feed is now; returns where it came to. */
async function readLog(
  { log, feed }: Projection,
  partition: number,
  from: number,
  sink: WatchSink,
  send: Send,
): Promise<number> {
  const goal = feed.position(partition);
  let at = from;
  for await (const batch of log.read(partition, [{ from, to: goal }])) {
    for (const record of batch.records) {
      if (record.offset < at || record.offset >= goal) continue;
      if (sink.isClosed) return at;
      send(new FeedEvent(partition, record));
      at = record.offset + 1;
      if (isFull(sink)) await sink.drained();
    }
    at = Math.max(at, Math.min(batch.nextOffset, goal));
  }
  return Math.max(at, goal);
}

/** Undefined when the tail does not reach back so far. Otherwise what it has is sent, until the watcher's buffer is full. */
function sendTail(
  { feed }: Projection,
  partition: number,
  from: number,
  sink: WatchSink,
  send: Send,
): { readonly at: number; readonly isComplete: boolean } | undefined {
  const events = feed.tailSince(partition, from, gatewayLimits.catchUpEventsMax);
  if (events === undefined) return undefined;
  for (const event of events) {
    if (isFull(sink)) return { at: event.offset, isComplete: false };
    send(event);
  }
  const last = events.at(-1);
  if (events.length === gatewayLimits.catchUpEventsMax && last !== undefined)
    return { at: last.offset + 1, isComplete: false };
  return { at: feed.position(partition), isComplete: true };
}

/** An id may be ahead of this feed, when another gateway gave it out: wait for the feed to get there, or for the watcher to go. */
function untilFeed({ feed }: Projection, sink: WatchSink, isReached: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      unsubscribe();
      resolve();
    };
    const unsubscribe = feed.subscribe(() => {
      if (isReached()) done();
    });
    sink.onClose(done);
  });
}

/** Lets the watcher take what it was sent, and the others have their turn. */
async function turn(sink: WatchSink): Promise<void> {
  await sink.drained();
  await new Promise<void>((resolve) => void setImmediate(resolve));
}
