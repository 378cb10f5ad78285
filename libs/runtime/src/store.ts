import * as fs from 'node:fs';
import { join } from 'node:path';
import { type Database, type RootDatabase, open } from 'lmdb';
import type { Row, RowSource } from './overlay.ts';

/** How far in the log the rows reflect it. */
export interface Position {
  /** Offset on `core.events` behind the last event applied. */
  readonly nextEvent: number;
  /** Offset on `core.commands` of the first command that the rows do not reflect. */
  readonly nextCommand: number;
  /** Events applied to this partition since it exists: names events and what timers make. */
  readonly sequence: number;
  /** The last event applied, to recognise the log again (R1). */
  readonly last?: { readonly offset: number; readonly digest: string };
}

export const startOfLog: Position = { nextEvent: 0, nextCommand: 0, sequence: 0 };

export interface StoreOptions {
  readonly directory: string;
  readonly bytesMax: number;
  /** See boot-id.ts; given as a value so that a test can reboot. */
  readonly boot: string | undefined;
}

/** A changed row, as text of JSON; undefined when it is gone. */
export type Change = readonly [rowKey: string, json: string | undefined];

/**
 * The rows of one partition in LMDB, with the position they reflect, and which of them no checkpoint has yet.
 * A cache of the log in all but name: whatever is wrong with it, it is thrown away and made again (R1).
 */
export class Store implements RowSource {
  readonly #root: RootDatabase;
  readonly #rows: Database<string, Buffer>;
  readonly #facts: Database<string, string>;
  /** Keys that changed since the last committed checkpoint. Kept here, so that a restart with this store still knows them. */
  readonly #dirty: Database<string, Buffer>;
  /** Rows younger than the last checkpoint: if one goes before the next, `core.state` never hears of it. */
  readonly #unknownToCheckpoints = new Set<string>();
  /** Keys written while a checkpoint is under way: they stay dirty when it is done. */
  #changedMeanwhile: Set<string> | undefined;

  private constructor(root: RootDatabase) {
    this.#root = root;
    this.#rows = root.openDB({ name: 'rows', encoding: 'string', keyEncoding: 'binary' });
    this.#facts = root.openDB({ name: 'facts', encoding: 'string' });
    this.#dirty = root.openDB({ name: 'dirty', encoding: 'string', keyEncoding: 'binary' });
  }

  static open(options: StoreOptions): Store {
    const bootFile = join(options.directory, 'boot');
    if (fs.existsSync(options.directory) && readBoot(bootFile) !== options.boot) {
      fs.rmSync(options.directory, { recursive: true, force: true });
    }
    fs.mkdirSync(options.directory, { recursive: true });
    if (options.boot !== undefined) fs.writeFileSync(bootFile, options.boot);
    const rows = join(options.directory, 'rows');
    if (fs.existsSync(rows) && !isLmdb(join(rows, 'data.mdb'))) fs.rmSync(rows, { recursive: true });
    return new Store(openRoot(rows, options));
  }

  position(): Position | undefined {
    const text = this.#facts.get('position');
    return text === undefined ? undefined : (JSON.parse(text) as Position);
  }

  get(table: string, key: string): Row | undefined {
    const text = this.#rows.get(Buffer.from(rowKey(table, key)));
    return text === undefined ? undefined : (JSON.parse(text) as Row);
  }

  *range(table: string, from: string, to: string | undefined): Generator<readonly [string, Row]> {
    const start = Buffer.from(rowKey(table, from));
    const end = to === undefined ? endOfTable(table) : Buffer.from(rowKey(table, to));
    for (const { key, value } of this.#rows.getRange({ start, end })) {
      yield [key.toString('utf8', table.length + 1), JSON.parse(value) as Row];
    }
  }

