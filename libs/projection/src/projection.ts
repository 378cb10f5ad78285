/**
 * The read models of this process, kept by its one feed.
 *
 * P1. A caller reads its own writes: when a wait resolves, the read models hold the event and all before it.
 */
import type { Clock } from '@millrace/std';
import { applyEvent } from './apply/apply-event.ts';
import { Changes } from './changes.ts';
import { EventFeed } from './event-feed.ts';
import type { EventLog } from './event-log.ts';
import type { FeedEvent } from './feed-event.ts';
import { readHistory } from './history.ts';
import { Queries } from './queries.ts';
import { openReadStore, type ReadStore } from './read-store.ts';
import type { InstanceId } from '@millrace/records';
import { Waiters } from './waiters.ts';

/** As pino's: the fields first, then the sentence. */
export interface ProjectionLogger {
  info(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface ProjectionOptions {
  readonly log: EventLog;
  /** A directory of its own. What is in it can be deleted at any time while nothing runs. */
  readonly directory: string;
  readonly clock: Clock;
  readonly logger: ProjectionLogger;
}

export interface ProjectionHealth {
  /** Everything that was in the log when it started is in the read models. */
  readonly isReady: boolean;
  readonly problem?: string;
}

export interface Projection {
  readonly log: EventLog;
  readonly feed: EventFeed;
  readonly queries: Queries;
  readonly waiters: Waiters;
  health(): ProjectionHealth;
  /** Resolves when `health().isReady` first holds; rejects when the feed fails before. */
  readonly ready: Promise<void>;
  /** Rejects when the feed has stopped for good: nothing new will be seen. Never resolves. */
  readonly failed: Promise<never>;
  history(id: InstanceId, from: number): AsyncGenerator<FeedEvent, void, undefined>;
  close(): Promise<void>;
}

export async function startProjection({ log, directory, clock, logger }: ProjectionOptions): Promise<Projection> {
  const store = await openReadStore(directory, log);
  if (store.rebuilt !== undefined) logger.info({ directory, because: store.rebuilt }, 'read models are built again');
  const goal = (await log.bounds()).map(({ end }) => end);
  const feed = new EventFeed(log, store.positions);
  const waiters = new Waiters(clock);
  const queries = new Queries(store);
  const ready = Promise.withResolvers<void>();
  const failed = Promise.withResolvers<never>();
  // Whoever does not ask for it learns of a failure by `health()`.
  ready.promise.catch(() => {});
  failed.promise.catch(() => {});
  let isReady = false;
  const lookIfReady = (): void => {
    if (isReady || !goal.every((end, partition) => feed.position(partition) >= end)) return;
    isReady = true;
    ready.resolve();
  };
  feed.subscribe(({ events }) => {
    apply(store, feed, events);
    waiters.tell(events); // P1
    lookIfReady();
  });
  feed.start((error) => {
    logger.error({ err: error }, 'the event feed has stopped');
    ready.reject(error);
    failed.reject(error);
  });
  lookIfReady();

  return {
    log,
    feed,
    queries,
    waiters,
    ready: ready.promise,
    failed: failed.promise,
    health() {
      if (feed.failure !== undefined) return { isReady: false, problem: describe(feed.failure) };
      return isReady ? { isReady } : { isReady, problem: 'the read models are being built' };
    },
    history: (id, from) => readHistory(log, queries, id, from),
    async close() {
      waiters.close();
      await feed.close();
      await store.close();
    },
  };
}

function apply(store: ReadStore, feed: EventFeed, events: readonly FeedEvent[]): void {
  // Positions without events (markers) are not worth a transaction: the next events carry them along.
  if (events.length === 0) return;
  const changes = new Changes(store);
  for (const event of events) applyEvent(changes, event);
  store.transact(feed.positions, () => changes.flush());
}

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));
