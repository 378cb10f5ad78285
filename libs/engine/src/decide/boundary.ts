import { unreachable } from '@millrace/std';
import type { BoundaryEvent } from '@millrace/bpmn';
import type { ElementRow, Key, TimerPurpose, Variables } from '@millrace/records';
import { surroundings } from './surroundings.ts';
import { closeWaiting, ofElement, terminateElement } from './close.ts';
import { closeScope } from './closing.ts';
import { evaluateChannel, evaluateSignalName, evaluateTimer } from './expressions.ts';
import { Failure } from './failure.ts';
import { leave } from './leave.ts';
import { enter } from './enter.ts';
import { schedule } from './schedule.ts';
import { openSignalWait } from './signal-wait.ts';
import { openWait } from './wait.ts';
import type { Walk } from './walk.ts';

/** What to open for the boundary events of an activity, evaluated but not yet done. */
export type BoundaryPlan = readonly (() => void)[];

export function planBoundary(walk: Walk, activity: ElementRow): BoundaryPlan | Failure {
  const plan: (() => void)[] = [];
  for (const boundaryId of walk.model.boundaryEvents[activity.elementId] ?? []) {
    const open = planOne(walk, activity, boundaryEvent(walk, boundaryId));
    if (open instanceof Failure) return open;
    plan.push(open);
  }
  return plan;
}

export function openBoundary(plan: BoundaryPlan): void {
  for (const open of plan) open();
}

/**
 * The event has come: an interrupting one ends the activity and takes its token on, another one sends a token of its own.
 * The variables it brings belong to the boundary event, whose output mappings see them. `hops` counts on when nothing has
 * waited: an error that is thrown in a loop.
 */
export function triggerBoundary(
  walk: Walk,
  activityKey: Key,
  boundaryId: string,
  variables: Variables,
  hops = 0,
): void {
  const { scopeKey } = walk.element(activityKey);
  const coming: Coming = { boundaryId, variables, hops: hops + 1 };
  if (!boundaryEvent(walk, boundaryId).interrupting) return enterBoundary(walk, activityKey, scopeKey, coming);
  // At once, not with the last slice: what interrupts must not be interrupted.
  closeWaiting(walk, activityKey);
  return closeScope(walk, activityKey, { kind: 'boundary', ...coming });
}

interface Coming {
  readonly boundaryId: string;
  readonly variables: Variables;
  readonly hops: number;
}

/** Nothing is left in the activity that an interrupting event has ended. */
export function goOnFromBoundary(walk: Walk, activityKey: Key, coming: Coming): void {
  const activity = walk.element(activityKey);
  terminateElement(walk, activity);
  enterBoundary(walk, activityKey, activity.scopeKey, coming);
}

function enterBoundary(walk: Walk, activityKey: Key, scopeKey: Key, { boundaryId, variables, hops }: Coming): void {
  leave(walk, enter(walk, boundaryId, scopeKey, [], activityKey), variables, hops);
}

export function boundaryEvent(walk: Walk, boundaryId: string): BoundaryEvent {
  return walk.node(boundaryId) as BoundaryEvent;
}

function planOne(walk: Walk, activity: ElementRow, boundary: BoundaryEvent): (() => void) | Failure {
  const around = surroundings(walk, activity);
  const { trigger } = boundary;
  switch (trigger.kind) {
    case 'error':
      return () => undefined; // An error finds its boundary event by the model.
    case 'message': {
      const channel = evaluateChannel(trigger, around);
      if (channel instanceof Failure) return channel;
      return () => openWait(walk, activity, boundary.id, channel, !boundary.interrupting);
    }
    case 'signal': {
      const name = evaluateSignalName(trigger.name, around);
      if (name instanceof Failure) return name;
      return () => openSignalWait(walk, activity, boundary.id, name, !boundary.interrupting);
    }
    case 'timer': {
      const timer = evaluateTimer(trigger.timer, trigger.expression, around);
      if (timer instanceof Failure) return timer;
      const { dueAt, repetitions, interval } = timer;
      const purpose: TimerPurpose = {
        kind: 'boundary',
        ...ofElement(activity),
        boundaryId: boundary.id,
        ...(interval === undefined ? undefined : { interval, repetitions }),
      };
      return () => void schedule(walk.context, dueAt, purpose);
    }
    default:
      return unreachable(trigger);
  }
}
