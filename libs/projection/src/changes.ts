import type { InstanceId } from '@millrace/records';
import type { Database } from 'lmdb';
import type { ReadStore } from './read-store.ts';
import type { IndexKey, ReadTableName, ReadTables } from './rows.ts';

/** Stretches of history closer than this are one: reading some foreign events costs less than another row. */
const HISTORY_GAP_MAX = 64;

/**
 * The rows that one batch of events changes, over the store. Most tokens come and go within a batch: those never
 * reach the store at all.
 */
export class Changes {
  readonly #store: ReadStore;
  readonly #rows = new Map<ReadTableName, Map<string, unknown>>();
  readonly #index = new Map<string, { readonly key: IndexKey; readonly isListed: boolean }>();
  readonly #runs = new Map<InstanceId, { first: number; last: number }>();

  constructor(store: ReadStore) {
    this.#store = store;
  }

  get<Name extends ReadTableName>(table: Name, key: string): ReadTables[Name] | undefined {
    const rows = this.#rows.get(table);
    if (rows?.has(key) === true) return rows.get(key) as ReadTables[Name] | undefined;
    return this.#store.tables[table].get(key);
  }

  put<Name extends ReadTableName>(table: Name, key: string, row: ReadTables[Name]): void {
    this.#rowsOf(table).set(key, row);
  }

  update<Name extends ReadTableName>(table: Name, key: string, change: Partial<ReadTables[Name]>): void {
    const row = this.get(table, key);
    if (row !== undefined) this.put(table, key, { ...row, ...change });
  }

  remove(table: ReadTableName, key: string): void {
    this.#rowsOf(table).set(key, undefined);
  }

  /** The rows under `prefix`, as these changes leave them. It ends with a slash; the character behind it bounds the range. */
  all<Name extends ReadTableName>(table: Name, prefix: string): (readonly [string, ReadTables[Name]])[] {
    const keys = new Set<string>();
    for (const key of this.#store.tables[table].getKeys({ start: prefix, end: `${prefix.slice(0, -1)}0` }))
      keys.add(key);
    for (const key of this.#rowsOf(table).keys()) if (key.startsWith(prefix)) keys.add(key);
    return [...keys].flatMap((key) => {
      const row = this.get(table, key);
      return row === undefined ? [] : [[key, row] as const];
    });
  }

  /** `prefix` as above. */
  removeAll(table: ReadTableName, prefix: string): void {
    const rows = this.#rowsOf(table);
    for (const key of rows.keys()) if (key.startsWith(prefix)) rows.set(key, undefined);
    for (const key of this.#store.tables[table].getKeys({ start: prefix, end: `${prefix.slice(0, -1)}0` })) {
      rows.set(key, undefined);
    }
  }

  list(key: IndexKey): void {
    this.#index.set(key.join('\n'), { key, isListed: true });
  }

  unlist(key: IndexKey): void {
    this.#index.set(key.join('\n'), { key, isListed: false });
  }

  /** Notes that the instance has an event at this offset; offsets of one batch come in order. */
  note(instanceId: InstanceId, offset: number): void {
    const run = this.#runs.get(instanceId);
    if (run !== undefined && offset - run.last <= HISTORY_GAP_MAX) {
      run.last = offset;
      return;
    }
    if (run !== undefined) this.put('history', historyKey(instanceId, run.first), { last: run.last });
    this.#runs.set(instanceId, { first: offset, last: offset });
  }

  /** Call inside the store's transaction. */
  flush(): void {
    for (const [instanceId, run] of this.#runs) {
      this.put('history', historyKey(instanceId, run.first), { last: run.last });
    }
    for (const [table, rows] of this.#rows) {
      const stored: Database<unknown, string> = this.#store.tables[table];
      for (const [key, row] of rows) {
        if (row === undefined) stored.removeSync(key);
        else stored.putSync(key, row);
      }
    }
    for (const { key, isListed } of this.#index.values()) {
      if (isListed) this.#store.index.putSync([...key], true);
      else this.#store.index.removeSync([...key]);
    }
  }

  #rowsOf(table: ReadTableName): Map<string, unknown> {
    let rows = this.#rows.get(table);
    if (rows === undefined) this.#rows.set(table, (rows = new Map<string, unknown>()));
    return rows;
  }
}

/** Offsets as text of one length, so that the order of keys is that of offsets. */
const historyKey = (instanceId: InstanceId, offset: number): string =>
  `${instanceId}/${String(offset).padStart(16, '0')}`;
