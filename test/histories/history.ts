import { decodeEvent } from '@millrace/records';
import { apply } from '@millrace/engine';
import { MemoryState } from '../../libs/engine/test/support/memory-state.ts';

/**
 * A recorded history, a JSON object a line:
 *
 *   {"event": {…}, "partition": 0}              as the log has it
 *   {"after": "start p", "rows": [{…}, {…}]}    what every partition holds by then, by table and key
 */
export type Line = EventLine | RowsLine;

interface EventLine {
  readonly event: object;
  readonly partition: number;
}

export interface RowsLine {
  /** The step of the script. */
  readonly after: string;
  readonly rows: readonly Rows[];
}

export type Rows = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Folds the events as a new owner of the partitions would; calls `compare` wherever rows were recorded. */
export function replay(text: string, compare: (recorded: RowsLine, found: readonly Rows[]) => void): void {
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const count = lines.find((line) => 'rows' in line)?.rows.length ?? 0;
  // What happened is applied without any model at hand: a definition that is gone takes no history with it.
  const none = { models: new Map(), latest: new Map(), decisions: [], forms: [] };
  const partitions = Array.from({ length: count }, (_, partition) => new MemoryState(partition, count, none));
  for (const line of lines) {
    if ('rows' in line) compare(line, partitions.map(rowsOf));
    else apply(partitions[line.partition] as MemoryState, decodeEvent(Buffer.from(JSON.stringify(line.event))));
  }
}

/** As JSON has them: what is undefined is not there. */
export function rowsOf(state: MemoryState): Rows {
  return JSON.parse(JSON.stringify(state.dump())) as Rows;
}
