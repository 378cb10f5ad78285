import type { EventEnvelope } from './events.ts';
import type { InstanceId, Key } from './ids.ts';

/** How far an instance has come, as its model names it, and how it goes back. */
export type ProgressEvent =
  | StageEntered
  | MilestoneReached
  | StepPassed
  | TokenMovedBack
  | TokensWithdrawn
  | VariablesRemoved;

interface OfElement extends EventEnvelope {
  readonly instanceId: InstanceId;
  readonly elementId: string;
  readonly elementKey: Key;
}

/** A token has come to an element of another stage. */
export interface StageEntered extends OfElement {
  readonly kind: 'stage.entered';
  readonly stage: string;
  readonly before?: string;
}

/** The element that stands for it has completed. */
export interface MilestoneReached extends OfElement {
  readonly kind: 'milestone.reached';
  readonly milestone: string;
}

/** An element to which a token may go back has completed, for the first time in its scope. */
export interface StepPassed extends OfElement {
  readonly kind: 'step.passed';
  readonly scopeKey: Key;
}

/** The token that was at the element is at an earlier one again: `toKey` in the same scope. What had come of it by then is gone. */
export interface TokenMovedBack extends OfElement {
  readonly kind: 'token.movedBack';
  readonly scopeKey: Key;
  readonly to: string;
  readonly toKey: Key;
}

/** What waited at these gateways of the scope, and on flows of it, is gone. */
export interface TokensWithdrawn extends EventEnvelope {
  readonly kind: 'tokens.withdrawn';
  readonly instanceId: InstanceId;
  readonly scopeKey: Key;
  readonly gatewayIds: readonly string[];
  readonly tokenKeys: readonly Key[];
}

/** They are not there any more. */
export interface VariablesRemoved extends EventEnvelope {
  readonly kind: 'variables.removed';
  readonly instanceId: InstanceId;
  readonly scopeKey: Key;
  readonly names: readonly string[];
  /** Size of all variables of the instance after the change. */
  readonly variableBytes: number;
}
