import type { EventEnvelope } from './events.ts';
import type { InstanceId, Key } from './ids.ts';
import type { Reached } from './message-commands.ts';

export type ConditionEvent =
  | ConditionOpened
  | ConditionChanged
  | ConditionTriggered
  | ConditionClosed
  | ConditionsDeferred
  | ConditionsEvaluated
  | ConditionsResumed;

interface OfCondition extends EventEnvelope {
  readonly waitKey: Key;
  readonly instanceId: InstanceId;
  /** The catching element: itself, a boundary event, one behind a gateway, or the start of an event sub-process. */
  readonly elementId: string;
  /** Who waits, and whose variables the condition sees: an element, or a scope. */
  readonly elementKey: Key;
}

export interface ConditionOpened extends OfCondition {
  readonly kind: 'condition.opened';
  /** One that does not interrupt comes each time the condition turns true. */
  readonly isRepeating: boolean;
}

/** It does not hold any more. */
export interface ConditionChanged extends OfCondition {
  readonly kind: 'condition.changed';
  readonly holds: boolean;
}

/** It holds now, and did not before. */
export interface ConditionTriggered extends OfCondition {
  readonly kind: 'condition.triggered';
}

export interface ConditionClosed extends OfCondition {
  readonly kind: 'condition.closed';
}

/** More conditions than a step may ask: those from this wait on are for the next one. */
export interface ConditionsDeferred extends EventEnvelope {
  readonly kind: 'conditions.deferred';
  readonly instanceId: InstanceId;
  readonly from: Key;
}

/** The answer to `evaluateConditions` (partition 0): the instances that were asked for. */
export interface ConditionsEvaluated extends EventEnvelope {
  readonly kind: 'conditions.evaluated';
  readonly started: readonly Reached[];
}

export interface ConditionsResumed extends EventEnvelope {
  readonly kind: 'conditions.resumed';
  readonly instanceId: InstanceId;
}
