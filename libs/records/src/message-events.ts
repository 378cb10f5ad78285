import type { Variables } from './envelope.ts';
import type { EventEnvelope } from './events.ts';
import type { DefinitionKey, InstanceId, Key } from './ids.ts';
import type { MessageRef, Reached, SubscriptionRef } from './message-commands.ts';
import type { StartTrigger } from './definition-rows.ts';

/** Who holds what: see message-commands.ts. `wait.*` on the instance's partition, the rest on that of the key or on 0. */
export type MessageEvent =
  | WaitOpened
  | WaitCorrelated
  | WaitClosed
  | SubscriptionOpened
  | SubscriptionClosed
  | MessagePublished
  | MessageOffered
  | MessageCorrelated
  | MessageRefused
  | MessageHeld
  | MessageDeferred
  | MessageStartOffered
  | MessageStartAnswered
  | MessageSettled
  | MessageExpired
  | StartEventOpened
  | StartEventClosed
  | StartEventTriggered
  | StartEventDeclined
  | StartLockReleased;

interface OfWait extends EventEnvelope, SubscriptionRef {
  readonly instanceId: InstanceId;
  readonly elementId: string;
  readonly elementKey: Key;
}

/** An element begins to wait for a message. For a boundary event, `elementKey` is the activity's. */
export interface WaitOpened extends OfWait {
  readonly kind: 'wait.opened';
  readonly processId: string;
  readonly isRepeating: boolean;
}

export interface WaitCorrelated extends OfWait {
  readonly kind: 'wait.correlated';
  readonly messageKey: Key;
  readonly variables: Variables;
}

export interface WaitClosed extends OfWait {
  readonly kind: 'wait.closed';
}

export interface SubscriptionOpened extends EventEnvelope, SubscriptionRef {
  readonly kind: 'subscription.opened';
  readonly instanceId: InstanceId;
  readonly processId: string;
  readonly elementId: string;
  readonly isRepeating: boolean;
}

export interface SubscriptionClosed extends EventEnvelope, SubscriptionRef {
  readonly kind: 'subscription.closed';
  readonly instanceId: InstanceId;
}

interface OfMessage extends EventEnvelope, MessageRef {}

export interface MessagePublished extends OfMessage {
  readonly kind: 'message.published';
  readonly messageId?: string;
  readonly variables: Variables;
  /** The message lives until then; without it, only while it is being offered. */
  readonly expiresAt?: number;
  /** Elements that the token which threw it had passed without waiting for anything outside. */
  readonly via?: readonly string[];
  readonly hops?: number;
}

/** Sent to an instance whose subscription matches; it may still refuse. */
export interface MessageOffered extends OfMessage {
  readonly kind: 'message.offered';
  readonly waitKey: Key;
  readonly instanceId: InstanceId;
  readonly processId: string;
  readonly elementId: string;
}

export interface MessageCorrelated extends OfMessage {
  readonly kind: 'message.correlated';
  readonly waitKey: Key;
  readonly instanceId: InstanceId;
  readonly processId: string;
  readonly elementId: string;
}

export interface MessageRefused extends OfMessage {
  readonly kind: 'message.refused';
  readonly waitKey: Key;
  readonly instanceId: InstanceId;
  readonly processId: string;
  readonly reason: 'gone' | 'unfit';
}

/** The instance is suspended, and answers when it goes on or ends. */
export interface MessageHeld extends OfMessage {
  readonly kind: 'message.held';
  readonly waitKey: Key;
  readonly instanceId: InstanceId;
  readonly processId: string;
  readonly elementId: string;
}

/** The answer to the publisher (it carries his `requestId`) while all who have not answered are suspended. `message.settled` comes later. */
export interface MessageDeferred extends OfMessage {
  readonly kind: 'message.deferred';
  readonly reached: readonly Reached[];
  /** Suspended instances that hold it. */
  readonly held: readonly Reached[];
}

/** Partition 0 is asked whether a start event takes the message. */
export interface MessageStartOffered extends OfMessage {
  readonly kind: 'message.startOffered';
}

export interface MessageStartAnswered extends OfMessage {
  readonly kind: 'message.startAnswered';
  readonly started: readonly Reached[];
}

/** The answer to the publisher (it carries his `requestId`): everybody who could take the message has answered. */
export interface MessageSettled extends OfMessage {
  readonly kind: 'message.settled';
  readonly outcome: 'correlated' | 'buffered' | 'expired';
  readonly reached: readonly Reached[];
  readonly expiresAt?: number;
}

/** The time to live is over; whoever subscribes from now on does not get it. */
export interface MessageExpired extends OfMessage {
  readonly kind: 'message.expired';
}

// Start events (partition 0)

export interface StartEventOpened extends EventEnvelope {
  readonly kind: 'startEvent.opened';
  readonly processId: string;
  readonly definitionKey: DefinitionKey;
  readonly elementId: string;
  readonly trigger: StartTrigger;
}

export interface StartEventClosed extends EventEnvelope {
  readonly kind: 'startEvent.closed';
  readonly processId: string;
  readonly definitionKey: DefinitionKey;
  readonly elementId: string;
  readonly trigger: StartTrigger;
}

export interface StartEventTriggered extends EventEnvelope {
  readonly kind: 'startEvent.triggered';
  readonly processId: string;
  readonly definitionKey: DefinitionKey;
  readonly elementId: string;
  /** The instance that was asked for; it starts on the partition its id names. */
  readonly instanceId: InstanceId;
  readonly message?: MessageRef;
}

/** No start event takes the message: none has its name, or an instance that one started is still running. */
export interface StartEventDeclined extends EventEnvelope, MessageRef {
  readonly kind: 'startEvent.declined';
}

export interface StartLockReleased extends EventEnvelope {
  readonly kind: 'startLock.released';
  readonly processId: string;
  readonly name: string;
  readonly correlationKey: string;
}
