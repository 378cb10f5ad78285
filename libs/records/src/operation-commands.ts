import type { Command, CommandEnvelope } from './commands.ts';
import type { Variables } from './envelope.ts';
import type { InstanceId, Key } from './ids.ts';

/** What an operator asks of running instances, beside cancelling them and mending their variables. */
export type OperationCommand = SuspendInstance | ResumeInstance | ModifyInstance | MigrateInstance | MoveTokenBack;

/**
 * The instance stands still until it is resumed: tokens do not move, timers wait, and what arrives for it from the bus is
 * held. It can be mended, migrated and cancelled meanwhile.
 */
export interface SuspendInstance extends CommandEnvelope {
  readonly kind: 'suspendInstance';
  readonly instanceId: InstanceId;
  readonly reason?: string;
  /** The instance that called it stands still. */
  readonly byCaller?: true;
}

/** What was held is decided now, in the order in which it arrived; timers that have become due fire. */
export interface ResumeInstance extends CommandEnvelope {
  readonly kind: 'resumeInstance';
  readonly instanceId: InstanceId;
  /** The instance that called it goes on: if it stood still because of that, so does this one. */
  readonly byCaller?: true;
}

/** Puts tokens into elements and takes others away, all or nothing. */
export interface ModifyInstance extends CommandEnvelope {
  readonly kind: 'modifyInstance';
  readonly instanceId: InstanceId;
  readonly activate: readonly ActivateInstruction[];
  readonly terminate: readonly TerminateInstruction[];
  /** Process variables to set before. */
  readonly variables?: Variables;
}

export interface ActivateInstruction {
  readonly elementId: string;
  /** Which of several running scopes around the element; needed only then. */
  readonly scopeKey?: Key;
  /** Local to the new element instance. */
  readonly variables?: Variables;
}

/** One element instance, or all that are at an element. */
export interface TerminateInstruction {
  readonly elementKey?: Key;
  readonly elementId?: string;
}

/** The instance goes on by another definition: its elements become those that the mapping says, by default those of the same id. */
export interface MigrateInstance extends CommandEnvelope {
  readonly kind: 'migrateInstance';
  readonly instanceId: InstanceId;
  /** Without it, the same process. */
  readonly processId?: string;
  readonly definitionVersion: number;
  /** Ids of elements and flows, from the old definition to the new. */
  readonly mapping: Readonly<Record<string, string>>;
}

/** A token returns to an element that it has passed, which the model permits. What is under way in its place ends. */
export interface MoveTokenBack extends CommandEnvelope {
  readonly kind: 'moveTokenBack';
  readonly instanceId: InstanceId;
  readonly elementKey: Key;
  /** Without it, the last that was passed. */
  readonly to?: string;
  /** Process variables to set, and to remove besides those that the model says. */
  readonly variables?: Variables;
  readonly remove?: readonly string[];
  /** Other tokens that have come of the element end too; without it they are in the way. */
  readonly withOthers?: true;
}

/** A command that arrives for a suspended instance and cannot be refused, because its sender has done his part. */
export type HeldCommand = Extract<
  Command,
  {
    readonly kind:
      | 'completeJob'
      | 'failJob'
      | 'throwJobError'
      | 'receiveReply'
      | 'correlateMessage'
      | 'wakeSignalWait'
      | 'continue';
  }
>;
