import type { FsyncPolicy, Log } from '@millrace/log';

/**
 * One fdatasync for everybody who waits (B2). While a round runs, appends go on; what they made dirty is the next round.
 * With `fsync: 'never'` nothing waits.
 *
 * A log whose sync failed is offline (B8), and has told so. The round ends nevertheless: who waits looks at its state.
 */
export class GroupCommit {
  readonly #policy: FsyncPolicy;
  readonly #onFailure: (error: unknown) => void;
  #dirty = new Set<Log>();
  #waiting: (() => void)[] = [];
  #isRunning = false;
  /** Rounds that have ended; with `acknowledged` it says how well the requests share them. */
  rounds = 0;
  acknowledged = 0;

  constructor(policy: FsyncPolicy, onFailure: (error: unknown) => void) {
    this.#policy = policy;
    this.#onFailure = onFailure;
  }

  /** The log has been appended to: it is synced in the next round whether or not anyone waits, for its readers' sake. */
  touch(log: Log): void {
    if (this.#policy === 'never') return;
    this.#dirty.add(log);
    this.#start();
  }

  /** Calls back when everything touched before this call is durable; at once when nothing has to be. */
  whenDurable(callback: () => void): void {
    if (this.#policy === 'never') {
      callback();
      return;
    }
    this.#waiting.push(callback);
    this.#start();
  }

  /** Resolves when everything touched so far is durable. */
  flush(): Promise<void> {
    return new Promise((resolve) => this.whenDurable(resolve));
  }

  #start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    // After the poll phase: every socket that was readable in this turn of the event loop joins the round.
    setImmediate(() => {
      this.#round().catch(this.#onFailure);
    });
  }

  async #round(): Promise<void> {
    const logs = this.#dirty;
    const callbacks = this.#waiting;
    this.#dirty = new Set();
    this.#waiting = [];
    await Promise.allSettled(Array.from(logs, (log) => log.sync()));
    this.rounds++;
    this.acknowledged += callbacks.length;
    for (const callback of callbacks) callback();
    this.#isRunning = false;
    if (this.#dirty.size > 0 || this.#waiting.length > 0) this.#start();
  }
}
