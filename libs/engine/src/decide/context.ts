import type { Cause, Command, Event, InstanceId, Key, Rejection, RejectionReason } from '@millrace/records';
import { apply } from '../apply/apply.ts';
import type { Output } from '../decision.ts';
import { Draft } from '../draft.ts';
import type { Step, View } from '../view.ts';
import type { Walk } from './walk.ts';

type BodyOf<E> = E extends Event ? Omit<E, 'version' | 'at'> : never;
/** An event without what every event of the step has alike. */
export type EventBody = BodyOf<Event>;

/** One decision in the making: what is emitted is at once visible in `draft`. */
export class Context {
  readonly draft: Draft;
  readonly step: Step;
  readonly events: Event[] = [];
  readonly outputs: Output[] = [];
  readonly cause: Cause;
  /** One for each instance that the decision is about. */
  readonly walks = new Map<InstanceId, Walk>();
  /** E3. Elements that the step has entered, and such that it has closed early, in whatever instances. */
  hops = 0;
  terminations = 0;
  /** The messages and signals by which it has come here, when it has come far. */
  via: readonly string[] = [];

  constructor(view: View, step: Step, cause: Cause) {
    this.draft = new Draft(view);
    this.step = step;
    this.cause = cause;
  }

  get now(): number {
    return this.step.now;
  }

  nextKey(): Key {
    return this.step.nextKey();
  }

  emit(body: EventBody): void {
    // Spreading the body first is what the engine of JavaScript copies fastest; this runs for every event.
    const stamped = { ...body, version: 1, at: this.step.now } as Event;
    // V3. Whoever waits for the answer to the command finds its cause on the first event.
    const event = this.events.length === 0 && this.cause !== noCause ? { ...stamped, ...this.cause } : stamped;
    this.events.push(event);
    apply(this.draft, event);
  }

  /** Takes over what was decided on a draft of this one. */
  adopt({ events, outputs }: Context): void {
    for (const event of events) {
      this.events.push(event);
      apply(this.draft, event);
    }
    this.outputs.push(...outputs);
  }

  output(output: Output): void {
    this.outputs.push(output);
  }

  /** The engine to another partition, or to its own. */
  send(partition: number, command: Command): void {
    this.outputs.push({ kind: 'command', partition, command });
  }
}

/** What of a command its decision passes on. */
export function causeOf(command: Command): Cause {
  const { requestId, source, traceparent } = command;
  if (requestId === undefined && source === undefined && traceparent === undefined) return noCause;
  return {
    ...(requestId === undefined ? undefined : { requestId }),
    ...(source === undefined ? undefined : { source }),
    ...(traceparent === undefined ? undefined : { traceparent }),
  };
}

export const noCause: Cause = {};

/** A command that is refused, and what its sender is told besides. */
export interface Refusal {
  readonly rejection: Rejection;
  readonly outputs: readonly Output[];
}

export function refuse(reason: RejectionReason, message: string, more: Partial<Rejection> = {}): Refusal {
  return { rejection: { reason, message, ...more }, outputs: [] };
}
