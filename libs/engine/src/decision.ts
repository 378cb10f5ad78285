import type {
  Command,
  DecisionVersion,
  DefinitionKey,
  Event,
  InstanceId,
  Key,
  ListenerEventName,
  ProcessToDeploy,
  Rejection,
  ReplyTo,
  Source,
  TaskAttributes,
  TaskTransition,
  TimerRow,
  Variables,
} from '@millrace/records';

/** What a partition decides: a command, or a timer that is due. */
export type Input = Command | DueTimer;

export interface DueTimer {
  readonly kind: 'timer.due';
  readonly timer: TimerRow;
}

/**
 * What follows from an input. Appending `events` and `outputs`, and applying `events`, is all there is to do, rejected or
 * not: a rejection is itself an event. Both lists are empty for what has been seen before and for a timer that is gone.
 */
export interface Decision {
  readonly events: readonly Event[];
  readonly outputs: readonly Output[];
  readonly rejected?: Rejection;
}

/** An effect, as data. The runtime writes it in the transaction that writes the events. */
export type Output =
  | CommandOutput
  | JobOutput
  | PublishOutput
  | DefinitionOutput
  | DecisionsOutput
  | FormOutput
  | ReplyOutput
  | DeadLetterOutput;

/** To another partition, or to this one. */
export interface CommandOutput {
  readonly kind: 'command';
  readonly partition: number;
  readonly command: Command;
}

/** One attempt of a job, for the topic of its type. */
export interface JobOutput {
  readonly kind: 'job';
  readonly jobKey: Key;
  readonly type: string;
  readonly instanceId: InstanceId;
  readonly processId: string;
  readonly definitionVersion: number;
  readonly businessKey?: string;
  readonly elementId: string;
  readonly elementKey: Key;
  readonly attempt: number;
  readonly retries: number;
  readonly deadline?: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The element's input variables; all that it sees when the model maps none. */
  readonly variables: Variables;
  /** Of an ad-hoc sub-process: its answer says what begins. */
  readonly directs?: true;
  /** The action that offers it and has a callback: then `elementId` is its node's. */
  readonly callbacksForAction?: string;
  /** Set when it is a listener's: for which event it is asked. */
  readonly listener?: ListenerEventName;
  /** Of a listener of a user task: what is about to happen to it. */
  readonly task?: ListenedTask;
  readonly traceparent?: string;
}

/** The user task as it will be, and which of its attributes are others then. */
export interface ListenedTask extends TaskAttributes {
  readonly taskKey: Key;
  readonly action: TaskTransition['action'];
  readonly changedAttributes: readonly string[];
}

/** A record of a send node. The topic name is exact: no namespace is added. */
export interface PublishOutput {
  readonly kind: 'publish';
  readonly instanceId: InstanceId;
  readonly processId: string;
  readonly definitionVersion: number;
  readonly elementId: string;
  readonly topic: string;
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly value: unknown;
  /** The action that publishes it and waits for a reply, and the token that it acts on. */
  readonly callbacksForAction?: string;
  readonly tokenKey?: Key;
  readonly traceparent?: string;
}

/** A new definition, for the compacted topic; its key is `definitionKey`. */
export interface DefinitionOutput {
  readonly kind: 'definition';
  readonly definitionKey: DefinitionKey;
  readonly processId: string;
  readonly definitionVersion: number;
  readonly name?: string;
  readonly resourceName: string;
  readonly digest: string;
  readonly xml: string;
  readonly model: ProcessToDeploy['model'];
  readonly deployedAt: number;
}

/** The decisions of one file, for the same topic; its key is `graphKey`. */
export interface DecisionsOutput {
  readonly kind: 'decisions';
  readonly graphKey: DefinitionKey;
  readonly graphId: string;
  readonly graphVersion: number;
  readonly decisions: readonly DecisionVersion[];
  readonly resourceName: string;
  readonly digest: string;
  readonly xml: string;
  /** The texts of the files that it imports. */
  readonly imported?: readonly string[];
  readonly model: object;
  readonly deployedAt: number;
}

/** A form, for the same topic; its key is `formKey`. */
export interface FormOutput {
  readonly kind: 'form';
  readonly formKey: DefinitionKey;
  readonly formId: string;
  readonly formVersion: number;
  readonly resourceName: string;
  readonly digest: string;
  readonly content: string;
  readonly deployedAt: number;
}

/** The answer to a start by record. */
export interface ReplyOutput {
  readonly kind: 'reply';
  readonly to: ReplyTo;
  readonly value: StartConfirmation;
}

export interface StartConfirmation {
  readonly processName: string;
  readonly processInstanceUuid?: InstanceId;
  readonly state: 'STARTED' | 'REJECTED';
  readonly reason?: string;
  readonly message?: string;
}

/** A record of the bus that could not be used; `command` is what it had become. */
export interface DeadLetterOutput {
  readonly kind: 'deadLetter';
  readonly source: Source;
  readonly rejection: Rejection;
  readonly command: Command;
}
