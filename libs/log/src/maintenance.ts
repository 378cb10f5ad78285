import type { Clock } from '@millrace/std';

import type { Log } from './log.ts';
import { isCompacted } from './log-config.ts';
import { Routine } from './routine.ts';

export interface MaintenanceIntervals {
  /** Between two looks for old segments, as log.retention.check.interval.ms. */
  readonly retentionCheckMs: number;
  /** Between two rounds of compaction, as log.cleaner.backoff.ms. */
  readonly compactionMs: number;
}

export const defaultIntervals: MaintenanceIntervals = { retentionCheckMs: 30_000, compactionMs: 15_000 };

/** Partitions looked at in one go; then whoever waits has a turn. */
const STRIDE = 16;

/**
 * What partitions need now and then, one after the other, so that it holds up nobody: retention in one round, compaction in
 * another, since that may take long.
 */
export class Maintenance {
  readonly #clock: Clock;
  readonly #logs: () => readonly Log[];
  readonly #intervals: MaintenanceIntervals;
  #routines: readonly Routine[] = [];
  #isStopped = false;

  constructor(clock: Clock, intervals: MaintenanceIntervals, logs: () => readonly Log[]) {
    this.#clock = clock;
    this.#logs = logs;
    this.#intervals = intervals;
  }

  start(): void {
    const { retentionCheckMs, compactionMs } = this.#intervals;
    this.#routines = [
      new Routine(this.#clock, retentionCheckMs, () => this.#retain()),
      new Routine(this.#clock, compactionMs, () => this.#compact()),
    ];
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#routines.map((routine) => routine.stop()));
  }

  async #retain(): Promise<void> {
    let count = 0;
    for (const log of this.#logs()) {
      if (this.#isStopped) return;
      log.retain();
      if (++count % STRIDE === 0) await this.#turn();
    }
  }

  async #compact(): Promise<void> {
    for (const log of this.#logs()) {
      if (this.#isStopped) return;
      if (isCompacted(log.config)) await log.compact();
    }
  }

  #turn(): Promise<void> {
    return new Promise((resolve) => void this.#clock.after(0, resolve));
  }
}
