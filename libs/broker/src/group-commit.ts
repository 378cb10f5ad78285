import type { FsyncPolicy, Log } from '@millrace/log';

/**
 * What was appended in one turn of the event loop is written together, one system call for each log; and one fdatasync
 * serves everybody who waits (B2). While a round of syncs runs, appends and writes go on; what they made dirty is the next.
 * With `fsync: 'never'` what is written is all that anybody waits for.
 *
 * A log whose write or sync failed is offline (B8), and has told so. The round ends nevertheless: who waits looks at its
 * state.
 */
export class GroupCommit {
  readonly #policy: FsyncPolicy;
  readonly #onFailure: (error: unknown) => void;
  #unwritten = new Set<Log>();
  #unsynced = new Set<Log>();
  #waitingForWrite: (() => void)[] = [];
  #waitingForSync: (() => void)[] = [];
  #isTurnScheduled = false;
  #isSyncing = false;
  /** Rounds that have ended; with `acknowledged` it says how well the requests share them. */
  rounds = 0;
  acknowledged = 0;

  constructor(policy: FsyncPolicy, onFailure: (error: unknown) => void) {
    this.#policy = policy;
    this.#onFailure = onFailure;
  }

  /** The log has been appended to: it is written and synced whether or not anyone waits, for its readers' sake. */
  touch(log: Log): void {
    this.#unwritten.add(log);
    if (this.#policy === 'always') this.#unsynced.add(log);
    this.#scheduleTurn();
  }

  /** Calls back when everything touched before this call is in its file. */
  whenWritten(callback: () => void): void {
    this.#waitingForWrite.push(callback);
    this.#scheduleTurn();
  }

  /** Calls back when everything touched before this call is durable, as the policy understands it. */
  whenDurable(callback: () => void): void {
    if (this.#policy === 'never') return this.whenWritten(callback);
    this.#waitingForSync.push(callback);
    this.#scheduleTurn();
  }

  /** Resolves when everything touched so far is durable. */
  flush(): Promise<void> {
    return new Promise((resolve) => this.whenDurable(resolve));
  }

  /** After the poll phase: every socket that was readable in this turn of the event loop has its part in it. */
  #scheduleTurn(): void {
    if (this.#isTurnScheduled) return;
    this.#isTurnScheduled = true;
    setImmediate(() => {
      this.#turn().catch(this.#onFailure);
    });
  }

  async #turn(): Promise<void> {
    this.#isTurnScheduled = false;
    this.#write();
    if (!this.#isSyncing) await this.#sync();
  }

  #write(): void {
    for (const log of this.#unwritten) log.write();
    this.#unwritten.clear();
    const callbacks = this.#waitingForWrite;
    this.#waitingForWrite = [];
    for (const callback of callbacks) callback();
  }

  /** One round after the other while anything is dirty, without a pause in which the device would have nothing to do. */
  async #sync(): Promise<void> {
    this.#isSyncing = true;
    while (this.#unsynced.size > 0 || this.#waitingForSync.length > 0) {
      const logs = this.#unsynced;
      const callbacks = this.#waitingForSync;
      this.#unsynced = new Set();
      this.#waitingForSync = [];
      await Promise.allSettled(Array.from(logs, (log) => log.sync()));
      this.rounds++;
      this.acknowledged += callbacks.length;
      for (const callback of callbacks) callback();
    }
    this.#isSyncing = false;
  }
}
