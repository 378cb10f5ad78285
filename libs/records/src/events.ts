import type { ActionEvent } from './action-events.ts';
import type { AdHocEvent } from './ad-hoc.ts';
import type { BatchEvent } from './batch.ts';
import type { CommandKind } from './commands.ts';
import type { ConditionEvent } from './condition-events.ts';
import type { DecisionsDeployed, DefinitionDeployed, DeploymentAccepted, FormDeployed } from './definition-events.ts';
import type {
  CallReturned,
  ElementCompleted,
  ElementEntered,
  ElementTerminated,
  EscalationThrown,
  FlowTaken,
  ProcessCalled,
  ScopeCleared,
  ScopeClosing,
  ScopeInterrupted,
  TokenDeferred,
  TokenResumed,
  VariablesChanged,
} from './element-events.ts';
import type { Cause, Source } from './envelope.ts';
import type { GatewayEvent } from './gateway-events.ts';
import type { InstanceId, Key } from './ids.ts';
import type { IncidentRaised, IncidentResolved } from './incident-events.ts';
import type {
  InstanceCancelled,
  InstanceCompleted,
  InstanceEnding,
  InstanceExpired,
  InstanceForgotten,
  InstanceStarted,
  InstanceTerminated,
} from './instance-events.ts';
import type { JobCancelled, JobCompleted, JobCreated, JobErrorThrown, JobFailed, JobOffered } from './job-events.ts';
import type { ListenerEvent } from './listeners.ts';
import type { MessageEvent } from './message-events.ts';
import type { OperationEvent } from './operation-events.ts';
import type { PartEvent } from './part-events.ts';
import type { ProgressEvent } from './progress-events.ts';
import type { RejectionReason } from './rejection.ts';
import type {
  CompensationCounted,
  CompensationDeferred,
  CompensationDropped,
  CompensationOpened,
  CompensationResumed,
  CompensationStarted,
  CompensationThrown,
  CompensationUndone,
  LoopCollected,
  LoopDeferred,
  LoopResumed,
  LoopStarted,
  TransactionCancelled,
} from './repetition-events.ts';
import type { SignalEvent } from './signal-events.ts';
import type { SuspensionEvent } from './suspension.ts';
import type {
  TaskCancelled,
  TaskClaimed,
  TaskCompleted,
  TaskCreated,
  TaskUnclaimed,
  TaskUpdated,
} from './task-events.ts';
import type { TimerCancelled, TimerFired, TimerScheduled } from './timer-events.ts';
import type {
  DecisionEvaluated,
  MessageThrown,
  ReceiveClosed,
  ReceiveMatched,
  ReceiveOpened,
  RecordPublished,
} from './topic-events.ts';

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

export interface OfInstance extends EventEnvelope {
  readonly instanceId: InstanceId;
}

export interface OfElement extends OfInstance {
  readonly elementId: string;
  readonly elementKey: Key;
}

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
