import type { TableName, Tables } from '@millrace/records';
import type { ExecutableProcess } from '@millrace/bpmn';
import type { KeyRange, KnownDecision, KnownForm, State, View } from './view.ts';

/** Stands where a row was: one lookup tells it from a row that the draft does not know. */
const deleted: unique symbol = Symbol('deleted');
type Changes = Map<string, Tables[TableName] | typeof deleted>;

/** What deciding sees: the view with the events decided so far applied. Discarded with the decision; the events stay. */
export class Draft implements State {
  readonly partition: number;
  readonly partitionCount: number;
  readonly #view: View;
  /** By table, then by key. */
  readonly #changes = new Map<TableName, Changes>();

  constructor(view: View) {
    this.#view = view;
    this.partition = view.partition;
    this.partitionCount = view.partitionCount;
  }

  get<Table extends TableName>(table: Table, key: string): Tables[Table] | undefined {
    const row = this.#changes.get(table)?.get(key);
    if (row === undefined) return this.#view.get(table, key);
    return row === deleted ? undefined : (row as Tables[Table]);
  }

  /** The row as it was before the decision. */
  before<Table extends TableName>(table: Table, key: string): Tables[Table] | undefined {
    return this.#view.get(table, key);
  }

  put<Table extends TableName>(table: Table, key: string, row: Tables[Table]): void {
    this.#of(table).set(key, row);
  }

  delete(table: TableName, key: string): void {
    this.#of(table).set(key, deleted);
  }

  *range<Table extends TableName>(table: Table, range: KeyRange): Iterable<readonly [string, Tables[Table]]> {
    const limit = range.limit ?? Number.POSITIVE_INFINITY;
    let count = 0;
    for (const entry of this.#merged(table, range)) {
      if (count >= limit) return;
      count += 1;
      yield entry;
    }
  }

  process(definitionKey: string): ExecutableProcess | undefined {
    return this.#view.process(definitionKey);
  }

  latestVersion(processId: string): number | undefined {
    return this.#view.latestVersion(processId);
  }

  decision(decisionId: string, version?: number): KnownDecision | undefined {
    return this.#view.decision(decisionId, version);
  }

  form(formId: string, version?: number): KnownForm | undefined {
    return this.#view.form(formId, version);
  }

  #of(table: TableName): Changes {
    let changes = this.#changes.get(table);
    if (changes === undefined) this.#changes.set(table, (changes = new Map()));
    return changes;
  }

  *#merged<Table extends TableName>(table: Table, range: KeyRange): Iterable<readonly [string, Tables[Table]]> {
    const unlimited: KeyRange = 'prefix' in range ? { prefix: range.prefix } : { from: range.from, to: range.to };
    const changes = this.#changes.get(table);
    // The limit may be passed down only while no deleted row can take a place in it.
    if (changes === undefined) {
      yield* this.#view.range(table, range);
      return;
    }
    const own = [...changes.keys()].filter((key) => includes(range, key)).sort();
    let next = 0;
    for (const [key, row] of this.#view.range(table, unlimited)) {
      for (; next < own.length && (own[next] as string) < key; next += 1) {
        yield* present(own[next] as string, changes) as Iterable<readonly [string, Tables[Table]]>;
      }
      if (!changes.has(key)) yield [key, row];
    }
    for (; next < own.length; next += 1) {
      yield* present(own[next] as string, changes) as Iterable<readonly [string, Tables[Table]]>;
    }
  }
}

function* present(key: string, changes: Changes): Iterable<readonly [string, Tables[TableName]]> {
  const row = changes.get(key);
  if (row !== undefined && row !== deleted) yield [key, row];
}

function includes(range: KeyRange, key: string): boolean {
  return 'prefix' in range ? key.startsWith(range.prefix) : key >= range.from && key < range.to;
}
