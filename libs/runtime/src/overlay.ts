import { SortedKeys, compareKeys } from './ordered-keys.ts';

/** A row is opaque here: immutable, and plain JSON data. */
export type Row = object;

/** Rows under a table and a key: the store, or an overlay on it. */
export interface RowSource {
  get(table: string, key: string): Row | undefined;
  /** In byte order of the keys; `to` is excluded, and without it there is no end. */
  range(table: string, from: string, to: string | undefined): Iterable<readonly [key: string, row: Row]>;
}

/**
 * Changes that the source beneath does not have yet. Two lie on the store: what is committed and not yet flushed, and on
 * that what the batch under way has decided. A commit merges the upper into the lower; a failure drops it.
 */
export class Overlay implements RowSource {
  readonly #base: RowSource;
  readonly #tables = new Map<string, Table>();
  #size = 0;

  constructor(base: RowSource) {
    this.#base = base;
  }

  /** Rows changed or deleted here. */
  get size(): number {
    return this.#size;
  }

  get(table: string, key: string): Row | undefined {
    const changed = this.#tables.get(table)?.rows.get(key);
    if (changed === undefined) return this.#base.get(table, key);
    return changed === deleted ? undefined : changed;
  }

  put(table: string, key: string, row: Row): void {
    this.#set(table, key, row);
  }

  delete(table: string, key: string): void {
    this.#set(table, key, deleted);
  }

  *range(table: string, from: string, to: string | undefined): Generator<readonly [string, Row]> {
    const own = this.#tables.get(table);
    if (own === undefined) {
      yield* this.#base.range(table, from, to);
      return;
    }
    const upper = sortedKeysOf(own).between(from, to);
    let next = upper.next();
    for (const entry of this.#base.range(table, from, to)) {
      while (next.done !== true && compareKeys(next.value, entry[0]) < 0) {
        const row = own.rows.get(next.value);
        if (row !== undefined && row !== deleted) yield [next.value, row];
        next = upper.next();
      }
      // What is changed here hides what lies beneath; it is yielded by its own turn, which comes next.
      if (next.done === true || next.value !== entry[0]) yield entry;
    }
    for (; next.done !== true; next = upper.next()) {
      const row = own.rows.get(next.value);
      if (row !== undefined && row !== deleted) yield [next.value, row];
    }
  }

  /** Every change, a deleted row as undefined. */
  *changes(): Generator<readonly [table: string, key: string, row: Row | undefined]> {
    for (const [table, { rows }] of this.#tables) {
      for (const [key, row] of rows) yield [table, key, row === deleted ? undefined : row];
    }
  }

  /** Hands every change down to the overlay beneath and forgets it. */
  mergeInto(lower: Overlay): void {
    for (const [table, key, row] of this.changes()) lower.#set(table, key, row ?? deleted);
    this.clear();
  }

  clear(): void {
    this.#tables.clear();
    this.#size = 0;
  }

  #set(name: string, key: string, row: Row): void {
    let table = this.#tables.get(name);
    if (table === undefined) {
      table = { rows: new Map(), sorted: undefined };
      this.#tables.set(name, table);
    }
    if (!table.rows.has(key)) {
      table.sorted?.insert(key);
      this.#size++;
    }
    table.rows.set(key, row);
  }
}

const deleted: Row = Object.freeze({});

interface Table {
  readonly rows: Map<string, Row>;
  /** Made when the table is first walked: most tables never are. */
  sorted: SortedKeys | undefined;
}

function sortedKeysOf(table: Table): SortedKeys {
  table.sorted ??= new SortedKeys(table.rows.keys());
  return table.sorted;
}
