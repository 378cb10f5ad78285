import { type Event, encodeEvent } from '@millrace/records';
import type { EventLog, Following, LogBatch, LogRecord, Stretch } from '../../src/index.ts';

/** `core.events` in memory: what is appended is committed at once, in batches as the test appends them. */
export class MemoryLog implements EventLog {
  readonly partitionCount: number;
  epoch = 'epoch-1';
  readonly #partitions: { start: number; records: LogRecord[]; end: number }[];
  readonly #followers = new Set<{ take: (partition: number) => void }>();

  constructor(partitionCount: number) {
    this.partitionCount = partitionCount;
    this.#partitions = Array.from({ length: partitionCount }, () => ({ start: 0, records: [], end: 0 }));
  }

  /** As one transaction: the records, and the marker behind them that takes an offset too. */
  append(partition: number, ...events: readonly Event[]): void {
    this.appendRaw(partition, ...events.map((event) => encodeEvent(event)));
  }

  appendRaw(partition: number, ...values: readonly Uint8Array[]): void {
    const log = this.#of(partition);
    for (const value of values) log.records.push({ offset: log.end++, value });
    log.end += 1;
    for (const follower of this.#followers) follower.take(partition);
  }

  /** As if another log were there under the same name. */
  rename(epoch: string): void {
    this.epoch = epoch;
  }

  /** As retention would. */
  cut(partition: number, before: number): void {
    const log = this.#of(partition);
    log.start = before;
    log.records = log.records.filter(({ offset }) => offset >= before);
  }

  async bounds(): Promise<readonly { start: number; end: number }[]> {
    return this.#partitions.map(({ start, end }) => ({ start, end }));
  }

  follow(from: readonly number[], onBatch: (batch: LogBatch) => void): Following {
    const at = [...from];
    const take = (partition: number): void => {
      const { records, end } = this.#of(partition);
      const fresh = records.filter(({ offset }) => offset >= (at[partition] ?? 0));
      if ((at[partition] ?? 0) >= end) return;
      at[partition] = end;
      onBatch({ partition, records: fresh, nextOffset: end });
    };
    const follower = { take };
    this.#followers.add(follower);
    for (let partition = 0; partition < this.partitionCount; partition += 1) take(partition);
    return { close: async () => void this.#followers.delete(follower) };
  }

  async *read(partition: number, stretches: Iterable<Stretch>): AsyncIterable<LogBatch> {
    for (const { from, to } of stretches) {
      const records = this.#of(partition).records.filter(({ offset }) => offset >= from && offset < to);
      yield { partition, records, nextOffset: to };
    }
  }

  #of(partition: number) {
    const log = this.#partitions[partition];
    if (log === undefined) throw new Error(`no partition ${partition}`);
    return log;
  }
}
