import type { CommandEnvelope } from './commands.ts';
import type { Variables } from './envelope.ts';
import type { InstanceId, Key } from './ids.ts';

/**
 * How a message finds an instance. Three kinds of owner talk by commands, which arrive exactly once and, between any
 * two partitions, in order:
 *
 *   I  the partition of the instance     — holds the *wait* (which element waits for what)
 *   M  the partition of the correlation key — holds *subscriptions* and buffered *messages*
 *   0  partition 0                       — holds message start events and their locks
 *
 *   I → M  openSubscription, closeSubscription
 *   M → I  correlateMessage                 I → M  confirmCorrelation | rejectCorrelation | holdCorrelation
 *   M → 0  offerMessageStart                0 → M  answerMessageStart
 *   I → 0  releaseMessageStart              0 → M  reofferMessages
 *
 * M1. M decides who gets a message, I decides whether that still holds: a wait that is gone rejects, and M goes on
 *     with the next subscription. Hence no message is lost to an instance that has just ended, and none is taken twice.
 * M2. A suspended instance says neither yes nor no yet, but that it holds the message: the publisher hears so instead of waiting.
 */
export type MessageCommand =
  | PublishMessage
  | OpenSubscription
  | CloseSubscription
  | CorrelateMessage
  | ConfirmCorrelation
  | RejectCorrelation
  | HoldCorrelation
  | OfferMessageStart
  | AnswerMessageStart
  | ReleaseMessageStart
  | ReofferMessages;

export interface PublishMessage extends CommandEnvelope {
  readonly kind: 'publishMessage';
  readonly name: string;
  /** May be empty: then only a start event can take the message. */
  readonly correlationKey: string;
  /** Refused with ALREADY_EXISTS while a message of the same id, name and correlation key lives. */
  readonly messageId?: string;
  /** How long the message waits for a subscription that opens later. */
  readonly ttlMs: number;
  readonly variables: Variables;
  /** Elements passed without waiting for anything outside, by the token that threw it: a ring of messages is found by it. */
  readonly hops?: number;
}

/** Names a subscription: the wait's key, and the two words that locate it on M. */
export interface SubscriptionRef {
  readonly waitKey: Key;
  readonly name: string;
  readonly correlationKey: string;
}

/** Names a message on M. */
export interface MessageRef {
  readonly messageKey: Key;
  readonly name: string;
  readonly correlationKey: string;
}

export interface OpenSubscription extends CommandEnvelope, SubscriptionRef {
  readonly kind: 'openSubscription';
  readonly instanceId: InstanceId;
  readonly processId: string;
  readonly elementId: string;
  /** A non-interrupting boundary event takes any number of messages; every other wait takes one. */
  readonly isRepeating: boolean;
}

export interface CloseSubscription extends CommandEnvelope, SubscriptionRef {
  readonly kind: 'closeSubscription';
  readonly instanceId: InstanceId;
}

export interface CorrelateMessage extends CommandEnvelope, MessageRef {
  readonly kind: 'correlateMessage';
  readonly instanceId: InstanceId;
  readonly processId: string;
  readonly waitKey: Key;
  readonly variables: Variables;
  readonly hops?: number;
}

export interface ConfirmCorrelation extends CommandEnvelope, MessageRef {
  readonly kind: 'confirmCorrelation';
  readonly instanceId: InstanceId;
  readonly processId: string;
  readonly waitKey: Key;
}

export interface RejectCorrelation extends CommandEnvelope, MessageRef {
  readonly kind: 'rejectCorrelation';
  readonly instanceId: InstanceId;
  readonly processId: string;
  readonly waitKey: Key;
  /** `gone`: nobody waits any more. `unfit`: the instance waits on, but cannot take this message. */
  readonly reason: 'gone' | 'unfit';
}

/** The instance is suspended: it confirms or rejects when it goes on or ends. */
export interface HoldCorrelation extends CommandEnvelope, MessageRef {
  readonly kind: 'holdCorrelation';
  readonly instanceId: InstanceId;
  readonly processId: string;
  readonly waitKey: Key;
}

export interface OfferMessageStart extends CommandEnvelope, MessageRef {
  readonly kind: 'offerMessageStart';
  readonly variables: Variables;
  /** Processes that have had this message already. */
  readonly taken: readonly string[];
  readonly hops?: number;
}

export interface AnswerMessageStart extends CommandEnvelope, MessageRef {
  readonly kind: 'answerMessageStart';
  readonly started: readonly Reached[];
}

/** Somebody a message reached. */
export interface Reached {
  readonly processId: string;
  readonly instanceId: InstanceId;
  readonly elementId: string;
}

/** An instance that a message started has ended: the next message of that name and key may start one. */
export interface ReleaseMessageStart extends CommandEnvelope {
  readonly kind: 'releaseMessageStart';
  readonly processId: string;
  readonly name: string;
  readonly correlationKey: string;
  readonly instanceId: InstanceId;
}

/** Partition 0 can start an instance again: M offers what it has buffered. */
export interface ReofferMessages extends CommandEnvelope {
  readonly kind: 'reofferMessages';
  readonly processId: string;
  readonly name: string;
  readonly correlationKey: string;
}
