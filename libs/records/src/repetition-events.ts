import type { Variables } from './envelope.ts';
import type { OfElement, OfInstance } from './events.ts';
import type { Key } from './ids.ts';
import type { CompensationLevel } from './repetition-rows.ts';

/** The activity is done several times: its iterations are elements of the same id within it. */
export interface LoopStarted extends OfElement {
  readonly kind: 'loop.started';
  /** Absent when a condition decides. */
  readonly count?: number;
  /** The collection, if iterations see its items; each goes into `inputElement`. */
  readonly items?: readonly unknown[];
  readonly inputElement?: string;
  /** A variable that each iteration has for its own result. */
  readonly outputElement?: string;
  readonly hops: number;
}

/** What one iteration gave for the output collection; `elementKey` is the activity's. */
export interface LoopCollected extends OfElement {
  readonly kind: 'loop.collected';
  readonly loopCounter: number;
  readonly value: unknown;
  /** Size of all that has been collected, as JSON. */
  readonly outputBytes: number;
}

/** The next iterations begin in the next slice. */
export interface LoopDeferred extends OfElement {
  readonly kind: 'loop.deferred';
  readonly hops: number;
}

export interface LoopResumed extends OfElement {
  readonly kind: 'loop.resumed';
}

/** The activity completes, and can be undone from now on. */
export interface CompensationOpened extends OfElement {
  readonly kind: 'compensation.opened';
  readonly scopeKey: Key;
  readonly sequence: number;
  readonly isBody?: true;
  readonly variables: Variables;
}

export interface CompensationThrown extends OfElement {
  readonly kind: 'compensation.thrown';
  readonly activityId?: string;
}

/** The completed activity is undone from now on. */
export interface CompensationStarted extends OfElement {
  readonly kind: 'compensation.started';
  readonly scopeKey: Key;
  readonly sequence: number;
}

/** The next slice goes on, because this step was long enough. */
export interface CompensationDeferred extends OfElement {
  readonly kind: 'compensation.deferred';
  readonly levels: readonly CompensationLevel[];
  readonly hops: number;
}

export interface CompensationResumed extends OfElement {
  readonly kind: 'compensation.resumed';
}

/** All that ran in the scope is undone; what events at its handlers have begun goes on in it until it is over. */
export interface CompensationUndone extends OfElement {
  readonly kind: 'compensation.undone';
}

/** The variables that are kept for undoing count among those of the instance: from now on, or, when it is undone, no more. */
export interface CompensationCounted extends OfInstance {
  readonly kind: 'compensation.counted';
  readonly scopeKey: Key;
  readonly sequence: number;
  readonly bytes: number;
  readonly variableBytes: number;
}

/** The instance ends: the first so many of what could be undone never is. */
export interface CompensationDropped extends OfInstance {
  readonly kind: 'compensation.dropped';
  readonly count: number;
}

/** Nothing runs in the transaction any more; what had completed in it is undone, then its cancel event goes on. */
export interface TransactionCancelled extends OfInstance {
  readonly kind: 'transaction.cancelled';
  readonly scopeKey: Key;
}
