import type { Variables } from './envelope.ts';
import type { EventEnvelope } from './events.ts';
import type { InstanceId, Key } from './ids.ts';
import type { Reached } from './message-commands.ts';

/** See signal-commands.ts for who asks whom. */
export type SignalEvent =
  | SignalThrown
  | SignalBroadcast
  | SignalDelivered
  | SignalAnswered
  | SignalSettled
  | SignalForgotten
  | SignalWaitOpened
  | SignalWaitTriggered
  | SignalWaitClosed;

interface OfSignal extends EventEnvelope {
  readonly signalKey: Key;
  readonly name: string;
}

/** An element threw it; nobody waits for an answer. */
export interface SignalThrown extends OfSignal {
  readonly kind: 'signal.thrown';
  readonly instanceId: InstanceId;
  readonly elementId: string;
  readonly elementKey: Key;
}

/** Somebody outside threw it (partition 0): the answers of `partitions` partitions are awaited. */
export interface SignalBroadcast extends OfSignal {
  readonly kind: 'signal.broadcast';
  readonly signalId?: string;
  readonly variables: Variables;
  readonly partitions: number;
}

/** A partition has woken who waited there, or a slice of them. */
export interface SignalDelivered extends OfSignal {
  readonly kind: 'signal.delivered';
  readonly partition: number;
  readonly count: number;
}

export interface SignalAnswered extends OfSignal {
  readonly kind: 'signal.answered';
  readonly partition: number;
  readonly count: number;
  readonly reached: readonly Reached[];
}

/** The answer to who broadcast it (it carries his `requestId`): every partition has answered. */
export interface SignalSettled extends OfSignal {
  readonly kind: 'signal.settled';
  readonly signalId?: string;
  /** How many waits and start events it reached, and the first of them. */
  readonly count: number;
  readonly reached: readonly Reached[];
  /** Until then a signal with this id is answered with this. */
  readonly rememberedUntil?: number;
  /** The same id again: nothing has happened. */
  readonly isRepeated?: true;
}

export interface SignalForgotten extends EventEnvelope {
  readonly kind: 'signal.forgotten';
  readonly signalId: string;
}

interface OfSignalWait extends EventEnvelope {
  readonly name: string;
  /** Numbers the waits of a partition as they open. */
  readonly sequence: number;
  readonly instanceId: InstanceId;
  /** The catching element: the element itself, a boundary event of it, or one behind an event-based gateway. */
  readonly elementId: string;
  readonly elementKey: Key;
}

export interface SignalWaitOpened extends OfSignalWait {
  readonly kind: 'signalWait.opened';
  readonly isRepeating: boolean;
}

export interface SignalWaitTriggered extends OfSignalWait {
  readonly kind: 'signalWait.triggered';
  readonly signalKey: Key;
  readonly variables: Variables;
}

export interface SignalWaitClosed extends OfSignalWait {
  readonly kind: 'signalWait.closed';
}
