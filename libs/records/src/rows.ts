import type { AdHocBeginning } from './ad-hoc.ts';
import type { Variables } from './envelope.ts';
import type { DefinitionKey, InstanceId, Key } from './ids.ts';
import type { Listening, TaskAttributes } from './listeners.ts';
import type { MessageRef, Reached, SubscriptionRef } from './message-commands.ts';
import type { BatchRow } from './batch.ts';
import type { HeldInput } from './operation-events.ts';
import type { SuspendedDefinitionRow } from './suspension.ts';

/**
 * The state of a partition: small rows in ordered tables, never one document per instance.
 *
 * R1. A row is immutable; a change puts a new one.
 * R2. What belongs to an instance is reachable from its `element` rows without any other scan, so that leaving an
 *     element costs as many operations as it waits for things.
 * R3. Nothing of an instance outlives it but its `remembered` row and, until its TTL, a message it has taken; the answer to
 *     a signal names it for as long as the signal's id is remembered.
 */
export interface Tables {
  /** `{process id}` → its latest version. Partition 0. */
  readonly definition: DefinitionRow;
  /** `{process id}`: a process that starts no instance. */
  readonly suspendedDefinition: SuspendedDefinitionRow;
  /** `{graph id}` → the latest version of the decisions of one file. Partition 0. */
  readonly decisionGraph: DecisionGraphRow;
  /** `{decision id}` → its latest version, whichever file it came with. Partition 0. */
  readonly decision: DecisionRow;
  /** `{form id}` → its latest version. Partition 0. */
  readonly form: FormRow;
  /** `{instance id}` */
  readonly instance: InstanceRow;
  /** `{instance id}/{element key}`: an element instance; they form a tree by `scopeKey`. */
  readonly element: ElementRow;
  /** `{instance id}/{scope key}/{element key}`: the elements of a scope that is an element itself. */
  readonly child: ChildRow;
  /** `{instance id}/{scope key}`: the variables of one scope. A scope without variables of its own has no row. */
  readonly variables: VariablesRow;
  /** `{instance id}/{scope key}/{gateway id}`: tokens that wait at a joining gateway, by flow. */
  readonly join: JoinRow;
  /** The same: a complex gateway that has been activated, and waits until it can be reset. */
  readonly gatewayPhase: GatewayPhaseRow;
  /** `{instance id}/{element key}/{event id}`: what has come of a parallel multiple event, until all of it has. */
  readonly eventParts: EventPartsRow;
  /** `{instance id}/{scope key}/{sequence}`, without the scope at the top level: completed activities that can be compensated, the last first. */
  readonly compensable: CompensableRow;
  /** `{instance id}/{element key}`: compensation that the next slice goes on with, by the element that waits for it. */
  readonly compensating: CompensatingRow;
  /** `{instance id}/{scope key}/{token key}`, without the scope at the top level: tokens on a flow that the next slice moves on. */
  readonly deferred: DeferredRow;
  /** `{instance id}/{element key}/{chunk}`: a hundred items of a collection that an activity goes through. */
  readonly loopItems: LoopItemsRow;
  /** `{instance id}/{element key}/{chunk}`: what came of a hundred of them. */
  readonly loopOutputs: LoopOutputsRow;
  /** `{instance id}/{element key}`: an activity whose next iterations begin in the next slice. */
  readonly loopDeferred: LoopDeferredRow;
  /** `{job key}` */
  readonly job: JobRow;
  /** `{element key}` */
  readonly task: TaskRow;
  /** `{due time}/{timer key}`: the first row is the next due. */
  readonly timer: TimerRow;
  /** `{wait key}`: an element's wait for a message. */
  readonly wait: WaitRow;
  /** `{instance id}/{topic}/{receive key}`: an element's wait for a record. */
  readonly receive: ReceiveRow;
  /** `{incident key}` */
  readonly incident: IncidentRow;
  /** `{instance id}`: an ended instance whose id a start may still repeat. */
  readonly remembered: RememberedRow;
  /** `{message name}/{correlation key}/{wait key}` on the partition of the correlation key. */
  readonly subscription: SubscriptionRow;
  /** `{message name}/{correlation key}/{message key}` there too. */
  readonly message: MessageRow;
  /** `{message name}/{correlation key}/{message id}` there too. */
  readonly messageId: MessageIdRow;
  /** `{message name}/{process id}/{element id}`: message start events. Partition 0. */
  readonly messageStart: MessageStartRow;
  /** `{process id}/{message name}/{correlation key}`: the live instance that this message started. Partition 0. */
  readonly startLock: StartLockRow;
  /** `{topic}/{partition}`: the highest offset of the bus that has become a command here. */
  readonly watermark: WatermarkRow;
  /** `{instance id}/{wait key}`: an element's, or a scope's, wait for a condition. */
  readonly conditionWait: ConditionWaitRow;
  /** `{signal name}/{sequence}`: an element's wait for a signal. */
  readonly signalWait: SignalWaitRow;
  /** `{signal name}/{process id}/{element id}`: signal start events. Partition 0. */
  readonly signalStart: SignalStartRow;
  /** `{process id}/{element id}`: conditional start events. Partition 0. */
  readonly conditionStart: ConditionStartRow;
  /** `{signal key}`: a signal whose answers are awaited. Partition 0. */
  readonly signal: SignalRow;
  /** `{signal id}`: what became of it. Partition 0. */
  readonly signalId: SignalIdRow;
  /** `{batch id}`: a batch that this partition is not through with. */
  readonly batch: BatchRow;
  /** `{instance id}/{held key}`: what arrived while the instance was suspended. */
  readonly held: HeldRow;
  /** `messages`: how many live here. `signalWaits`: how many have been opened here. */
  readonly counter: CounterRow;
}

