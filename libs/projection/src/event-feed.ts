/**
 * One reader of `core.events` per process, whoever listens.
 *
 * F1. Each event is decoded once and handed to every listener, in the order of its partition, in the order of
 *     subscribing: the read models first, so that whoever is told of an event finds it in them.
 * F2. A listener is synchronous and keeps what it cannot handle at once in a bounded queue of its own: the feed waits
 *     for nobody.
 * F3. When a listener has been called, `position(partition)` is already behind the batch: state and position move
 *     together within one turn of the event loop, so that joining "from here on" has neither gap nor repetition.
 */
import { assert } from '@millrace/std';
import type { EventLog, Following, LogBatch } from './event-log.ts';
import { EventTail } from './event-tail.ts';
import { FeedEvent } from './feed-event.ts';

export interface FeedBatch {
  readonly partition: number;
  readonly events: readonly FeedEvent[];
  readonly nextOffset: number;
}

export type FeedListener = (batch: FeedBatch) => void;

export const feedLimits = {
  /** Events kept in memory for those who resume shortly behind the end, in bytes of their records, over all partitions. */
  tailBytesMax: 8 * 1024 * 1024,
} as const;

export class EventFeed {
  readonly #log: EventLog;
  readonly #positions: number[];
  readonly #tails: readonly EventTail[];
  readonly #listeners = new Set<FeedListener>();
  #following: Following | undefined;
  #failure: unknown;

  constructor(log: EventLog, from: readonly number[]) {
    assert(from.length === log.partitionCount, 'expected a position for every partition');
    this.#log = log;
    this.#positions = [...from];
    this.#tails = from.map((offset) => new EventTail(offset, feedLimits.tailBytesMax / log.partitionCount));
  }

  get log(): EventLog {
    return this.#log;
  }

  /** Why it stopped, if it did: an event that this build cannot read, or a log that is gone for good. */
  get failure(): unknown {
    return this.#failure;
  }

  /** The offset of the next event to come. */
  position(partition: number): number {
    return this.#positions[partition] ?? 0;
  }

  get positions(): readonly number[] {
    return this.#positions;
  }

  /** See `EventTail.since`. */
  tailSince(partition: number, offset: number, countMax: number): readonly FeedEvent[] | undefined {
    return this.#tails[partition]?.since(offset, countMax);
  }

  subscribe(listener: FeedListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  start(onFailure: (error: unknown) => void): void {
    const fail = (error: unknown): void => {
      if (this.#failure !== undefined) return;
      this.#failure = error;
      onFailure(error);
      void this.#following?.close();
    };
    this.#following = this.#log.follow(
      this.#positions,
      (batch) => {
        if (this.#failure !== undefined) return;
        try {
          this.#take(batch);
        } catch (error) {
          fail(error);
        }
      },
      fail,
    );
  }

  #take({ partition, records, nextOffset }: LogBatch): void {
    const from = this.position(partition);
    assert(nextOffset >= from, `expected partition ${partition} to go on from ${from}, found ${nextOffset}`);
    const events: FeedEvent[] = [];
    for (const record of records) if (record.offset >= from) events.push(new FeedEvent(partition, record));
    this.#positions[partition] = nextOffset; // F3
    this.#tails[partition]?.push(events);
    for (const listener of this.#listeners) listener({ partition, events, nextOffset }); // F1
  }

  async close(): Promise<void> {
    await this.#following?.close();
    this.#listeners.clear();
  }
}
