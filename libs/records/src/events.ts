import type { ActionEvent } from './action-events.ts';
import type { AdHocEvent } from './ad-hoc.ts';
import type { BatchEvent } from './batch.ts';
import type { CommandKind, TaskChanges } from './commands.ts';
import type { ConditionEvent } from './condition-events.ts';
import type { Cause, Source, Variables } from './envelope.ts';
import type { GatewayEvent } from './gateway-events.ts';
import type { DefinitionKey, InstanceId, Key } from './ids.ts';
import type { ListenerEvent } from './listeners.ts';
import type { MessageEvent } from './message-events.ts';
import type { OperationEvent } from './operation-events.ts';
import type { PartEvent } from './part-events.ts';
import type { ProgressEvent } from './progress-events.ts';
import type { RejectionReason } from './rejection.ts';
import type {
  AfterClosing,
  CompensationLevel,
  DecisionVersion,
  IncidentReason,
  IncidentRetry,
  Parent,
  StartTrigger,
  TimerPurpose,
} from './rows.ts';
import type { SignalEvent } from './signal-events.ts';
import type { SuspensionEvent } from './suspension.ts';

/**
 * What has happened. Events are the only durable truth: every row of state is a fold over them.
 *
 * V1. A shipped event never changes its meaning. A new meaning is a new version with its own applier.
 * V2. An event carries what a person needs to read it alone: instance, element, and when.
 * V3. The first event of a decision carries the cause (request id, bus source, trace) of the command that led to it.
 */
export type Event =
  | DeploymentAccepted
  | DefinitionDeployed
  | DecisionsDeployed
  | FormDeployed
  | InstanceStarted
  | InstanceEnding
  | InstanceCompleted
  | InstanceTerminated
  | InstanceCancelled
  | InstanceExpired
  | InstanceForgotten
  | ElementEntered
  | ElementCompleted
  | ElementTerminated
  | FlowTaken
  | LoopStarted
  | LoopCollected
  | LoopDeferred
  | LoopResumed
  | TokenDeferred
  | TokenResumed
  | ScopeClosing
  | ScopeCleared
  | ScopeInterrupted
  | EscalationThrown
  | ProcessCalled
  | CallReturned
  | CompensationOpened
  | CompensationThrown
  | CompensationStarted
  | CompensationDeferred
  | CompensationResumed
  | CompensationCounted
  | CompensationUndone
  | CompensationDropped
  | TransactionCancelled
  | VariablesChanged
  | JobCreated
  | JobOffered
  | JobCompleted
  | JobFailed
  | JobErrorThrown
  | JobCancelled
  | TaskCreated
  | TaskClaimed
  | TaskUnclaimed
  | TaskUpdated
  | TaskCompleted
  | TaskCancelled
  | RecordPublished
  | DecisionEvaluated
  | MessageThrown
  | ReceiveOpened
  | ReceiveMatched
  | ReceiveClosed
  | TimerScheduled
  | TimerFired
  | TimerCancelled
  | IncidentRaised
  | IncidentResolved
  | IngressAdvanced
  | CommandRejected
  | OperationEvent
  | BatchEvent
  | MessageEvent
  | SignalEvent
  | SuspensionEvent
  | ConditionEvent
  | GatewayEvent
  | ActionEvent
  | ProgressEvent
  | PartEvent
  | ListenerEvent
  | AdHocEvent;

export type EventKind = Event['kind'];
export type EventOf<Kind extends EventKind> = Extract<Event, { kind: Kind }>;

export interface EventEnvelope extends Cause {
  readonly version: 1;
  /** The time of the step that decided it, in ms since the epoch. */
  readonly at: number;
}

interface OfInstance extends EventEnvelope {
  readonly instanceId: InstanceId;
}

interface OfElement extends OfInstance {
  readonly elementId: string;
  readonly elementKey: Key;
}

// Definitions (partition 0)

/** The answer to a deployment: the version of every process, decision and form in it, new or as it was. */
export interface DeploymentAccepted extends EventEnvelope {
  readonly kind: 'deployment.accepted';
  readonly resourceNames: readonly string[];
  readonly definitions: readonly {
    readonly processId: string;
    readonly definitionKey: DefinitionKey;
    readonly definitionVersion: number;
    readonly isNew: boolean;
  }[];
  /** `graphKey` is the key of the definition record that has them. */
  readonly decisions: readonly (DecisionVersion & { readonly graphKey: DefinitionKey; readonly isNew: boolean })[];
  readonly forms: readonly {
    readonly formId: string;
    readonly formKey: DefinitionKey;
    readonly formVersion: number;
    readonly isNew: boolean;
  }[];
}

export interface DefinitionDeployed extends EventEnvelope {
  readonly kind: 'definition.deployed';
  readonly processId: string;
  readonly definitionKey: DefinitionKey;
  readonly definitionVersion: number;
  readonly name?: string;
  readonly resourceName: string;
  readonly digest: string;
}

