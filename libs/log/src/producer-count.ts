/** As many as take some 60 MB, with the batches that are remembered of each. */
const PRODUCERS_MAX = 100_000;

/** The producers that all partitions remember together. A partition that is over the bound forgets its own silent ones. */
export class ProducerCount {
  readonly max: number;
  #count = 0;

  constructor(max = PRODUCERS_MAX) {
    this.max = max;
  }

  get isExceeded(): boolean {
    return this.#count > this.max;
  }

  add(change: number): void {
    this.#count += change;
  }
}