export type TableName = keyof Tables;

/** Every table, for checkpoints, dumps and tests. */
export const tableNames = [
  'definition',
  'suspendedDefinition',
  'decisionGraph',
  'decision',
  'form',
  'instance',
  'element',
  'child',
  'variables',
  'join',
  'gatewayPhase',
  'eventParts',
  'compensable',
  'compensating',
  'deferred',
  'loopItems',
  'loopOutputs',
  'loopDeferred',
  'job',
  'task',
  'timer',
  'wait',
  'receive',
  'incident',
  'remembered',
  'subscription',
  'message',
  'messageId',
  'messageStart',
  'startLock',
  'watermark',
  'conditionWait',
  'conditionStart',
  'signalWait',
  'signalStart',
  'signal',
  'signalId',
  'held',
  'batch',
  'counter',
] as const satisfies readonly TableName[];

export interface DefinitionRow {
  readonly processId: string;
  readonly definitionKey: DefinitionKey;
  readonly version: number;
  readonly digest: string;
  readonly starts: readonly { readonly elementId: string; readonly trigger: StartTrigger }[];
}

export interface DecisionGraphRow {
  readonly graphKey: DefinitionKey;
  readonly version: number;
  readonly digest: string;
  readonly decisions: readonly DecisionVersion[];
}

export interface DecisionVersion {
  readonly decisionId: string;
  readonly name?: string;
  readonly decisionVersion: number;
}

export interface DecisionRow {
  readonly graphKey: DefinitionKey;
  readonly version: number;
}

export interface FormRow {
  readonly formKey: DefinitionKey;
  readonly version: number;
  readonly digest: string;
}

/** What partition 0 watches on behalf of a process. */
export type StartTrigger =
  | { readonly kind: 'message'; readonly name: string }
  | { readonly kind: 'signal'; readonly name: string }
  | { readonly kind: 'condition'; readonly condition: string }
  | { readonly kind: 'timer'; readonly timerKey: Key; readonly dueAt: number };

