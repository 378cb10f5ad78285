/**
 * The read models' own LMDB.
 *
 * S1. Rows and the positions they reflect change in one transaction: a crash leaves a prefix of the log.
 * S2. Nothing here is a source of truth. A store of another log, another format, ahead of the log, or behind where the
 *     log now begins is emptied and built again.
 * S3. Commits are not synced: a dead process loses nothing, for the page cache has it. A dead machine may tear the
 *     file, so a store that was open when another boot ended is removed before anything reads it.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, open, type RootDatabase } from 'lmdb';
import type { EventLog, LogBounds } from './event-log.ts';
import { type ReadTableName, type ReadTables, readTableNames } from './rows.ts';

// Raise it whenever rows or their meaning change: rebuilding is cheaper than migrating.
const FORMAT = 6;

interface Meta {
  readonly format: number;
  readonly epoch: string;
  readonly positions: readonly number[];
}

export interface ReadStore {
  readonly tables: { readonly [Name in ReadTableName]: Database<ReadTables[Name], string> };
  readonly index: Database<true, (string | number)[]>;
  /** What it reflects at the moment of opening. */
  readonly positions: readonly number[];
  /** Why it was emptied, if it was. */
  readonly rebuilt: string | undefined;
  transact(positions: readonly number[], change: () => void): void;
  close(): Promise<void>;
}

export async function openReadStore(directory: string, log: EventLog): Promise<ReadStore> {
  const bounds = await log.bounds();
  const boot = bootId();
  const torn = prepare(directory, boot);
  const root: RootDatabase = open({
    path: join(directory, 'read-models.mdb'),
    noSubdir: true,
    noSync: true,
    maxDbs: 16,
  });
  const meta = root.openDB<Meta, string>({ name: 'meta' });
  const tables = Object.fromEntries(
    readTableNames.map((name) => [
      name,
      root.openDB({ name, encoding: name === 'variables' || name === 'local' ? 'json' : 'msgpack' }),
    ]),
  ) as unknown as ReadStore['tables'];
  const index = root.openDB<true, (string | number)[]>({ name: 'index' });

  const stored = meta.get('state');
  const unfit = torn ?? (stored === undefined ? undefined : whyUnfit(stored, log, bounds));
  const write = (positions: readonly number[]) => {
    meta.putSync('state', { format: FORMAT, epoch: log.epoch, positions: [...positions] });
  };
  if (unfit !== undefined || stored === undefined) {
    root.transactionSync(() => {
      for (const name of readTableNames) tables[name].clearSync();
      index.clearSync();
      write(bounds.map(({ start }) => start));
    });
  }
  return {
    tables,
    index,
    positions: meta.get('state')?.positions ?? [],
    rebuilt: unfit,
    transact(positions, change) {
      root.transactionSync(() => {
        change();
        write(positions); // S1
      });
    },
    async close() {
      await root.flushed;
      await root.close();
      mark(directory, boot, true);
    },
  };
}

function whyUnfit(stored: Meta, log: EventLog, bounds: readonly LogBounds[]): string | undefined {
  if (stored.format !== FORMAT) return `expected format ${FORMAT}, found ${stored.format}`;
  if (stored.epoch !== log.epoch) return `expected the log ${log.epoch}, found a store of ${stored.epoch}`;
  // Fewer partitions cannot be: Kafka does not take partitions away. More is fine, the new ones begin at their start.
  for (const [partition, { start, end }] of bounds.entries()) {
    const at = stored.positions[partition];
    if (at === undefined) return `expected a position for partition ${partition}, found none`;
    if (at > end) return `expected at most offset ${end} of partition ${partition}, found ${at}: the log is older`;
    if (at < start) return `expected at least offset ${start} of partition ${partition}, found ${at}: the log was cut`;
  }
  return undefined;
}

/** Makes the directory, removes a store that a power loss may have torn (S3), and notes that it is in use. */
function prepare(directory: string, boot: string): string | undefined {
  mkdirSync(directory, { recursive: true });
  const last = readMark(directory);
  const isTorn = last !== undefined && !last.isClosed && last.boot !== boot;
  if (isTorn) {
    rmSync(join(directory, 'read-models.mdb'), { force: true });
    rmSync(join(directory, 'read-models.mdb-lock'), { force: true });
  }
  mark(directory, boot, false);
  return isTorn ? 'the machine went down while the store was open' : undefined;
}

interface Mark {
  readonly boot: string;
  readonly isClosed: boolean;
}

function readMark(directory: string): Mark | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, 'mark.json'), 'utf8')) as Mark;
  } catch {
    return undefined;
  }
}

function mark(directory: string, boot: string, isClosed: boolean): void {
  writeFileSync(join(directory, 'mark.json'), JSON.stringify({ boot, isClosed } satisfies Mark));
}

/** Changes with every boot of the machine. Where the system does not tell, no two starts count as the same boot. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return `process ${process.pid} ${process.hrtime.bigint()}`;
  }
}
