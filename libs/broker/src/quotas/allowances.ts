/** Kafka's tolerance: what was not used in this time may be used at once. */
const BURST_SECONDS = 10;

interface Allowance {
  /** What may be used at `at`; below zero is debt. */
  left: number;
  at: number;
}

/**
 * What each of many has left of a rate: it grows with time up to ten seconds' worth, and what is used comes off it, below zero if
 * need be. Who is in debt waits until it is paid, so over any longer time nobody gets more than the rate.
 *
 * At `countMax` the one that was silent longest is forgotten, and starts anew: names of clients are theirs to make up.
 */
export class Allowances {
  readonly #countMax: number;
  /** The one that was silent longest first. */
  readonly #byName = new Map<string, Allowance>();

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  get size(): number {
    return this.#byName.size;
  }

  /** Takes the amount, and returns for how many ms whoever took it should take nothing more. */
  take(name: string, perSecond: number, amount: number, now: number): number {
    const found = this.#byName.get(name);
    const full = perSecond * BURST_SECONDS;
    const before = found === undefined ? full : found.left + ((now - found.at) / 1_000) * perSecond;
    const left = Math.min(full, before) - amount;
    this.#byName.delete(name);
    this.#byName.set(name, { left, at: now });
    if (this.#byName.size > this.#countMax) {
      const [longestSilent] = this.#byName.keys();
      if (longestSilent !== undefined) this.#byName.delete(longestSilent);
    }
    return left < 0 ? Math.ceil((-left / perSecond) * 1_000) : 0;
  }
}
