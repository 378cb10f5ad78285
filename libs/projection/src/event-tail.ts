import type { FeedEvent } from './feed-event.ts';

/**
 * The newest events of one partition, in memory: who resumes shortly behind the end need not read the log.
 *
 * T1. What it holds has no gaps: every committed event in [`from`, feed position) is there.
 */
export class EventTail {
  readonly #bytesMax: number;
  #events: FeedEvent[] = [];
  #head = 0;
  #bytes = 0;
  #from: number;

  constructor(from: number, bytesMax: number) {
    this.#from = from;
    this.#bytesMax = bytesMax;
  }

  /** The lowest offset from which on nothing is missing. */
  get from(): number {
    return this.#from;
  }

  push(events: readonly FeedEvent[]): void {
    for (const event of events) {
      this.#events.push(event);
      this.#bytes += event.bytes;
    }
    while (this.#bytes > this.#bytesMax && this.#head < this.#events.length) {
      const oldest = this.#events[this.#head] as FeedEvent;
      this.#head += 1;
      this.#bytes -= oldest.bytes;
      this.#from = oldest.offset + 1; // T1
    }
    if (this.#head > 1_024 && this.#head * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
  }

  /** The events at or behind the offset, oldest first, at most `countMax`; undefined when some of them are no longer here. */
  since(offset: number, countMax: number): readonly FeedEvent[] | undefined {
    if (offset < this.#from) return undefined;
    let low = this.#head;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#events[middle] as FeedEvent).offset < offset) low = middle + 1;
      else high = middle;
    }
    return this.#events.slice(low, low + countMax);
  }
}
