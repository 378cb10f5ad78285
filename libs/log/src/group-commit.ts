/**
 * Callers that want the device to catch up share one sync: the one that begins after they asked.
 *
 * C1. A sync serves only those who asked before it began: what they wrote is then covered by it (D2).
 * C2. At most one sync runs, and at most one waits for it to end.
 */
export class GroupCommit {
  readonly #flush: () => Promise<void>;
  #running: Promise<void> = Promise.resolve();
  #next: Promise<void> | undefined;

  constructor(flush: () => Promise<void>) {
    this.#flush = flush;
  }

  join(): Promise<void> {
    this.#next ??= this.#afterRunning();
    return this.#next;
  }

  /** Resolves when no sync runs; never rejects. */
  idle(): Promise<void> {
    return this.#running.then(ignore, ignore);
  }

  async #afterRunning(): Promise<void> {
    // Also when none runs there is one turn of the microtask queue, in which others of the same event join.
    await this.idle();
    this.#running = this.#flush();
    this.#next = undefined; // C1
    await this.#running;
  }
}

const ignore = (): void => {};
