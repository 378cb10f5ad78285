import { unreachable } from '@millrace/std';
import type { AfterClosing, ElementRow, Key } from '@millrace/records';
import { deferredOf } from '../apply/rows.ts';
import { collect } from '../collect.ts';
import { TERMINATIONS_PER_STEP_MAX } from '../limits.ts';
import { elementRow, ofInstance, ofScope } from '../row-keys.ts';
import { goBack } from './back.ts';
import { goOnFromBoundary } from './boundary.ts';
import { terminateElement } from './close.ts';
import { forgetPhases } from './complex-gateway.ts';
import { undoTransaction } from './compensation.ts';
import { continueLater } from './continue-later.ts';
import { closeEventSubProcesses, goOnInEventSubProcess } from './event-sub-process.ts';
import { leave } from './leave.ts';
import { takeAway } from './take-away.ts';
import type { Walk } from './walk.ts';

/**
 * Closes all that a scope holds, and does what is said next. An element that is no scope holds nothing.
 * E3. More than `TERMINATIONS_PER_STEP_MAX` elements go in slices: nothing in the scope moves until the last one is closed.
 */
export function closeScope(walk: Walk, scopeKey: Key, next: AfterClosing): void {
  // At once, not with the last slice: nothing new begins in it.
  closeEventSubProcesses(walk, scopeKey);
  if (closeContents(walk, scopeKey)) return follow(walk, scopeKey, next);
  const { context, instanceId } = walk;
  context.emit({ kind: 'scope.closing', instanceId, scopeKey, next });
  return continueLater(context, instanceId, { scopeKey });
}

/** The next slice. A scope that something around it has closed meanwhile is gone. */
export function closeOn(walk: Walk, scopeKey: Key): void {
  const next = walk.findScope(scopeKey)?.closing;
  if (next === undefined) return;
  if (closeContents(walk, scopeKey)) follow(walk, scopeKey, next);
  else continueLater(walk.context, walk.instanceId, { scopeKey });
}

function follow(walk: Walk, scopeKey: Key, next: AfterClosing): void {
  switch (next.kind) {
    case 'complete':
      return leave(walk, scopeKey, {}, next.hops);
    case 'terminate':
      return takeAway(walk, scopeKey);
    case 'boundary':
      return goOnFromBoundary(walk, scopeKey, next);
    case 'back':
      return goBack(walk, scopeKey, next);
    case 'cancel':
      return undoTransaction(walk, scopeKey, next.hops);
    case 'eventSubProcess':
      return goOnInEventSubProcess(walk, scopeKey, next);
    default:
      return unreachable(next);
  }
}

/** Whether nothing is left in the scope. Innermost first: an element is the last of its own scope. */
export function closeContents(walk: Walk, scopeKey: Key): boolean {
  for (const element of elementsOf(walk, scopeKey)) if (!closeTree(walk, element)) return false;
  clearTokens(walk, scopeKey);
  return true;
}

function closeTree(walk: Walk, element: ElementRow): boolean {
  if ((element.tokens ?? 0) > 0 && !closeContents(walk, element.elementKey)) return false;
  if (walk.context.terminations === TERMINATIONS_PER_STEP_MAX) return false;
  walk.context.terminations += 1;
  terminateElement(walk, walk.element(element.elementKey));
  return true;
}

/** One more than may be closed in one step, at most. Of the instance, those of all levels: closing one closes what is in it. */
function* elementsOf(walk: Walk, scopeKey: Key): Iterable<ElementRow> {
  const { instanceId } = walk;
  const { draft } = walk.context;
  const limit = TERMINATIONS_PER_STEP_MAX + 1;
  const keys =
    scopeKey === instanceId
      ? collect(draft, 'element', { ...ofInstance(instanceId), limit })
      : collect(draft, 'child', { ...ofScope(instanceId, scopeKey), limit });
  for (const { elementKey } of keys) {
    const element = draft.get('element', elementRow(instanceId, elementKey));
    if (element !== undefined) yield element;
  }
}

/** What waits at joins or on flows is in no element. */
function clearTokens(walk: Walk, scopeKey: Key): void {
  const { context, instanceId } = walk;
  for (const { incidentKey, flowId } of deferredOf(context.draft, instanceId, scopeKey)) {
    if (incidentKey === undefined) continue;
    const elementId = walk.flow(flowId).target;
    context.emit({ kind: 'incident.resolved', instanceId, incidentKey, elementId, by: 'left' });
  }
  forgetPhases(walk, scopeKey);
  if (walk.scope(scopeKey).tokens === 0) return;
  context.emit({ kind: 'scope.cleared', instanceId, scopeKey });
  walk.drop(scopeKey);
}
