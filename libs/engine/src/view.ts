import type { ExecutableProcess } from '@millrace/bpmn';
import type { DecisionModel } from '@millrace/dmn';
import type { DefinitionKey, TableName, Tables } from '@millrace/records';

/** What deciding may read. Everything is synchronous: the store is embedded and in reach. */
export interface View {
  readonly partition: number;
  readonly partitionCount: number;
  get<Table extends TableName>(table: Table, key: string): Tables[Table] | undefined;
  /** Rows in byte order of their keys. */
  range<Table extends TableName>(table: Table, range: KeyRange): Iterable<readonly [key: string, row: Tables[Table]]>;
  /** A definition of the compacted definitions topic, as far as this owner has read it. */
  process(definitionKey: DefinitionKey): ExecutableProcess | undefined;
  /** The highest version of the process among those. */
  latestVersion(processId: string): number | undefined;
  /** A deployed decision: of that version, or the latest that this owner has read. */
  decision(decisionId: string, version?: number): KnownDecision | undefined;
  /** A deployed form likewise. */
  form(formId: string, version?: number): KnownForm | undefined;
}

/** Evaluate it by `evaluateDecision(model, decisionId, …)` of libs/dmn. */
export interface KnownDecision {
  readonly decisionId: string;
  readonly version: number;
  readonly name?: string;
  readonly model: DecisionModel;
}

export interface KnownForm {
  readonly formId: string;
  readonly version: number;
  readonly versionTag?: string;
}

/** What applying may change. */
export interface State extends View {
  put<Table extends TableName>(table: Table, key: string, row: Tables[Table]): void;
  delete(table: TableName, key: string): void;
}

/** Either all keys that begin with `prefix`, or `from` (included) to `to` (excluded). */
export type KeyRange = { readonly limit?: number } & (
  | { readonly prefix: string }
  | { readonly from: string; readonly to: string }
);

/** What deciding may know of the world: when the input happened, and names for new things. */
export interface Step {
  /** The timestamp of the command's record, or the time at which a timer was found due; ms since the epoch. */
  readonly now: number;
  /** A key that has never been used: `commandKey` or `timerKey` of libs/records with a counter from 0. */
  nextKey(): string;
}
