import type { ExecutableProcess } from '@millrace/bpmn';
import { type TableName, type Tables, tableNames } from '@millrace/records';
import type { KeyRange, KnownDecision, KnownForm, State } from '../../src/index.ts';

/** The definitions topic, as every partition has read it. */
export interface Definitions {
  readonly models: Map<string, ExecutableProcess>;
  readonly latest: Map<string, number>;
  /** In the order of their versions. */
  readonly decisions: KnownDecision[];
  readonly forms: KnownForm[];
}

/** State in maps, ranges by sorting: slow, and too simple to be wrong. */
export class MemoryState implements State {
  readonly partition: number;
  readonly partitionCount: number;
  readonly #definitions: Definitions;
  readonly #tables = new Map<TableName, Map<string, Tables[TableName]>>(tableNames.map((name) => [name, new Map()]));

  constructor(partition: number, partitionCount: number, definitions: Definitions) {
    this.partition = partition;
    this.partitionCount = partitionCount;
    this.#definitions = definitions;
  }

  get<Table extends TableName>(table: Table, key: string): Tables[Table] | undefined {
    return this.#table(table).get(key);
  }

  put<Table extends TableName>(table: Table, key: string, row: Tables[Table]): void {
    this.#table(table).set(key, row);
  }

  delete(table: TableName, key: string): void {
    this.#table(table).delete(key);
  }

  *range<Table extends TableName>(table: Table, range: KeyRange): Iterable<readonly [string, Tables[Table]]> {
    const rows = this.#table(table);
    const keys = [...rows.keys()].filter((key) =>
      'prefix' in range ? key.startsWith(range.prefix) : key >= range.from && key < range.to,
    );
    for (const key of keys.sort().slice(0, range.limit ?? keys.length)) yield [key, rows.get(key) as Tables[Table]];
  }

  process(definitionKey: string): ExecutableProcess | undefined {
    return this.#definitions.models.get(definitionKey);
  }

  latestVersion(processId: string): number | undefined {
    return this.#definitions.latest.get(processId);
  }

  decision(decisionId: string, version?: number): KnownDecision | undefined {
    return this.#definitions.decisions.findLast(
      (one) => one.decisionId === decisionId && (version === undefined || one.version === version),
    );
  }

  form(formId: string, version?: number): KnownForm | undefined {
    return this.#definitions.forms.findLast(
      (one) => one.formId === formId && (version === undefined || one.version === version),
    );
  }

  /** Everything, for comparison and for looking for what should be gone. */
  dump(): Record<string, Record<string, unknown>> {
    const tables = [...this.#tables].filter(([, rows]) => rows.size > 0);
    return Object.fromEntries(
      tables.map(([name, rows]) => [name, Object.fromEntries([...rows].sort(([a], [b]) => (a < b ? -1 : 1)))]),
    );
  }

  #table<Table extends TableName>(table: Table): Map<string, Tables[Table]> {
    return this.#tables.get(table) as Map<string, Tables[Table]>;
  }
}
