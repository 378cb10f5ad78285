import type { Log } from '@millrace/log';
import type { Deadline, Deadlines } from './deadlines.ts';

/** A fetch that found less than it wants. */
export interface WaitingFetch {
  /** The partitions whose advance may satisfy it. */
  readonly logs: readonly Log[];
  readonly until: number;
  /** Looks again, and answers if that is now enough, or if `isLast`: then there is no more waiting. */
  readonly retry: (isLast: boolean) => boolean;
}

interface Wait {
  readonly fetch: WaitingFetch;
  readonly deadline: Deadline;
  readonly stops: (() => void)[];
  isScheduled: boolean;
}

/**
 * Long polls: fetches that wait for more bytes or their time (B4). Each listens to its partitions and has an entry among
 * the deadlines; several advances in one turn of the event loop cost it one look.
 */
export class FetchWaits {
  readonly #deadlines: Deadlines;
  readonly #waiting = new Set<Wait>();
  readonly #partitionsMax: number;
  /** That the waiting fetches listen to; one that several wait for counts for each. */
  #partitions = 0;
  #isClosed = false;

  constructor(deadlines: Deadlines, partitionsMax: number) {
    this.#deadlines = deadlines;
    this.#partitionsMax = partitionsMax;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** Returns the way to forget about it. */
  add(fetch: WaitingFetch): () => void {
    if (this.#isClosed || this.#partitions + fetch.logs.length > this.#partitionsMax) {
      fetch.retry(true);
      return () => {};
    }
    const wait: Wait = {
      fetch,
      deadline: this.#deadlines.add(fetch.until, () => this.#end(wait, true)),
      stops: fetch.logs.map((log) => log.onAdvance(() => this.#schedule(wait))),
      isScheduled: false,
    };
    this.#waiting.add(wait);
    this.#partitions += fetch.logs.length;
    return () => this.#remove(wait);
  }

  /** Answers everything with what there is: a topic went, or the broker closes. */
  releaseAll(): void {
    for (const wait of this.#waiting) this.#end(wait, true);
  }

  /** From now on nothing waits. */
  close(): void {
    this.#isClosed = true;
    this.releaseAll();
  }

  #schedule(wait: Wait): void {
    if (wait.isScheduled) return;
    wait.isScheduled = true;
    process.nextTick(() => {
      wait.isScheduled = false;
      if (this.#waiting.has(wait)) this.#end(wait, false);
    });
  }

  #end(wait: Wait, isLast: boolean): void {
    if (wait.fetch.retry(isLast)) this.#remove(wait);
  }

  #remove(wait: Wait): void {
    if (!this.#waiting.delete(wait)) return;
    this.#partitions -= wait.fetch.logs.length;
    this.#deadlines.cancel(wait.deadline);
    for (const stop of wait.stops) stop();
  }
}
