import type { BatchRow } from './batch.ts';
import type {
  ConditionStartRow,
  DecisionGraphRow,
  DecisionRow,
  DefinitionRow,
  FormRow,
  MessageStartRow,
  SignalStartRow,
  StartLockRow,
} from './definition-rows.ts';
import type { Key } from './ids.ts';
import type {
  ChildRow,
  DeferredRow,
  ElementRow,
  EventPartsRow,
  GatewayPhaseRow,
  InstanceRow,
  JoinRow,
  VariablesRow,
} from './instance-rows.ts';
import type { HeldInput } from './operation-events.ts';
import type {
  CompensableRow,
  CompensatingRow,
  LoopDeferredRow,
  LoopItemsRow,
  LoopOutputsRow,
} from './repetition-rows.ts';
import type { SuspendedDefinitionRow } from './suspension.ts';
import type {
  ConditionWaitRow,
  MessageIdRow,
  MessageRow,
  ReceiveRow,
  SignalIdRow,
  SignalRow,
  SignalWaitRow,
  SubscriptionRow,
  WaitRow,
} from './wait-rows.ts';
import type { IncidentRow, JobRow, TaskRow, TimerRow } from './work-rows.ts';

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

export interface RememberedRow {
  readonly processId: string;
  readonly rememberedUntil: number;
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
