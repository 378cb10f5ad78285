import type { CommandEnvelope } from './commands.ts';
import type { Variables } from './envelope.ts';
import type { InstanceId, Key } from './ids.ts';
import type { Reached } from './message-commands.ts';

/**
 * How a signal finds everybody who waits for it. Whoever throws it asks every partition in one transaction; each wakes the
 * waits that it had when it was asked, in slices, and partition 0 the start events as well.
 *
 *   anybody → 0      broadcastSignal
 *   thrower → every  deliverSignal         every → thrower  answerSignal, if he wants to know
 */
export type SignalCommand = BroadcastSignal | DeliverSignal | AnswerSignal | WakeSignalWait;

export interface BroadcastSignal extends CommandEnvelope {
  readonly kind: 'broadcastSignal';
  readonly name: string;
  /** Makes a second try harmless: it is answered as the first was. */
  readonly signalId?: string;
  readonly variables: Variables;
}

export interface DeliverSignal extends CommandEnvelope {
  readonly kind: 'deliverSignal';
  readonly signalKey: Key;
  readonly name: string;
  readonly variables: Variables;
  /** Who is asked. */
  readonly partition: number;
  /** Answer when the last one has been woken. */
  readonly answers: boolean;
  /** Elements passed without waiting for anything outside, by the token that threw it: a ring of signals is found by it. */
  readonly hops?: number;
  /** What earlier slices have done. */
  readonly progress?: SignalProgress;
}

export interface SignalProgress {
  /** Waits are numbered as they open: the last one woken, and the last one that is concerned. */
  readonly after: number;
  readonly until: number;
  readonly count: number;
  readonly reached: readonly Reached[];
}

export interface AnswerSignal extends CommandEnvelope {
  readonly kind: 'answerSignal';
  readonly signalKey: Key;
  /** Whose answer it is. */
  readonly partition: number;
  readonly count: number;
  /** The first of them. */
  readonly reached: readonly Reached[];
}

/** A signal that came while the instance was suspended. Sent only when the instance is resumed, by its own partition. */
export interface WakeSignalWait extends CommandEnvelope {
  readonly kind: 'wakeSignalWait';
  readonly instanceId: InstanceId;
  readonly signalKey: Key;
  readonly name: string;
  /** Which of the waits for the signal. */
  readonly sequence: number;
  readonly variables: Variables;
  readonly hops?: number;
}