export interface DecisionsDeployed extends EventEnvelope {
  readonly kind: 'decisions.deployed';
  readonly graphId: string;
  readonly graphKey: DefinitionKey;
  readonly graphVersion: number;
  readonly resourceName: string;
  readonly digest: string;
  readonly decisions: readonly DecisionVersion[];
}

export interface FormDeployed extends EventEnvelope {
  readonly kind: 'form.deployed';
  readonly formId: string;
  readonly formKey: DefinitionKey;
  readonly formVersion: number;
  readonly resourceName: string;
  readonly digest: string;
}

// Instances

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

// Elements and tokens

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

/** The activity is done several times: its iterations are elements of the same id within it. */
export interface LoopStarted extends OfElement {
  readonly kind: 'loop.started';
  /** Absent when a condition decides. */
  readonly count?: number;
  /** The collection, if iterations see its items; each goes into `inputElement`. */
  readonly items?: readonly unknown[];
  readonly inputElement?: string;
  /** A variable that each iteration has for its own result. */
  readonly outputElement?: string;
  readonly hops: number;
}

/** What one iteration gave for the output collection; `elementKey` is the activity's. */
export interface LoopCollected extends OfElement {
  readonly kind: 'loop.collected';
  readonly loopCounter: number;
  readonly value: unknown;
  /** Size of all that has been collected, as JSON. */
  readonly outputBytes: number;
}

/** The next iterations begin in the next slice. */
export interface LoopDeferred extends OfElement {
  readonly kind: 'loop.deferred';
  readonly hops: number;
}

