import type { InstanceId } from './ids.ts';

/** Why a command was refused. A refusal is a value: nothing has changed, and asking again gives the same answer. */
export type RejectionReason =
  /** What the command names does not exist, or no longer. */
  | 'NOT_FOUND'
  /** The instance was started already, or a message with this id is there. */
  | 'ALREADY_EXISTS'
  /** It exists, but this cannot be done to it now. */
  | 'INVALID_STATE'
  /** An action that nobody executes: it runs by itself. */
  | 'NOT_MANUAL'
  /** An action that is executed once, and has been. */
  | 'EXECUTED_ALREADY'
  /** An action that follows another, which has not been executed. */
  | 'PARENT_NOT_EXECUTED'
  /** The condition of what is asked for does not hold. */
  | 'NOT_ALLOWED'
  /** A failure of an attempt that a newer one has replaced. */
  | 'STALE_ATTEMPT'
  /** No receive node of the instance waits on the topic. */
  | 'NO_MATCH'
  /** Variables beyond the named maximum. */
  | 'TOO_LARGE'
  /** The command itself makes no sense. */
  | 'INVALID_ARGUMENT'
  /** A named maximum of the partition is reached; trying later can help. */
  | 'LIMIT_REACHED';

export interface Rejection {
  readonly reason: RejectionReason;
  readonly message: string;
  /** With ALREADY_EXISTS of a start: the instance that is there. */
  readonly instanceId?: InstanceId;
}
