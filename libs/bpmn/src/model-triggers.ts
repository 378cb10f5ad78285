import type { Expression } from './model.ts';

/** What an event that belongs to something running waits for: to an activity at its boundary, to a scope in which it starts
 *  an event sub-process. */
export type AttachedTrigger =
  | MessageTrigger
  | TimerTrigger
  | SignalTrigger
  | ConditionTrigger
  | ErrorTrigger
  | EscalationTrigger
  | CompensationTrigger
  | CancelTrigger;

export interface NoTrigger {
  readonly kind: 'none';
}

/** Everybody who waits for the name hears it, in every instance. Of a start event, the name depends on no variable. */
export interface SignalTrigger {
  readonly kind: 'signal';
  readonly name: Expression;
}

/** Comes when the condition begins to hold, or when it holds at once. Of a process, it starts one whenever somebody has it
 *  evaluated over variables that fulfil it. */
export interface ConditionTrigger {
  readonly kind: 'condition';
  /** FEEL. What is neither true nor false does not hold: the variables may be yet to come. */
  readonly condition: string;
  /** `zeebe:conditionalFilter`: asked again only when one of these changes; without them, when anything it sees does. */
  readonly variableNames?: readonly string[];
  /** Asked again only when such a variable is new in its scope, or only when it was there before; without it, by both. */
  readonly variableEvents?: 'create' | 'update';
}

/** Several event definitions on one event (BPMN 2.0.2 §10.5): the first that comes counts, or all of them together. */
export interface MultipleTrigger {
  readonly kind: 'multiple';
  readonly isParallel: boolean;
  /** In document order; parallel ones are messages, timers, signals and conditions. */
  readonly triggers: readonly PartTrigger[];
}

export type PartTrigger =
  | StartMessageTrigger
  | MessageTrigger
  | TimerTrigger
  | SignalTrigger
  | ConditionTrigger
  | ErrorTrigger
  | EscalationTrigger;

/** The other end of a link: the flow of each throwing event with its name leads here. */
export interface LinkTrigger {
  readonly kind: 'link';
  readonly name: string;
}

/** A start event's message: nothing is running yet, so the name is a constant and there is no key. */
export interface StartMessageTrigger {
  readonly kind: 'startMessage';
  readonly name: string;
}

export interface MessageTrigger {
  readonly kind: 'message';
  readonly name: Expression;
  readonly correlationKey: Expression;
}

/** `millrace:receive`: a FlowX-style reply, matched by instance and topic. */
export interface ReplyTrigger {
  readonly kind: 'reply';
  /** As in the model: the topic name without the namespace, `engine.receive.…`. */
  readonly topic: string;
  /** The variable that takes the record's value. */
  readonly keyName: string;
  /** An ISO 8601 duration. When it passes without a reply, the wait becomes an incident. */
  readonly timeout?: Expression;
}

export interface TimerTrigger {
  readonly kind: 'timer';
  readonly timer: TimerKind;
  readonly expression: Expression;
}

export type TimerKind = 'date' | 'duration' | 'cycle';

/** Without a code it catches every error. */
export interface ErrorTrigger {
  readonly kind: 'error';
  readonly code?: string;
}

/** Without a code it catches every escalation. */
export interface EscalationTrigger {
  readonly kind: 'escalation';
  readonly code?: string;
}

/** What completed is to be undone. */
export interface CompensationTrigger {
  readonly kind: 'compensation';
}

/** Its transaction has been cancelled, and what had completed in it undone. */
export interface CancelTrigger {
  readonly kind: 'cancel';
}
