/** Checkpoints at a time: each waits for the device most of the time. */
const LANES = 4;

/** A partition, as far as its checkpoints go. */
export interface Checkpointed {
  /** Resolves when there is a checkpoint of what was appended before. */
  checkpoint(): Promise<void>;
}

interface Unchecked {
  bytes: number;
  /** How much of it a checkpoint that runs will cover. */
  savingBytes: number;
}

/**
 * What lies behind the recovery points of all partitions together, which a start after a crash has to check. From three
 * quarters of the limit on the partitions with most of it are saved, a few at a time, until there is half. Beyond the limit
 * whoever waits for the device (`room`) waits for that, too: so there is at most the limit and what is appended without
 * waiting, as only `fsync: 'never'` allows without an end.
 */
export class UncheckedBytes {
  readonly #bytesMax: number;
  readonly #byLog = new Map<Checkpointed, Unchecked>();
  #total = 0;
  #savingTotal = 0;
  #relief: Promise<void> | undefined;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get total(): number {
    return this.#total;
  }

  /** Returns how much there is of this one that no checkpoint is about to cover. */
  add(log: Checkpointed, bytes: number): number {
    let own = this.#byLog.get(log);
    if (own === undefined) this.#byLog.set(log, (own = { bytes: 0, savingBytes: 0 }));
    own.bytes += bytes;
    this.#total += bytes;
    if (this.#total > this.#bytesMax * 0.75) void this.#relieve();
    return own.bytes - own.savingBytes;
  }

  /** A checkpoint of all that was added has begun. */
  saving(log: Checkpointed): void {
    const own = this.#byLog.get(log);
    if (own === undefined) return;
    this.#savingTotal += own.bytes - own.savingBytes;
    own.savingBytes = own.bytes;
  }

  /** It has come to its end. */
  saved(log: Checkpointed): void {
    const own = this.#byLog.get(log);
    if (own === undefined) return;
    const rest = own.bytes - own.savingBytes;
    this.clear(log);
    if (rest > 0) this.add(log, rest);
  }

  /** The partition is closed: nobody will save it any more. */
  clear(log: Checkpointed): void {
    const own = this.#byLog.get(log);
    if (own === undefined) return;
    this.#total -= own.bytes;
    this.#savingTotal -= own.savingBytes;
    this.#byLog.delete(log);
  }

  /** Undefined while there is room; else resolves after a round of checkpoints, whatever comes of them. */
  room(): Promise<void> | undefined {
    return this.#total > this.#bytesMax ? this.#relieve() : undefined;
  }

  #relieve(): Promise<void> {
    this.#relief ??= this.#round().finally(() => {
      this.#relief = undefined;
    });
    return this.#relief;
  }

  async #round(): Promise<void> {
    // Who asked is in the middle of an append, and `#relief` is not set yet.
    await Promise.resolve();
    const largestFirst = [...this.#byLog].sort(([, one], [, other]) => other.bytes - one.bytes).values();
    const lane = async (): Promise<void> => {
      for (const [log] of largestFirst) {
        if (this.#total - this.#savingTotal <= this.#bytesMax / 2) return;
        await log.checkpoint();
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }
}
