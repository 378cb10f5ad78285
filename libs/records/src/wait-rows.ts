import type { Variables } from './envelope.ts';
import type { InstanceId, Key } from './ids.ts';
import type { MessageRef, Reached, SubscriptionRef } from './message-commands.ts';

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
