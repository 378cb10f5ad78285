import type { PartTrigger, TimerKind } from './model-triggers.ts';
import type { Expression, Node } from './model.ts';

/** Tasks, manual, user, send and receive tasks have actions. */
export interface NodeAction {
  readonly name: string;
  /** What it does: an element of the model with `actionOf`, whose id is `{node}:{name}`. */
  readonly elementId: string;
  /** Executed by command; without it, as soon as it is its turn. */
  readonly isManual?: true;
  /** The node does not wait for it, and ends it when it goes on. */
  readonly isOptional?: true;
  /** Executed as often as its turn comes, or somebody asks. */
  readonly isRepeatable?: true;
  /** Its turn comes when the mandatory automatic ones before it, of a lower order, are executed. */
  readonly order: number;
  /** Its turn comes, and it can be asked for, each time that one has been executed. */
  readonly parent?: string;
  /** Its parent publishes a record: it waits for a reply that carries `callbacksForAction`. */
  readonly callback?: Callback;
  /** Its execution waits that long first; a cycle executes it each time it comes round. */
  readonly timer?: { readonly timer: TimerKind; readonly expression: Expression };
  /** FEEL: a manual one is refused when it does not hold, another is left out. */
  readonly condition?: string;
}

export interface Callback {
  /** The variable that takes the reply's value. Without one, only the action sees the reply's variables. */
  readonly key?: string;
  /** An ISO 8601 duration. When it passes without a reply, the wait becomes an incident. */
  readonly timeout?: Expression;
}

export interface Back {
  /** Process variables that are gone when a token comes back. */
  readonly remove: readonly string[];
}

/** One of the event definitions of an event that has several: what waits for it is known under its id, that of the event with `:1`,
 *  `:2` behind it. No token is ever in it. */
export interface EventPart extends Node {
  readonly kind: 'eventPart';
  /** The event that it is a part of. */
  readonly of: string;
  readonly interrupting?: boolean;
  readonly trigger: PartTrigger;
}