  /** R5. Rows, position and what is due for a checkpoint change together or not at all. */
  write(changes: Iterable<Change>, position: Position): void {
    this.#root.transactionSync(() => {
      for (const [text, json] of changes) {
        if (json === undefined) this.#remove(text);
        else this.#put(text, json);
      }
      this.#facts.putSync('position', JSON.stringify(position));
    });
  }

  #put(text: string, json: string): void {
    const key = Buffer.from(text);
    if (!this.#dirty.doesExist(key)) {
      if (!this.#rows.doesExist(key)) this.#unknownToCheckpoints.add(text);
      this.#dirty.putSync(key, '');
    }
    this.#rows.putSync(key, json);
    this.#changedMeanwhile?.add(text);
  }

  #remove(text: string): void {
    const key = Buffer.from(text);
    if (!this.#rows.removeSync(key)) return;
    if (this.#unknownToCheckpoints.delete(text)) this.#dirty.removeSync(key);
    else this.#dirty.putSync(key, '');
    this.#changedMeanwhile?.add(text);
  }

  /** What changed since the last checkpoint, as it is now. `endCheckpoint` must follow. */
  beginCheckpoint(): Change[] {
    const changes: Change[] = [];
    for (const key of this.#dirty.getKeys({})) changes.push([key.toString(), this.#rows.get(key)]);
    // From here on it is not known which rows the checkpoints have, so each that goes leaves a tombstone.
    this.#unknownToCheckpoints.clear();
    this.#changedMeanwhile = new Set();
    return changes;
  }

  /** A failed or unclear one leaves everything due for the next. */
  endCheckpoint(changes: Iterable<Change>, isCommitted: boolean): void {
    const changed = this.#changedMeanwhile;
    this.#changedMeanwhile = undefined;
    if (!isCommitted) return;
    this.#root.transactionSync(() => {
      for (const [text] of changes) {
        if (changed?.has(text) !== true) this.#dirty.removeSync(Buffer.from(text));
      }
    });
  }

  /** Rows of a checkpoint: `core.state` has them, so they are not due for the next one. `loaded` must follow. */
  load(changes: Iterable<Change>): void {
    this.#root.transactionSync(() => {
      for (const [text, json] of changes) {
        if (json === undefined) this.#rows.removeSync(Buffer.from(text));
        else this.#rows.putSync(Buffer.from(text), json);
      }
    });
  }

  /** Until then the store has no position, and whoever finds it like that begins again. */
  loaded(position: Position): void {
    this.#facts.putSync('position', JSON.stringify(position));
  }

  /** Every row, for dumps and tests. */
  *all(): Generator<readonly [rowKey: string, json: string]> {
    for (const { key, value } of this.#rows.getRange({})) yield [key.toString(), value];
  }

  /** Forgets everything, to be restored from the log. */
  clear(): void {
    this.#root.transactionSync(() => {
      this.#rows.clearSync();
      this.#dirty.clearSync();
      this.#facts.clearSync();
    });
    this.#unknownToCheckpoints.clear();
  }

  close(): Promise<void> {
    return this.#root.close();
  }
}

/** One name for a row everywhere: in the store, and as the key of its record on `core.state`. */
export function rowKey(table: string, key: string): string {
  return `${table}/${key}`;
}

/** `0` follows `/`: behind every key of the table, before any other table's. */
function endOfTable(table: string): Buffer {
  return Buffer.from(`${table}0`);
}

/** LMDB trusts its file and would crash the process on one that is none; both of its first two pages carry its magic number. */
function isLmdb(path: string): boolean {
  if (!fs.existsSync(path)) return true;
  const start = Buffer.alloc(28);
  const file = fs.openSync(path, 'r');
  try {
    const length = fs.readSync(file, start, 0, start.length, 0);
    return length === 0 || (length === start.length && start.readUInt32LE(24) === 0xbeefc0de);
  } finally {
    fs.closeSync(file);
  }
}

function openRoot(path: string, options: StoreOptions): RootDatabase {
  return open({
    path,
    mapSize: options.bytesMax,
    maxDbs: 4,
    // With a boot id a power loss is noticed, so no write has to wait for the device.
    noSync: options.boot !== undefined,
    noMemInit: true,
  });
}

function readBoot(path: string): string | undefined {
  return fs.existsSync(path) ? fs.readFileSync(path, 'utf8').trim() : undefined;
}
