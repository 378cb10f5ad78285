import type { Variables } from './envelope.ts';
import type { OfElement, OfInstance } from './events.ts';
import type { DefinitionKey, InstanceId, Key } from './ids.ts';
import type { AfterClosing } from './instance-rows.ts';
import type { CompensationLevel } from './repetition-rows.ts';

export interface ElementEntered extends OfElement {
  readonly kind: 'element.entered';
  readonly elementKind: string;
  /** The element instance around it; the instance id at the top level. */
  readonly scopeKey: Key;
  /** The flows whose tokens it took: one, or at a joining gateway one of each. None for start and boundary events. */
  readonly flowIds: readonly string[];
  /** The tokens waited at the gateway: set where one flow alone does not say so. */
  readonly joined?: true;
  /** An iteration of the activity in whose scope it is, from 1. */
  readonly loopCounter?: number;
  /** A boundary event: the activity it interrupted or left running. */
  readonly attachedTo?: Key;
  /** It undoes something, and what that is a part of. */
  readonly compensation?: readonly CompensationLevel[];
  /** The completed scope that it stands for. */
  readonly restores?: Key;
  readonly isDriver?: true;
}

export interface ElementCompleted extends OfElement {
  readonly kind: 'element.completed';
  readonly elementKind: string;
  readonly scopeKey: Key;
}

export interface ElementTerminated extends OfElement {
  readonly kind: 'element.terminated';
  readonly elementKind: string;
  readonly scopeKey: Key;
}

export interface FlowTaken extends OfInstance {
  readonly kind: 'flow.taken';
  readonly flowId: string;
  readonly scopeKey: Key;
  readonly from: string;
  readonly to: string;
  /** The token waits at a joining gateway for those of the other flows. */
  readonly joins?: boolean;
  /** The kind of a joining gateway that is not a parallel one. */
  readonly toKind?: string;
}

/** A token on a flow that the next slice moves on, because this step was long enough. */
export interface TokenDeferred extends OfInstance {
  readonly kind: 'token.deferred';
  readonly tokenKey: Key;
  readonly flowId: string;
  readonly scopeKey: Key;
  /** Elements the token has passed without waiting anywhere. */
  readonly hops: number;
}

export interface TokenResumed extends OfInstance {
  readonly kind: 'token.resumed';
  readonly tokenKey: Key;
  /** Absent at the top level. */
  readonly scopeKey?: Key;
}

/** What the scope holds will be closed, but is more than one step may close: the rest follows. */
export interface ScopeClosing extends OfInstance {
  readonly kind: 'scope.closing';
  readonly scopeKey: Key;
  readonly next: AfterClosing;
}

/** Its elements are gone; so are the tokens on its flows and at its joins, which no element held. */
export interface ScopeCleared extends OfInstance {
  readonly kind: 'scope.cleared';
  readonly scopeKey: Key;
}

/** All else in the scope has ended: it goes on with the event sub-process that the event starts, and no other starts in it. */
export interface ScopeInterrupted extends OfInstance {
  readonly kind: 'scope.interrupted';
  readonly scopeKey: Key;
  readonly startEventId: string;
}

export interface EscalationThrown extends OfElement {
  readonly kind: 'escalation.thrown';
  readonly code: string;
  /** The event that catches it; absent when nobody does, which is no error. */
  readonly caughtBy?: string;
}

/** A call activity asks for an instance of another process, which lives on the same partition. */
export interface ProcessCalled extends OfElement {
  readonly kind: 'process.called';
  readonly calledId: InstanceId;
  readonly processId: string;
  readonly definitionKey: DefinitionKey;
}

/** The called instance has ended, and its result is the call activity's. */
export interface CallReturned extends OfElement {
  readonly kind: 'call.returned';
  readonly calledId: InstanceId;
}

export interface VariablesChanged extends OfInstance {
  readonly kind: 'variables.changed';
  /** The instance id for process variables; an element key for variables local to it. */
  readonly scopeKey: Key;
  readonly values: Variables;
  /** Size of all variables of the instance after the change. */
  readonly variableBytes: number;
}
