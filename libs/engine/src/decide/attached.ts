import { unreachable } from '@millrace/std';
import { type BoundaryEvent, type EventPart, type StartEvent, partsOf } from '@millrace/bpmn';
import type { Key, TimerPurpose } from '@millrace/records';
import { openConditionWait } from './condition-wait.ts';
import { evaluateChannel, evaluateSignalName, evaluateTimer } from './expressions.ts';
import { Failure } from './failure.ts';
import { schedule } from './schedule.ts';
import { openSignalWait } from './signal-wait.ts';
import { surroundingsOfScope } from './surroundings.ts';
import { openWait } from './wait.ts';
import type { Walk } from './walk.ts';

/** What to open, evaluated but not yet done. */
export type Plan = readonly (() => void)[];

export function carryOut(plan: Plan): void {
  for (const open of plan) open();
}

/**
 * What to open for events that belong to something running: the boundary events of an activity, the starts of the event
 * sub-processes of a scope. `holderKey` is the activity, or the scope: what is opened is kept in its row, and closed with it.
 */
export function planAttached(walk: Walk, holderKey: Key, events: readonly AttachedEvent[]): Plan | Failure {
  const plan: (() => void)[] = [];
  for (const event of events) {
    for (const one of event.trigger.kind === 'multiple' ? partsOf(event) : [event]) {
      const open = planOne(walk, holderKey, event, one);
      if (open instanceof Failure) return open;
      if (open !== undefined) plan.push(open);
    }
  }
  return plan;
}

type AttachedEvent = BoundaryEvent | StartEvent;

/** `one` is the event, or a part of it. */
function planOne(
  walk: Walk,
  holderKey: Key,
  event: AttachedEvent,
  one: AttachedEvent | EventPart,
): (() => void) | Failure | undefined {
  const { trigger, id } = one;
  const isRepeating = event.interrupting !== true;
  switch (trigger.kind) {
    case 'message': {
      const channel = evaluateChannel(trigger, surroundingsOfScope(walk, holderKey));
      if (channel instanceof Failure) return channel;
      return () => openWait(walk, holderKey, id, channel, isRepeating);
    }
    case 'timer': {
      const timer = evaluateTimer(trigger.timer, trigger.expression, surroundingsOfScope(walk, holderKey));
      if (timer instanceof Failure) return timer;
      const { dueAt, repetitions, interval } = timer;
      const cycle = interval === undefined ? undefined : { interval, repetitions };
      return () => void schedule(walk.context, dueAt, purposeOf(walk, holderKey, event, id, cycle));
    }
    case 'signal': {
      const name = evaluateSignalName(trigger.name, surroundingsOfScope(walk, holderKey));
      if (name instanceof Failure) return name;
      return () => openSignalWait(walk, holderKey, id, name, isRepeating);
    }
    case 'condition':
      return () => openConditionWait(walk, holderKey, id, isRepeating);
    // By the model: what is thrown looks for who catches it.
    case 'error':
    case 'escalation':
    case 'compensation':
    case 'cancel':
      return undefined;
    case 'none':
    case 'startMessage':
    // Its parts have been planned one by one.
    case 'multiple':
      return undefined;
    default:
      return unreachable(trigger);
  }
}

function purposeOf(
  walk: Walk,
  holderKey: Key,
  event: AttachedEvent,
  eventId: string,
  cycle: { readonly interval: string; readonly repetitions: number | null | undefined } | undefined,
): TimerPurpose {
  const { instanceId } = walk;
  const repeats =
    cycle === undefined ? undefined : { interval: cycle.interval, repetitions: cycle.repetitions ?? null };
  return event.kind === 'boundaryEvent'
    ? {
        kind: 'boundary',
        instanceId,
        elementKey: holderKey,
        elementId: event.attachedTo,
        boundaryId: eventId,
        ...repeats,
      }
    : { kind: 'eventSubProcess', instanceId, elementKey: holderKey, elementId: eventId, ...repeats };
}
