import type { Variables } from './envelope.ts';
import type { OfInstance } from './events.ts';
import type { DefinitionKey } from './ids.ts';
import type { Parent } from './instance-rows.ts';

export interface InstanceStarted extends OfInstance {
  readonly kind: 'instance.started';
  readonly processId: string;
  readonly definitionKey: DefinitionKey;
  readonly definitionVersion: number;
  readonly businessKey?: string;
  readonly flowName?: string;
  readonly startEventId: string;
  readonly parent?: Parent;
  readonly variables: Variables;
  /** Size of the variables as JSON, counted against the maximum. */
  readonly variableBytes: number;
  readonly remember?: boolean;
  readonly message?: { readonly name: string; readonly correlationKey: string };
}

/** The instance will end, but not in this step: it has more to close than one may, or its caller cannot take the result. */
export interface InstanceEnding extends OfInstance {
  readonly kind: 'instance.ending';
  readonly as: 'completed' | 'terminated' | 'cancelled' | 'expired';
  readonly reason?: string;
}

interface InstanceEnded extends OfInstance {
  readonly processId: string;
  readonly definitionKey: DefinitionKey;
  readonly businessKey?: string;
  /** Set when the id is remembered: until then a start with it is answered with this instance. */
  readonly rememberedUntil?: number;
}

/** Every token reached an end. */
export interface InstanceCompleted extends InstanceEnded {
  readonly kind: 'instance.completed';
}

/** A terminate end event ended it: the model's own, regular decision. */
export interface InstanceTerminated extends InstanceEnded {
  readonly kind: 'instance.terminated';
}

export interface InstanceCancelled extends InstanceEnded {
  readonly kind: 'instance.cancelled';
  readonly reason?: string;
}

/** It had not ended by the time that its model, or whoever started it, gave it. */
export interface InstanceExpired extends InstanceEnded {
  readonly kind: 'instance.expired';
}

/** The memory of an ended instance is over: its id counts as unknown again. */
export interface InstanceForgotten extends OfInstance {
  readonly kind: 'instance.forgotten';
}
