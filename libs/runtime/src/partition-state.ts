import type { ExecutableProcess } from '@millrace/bpmn';
import type { KeyRange, KnownDecision, KnownForm, State } from '@millrace/engine';
import type { DefinitionKey, TableName, Tables } from '@millrace/records';
import { endOfPrefix } from './ordered-keys.ts';
import type { Overlay } from './overlay.ts';

/** What the core asks about definitions; see definitions.ts. */
export interface DefinitionLookup {
  process(key: DefinitionKey): ExecutableProcess | undefined;
  latestVersion(processId: string): number | undefined;
  decision(decisionId: string, version?: number): KnownDecision | undefined;
  form(formId: string, version?: number): KnownForm | undefined;
}

/** The core's view of one partition: rows of an overlay, definitions of the process. */
export class PartitionState implements State {
  readonly partition: number;
  readonly partitionCount: number;
  readonly #rows: Overlay;
  readonly #definitions: DefinitionLookup;

  constructor(partition: number, partitionCount: number, rows: Overlay, definitions: DefinitionLookup) {
    this.partition = partition;
    this.partitionCount = partitionCount;
    this.#rows = rows;
    this.#definitions = definitions;
  }

  get<Table extends TableName>(table: Table, key: string): Tables[Table] | undefined {
    return this.#rows.get(table, key) as Tables[Table] | undefined;
  }

  *range<Table extends TableName>(table: Table, range: KeyRange): Generator<readonly [string, Tables[Table]]> {
    const from = 'prefix' in range ? range.prefix : range.from;
    const to = 'prefix' in range ? endOfPrefix(range.prefix) : range.to;
    let left = range.limit ?? Number.POSITIVE_INFINITY;
    if (left <= 0) return;
    for (const entry of this.#rows.range(table, from, to)) {
      yield entry as readonly [string, Tables[Table]];
      if (--left <= 0) return;
    }
  }

  put<Table extends TableName>(table: Table, key: string, row: Tables[Table]): void {
    this.#rows.put(table, key, row);
  }

  delete(table: TableName, key: string): void {
    this.#rows.delete(table, key);
  }

  process(definitionKey: DefinitionKey): ExecutableProcess | undefined {
    return this.#definitions.process(definitionKey);
  }

  latestVersion(processId: string): number | undefined {
    return this.#definitions.latestVersion(processId);
  }

  decision(decisionId: string, version?: number): KnownDecision | undefined {
    return this.#definitions.decision(decisionId, version);
  }

  form(formId: string, version?: number): KnownForm | undefined {
    return this.#definitions.form(formId, version);
  }
}
