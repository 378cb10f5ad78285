import { ProjectionError } from './errors.ts';
import type { ReadStore } from './read-store.ts';

export interface Page<Row> {
  readonly rows: readonly Row[];
  /** Absent on the last page. A page may be short, even empty, and not the last: the scan is bounded, not the list. */
  readonly nextCursor?: string;
}

/** Entries that one page may look at to find those that fit: bounds the time of a call whatever is asked for. */
const SCAN_MAX = 5_000;

interface PageQuery<Row> {
  /** The list: the first parts of its index keys. */
  readonly list: readonly [string, ...string[]];
  readonly order: 'oldest first' | 'newest first';
  readonly limit: number;
  readonly cursor: string | undefined;
  /** The row behind an index entry, if it fits. */
  readonly row: (key: string) => Row | undefined;
}

export function readPage<Row>(store: ReadStore, query: PageQuery<Row>): Page<Row> {
  const isReverse = query.order === 'newest first';
  const first = [...query.list];
  // Numbers sort before strings in keys: a string behind the prefix is behind every time.
  const last = [...query.list, '￿'];
  const after = query.cursor === undefined ? undefined : readCursor(query.cursor, query.list);
  const from = after ?? (isReverse ? last : first);
  const range = store.index.getKeys({
    start: from as string[],
    end: isReverse ? first : last,
    reverse: isReverse,
    exclusiveStart: after !== undefined,
    snapshot: false,
  });

  const rows: Row[] = [];
  let scanned = 0;
  let position: (string | number)[] | undefined;
  for (const key of range) {
    if (rows.length === query.limit || scanned === SCAN_MAX) {
      return position === undefined ? { rows } : { rows, nextCursor: writeCursor(position) };
    }
    scanned += 1;
    position = key;
    const row = query.row(String(key.at(-1)));
    if (row !== undefined) rows.push(row);
  }
  return { rows };
}

function writeCursor(key: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(key.slice(-2))).toString('base64url');
}

/** A cursor holds the time and the key of the last entry seen; the list it belongs to comes from the query. */
function readCursor(cursor: string, list: readonly string[]): (string | number)[] {
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    parts = undefined;
  }
  if (
    !Array.isArray(parts) ||
    parts.length !== 2 ||
    !Number.isFinite(parts[0]) ||
    typeof parts[1] !== 'string' ||
    parts[1].length > 100
  ) {
    throw new ProjectionError('INVALID_CURSOR', 'expected the nextCursor of a page of this list');
  }
  return [...list, parts[0] as number, parts[1]];
}
