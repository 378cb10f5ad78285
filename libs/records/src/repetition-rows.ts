import type { Variables } from './envelope.ts';
import type { Key } from './ids.ts';

export interface CompensableRow {
  readonly sequence: number;
  readonly elementId: string;
  readonly elementKey: Key;
  /** The body of an activity that was done several times: what can be undone are its iterations. */
  readonly isBody?: true;
  /** The variables that it had for itself when it completed. */
  readonly variables: Variables;
  /** What they count for among the variables of the instance. */
  readonly bytes?: number;
}

/** Completed activities of one scope, undone one after the other, the last first. */
export interface CompensationLevel {
  /** Where that which undoes them runs. */
  readonly scopeKey: Key;
  /** The scope in which they ran. */
  readonly listKey: Key;
  /** Only this one. */
  readonly activityId?: string;
  /** Those that completed from here on are done, or are not concerned. */
  readonly before: number;
  /** What waits for the last of them. */
  readonly ownerKey?: Key;
}

export interface CompensatingRow {
  readonly levels: readonly CompensationLevel[];
  readonly hops: number;
}

export interface LoopState {
  /** Iterations to come in all; absent when a condition decides. */
  readonly count?: number;
  readonly begun: number;
  readonly terminated: number;
  /** Elements that the token had passed without waiting when it came. */
  readonly hops: number;
  /** Variables that each iteration has for itself: the item, what comes of it. */
  readonly inputElement?: string;
  readonly outputElement?: string;
  /** Size of all that `loopOutputs` has, as JSON. */
  readonly outputBytes: number;
}

export interface LoopItemsRow {
  readonly items: readonly unknown[];
}

export interface LoopOutputsRow {
  /** By place in the chunk, from 0. */
  readonly values: Readonly<Record<string, unknown>>;
}

export interface LoopDeferredRow {
  readonly elementKey: Key;
  readonly hops: number;
}
