import { assert } from '@millrace/std';

interface Unstable {
  readonly firstOffset: number;
  /** −1 while the transaction is open. */
  markerOffset: number;
}

/**
 * The transactions that hold back the last stable offset: open ones, and ended ones whose marker is not durable yet.
 *
 * T1. A transaction counts until its marker lies below the high watermark. Otherwise a reader could see records as
 *     committed, and a power loss take back the marker that said so.
 * T2. First offsets rise in the order of insertion, so the first one of the map is the lowest.
 */
export class UnstableTransactions {
  readonly #byFirstOffset = new Map<number, Unstable>();
  /** Ended ones in the order of their markers. */
  readonly #ended: Unstable[] = [];

  begin(firstOffset: number): void {
    this.#byFirstOffset.set(firstOffset, { firstOffset, markerOffset: -1 });
  }

  end(firstOffset: number, markerOffset: number): void {
    const transaction = this.#byFirstOffset.get(firstOffset);
    assert(transaction !== undefined, `expected an open transaction at offset ${firstOffset}`);
    transaction.markerOffset = markerOffset;
    this.#ended.push(transaction);
  }

  /** Lets go of what ended below the high watermark. */
  settle(highWatermark: number): void {
    let count = 0;
    for (const transaction of this.#ended) {
      if (transaction.markerOffset >= highWatermark) break;
      this.#byFirstOffset.delete(transaction.firstOffset); // T1
      count++;
    }
    if (count > 0) this.#ended.splice(0, count);
  }

  /** First offset of the oldest open transaction, ended ones left out. */
  get firstOpenOffset(): number | undefined {
    for (const transaction of this.#byFirstOffset.values()) {
      if (transaction.markerOffset < 0) return transaction.firstOffset;
    }
    return undefined;
  }

  /** Where what is undecided begins; undefined when all is decided. */
  get firstOffset(): number | undefined {
    if (this.#byFirstOffset.size === 0) return undefined;
    return this.#byFirstOffset.keys().next().value; // T2
  }
}
