import type { TableName, Tables } from '@millrace/records';
import type { KeyRange, View } from './view.ts';

/** The rows of a range as they are now: who goes through them may emit events that change the table. */
export function collect<Table extends TableName>(view: View, table: Table, range: KeyRange): Tables[Table][] {
  const rows: Tables[Table][] = [];
  for (const [, row] of view.range(table, range)) rows.push(row);
  return rows;
}

export function collectKeys(view: View, table: TableName, range: KeyRange): string[] {
  const keys: string[] = [];
  for (const [key] of view.range(table, range)) keys.push(key);
  return keys;
}
