/**
 * Which jobs of one partition are in hand, and up to where all of them are answered. Jobs end in any order; an offset may be
 * committed only when every job below it has its reply acknowledged, or a crash would lose one.
 *
 * O1. `committable` never passes a job that is not finished, and never goes back.
 * O2. A record that was begun is not begun again: after a rebalance the consumer rereads from the last commit, and what is
 *     still running must not run twice in one process.
 */
export class OffsetTracker {
  /** In ascending order, as a partition is read. */
  readonly #inHand: { readonly offset: number; readonly next: number; finished: boolean }[] = [];
  #begunUpTo = -1;
  #committable: number | undefined;

  /** Says whether to run it. `next` is where to read on once it is finished: behind it, and behind any transaction marker that follows. */
  begin(offset: number, next: number = offset + 1): boolean {
    if (offset <= this.#begunUpTo) return false;
    this.#begunUpTo = offset;
    this.#inHand.push({ offset, next, finished: false });
    return true;
  }

  finish(offset: number): void {
    const job = this.#inHand.find((candidate) => candidate.offset === offset);
    if (job !== undefined) job.finished = true;
    while (this.#inHand[0]?.finished === true) this.#committable = this.#inHand.shift()?.next;
  }

  /** The offset to commit, or undefined while nothing is finished. */
  get committable(): number | undefined {
    return this.#committable;
  }

  get inHand(): number {
    return this.#inHand.length;
  }
}
