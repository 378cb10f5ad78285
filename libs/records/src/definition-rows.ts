import type { DefinitionKey, InstanceId, Key } from './ids.ts';

export interface DefinitionRow {
  readonly processId: string;
  readonly definitionKey: DefinitionKey;
  readonly version: number;
  readonly digest: string;
  readonly starts: readonly { readonly elementId: string; readonly trigger: StartTrigger }[];
}

export interface DecisionGraphRow {
  readonly graphKey: DefinitionKey;
  readonly version: number;
  readonly digest: string;
  readonly decisions: readonly DecisionVersion[];
}

export interface DecisionVersion {
  readonly decisionId: string;
  readonly name?: string;
  readonly decisionVersion: number;
}

export interface DecisionRow {
  readonly graphKey: DefinitionKey;
  readonly version: number;
}

export interface FormRow {
  readonly formKey: DefinitionKey;
  readonly version: number;
  readonly digest: string;
}

/** What partition 0 watches on behalf of a process. */
export type StartTrigger =
  | { readonly kind: 'message'; readonly name: string }
  | { readonly kind: 'signal'; readonly name: string }
  | { readonly kind: 'condition'; readonly condition: string }
  | { readonly kind: 'timer'; readonly timerKey: Key; readonly dueAt: number };

export interface ConditionStartRow {
  readonly processId: string;
  readonly definitionKey: DefinitionKey;
  readonly elementId: string;
  readonly condition: string;
}

export interface SignalStartRow {
  readonly processId: string;
  readonly definitionKey: DefinitionKey;
  readonly elementId: string;
}

export interface MessageStartRow {
  readonly processId: string;
  readonly definitionKey: DefinitionKey;
  readonly elementId: string;
  readonly name: string;
}

export interface StartLockRow {
  readonly instanceId: InstanceId;
}
