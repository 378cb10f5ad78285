import type { EventEnvelope } from './events.ts';
import type { InstanceId, Key } from './ids.ts';

/** What becomes of the actions of a node. The execution of one is an element within the node: `actionKey`. */
export type ActionEvent =
  | ActionsOpened
  | ActionStarted
  | ActionReleased
  | ActionExecuted
  | ActionSkipped
  | ActionCancelled
  | ActionsAwaited;

interface OfNode extends EventEnvelope {
  readonly instanceId: InstanceId;
  readonly elementId: string;
  readonly elementKey: Key;
}

interface OfAction extends OfNode {
  readonly action: string;
  readonly actionKey: Key;
}

/** A token is at a node with actions; its own work, if it has any, has begun. */
export interface ActionsOpened extends OfNode {
  readonly kind: 'actions.opened';
  readonly actions: readonly OpenedAction[];
  /** Whose turn it is: automatic ones that wait for no other action. */
  readonly due: readonly string[];
  /** A user task that its mandatory manual actions complete, and nothing else does. */
  readonly completesByActions?: true;
}

export interface OpenedAction {
  readonly name: string;
  readonly isManual?: true;
  readonly isOptional?: true;
  readonly isRepeatable?: true;
  readonly isCallback?: true;
  readonly parent?: string;
}

/** By its turn, by somebody, or by a cycle. */
export interface ActionStarted extends OfAction {
  readonly kind: 'action.started';
  readonly isTurn?: true;
}

/** What it waited for has come. `elementKey` is that of the execution. */
export interface ActionReleased extends OfNode {
  readonly kind: 'action.released';
  readonly action: string;
  readonly after: 'reply' | 'time';
}

export interface ActionExecuted extends OfAction {
  readonly kind: 'action.executed';
  /** Actions whose turn it is because of that. */
  readonly next: readonly string[];
}

/** Its condition did not hold when its turn had come. */
export interface ActionSkipped extends OfAction {
  readonly kind: 'action.skipped';
}

/** An operator has taken it away. */
export interface ActionCancelled extends OfAction {
  readonly kind: 'action.cancelled';
}

/** The node's own work is done, and mandatory actions are not. */
export interface ActionsAwaited extends OfNode {
  readonly kind: 'actions.awaited';
}
