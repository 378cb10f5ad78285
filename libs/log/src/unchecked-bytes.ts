/** Checkpoints at a time: each waits for the device most of the time. */
const LANES = 4;

/** A partition, as far as its checkpoints go. */
export interface Checkpointed {
  /** Resolves when there is a checkpoint of what was appended before. */
  checkpoint(): Promise<void>;
}

/**
 * What lies behind the recovery points of all partitions together, which a start after a crash has to check. Beyond the limit
 * the partitions with most of it are saved, a few at a time, until there is half. Who writes faster than the device takes it (which
 * only `fsync: 'never'` allows) gets ahead of it all the same.
 */
export class UncheckedBytes {
  readonly #bytesMax: number;
  readonly #byLog = new Map<Checkpointed, number>();
  #total = 0;
  #isRelieving = false;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get total(): number {
    return this.#total;
  }

  /** Returns how much there is of this one. */
  add(log: Checkpointed, bytes: number): number {
    const own = (this.#byLog.get(log) ?? 0) + bytes;
    this.#byLog.set(log, own);
    this.#total += bytes;
    if (this.#total > this.#bytesMax && !this.#isRelieving) void this.#relieve();
    return own;
  }

  /** A checkpoint of all that was added has begun, or the partition is closed. */
  clear(log: Checkpointed): void {
    this.#total -= this.#byLog.get(log) ?? 0;
    this.#byLog.delete(log);
  }

  async #relieve(): Promise<void> {
    this.#isRelieving = true;
    const largestFirst = [...this.#byLog].sort(([, one], [, other]) => other - one).values();
    const lane = async (): Promise<void> => {
      for (const [log] of largestFirst) {
        if (this.#total <= this.#bytesMax / 2) return;
        await log.checkpoint();
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    this.#isRelieving = false;
  }
}