export interface InstanceRow {
  readonly instanceId: InstanceId;
  readonly processId: string;
  readonly definitionKey: DefinitionKey;
  readonly definitionVersion: number;
  readonly businessKey?: string;
  readonly startedAt: number;
  /** Called by another instance of this partition. */
  readonly parent?: Parent;
  readonly phase: 'active' | 'ending';
  readonly endingAs?: 'completed' | 'terminated' | 'cancelled' | 'expired';
  /** When it ends, whatever it still does. */
  readonly expiry?: TimerRef;
  readonly endingReason?: string;
  /** Live tokens of the top scope: element instances, tokens on flows, tokens waiting at joins. None left: it is over. */
  readonly tokens: number;
  /** What it holds is being closed, in slices. */
  readonly closing?: AfterClosing;
  /** Activities that could be compensated, counted as they completed. */
  readonly compensables?: number;
  /** An event sub-process has taken the place of what ran. */
  readonly isInterrupted?: true;
  // What its event sub-processes wait for.
  readonly timers?: readonly TimerRef[];
  readonly waits?: readonly Key[];
  readonly signals?: readonly SignalWaitRef[];
  readonly conditions?: readonly Key[];
  /** Elements that a token may go back to, which have completed at the top level. */
  readonly passed?: readonly string[];
  /** That of the last element with one that a token has come to. */
  readonly stage?: string;
  /** Parallel multiple events of which something has come. */
  readonly begunEvents?: readonly string[];
  /** Conditions from this wait on are to be asked: the last step had not the time. */
  readonly conditionsFrom?: Key;
  readonly variableBytes: number;
  /** The listeners of its end have answered. */
  readonly hasListened?: true;
  /** Nothing in it moves, and what arrives for it is held. */
  readonly isSuspended?: boolean;
  /** It stands still because its caller does, and goes on with it. */
  readonly isSuspendedByCaller?: true;
  /** Inputs held while it is, or was, suspended. */
  readonly held?: number;
  readonly remember?: boolean;
  readonly message?: { readonly name: string; readonly correlationKey: string };
  readonly traceparent?: string;
}

/** The call activity that an instance was called by, and how many calls led to it. */
export interface Parent {
  readonly instanceId: InstanceId;
  readonly elementKey: Key;
  readonly depth: number;
}

export interface ElementRow {
  readonly instanceId: InstanceId;
  readonly elementKey: Key;
  readonly elementId: string;
  readonly elementKind: string;
  readonly scopeKey: Key;
  /** Live tokens inside, for elements that are scopes themselves. None left: it is over. */
  readonly tokens?: number;
  /** What it holds is being closed, in slices; nothing in it moves meanwhile. */
  readonly closing?: AfterClosing;
  /** An event sub-process has taken the place of what ran in it. */
  readonly isInterrupted?: true;
  /** Elements in it that a token may go back to, which have completed. */
  readonly passed?: readonly string[];
  /** By name; there once they are open. */
  readonly actions?: Readonly<Record<string, ActionState>>;
  /** What it does besides its actions is done. */
  readonly isReady?: true;
  /** The execution of an action: the last that it waited for, which has come. */
  readonly released?: 'reply' | 'time';
  /** A transaction that is being undone. */
  readonly isCancelling?: true;
  /** What it is a part of, when it undoes something: innermost last. */
  readonly compensation?: readonly CompensationLevel[];
  /** The completed scope that it stands for while what ran in that is undone. */
  readonly restores?: Key;
  /** Of one that restores a scope: what ran in that is undone, and something that was begun meanwhile is not over. */
  readonly isUndone?: true;
  /** It waits in the place of the event that threw the compensation, and goes nowhere. */
  readonly isDriver?: true;
  /** Of an ad-hoc sub-process: what begins when nothing runs in it. */
  readonly queued?: readonly AdHocBeginning[];
  /** Its job has said that nothing more begins. */
  readonly isFulfilled?: true;
  /** The body of a loop: its iterations are elements in it, with the same element id. */
  readonly loop?: LoopState;
  /** An iteration, from 1. */
  readonly loopCounter?: number;
  // What it waits for, so that leaving it needs no search (R2).
  readonly jobKey?: Key;
  readonly hasTask?: boolean;
  readonly timers?: readonly TimerRef[];
  readonly waits?: readonly Key[];
  readonly signals?: readonly SignalWaitRef[];
  readonly conditions?: readonly Key[];
  /** Parallel multiple events of which something has come. */
  readonly begunEvents?: readonly string[];
  readonly receive?: { readonly receiveKey: Key; readonly topic: string };
  /** The instance that it has called. */
  readonly calledId?: InstanceId;
  readonly incidentKey?: Key;
  readonly hasVariables?: boolean;
  /** A listener of it is asked: the job is that one's. */
  readonly listening?: Listening;
  /** Of a user task that has listeners. */
  readonly task?: TaskAttributes;
}

