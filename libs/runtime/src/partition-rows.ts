import { hash } from 'node:crypto';
import type { Clock } from '@millrace/std';
import { Overlay } from './overlay.ts';
import { type Position, type Store, rowKey, startOfLog } from './store.ts';

/** Rows held in memory before they are flushed to the store; at most this much is folded again after a crash. */
const HELD_ROWS_MAX = 4000;
const HELD_MS_MAX = 250;

/**
 * The committed rows of a partition: the store, and over it what is committed and not flushed yet. Holding back a little
 * saves the store most of its work, because the rows of a short wait (a job, its timer) are gone before they are flushed.
 *
 * R5. `advance` is called after the commit. The store lags the log by what is held, and its own position says by how much.
 */
export class PartitionRows {
  readonly store: Store;
  readonly held: Overlay;
  readonly #clock: Clock;
  #position: Position;
  #cancelFlush: (() => void) | undefined;
  #hasMoved = false;
  readonly #onFailure: (error: unknown) => void;

  /** `onFailure` hears of a flush that failed on its own time; any other is thrown to who caused it. */
  constructor(store: Store, clock: Clock, onFailure: (error: unknown) => void) {
    this.store = store;
    this.held = new Overlay(store);
    this.#clock = clock;
    this.#position = store.position() ?? startOfLog;
    this.#onFailure = onFailure;
  }

  get position(): Position {
    return this.#position;
  }

  /** What the rows reflect from now on. */
  advance(position: Position): void {
    this.#position = position;
    this.#hasMoved = true;
    if (this.held.size >= HELD_ROWS_MAX) this.flush();
    else this.#cancelFlush ??= this.#clock.after(HELD_MS_MAX, () => this.#flushInBackground());
  }

  flush(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    if (!this.#hasMoved) return;
    this.store.write(this.#changes(), this.#position);
    this.held.clear();
    this.#hasMoved = false;
  }

  /** R6. What memory says no longer counts; the store is what it was at the last flush. */
  abandon(): void {
    this.#cancelFlush?.();
    this.#cancelFlush = undefined;
    this.held.clear();
    this.#hasMoved = false;
  }

  #flushInBackground(): void {
    try {
      this.#cancelFlush = undefined;
      this.flush();
    } catch (error) {
      this.#onFailure(error);
    }
  }

  *#changes(): Generator<readonly [string, string | undefined]> {
    for (const [table, key, row] of this.held.changes()) {
      yield [rowKey(table, key), row === undefined ? undefined : JSON.stringify(row)];
    }
  }
}

/** R1. Recognises an event record: a store that remembers one is of the log that still has it. */
export function digestOf(value: Uint8Array | string | null): string {
  return hash('sha1', value ?? '', 'base64url').slice(0, 16);
}
