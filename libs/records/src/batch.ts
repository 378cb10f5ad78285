import type { CommandEnvelope } from './commands.ts';
import type { Variables } from './envelope.ts';
import type { EventEnvelope } from './events.ts';
import type { InstanceId } from './ids.ts';
import type { ActivateInstruction, TerminateInstruction } from './operation-commands.ts';
import type { RejectionReason } from './rejection.ts';

/**
 * One operation over many instances. Every partition is asked once (`startBatch`), goes through its own instances in
 * slices (`continueBatch`, to itself), and says how far it is; what has been done is in the log like anything else, so a
 * batch survives whatever is killed when, and does nothing twice.
 */
export type BatchCommand = StartBatch | ContinueBatch | CancelBatch;

interface OfBatch extends CommandEnvelope {
  readonly batchId: string;
  /** Who is asked. */
  readonly partition: number;
}

export interface StartBatch extends OfBatch {
  readonly kind: 'startBatch';
  readonly operation: BatchOperation;
  readonly filter: BatchFilter;
}

export interface ContinueBatch extends OfBatch {
  readonly kind: 'continueBatch';
}

export interface CancelBatch extends OfBatch {
  readonly kind: 'cancelBatch';
}

/** What is done to each instance: the command of the same meaning, without the instance. */
export type BatchOperation =
  | { readonly kind: 'suspend'; readonly reason?: string }
  | { readonly kind: 'resume' }
  | { readonly kind: 'cancel'; readonly reason?: string }
  | { readonly kind: 'updateVariables'; readonly variables: Variables }
  /** Every open incident of the instance is tried again. */
  | { readonly kind: 'resolveIncidents'; readonly retries?: number }
  | {
      readonly kind: 'modify';
      readonly activate: readonly ActivateInstruction[];
      readonly terminate: readonly TerminateInstruction[];
      readonly variables?: Variables;
    }
  | {
      readonly kind: 'migrate';
      readonly processId?: string;
      readonly definitionVersion: number;
      readonly mapping: Readonly<Record<string, string>>;
    };

/** Instances that run and fit everything that is said. */
export interface BatchFilter {
  readonly processId?: string;
  readonly definitionVersion?: number;
  readonly businessKey?: string;
  readonly isSuspended?: boolean;
  /** ms since the epoch. */
  readonly startedBefore?: number;
  readonly startedFrom?: number;
  readonly instanceIds?: readonly InstanceId[];
}

export type BatchEvent = BatchStarted | BatchProgressed | BatchEnded;

interface EventOfBatch extends EventEnvelope {
  readonly batchId: string;
  readonly partition: number;
}

export interface BatchStarted extends EventOfBatch {
  readonly kind: 'batch.started';
  readonly operation: BatchOperation;
  readonly filter: BatchFilter;
  readonly partitions: number;
}

/** A slice is done; the events behind it are what was done to the instances. */
export interface BatchProgressed extends EventOfBatch {
  readonly kind: 'batch.progressed';
  /** The last instance that was looked at. */
  readonly cursor: InstanceId;
  /** All that this partition has done so far. */
  readonly done: number;
  readonly failed: number;
  /** Of this slice. */
  readonly failures: readonly BatchFailure[];
}

export interface BatchFailure {
  readonly instanceId: InstanceId;
  readonly reason: RejectionReason;
  readonly message: string;
}

/** This partition is through with it, or was told to stop. */
export interface BatchEnded extends EventOfBatch {
  readonly kind: 'batch.ended';
  readonly isCancelled: boolean;
  readonly done: number;
  readonly failed: number;
}

export interface BatchRow {
  readonly batchId: string;
  readonly operation: BatchOperation;
  readonly filter: BatchFilter;
  readonly cursor: InstanceId;
  readonly done: number;
  readonly failed: number;
}
