import type { Clock } from '@millrace/std';
import { assert } from '@millrace/std';

interface Timer {
  readonly due: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that stands still until a test moves it. Timers fire in the order they are due, at the time they are due. */
export class VirtualClock implements Clock {
  #now: number;
  readonly #origin: number;
  #order = 0;
  readonly #timers = new Set<Timer>();

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#now = startMs;
    this.#origin = startMs;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now - this.#origin;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer: Timer = { due: this.#now + Math.max(delayMs, 0), order: this.#order++, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** When the next timer is due; undefined when there is none. */
  nextDue(): number | undefined {
    return this.#next()?.due;
  }

  /** Moves time on, firing what falls due, including timers that those set. */
  advance(byMs: number): void {
    assert(byMs >= 0, `expected time to move forward, found ${byMs} ms`);
    const end = this.#now + byMs;
    for (let timer = this.#next(); timer !== undefined && timer.due <= end; timer = this.#next()) {
      this.#timers.delete(timer);
      this.#now = timer.due;
      timer.callback();
    }
    this.#now = end;
  }

  /** As `advance`, but lets promises settle between timers: for code that awaits in between. */
  async advanceAsync(byMs: number): Promise<void> {
    const end = this.#now + byMs;
    await settle();
    for (let timer = this.#next(); timer !== undefined && timer.due <= end; timer = this.#next()) {
      this.advance(timer.due - this.#now);
      await settle();
    }
    this.advance(end - this.#now);
    await settle();
  }

  #next(): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (next === undefined || timer.due < next.due || (timer.due === next.due && timer.order < next.order)) {
        next = timer;
      }
    }
    return next;
  }
}

const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