export interface LoopResumed extends OfElement {
  readonly kind: 'loop.resumed';
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

/** The activity completes, and can be undone from now on. */
export interface CompensationOpened extends OfElement {
  readonly kind: 'compensation.opened';
  readonly scopeKey: Key;
  readonly sequence: number;
  readonly isBody?: true;
  readonly variables: Variables;
}

export interface CompensationThrown extends OfElement {
  readonly kind: 'compensation.thrown';
  readonly activityId?: string;
}

/** The completed activity is undone from now on. */
export interface CompensationStarted extends OfElement {
  readonly kind: 'compensation.started';
  readonly scopeKey: Key;
  readonly sequence: number;
}

/** The next slice goes on, because this step was long enough. */
export interface CompensationDeferred extends OfElement {
  readonly kind: 'compensation.deferred';
  readonly levels: readonly CompensationLevel[];
  readonly hops: number;
}

export interface CompensationResumed extends OfElement {
  readonly kind: 'compensation.resumed';
}

/** All that ran in the scope is undone; what events at its handlers have begun goes on in it until it is over. */
export interface CompensationUndone extends OfElement {
  readonly kind: 'compensation.undone';
}

/** The variables that are kept for undoing count among those of the instance: from now on, or, when it is undone, no more. */
export interface CompensationCounted extends OfInstance {
  readonly kind: 'compensation.counted';
  readonly scopeKey: Key;
  readonly sequence: number;
  readonly bytes: number;
  readonly variableBytes: number;
}

/** The instance ends: the first so many of what could be undone never is. */
export interface CompensationDropped extends OfInstance {
  readonly kind: 'compensation.dropped';
  readonly count: number;
}

/** Nothing runs in the transaction any more; what had completed in it is undone, then its cancel event goes on. */
export interface TransactionCancelled extends OfInstance {
  readonly kind: 'transaction.cancelled';
  readonly scopeKey: Key;
}

export interface VariablesChanged extends OfInstance {
  readonly kind: 'variables.changed';
  /** The instance id for process variables; an element key for variables local to it. */
  readonly scopeKey: Key;
  readonly values: Variables;
  /** Size of all variables of the instance after the change. */
  readonly variableBytes: number;
}

// Jobs

export interface JobCreated extends OfElement {
  readonly kind: 'job.created';
  readonly jobKey: Key;
  readonly type: string;
  readonly attempt: number;
  /** Attempts that may still fail before the incident, this one included. */
  readonly retries: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Offered again when this passes without an answer. */
  readonly deadline?: number;
  readonly timeoutMs?: number;
  readonly backoffMs?: number;
}

/** Offered to a plugin again, as a new attempt. */
export interface JobOffered extends OfElement {
  readonly kind: 'job.offered';
  readonly jobKey: Key;
  readonly attempt: number;
  readonly retries: number;
  readonly because: 'retry' | 'deadline' | 'incidentResolved';
  readonly deadline?: number;
}

export interface JobCompleted extends OfElement {
  readonly kind: 'job.completed';
  readonly jobKey: Key;
}

export interface JobFailed extends OfElement {
  readonly kind: 'job.failed';
  readonly jobKey: Key;
  readonly attempt: number;
  readonly retries: number;
  readonly message: string;
  /** When the next attempt is offered; absent when no retries are left. */
  readonly retryAt?: number;
}

export interface JobErrorThrown extends OfElement {
  readonly kind: 'job.errorThrown';
  readonly jobKey: Key;
  readonly attempt: number;
  readonly code: string;
  readonly message?: string;
  /** The boundary event that catches it; absent when nobody does. */
  readonly caughtBy?: string;
}

export interface JobCancelled extends OfElement {
  readonly kind: 'job.cancelled';
  readonly jobKey: Key;
}

// User tasks: the task's key is its element's

export interface TaskCreated extends OfElement {
  readonly kind: 'task.created';
  readonly name: string;
  readonly assignee?: string;
  readonly candidateGroups: readonly string[];
  readonly candidateUsers: readonly string[];
  /** What can be done with it through the action call. */
  readonly action: string;
  readonly form?: TaskForm;
  readonly headers: Readonly<Record<string, string>>;
  readonly dueDate?: string;
  readonly followUpDate?: string;
  readonly priority?: number;
  /** Variables local to the scopes around it and to itself, the item of a loop among them. */
  readonly local?: readonly { readonly scopeKey: Key; readonly values: Variables }[];
}

export interface TaskForm {
  readonly formId?: string;
  /** Of a form that was deployed when the task was created. */
  readonly version?: number;
  readonly formKey?: string;
  readonly externalReference?: string;
}

export interface TaskClaimed extends OfElement {
  readonly kind: 'task.claimed';
  readonly assignee: string;
}

export interface TaskUnclaimed extends OfElement {
  readonly kind: 'task.unclaimed';
}

export interface TaskUpdated extends OfElement {
  readonly kind: 'task.updated';
  readonly changes: TaskChanges;
}

export interface TaskCompleted extends OfElement {
  readonly kind: 'task.completed';
}

export interface TaskCancelled extends OfElement {
  readonly kind: 'task.cancelled';
}

// Send and receive nodes on topics

export interface RecordPublished extends OfElement {
  readonly kind: 'record.published';
  readonly topic: string;
  readonly key: string;
}

/** The engine has evaluated a decision; for each that it took, the rules that fired, from 1. */
export interface DecisionEvaluated extends OfElement {
  readonly kind: 'decision.evaluated';
  readonly decisionId: string;
  readonly decisionVersion: number;
  readonly decisions: readonly { readonly decisionId: string; readonly rules: readonly number[] }[];
}

/** A message is on its way to whoever waits for it. */
export interface MessageThrown extends OfElement {
  readonly kind: 'message.thrown';
  readonly name: string;
  readonly correlationKey: string;
}

export interface ReceiveOpened extends OfElement {
  readonly kind: 'receive.opened';
  readonly receiveKey: Key;
  readonly topic: string;
  readonly keyName: string;
}

export interface ReceiveMatched extends OfElement {
  readonly kind: 'receive.matched';
  readonly receiveKey: Key;
  readonly topic: string;
}

export interface ReceiveClosed extends OfElement {
  readonly kind: 'receive.closed';
  readonly receiveKey: Key;
  readonly topic: string;
}

// Timers

export interface TimerScheduled extends EventEnvelope {
  readonly kind: 'timer.scheduled';
  readonly timerKey: Key;
  readonly dueAt: number;
  readonly purpose: TimerPurpose;
}

export interface TimerFired extends EventEnvelope {
  readonly kind: 'timer.fired';
  readonly timerKey: Key;
  readonly dueAt: number;
  readonly purpose: TimerPurpose;
}

export interface TimerCancelled extends EventEnvelope {
  readonly kind: 'timer.cancelled';
  readonly timerKey: Key;
  readonly dueAt: number;
  readonly purpose: TimerPurpose;
}

// Incidents

export interface IncidentRaised extends OfInstance {
  readonly kind: 'incident.raised';
  readonly incidentKey: Key;
  readonly elementId: string;
  /** Absent when the token had not entered the element yet. */
  readonly elementKey?: Key;
  readonly reason: IncidentReason;
  readonly message: string;
  readonly retry: IncidentRetry;
  readonly jobKey?: Key;
  readonly tokenKey?: Key;
  /** Where the token is, unless at the top level. */
  readonly scopeKey?: Key;
  /** What the event brought that the element could not begin with. */
  readonly brought?: Variables;
}

export interface IncidentResolved extends OfInstance {
  readonly kind: 'incident.resolved';
  readonly incidentKey: Key;
  readonly elementId: string;
  readonly elementKey?: Key;
  /** `left`: the element went on or was closed without anybody resolving it. */
  readonly by: 'command' | 'left';
}

// The partition itself

/** Nothing else happened, but the bus record behind the command counts as seen. */
export interface IngressAdvanced extends EventEnvelope {
  readonly kind: 'ingress.advanced';
  readonly source: Source;
}

export interface CommandRejected extends EventEnvelope {
  readonly kind: 'command.rejected';
  readonly commandKind: CommandKind;
  readonly reason: RejectionReason;
  readonly message: string;
  readonly instanceId?: InstanceId;
}

export type { StartTrigger };
