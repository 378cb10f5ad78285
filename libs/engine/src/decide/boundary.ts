import type { BoundaryEvent } from '@millrace/bpmn';
import type { ElementRow, Key, Variables } from '@millrace/records';
import { type Plan, planAttached } from './attached.ts';
import { closeWaiting, terminateElement } from './close.ts';
import { goOnWithoutHandler } from './compensation.ts';
import { closeScope } from './closing.ts';
import { enter } from './enter.ts';
import type { Failure } from './failure.ts';
import { leave } from './leave.ts';
import type { Walk } from './walk.ts';
import { boundaryIdsOf } from '../model-lookup.ts';

export function planBoundary(walk: Walk, activity: ElementRow): Plan | Failure {
  const { elementKey, elementId, loopCounter } = activity;
  const ids = boundaryIdsOf(walk.model, elementId);
  // Of an activity that is done several times, they belong to the whole.
  return ids === undefined || loopCounter !== undefined
    ? []
    : planAttached(
        walk,
        elementKey,
        ids.map((id) => boundaryEvent(walk, id)),
      );
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
  goOnWithoutHandler(walk, activity, coming.hops);
}

function enterBoundary(walk: Walk, activityKey: Key, scopeKey: Key, { boundaryId, variables, hops }: Coming): void {
  leave(walk, enter(walk, boundaryId, scopeKey, [], activityKey), variables, hops);
}

function boundaryEvent(walk: Walk, boundaryId: string): BoundaryEvent {
  return walk.node(boundaryId) as BoundaryEvent;
}
