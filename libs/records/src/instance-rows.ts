import type { AdHocBeginning } from './ad-hoc.ts';
import type { Variables } from './envelope.ts';
import type { DefinitionKey, InstanceId, Key } from './ids.ts';
import type { Listening, TaskAttributes } from './listeners.ts';
import type { CompensationLevel, LoopState } from './repetition-rows.ts';
import type { SignalWaitRef } from './wait-rows.ts';
import type { TimerRef } from './work-rows.ts';

export interface InstanceRow {
  readonly instanceId: InstanceId;
  readonly processId: string;
  readonly definitionKey: DefinitionKey;
  readonly definitionVersion: number;
  readonly businessKey?: string;
  readonly startedAt: number;
  /** Called by another instance of this partition. */
  readonly parent?: Parent;
  readonly phase: 'active' | 'ending';
  readonly endingAs?: 'completed' | 'terminated' | 'cancelled' | 'expired';
  /** When it ends, whatever it still does. */
  readonly expiry?: TimerRef;
  readonly endingReason?: string;
  /** Live tokens of the top scope: element instances, tokens on flows, tokens waiting at joins. None left: it is over. */
  readonly tokens: number;
  /** What it holds is being closed, in slices. */
  readonly closing?: AfterClosing;
  /** Activities that could be compensated, counted as they completed. */
  readonly compensables?: number;
  /** An event sub-process has taken the place of what ran. */
  readonly isInterrupted?: true;
  // What its event sub-processes wait for.
  readonly timers?: readonly TimerRef[];
  readonly waits?: readonly Key[];
  readonly signals?: readonly SignalWaitRef[];
  readonly conditions?: readonly Key[];
  /** Elements that a token may go back to, which have completed at the top level. */
  readonly passed?: readonly string[];
  /** That of the last element with one that a token has come to. */
  readonly stage?: string;
  /** Parallel multiple events of which something has come. */
  readonly begunEvents?: readonly string[];
  /** Conditions from this wait on are to be asked: the last step had not the time. */
  readonly conditionsFrom?: Key;
  readonly variableBytes: number;
  /** The listeners of its end have answered. */
  readonly hasListened?: true;
  /** Nothing in it moves, and what arrives for it is held. */
  readonly isSuspended?: boolean;
  /** It stands still because its caller does, and goes on with it. */
  readonly isSuspendedByCaller?: true;
  /** Inputs held while it is, or was, suspended. */
  readonly held?: number;
  readonly remember?: boolean;
  readonly message?: { readonly name: string; readonly correlationKey: string };
  readonly traceparent?: string;
}

/** The call activity that an instance was called by, and how many calls led to it. */
export interface Parent {
  readonly instanceId: InstanceId;
  readonly elementKey: Key;
  readonly depth: number;
}

export interface ElementRow {
  readonly instanceId: InstanceId;
  readonly elementKey: Key;
  readonly elementId: string;
  readonly elementKind: string;
  readonly scopeKey: Key;
  /** Live tokens inside, for elements that are scopes themselves. None left: it is over. */
  readonly tokens?: number;
  /** What it holds is being closed, in slices; nothing in it moves meanwhile. */
  readonly closing?: AfterClosing;
  /** An event sub-process has taken the place of what ran in it. */
  readonly isInterrupted?: true;
  /** Elements in it that a token may go back to, which have completed. */
  readonly passed?: readonly string[];
  /** By name; there once they are open. */
  readonly actions?: Readonly<Record<string, ActionState>>;
  /** What it does besides its actions is done. */
  readonly isReady?: true;
  /** The execution of an action: the last that it waited for, which has come. */
  readonly released?: 'reply' | 'time';
  /** A transaction that is being undone. */
  readonly isCancelling?: true;
  /** What it is a part of, when it undoes something: innermost last. */
  readonly compensation?: readonly CompensationLevel[];
  /** The completed scope that it stands for while what ran in that is undone. */
  readonly restores?: Key;
  /** Of one that restores a scope: what ran in that is undone, and something that was begun meanwhile is not over. */
  readonly isUndone?: true;
  /** It waits in the place of the event that threw the compensation, and goes nowhere. */
  readonly isDriver?: true;
  /** Of an ad-hoc sub-process: what begins when nothing runs in it. */
  readonly queued?: readonly AdHocBeginning[];
  /** Its job has said that nothing more begins. */
  readonly isFulfilled?: true;
  /** The body of a loop: its iterations are elements in it, with the same element id. */
  readonly loop?: LoopState;
  /** An iteration, from 1. */
  readonly loopCounter?: number;
  // What it waits for, so that leaving it needs no search (R2).
  readonly jobKey?: Key;
  readonly hasTask?: boolean;
  readonly timers?: readonly TimerRef[];
  readonly waits?: readonly Key[];
  readonly signals?: readonly SignalWaitRef[];
  readonly conditions?: readonly Key[];
  /** Parallel multiple events of which something has come. */
  readonly begunEvents?: readonly string[];
  readonly receive?: { readonly receiveKey: Key; readonly topic: string };
  /** The instance that it has called. */
  readonly calledId?: InstanceId;
  readonly incidentKey?: Key;
  readonly hasVariables?: boolean;
  /** A listener of it is asked: the job is that one's. */
  readonly listening?: Listening;
  /** Of a user task that has listeners. */
  readonly task?: TaskAttributes;
}

export interface ActionState {
  /** Executions that are to begin, that have begun, and that have done their work. */
  readonly due?: number;
  readonly running?: number;
  readonly executed?: number;
}

/** What happens when the last that a scope held is closed. `hops`: elements passed by then without waiting anywhere. */
export type AfterClosing = { readonly hops: number } & (
  | /** The scope completes: a terminate end event in it. */ { readonly kind: 'complete' }
  /** The scope ends, and its boundary event goes on. */
  | { readonly kind: 'boundary'; readonly boundaryId: string; readonly variables: Variables }
  /** The scope is taken away by an operator, and nothing comes in its place. */
  | { readonly kind: 'terminate' }
  /** The transaction lives on until all that completed in it is undone. */
  | { readonly kind: 'cancel' }
  /** The token goes back to an earlier element, without these variables. */
  | { readonly kind: 'back'; readonly to: string; readonly remove: readonly string[] }
  /** The scope lives on, by its event sub-process alone. */
  | { readonly kind: 'eventSubProcess'; readonly startEventId: string; readonly variables: Variables }
);

export interface ChildRow {
  readonly elementKey: Key;
}

export interface VariablesRow {
  readonly values: Variables;
}

export interface JoinRow {
  /** Flow id → tokens on it. */
  readonly waiting: Readonly<Record<string, number>>;
}

export interface EventPartsRow {
  /** By part: what each occurrence has brought, the oldest first. */
  readonly came: Readonly<Record<string, readonly Variables[]>>;
}

export interface GatewayPhaseRow {
  /** The flows whose tokens it took when it was activated. */
  readonly consumed: readonly string[];
  /** The element instance that stands for its reset while that is under way. */
  readonly resettingKey?: Key;
}

export interface DeferredRow {
  readonly tokenKey: Key;
  readonly flowId: string;
  readonly scopeKey: Key;
  readonly hops: number;
  /** The token stands still until the incident is resolved. */
  readonly incidentKey?: Key;
}
