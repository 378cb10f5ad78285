import type { Binding, Expression } from './model.ts';

export interface NoAction {
  readonly kind: 'none';
}

/** All of it happens, what is thrown to others first; `last` is what may end something, or is waited for. */
export interface MultipleAction {
  readonly kind: 'multiple';
  readonly first: readonly (SignalAction | PublishAction | MessageAction)[];
  readonly last:
    | NoAction
    | JobAction
    | ErrorAction
    | EscalationAction
    | CompensateAction
    | CancelAction
    | TerminateAction;
}

/** The signal carries what the input mappings give, as in Zeebe. */
export interface SignalAction {
  readonly kind: 'signal';
  readonly name: Expression;
}

/** A flow of the model, `link:` and the id of this event, leads to the catching event with the name. */
export interface LinkAction {
  readonly kind: 'link';
  readonly name: string;
}

export interface TerminateAction {
  readonly kind: 'terminate';
}

export interface ErrorAction {
  readonly kind: 'error';
  readonly code: Expression;
}

/** Undoes what has completed in its scope, the last first: all of it, or one activity. */
export interface CompensateAction {
  readonly kind: 'compensate';
  readonly activityId?: string;
  /** Goes on only when all is undone. */
  readonly waits: boolean;
}

export interface CancelAction {
  readonly kind: 'cancel';
}

/** Tells whoever is around; that nobody listens is no error. */
export interface EscalationAction {
  readonly kind: 'escalation';
  readonly code: Expression;
}

/** `zeebe:taskDefinition`, or a listener, with what Zeebe leaves to the worker: `millrace:job`, or the listener's own attributes. */
export interface JobAction {
  readonly kind: 'job';
  readonly type: Expression;
  /** A literal is a whole number ≥ 0. Default 3. */
  readonly retries: Expression;
  /** `zeebe:taskHeaders`: constants handed to the plugin. */
  readonly headers: Readonly<Record<string, string>>;
  /** An ISO 8601 duration: a job not answered by then is offered again. Without one it waits for ever. */
  readonly timeout?: Expression;
  /** An ISO 8601 duration between a failure and the next attempt. */
  readonly retryBackoff?: Expression;
}

/** `zeebe:executionListeners`: for each event the jobs, one after the other; a list is absent when it would be empty. */
export interface Listeners {
  /** Of an activity that is done several times: before the first time. */
  readonly beforeAll?: readonly JobAction[];
  /** When the inputs are mapped, before anything else. */
  readonly start?: readonly JobAction[];
  /** When the outputs are mapped, before the token goes on. */
  readonly end?: readonly JobAction[];
}

export type TaskListeners = {
  readonly [Event in 'creating' | 'assigning' | 'updating' | 'completing' | 'canceling']?: readonly JobAction[];
};

/** `millrace:publish`: a record to any topic, and on. */
export interface PublishAction {
  readonly kind: 'publish';
  /** The exact topic name: no namespace is added, the topic may belong to someone else. */
  readonly topic: Expression;
  /** Without one the key is the instance id. */
  readonly key?: Expression;
  readonly headers: readonly PublishHeader[];
  /** Without one the value is what the input mappings give, or all variables when there are none. */
  readonly payload?: Expression;
}

export interface PublishHeader {
  readonly name: string;
  readonly value: Expression;
}

/** `zeebe:script`. */
export interface ScriptAction {
  readonly kind: 'script';
  readonly expression: Expression;
  readonly resultVariable: string;
}

/** `zeebe:calledDecision`: evaluated by the engine over all that the element sees. */
export interface DecisionAction {
  readonly kind: 'decision';
  readonly decisionId: Expression;
  readonly resultVariable: string;
  readonly binding: Binding;
}

/** `millrace:message`: a message as others publish it, to whoever waits for it. */
export interface MessageAction {
  readonly kind: 'message';
  readonly name: Expression;
  /** Without one, only a start event can take the message. */
  readonly correlationKey?: Expression;
  /** An ISO 8601 duration: how long the message waits for somebody who is not there yet. */
  readonly timeToLive?: Expression;
}

export interface Assignment {
  readonly assignee?: Expression;
  /** FEEL gives a list of strings; a literal is a comma-separated list. */
  readonly candidateGroups?: Expression;
  readonly candidateUsers?: Expression;
  readonly dueDate?: Expression;
  readonly followUpDate?: Expression;
  readonly priority?: Expression;
}

export interface Form {
  readonly formId?: string;
  /** The version of that form; absent for the latest. */
  readonly binding?: 'deployment' | 'versionTag';
  /** Where it is bound to one: the latest version with this tag. */
  readonly versionTag?: string;
  readonly formKey?: string;
  readonly externalReference?: string;
}
