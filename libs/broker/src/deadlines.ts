import type { Clock } from '@millrace/std';

export interface Deadline {
  readonly at: number;
  /** Undefined once it has fired or was cancelled. */
  callback: (() => void) | undefined;
}

/**
 * Callbacks at points in time, all on one timer (B4): a binary heap by time, cancelled entries dropped when they surface
 * or when they are most of the heap.
 *
 * Time here starts at the wall time of construction and then only moves forward: a clock that is set does not
 * expire every session and poll at once.
 */
export class Deadlines {
  readonly #clock: Clock;
  readonly #origin: number;
  #heap: Deadline[] = [];
  #cancelled = 0;
  #timerAt = Number.POSITIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#origin = clock.now() - clock.monotonic();
  }

  /** Whole ms since the epoch, never going back. */
  now(): number {
    return Math.floor(this.#origin + this.#clock.monotonic());
  }

  get size(): number {
    return this.#heap.length - this.#cancelled;
  }

  add(at: number, callback: () => void): Deadline {
    const deadline: Deadline = { at, callback };
    this.#heap.push(deadline);
    this.#siftUp(this.#heap.length - 1);
    if (at < this.#timerAt) this.#setTimer(at);
    return deadline;
  }

  cancel(deadline: Deadline): void {
    if (deadline.callback === undefined) return;
    deadline.callback = undefined;
    this.#cancelled++;
    if (this.#cancelled > 64 && this.#cancelled * 2 > this.#heap.length) this.#dropCancelled();
  }

  close(): void {
    this.#cancelTimer?.();
    this.#heap = [];
    this.#cancelled = 0;
    this.#timerAt = Number.POSITIVE_INFINITY;
  }

  #fire(): void {
    this.#cancelTimer = undefined;
    this.#timerAt = Number.POSITIVE_INFINITY;
    const now = this.now();
    for (let first = this.#heap[0]; first !== undefined && first.at <= now; first = this.#heap[0]) {
      this.#removeFirst();
      const { callback } = first;
      first.callback = undefined;
      if (callback === undefined) this.#cancelled--;
      else callback();
    }
    const next = this.#heap[0];
    if (next !== undefined && next.at < this.#timerAt) this.#setTimer(next.at);
  }

  #setTimer(at: number): void {
    this.#cancelTimer?.();
    this.#timerAt = at;
    this.#cancelTimer = this.#clock.after(Math.max(0, at - this.now()), () => this.#fire());
  }

  #dropCancelled(): void {
    this.#heap = this.#heap.filter((deadline) => deadline.callback !== undefined);
    this.#cancelled = 0;
    // A sorted array is a heap.
    this.#heap.sort((a, b) => a.at - b.at);
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#siftDown();
  }

  #siftUp(from: number): void {
    const heap = this.#heap;
    const moving = heap[from] as Deadline;
    let at = from;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      const above = heap[parent] as Deadline;
      if (above.at <= moving.at) break;
      heap[at] = above;
      at = parent;
    }
    heap[at] = moving;
  }

  #siftDown(): void {
    const heap = this.#heap;
    const moving = heap[0] as Deadline;
    let at = 0;
    for (;;) {
      let child = at * 2 + 1;
      if (child >= heap.length) break;
      const right = child + 1;
      if (right < heap.length && (heap[right] as Deadline).at < (heap[child] as Deadline).at) child = right;
      if ((heap[child] as Deadline).at >= moving.at) break;
      heap[at] = heap[child] as Deadline;
      at = child;
    }
    heap[at] = moving;
  }
}