export interface ActionState {
  /** Executions that are to begin, that have begun, and that have done their work. */
  readonly due?: number;
  readonly running?: number;
  readonly executed?: number;
}

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

/** What happens when the last that a scope held is closed. `hops`: elements passed by then without waiting anywhere. */
export type AfterClosing = { readonly hops: number } & (
  | /** The scope completes: a terminate end event in it. */ { readonly kind: 'complete' }
  /** The scope ends, and its boundary event goes on. */
  | { readonly kind: 'boundary'; readonly boundaryId: string; readonly variables: Variables }
  /** The scope is taken away by an operator, and nothing comes in its place. */
  | { readonly kind: 'terminate' }
  /** The transaction lives on until all that completed in it is undone. */
  | { readonly kind: 'cancel' }
  /** The token goes back to an earlier element, without these variables. */
  | { readonly kind: 'back'; readonly to: string; readonly remove: readonly string[] }
  /** The scope lives on, by its event sub-process alone. */
  | { readonly kind: 'eventSubProcess'; readonly startEventId: string; readonly variables: Variables }
);

export interface ChildRow {
  readonly elementKey: Key;
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

/** Both words of a timer row's key. */
export interface TimerRef {
  readonly timerKey: Key;
  readonly dueAt: number;
}

export interface VariablesRow {
  readonly values: Variables;
}

export interface JoinRow {
  /** Flow id → tokens on it. */
  readonly waiting: Readonly<Record<string, number>>;
}

export interface EventPartsRow {
  /** By part: what each occurrence has brought, the oldest first. */
  readonly came: Readonly<Record<string, readonly Variables[]>>;
}

export interface GatewayPhaseRow {
  /** The flows whose tokens it took when it was activated. */
  readonly consumed: readonly string[];
  /** The element instance that stands for its reset while that is under way. */
  readonly resettingKey?: Key;
}

export interface DeferredRow {
  readonly tokenKey: Key;
  readonly flowId: string;
  readonly scopeKey: Key;
  readonly hops: number;
  /** The token stands still until the incident is resolved. */
  readonly incidentKey?: Key;
}

export interface JobRow {
  readonly jobKey: Key;
  readonly instanceId: InstanceId;
  readonly elementKey: Key;
  readonly elementId: string;
  readonly type: string;
  readonly attempt: number;
  readonly retries: number;
  /** `offered`: a plugin may be at it. `backingOff`: the retry timer runs. `failed`: an incident holds it. */
  readonly phase: 'offered' | 'backingOff' | 'failed';
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs?: number;
  readonly backoffMs?: number;
  /** The retry or deadline timer that runs for it. */
  readonly timer?: TimerRef;
  readonly traceparent?: string;
}

export interface TaskRow {
  readonly instanceId: InstanceId;
  readonly elementKey: Key;
  readonly elementId: string;
  readonly assignee?: string;
}

export interface TimerRow {
  readonly timerKey: Key;
  readonly dueAt: number;
  readonly purpose: TimerPurpose;
}

/** What a due timer means. */
export type TimerPurpose =
  /** A catch event goes on; or the event behind an event-based gateway, which is then the element, is the one. */
  | (TimerOfElement & { readonly kind: 'catch'; readonly eventId?: string })
  /** A boundary event fires. A cycle repeats: `repetitions` counts this firing in, null is without end. */
  | (TimerOfElement & {
      readonly kind: 'boundary';
      readonly boundaryId: string;
      readonly interval?: string;
      readonly repetitions?: number | null;
    })
  /** An event sub-process starts in a scope: `elementKey` is the scope's, `elementId` that of the start event. */
  | (TimerOfElement & {
      readonly kind: 'eventSubProcess';
      readonly interval?: string;
      readonly repetitions?: number | null;
    })
  /** An action has waited long enough; or a cycle comes round, and the action is executed once more. */
  | (TimerOfElement & { readonly kind: 'action'; readonly interval?: string; readonly repetitions?: number | null })
  /** A receive node has waited long enough. */
  | (TimerOfElement & { readonly kind: 'receiveTimeout' })
  | (TimerOfElement & { readonly kind: 'jobRetry'; readonly jobKey: Key })
  | (TimerOfElement & { readonly kind: 'jobDeadline'; readonly jobKey: Key; readonly attempt: number })
  | (MessageRef & { readonly kind: 'messageExpiry' })
  | {
      readonly kind: 'start';
      readonly processId: string;
      readonly definitionKey: DefinitionKey;
      readonly elementId: string;
      readonly interval?: string;
      readonly repetitions?: number | null;
    }
  /** The instance has had its time. */
  | { readonly kind: 'instanceExpiry'; readonly instanceId: InstanceId }
  | { readonly kind: 'forget'; readonly instanceId: InstanceId }
  | { readonly kind: 'forgetSignal'; readonly signalId: string };

interface TimerOfElement {
  readonly instanceId: InstanceId;
  readonly elementKey: Key;
  readonly elementId: string;
}

export interface WaitRow extends SubscriptionRef {
  readonly instanceId: InstanceId;
  readonly elementKey: Key;
  /** The catching element: the element itself, a boundary event of it, or the start of an event sub-process in it. */
  readonly elementId: string;
  readonly isRepeating: boolean;
}

/** Both words of a signal wait's key. */
export interface SignalWaitRef {
  readonly name: string;
  readonly sequence: number;
}

export interface SignalWaitRow extends SignalWaitRef {
  readonly instanceId: InstanceId;
  readonly elementKey: Key;
  readonly elementId: string;
  readonly isRepeating: boolean;
}

export interface ConditionWaitRow {
  readonly waitKey: Key;
  readonly instanceId: InstanceId;
  /** The element that waits, or the scope: its variables are what the condition sees. */
  readonly elementKey: Key;
  readonly elementId: string;
  readonly isRepeating: boolean;
  /** Whether the condition held when it was last asked: it comes when that turns true. */
  readonly holds: boolean;
}

export interface ConditionStartRow {
  readonly processId: string;
  readonly definitionKey: DefinitionKey;
  readonly elementId: string;
  readonly condition: string;
}

export interface SignalStartRow {
  readonly processId: string;
  readonly definitionKey: DefinitionKey;
  readonly elementId: string;
}

export interface SignalRow {
  readonly signalKey: Key;
  readonly name: string;
  readonly signalId?: string;
  /** Answers still to come. */
  readonly pending: number;
  readonly count: number;
  readonly reached: readonly Reached[];
  readonly requestId?: string;
}

export interface SignalIdRow {
  readonly signalKey: Key;
  readonly name: string;
  /** What its settling said; absent while answers are still to come. */
  readonly outcome?: { readonly count: number; readonly reached: readonly Reached[] };
}

export interface ReceiveRow {
  readonly receiveKey: Key;
  readonly instanceId: InstanceId;
  readonly elementKey: Key;
  readonly elementId: string;
  readonly topic: string;
  readonly keyName: string;
}

export type IncidentReason =
  | 'EXPRESSION_FAILED'
  | 'CONDITION_FAILED'
  | 'NO_FLOW_TAKEN'
  | 'IO_MAPPING_FAILED'
  | 'CORRELATION_KEY_INVALID'
  | 'TIMER_INVALID'
  | 'DECISION_FAILED'
  | 'FORM_NOT_FOUND'
  | 'JOB_RETRIES_EXHAUSTED'
  | 'JOB_NOT_ANSWERED'
  | 'JOB_RESULT_INVALID'
  | 'REPLY_NOT_RECEIVED'
  | 'UNHANDLED_ERROR'
  | 'CALLED_PROCESS_NOT_FOUND'
  | 'CALLED_PROCESS_SUSPENDED'
  | 'CALLS_TOO_DEEP'
  | 'VARIABLES_TOO_LARGE'
  | 'MESSAGE_TOO_LARGE'
  | 'ENDLESS_LOOP'
  | 'TOO_MANY_TOKENS';

/**
 * What resolving does: `enter` activates the element again, `leave` maps its result and leaves again, `job` offers the
 * job again, `receive` waits again, `token` moves the token on, `loop` begins the next iteration, `begin` begins the instance
 * at this element, `call` takes the result of the called instance, `listen` asks the listeners of the event again, `none` only closes
 * the incident.
 */
export type IncidentRetry =
  | 'enter'
  | 'leave'
  | 'job'
  | 'receive'
  | 'token'
  | 'loop'
  | 'begin'
  | 'call'
  | 'listen'
  | 'none';

export interface IncidentRow {
  readonly incidentKey: Key;
  readonly instanceId: InstanceId;
  readonly elementId: string;
  readonly elementKey?: Key;
  readonly reason: IncidentReason;
  readonly retry: IncidentRetry;
  readonly jobKey?: Key;
  readonly tokenKey?: Key;
  /** Where the token is, unless at the top level. */
  readonly scopeKey?: Key;
  /** What the event brought that the element could not begin with. */
  readonly brought?: Variables;
}

export interface RememberedRow {
  readonly processId: string;
  readonly rememberedUntil: number;
}

export interface SubscriptionRow extends SubscriptionRef {
  readonly instanceId: InstanceId;
  readonly processId: string;
  readonly elementId: string;
  readonly isRepeating: boolean;
  /** Offered a message and not answered yet; a wait that takes one message is offered no other meanwhile. */
  readonly offered?: Key;
}

export interface MessageRow extends MessageRef {
  readonly variables: Variables;
  readonly messageId?: string;
  readonly expiresAt?: number;
  readonly via?: readonly string[];
  readonly hops?: number;
  /** Answers still to come, by process id; `''` stands for partition 0. */
  readonly pending: Readonly<Record<string, PendingOffer>>;
  /** Processes that have had it: none gets it twice. */
  readonly taken: readonly string[];
  /** Whom it reached, until the publisher has been told. */
  readonly reached: readonly Reached[];
  readonly isSettled: boolean;
  readonly isStartOffered?: true;
  /** The publisher has been told that suspended instances hold it. */
  readonly isDeferred?: true;
  readonly requestId?: string;
}

export type PendingOffer =
  | {
      readonly waitKey: Key;
      readonly instanceId: InstanceId;
      readonly elementId: string;
      /** Its instance is suspended. */
      readonly isHeld?: true;
    }
  | 'start';

export interface MessageIdRow {
  readonly messageKey: Key;
}

export interface MessageStartRow {
  readonly processId: string;
  readonly definitionKey: DefinitionKey;
  readonly elementId: string;
  readonly name: string;
}

export interface StartLockRow {
  readonly instanceId: InstanceId;
}

export interface WatermarkRow {
  readonly offset: number;
}

export interface HeldRow {
  readonly heldKey: Key;
  readonly input: HeldInput;
}

export interface CounterRow {
  readonly count: number;
}
