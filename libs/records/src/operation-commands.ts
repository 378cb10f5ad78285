import type { Command, CommandEnvelope } from './commands.ts';
import type { InstanceId } from './ids.ts';

/** What an operator asks of running instances, beside cancelling them and mending their variables. */
export type OperationCommand = SuspendInstance | ResumeInstance;

/**
 * The instance stands still until it is resumed: tokens do not move, timers wait, and what arrives for it from the bus is
 * held. It can be mended, modified, migrated and cancelled meanwhile.
 */
export interface SuspendInstance extends CommandEnvelope {
  readonly kind: 'suspendInstance';
  readonly instanceId: InstanceId;
  readonly reason?: string;
}

/** What was held is decided now, in the order in which it arrived; timers that have become due fire. */
export interface ResumeInstance extends CommandEnvelope {
  readonly kind: 'resumeInstance';
  readonly instanceId: InstanceId;
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
