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
import { cancelTask } from './task-listeners.ts';
import type { Walk } from './walk.ts';

/**
 * Closes all that a scope holds, and does what is said next. An element that is no scope holds nothing.
 * E3. More than `TERMINATIONS_PER_STEP_MAX` elements go in slices: nothing in the scope moves until the last one is closed.
 */
export function closeScope(walk: Walk, scopeKey: Key, next: AfterClosing): void {
  // At once, not with the last slice: nothing new begins in it.
  closeEventSubProcesses(walk, scopeKey);
  const progress = closeFor(walk, scopeKey, next);
  if (progress === 'done') return follow(walk, scopeKey, next);
  const { context, instanceId } = walk;
  context.emit({ kind: 'scope.closing', instanceId, scopeKey, next });
  if (progress === 'more') continueLater(context, instanceId, { scopeKey });
}

/** The next slice. A scope that something around it has closed meanwhile is gone. */
export function closeOn(walk: Walk, scopeKey: Key): void {
  const next = walk.findScope(scopeKey)?.closing;
  if (next === undefined) return;
  const progress = closeFor(walk, scopeKey, next);
  if (progress === 'done') follow(walk, scopeKey, next);
  else if (progress === 'more') continueLater(walk.context, walk.instanceId, { scopeKey });
}

/** `more` is for the next slice; `waits` goes on when the listeners of a task that is cancelled have answered. */
type Progress = 'done' | 'more' | 'waits';

const endsItself: ReadonlySet<AfterClosing['kind']> = new Set(['boundary', 'terminate', 'back']);

/** All that is in the scope and, where it ends itself, what must come before that. */
function closeFor(walk: Walk, scopeKey: Key, next: AfterClosing): Progress {
  const progress = closeContents(walk, scopeKey);
  if (progress !== 'done' || !endsItself.has(next.kind)) return progress;
  return cancelTask(walk, walk.element(scopeKey)) ? 'waits' : 'done';
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
export function closeContents(walk: Walk, scopeKey: Key): Progress {
  let waits = false;
  for (const element of elementsOf(walk, scopeKey)) {
    const progress = closeTree(walk, element);
    if (progress === 'more') return progress;
    waits ||= progress === 'waits';
  }
  if (waits) return 'waits';
  clearTokens(walk, scopeKey);
  return 'done';
}

function closeTree(walk: Walk, element: ElementRow): Progress {
  const inside = (element.tokens ?? 0) > 0 ? closeContents(walk, element.elementKey) : 'done';
  if (inside !== 'done') return inside;
  if (element.listening?.on === 'canceling') return 'waits';
  if (walk.context.terminations === TERMINATIONS_PER_STEP_MAX) return 'more';
  walk.context.terminations += 1;
  const row = walk.element(element.elementKey);
  if (cancelTask(walk, row)) return 'waits';
  terminateElement(walk, row);
  return 'done';
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
