import { assert } from '@millrace/std';
import type { CompensateAction, ExecutableProcess, FlowNode } from '@millrace/bpmn';
import type { CompensableRow, CompensationLevel, ElementRow, Key, Variables } from '@millrace/records';
import { collect, collectKeys } from '../collect.ts';
import { entriesSize } from '../json-size.ts';
import { TERMINATIONS_PER_STEP_MAX, VARIABLES_BYTES_MAX } from '../limits.ts';
import { compensablesOf, elementRow, ofInstance } from '../row-keys.ts';
import { activate } from './activate.ts';
import { isInner } from './ad-hoc-begin.ts';
import { triggerBoundary } from './boundary.ts';
import { ofElement } from './close.ts';
import { enterToUndo } from './enter.ts';
import { eventStartsIn } from './event-sub-process.ts';
import { Failure } from './failure.ts';
import { raiseIncident } from './incidents.ts';
import { complete, leave } from './leave.ts';
import { ownVariables, setVariables } from './scopes.ts';
import type { Chain, Walk } from './walk.ts';
import { boundaryIdsOf, nodeOf } from '../model-lookup.ts';

/**
 * Undoing what has completed (BPMN 2.0.2 §10.6, §13.5.5).
 *
 * CO1. What can be undone is a row in the list of its scope, by the order of completion, with the variables that the activity
 *      had for itself. A scope in which something can be undone can be undone itself: by its own handler, by its
 *      compensation event sub-process, or by undoing what is in its list.
 * CO2. One after the other, the last first. What a compensation is a part of, level by level, is in the row of what undoes:
 *      when that has done its work, the next follows. A row is taken from its list before it is undone: once.
 * CO3. A completed scope that is undone runs again as an element that restores it, with the variables of then: what undoes its
 *      content sees them.
 * CO5. What an event at the boundary of a handler begins runs beside the compensation; an interrupting one ends the handler, and the
 *      next is undone. A restored scope is over when all of this is.
 * CO4. The variables that are kept count among those of the instance. What was kept before they did, does not.
 */

/** Newer than all that has completed by now. */
function next({ instance }: Walk): number {
  return (instance.compensables ?? 0) + 1;
}

/** CO1. Called when the element completes, while its variables are still there. */
export function openCompensation(walk: Walk, element: ElementRow): void {
  const { elementId, elementKey, scopeKey } = element;
  if (element.compensation !== undefined || element.isDriver === true) return;
  const isBody = element.loop !== undefined || isInner(element);
  const hasHandler = !isBody && (handlerOf(walk, elementId) ?? innerHandlerOf(walk, elementId)) !== undefined;
  if (!hasHandler && !(isScope(walk, element) && holdsCompensables(walk, elementKey))) return;
  const { context } = walk;
  const sequence = next(walk);
  const variables = ownVariables(context.draft, walk.element(elementKey));
  context.emit({
    kind: 'compensation.opened',
    ...ofElement(element),
    scopeKey,
    sequence,
    ...(isBody ? { isBody } : undefined),
    variables,
  });
  count(walk, { scopeKey, sequence }, entriesSize(variables), 1);
}

/** CO4. */
function count(
  { context, instanceId, instance }: Walk,
  ref: { readonly scopeKey: Key; readonly sequence: number },
  bytes: number,
  sign: 1 | -1,
): void {
  const variableBytes = instance.variableBytes + sign * bytes;
  context.emit({ kind: 'compensation.counted', instanceId, ...ref, bytes, variableBytes });
}

/** CO4. What an iteration has for itself is no variable until it is kept: whether that fits is asked before it completes. */
export function whyNotKept(walk: Walk, element: ElementRow): Failure | undefined {
  const { elementId, elementKey } = element;
  if ((handlerOf(walk, elementId) ?? innerHandlerOf(walk, elementId)) === undefined) return undefined;
  const { draft } = walk.context;
  const bytes = walk.instance.variableBytes + entriesSize(ownVariables(draft, walk.element(elementKey)));
  if (bytes <= VARIABLES_BYTES_MAX) return undefined;
  const most = `the variables of an instance, with those kept for undoing "${elementId}", to take at most ${VARIABLES_BYTES_MAX} bytes as JSON`;
  return new Failure('VARIABLES_TOO_LARGE', `expected ${most}, found ${bytes}`);
}

/** E3. The instance ends: whether nothing is left that could be undone. */
export function dropCompensables({ context, instanceId, instance }: Walk): boolean {
  if (instance.compensables === undefined) return true;
  const range = { ...ofInstance(instanceId), limit: TERMINATIONS_PER_STEP_MAX + 1 };
  const found = collectKeys(context.draft, 'compensable', range).length;
  // The last slice goes with the instance.
  if (found <= TERMINATIONS_PER_STEP_MAX) return true;
  context.emit({ kind: 'compensation.dropped', instanceId, count: TERMINATIONS_PER_STEP_MAX });
  return false;
}

function isScope(walk: Walk, { elementId, loop }: ElementRow): boolean {
  return loop !== undefined || 'startEvents' in walk.node(elementId);
}

function holdsCompensables({ context, instanceId, instance }: Walk, scopeKey: Key): boolean {
  if (instance.compensables === undefined) return false;
  return collect(context.draft, 'compensable', { ...compensablesOf(instanceId, scopeKey), limit: 1 }).length > 0;
}

/** By which element of the model an activity is undone: its handler, or the event sub-process in it. */
export function handlerIn(model: ExecutableProcess, elementId: string): string | undefined {
  return handlerOf({ model }, elementId) ?? innerHandlerOf({ model }, elementId);
}

/** The activity that an association leads to from the compensation event at the boundary. */
function handlerOf({ model }: Pick<Walk, 'model'>, elementId: string): string | undefined {
  for (const id of boundaryIdsOf(model, elementId)) {
    const event = nodeOf(model, id);
    if (event?.kind === 'boundaryEvent' && event.trigger.kind === 'compensation') return event.handler;
  }
  return undefined;
}

/** The compensation event sub-process of a sub-process. */
function innerHandlerOf({ model }: Pick<Walk, 'model'>, elementId: string): string | undefined {
  const node = nodeOf(model, elementId);
  if (node === undefined || !('startEvents' in node)) return undefined;
  return eventStartsIn(model, node).find(({ trigger }) => trigger.kind === 'compensation')?.scope;
}

export function throwCompensation(walk: Walk, element: ElementRow, action: CompensateAction, hops: number): undefined {
  const { activityId, waits } = action;
  const only = activityId === undefined ? undefined : { activityId };
  walk.context.emit({ kind: 'compensation.thrown', ...ofElement(element), ...only });
  const scopeKey = compensatedScope(walk, element.scopeKey);
  const listKey = scopeKey === walk.instanceId ? scopeKey : (walk.element(scopeKey).restores ?? scopeKey);
  const ownerKey = waits
    ? element.elementKey
    : enterToUndo(walk, element.elementId, element.scopeKey, { isDriver: true });
  walk.pushChain({ levels: [{ scopeKey, listKey, before: next(walk), ownerKey, ...only }], hops });
  if (!waits) leave(walk, element.elementKey, {}, hops);
}

/** What is thrown in an event sub-process is about the scope around it. */
function compensatedScope(walk: Walk, scopeKey: Key): Key {
  if (scopeKey === walk.instanceId) return scopeKey;
  const { elementId, scopeKey: outer } = walk.element(scopeKey);
  return walk.node(elementId).kind === 'eventSubProcess' ? compensatedScope(walk, outer) : scopeKey;
}

/** Nothing runs in the transaction any more. */
export function undoTransaction(walk: Walk, scopeKey: Key, hops: number): void {
  walk.context.emit({ kind: 'transaction.cancelled', instanceId: walk.instanceId, scopeKey });
  const level = { scopeKey, listKey: scopeKey, before: next(walk), ownerKey: scopeKey };
  walk.pushChain({ levels: [level], hops });
}

/** CO2. Undoes the next of the innermost level, or ends the level. */
export function goOnUndoing(walk: Walk, { levels, hops }: Chain): void {
  const level = levels.at(-1);
  if (level === undefined || !isWaitedFor(walk, level)) return;
  const outer = levels.slice(0, -1);
  const row = nextCompensable(walk, level);
  if (row === undefined) return endLevel(walk, level, outer, hops);
  const { sequence, elementId, elementKey } = row;
  const { instanceId } = walk;
  const { listKey: scopeKey } = level;
  walk.context.emit({ kind: 'compensation.started', instanceId, elementId, elementKey, scopeKey, sequence });
  if (row.bytes !== undefined) count(walk, { scopeKey, sequence }, row.bytes, -1);
  return undo(walk, [...outer, { ...level, before: sequence }], level, row, hops);
}

/** What was closed meanwhile has taken the compensation with it. */
function isWaitedFor(walk: Walk, { scopeKey, ownerKey }: CompensationLevel): boolean {
  const owner = ownerKey === undefined || walk.findScope(ownerKey) !== undefined;
  return owner && walk.isOpen(scopeKey);
}

function nextCompensable(walk: Walk, { listKey, activityId, before }: CompensationLevel): CompensableRow | undefined {
  for (const [, row] of walk.context.draft.range('compensable', compensablesOf(walk.instanceId, listKey))) {
    const { sequence, elementId } = row;
    // A definition that the instance has been migrated to may not have the activity.
    const isKnown = nodeOf(walk.model, elementId) !== undefined;
    if (sequence < before && (activityId ?? elementId) === elementId && isKnown) return row;
  }
  return undefined;
}

function undo(
  walk: Walk,
  levels: readonly CompensationLevel[],
  { scopeKey }: CompensationLevel,
  { elementId, elementKey: listKey, isBody, variables }: CompensableRow,
  hops: number,
): void {
  // CO1. Of one that was done several times, each time was written down for itself.
  if (isBody === true) {
    walk.pushChain({ levels: [...levels, { scopeKey, listKey, before: next(walk) }], hops });
    return;
  }
  const handlerId = handlerOf(walk, elementId);
  if (handlerId !== undefined) return begin(walk, handlerId, scopeKey, { compensation: levels }, variables, hops);
  const restoredKey = enterToUndo(walk, elementId, scopeKey, { compensation: levels, restores: listKey });
  keepVariables(walk, restoredKey, variables);
  const innerId = innerHandlerOf(walk, elementId);
  if (innerId !== undefined) return begin(walk, innerId, restoredKey, {}, {}, hops);
  const level = { scopeKey: restoredKey, listKey, before: next(walk), ownerKey: restoredKey };
  walk.pushChain({ levels: [...levels, level], hops });
}

function begin(
  walk: Walk,
  elementId: string,
  scopeKey: Key,
  part: { readonly compensation?: readonly CompensationLevel[] },
  variables: Variables,
  hops: number,
): void {
  const elementKey = enterToUndo(walk, elementId, scopeKey, part);
  if (keepVariables(walk, elementKey, variables)) activate(walk, elementKey, hops + 1);
}

/** The variables of then. When they do not fit any more, that is an incident, and resolving it goes on without them. */
function keepVariables(walk: Walk, scopeKey: Key, values: Variables): boolean {
  if (Object.keys(values).length === 0) return true;
  const failure = setVariables(walk.context, walk.instanceId, [{ scopeKey, values }]);
  if (failure instanceof Failure) raiseIncident(walk, walk.element(scopeKey), failure, 'enter');
  return failure === undefined;
}

/** CO5. Whether the scope is restored for a chain that is not through with it. */
export function isBeingUndone(walk: Walk, { elementId, restores, isUndone }: ElementRow): boolean {
  return restores !== undefined && isUndone !== true && innerHandlerOf(walk, elementId) === undefined;
}

/** CO5. An event at its boundary has ended what undoes something. */
export function goOnWithoutHandler(walk: Walk, { compensation }: ElementRow, hops: number): void {
  if (compensation !== undefined) walk.pushChain({ levels: compensation, hops });
}

/** What undoes something has done its work, or what restores a scope has. */
export function leaveUndoing(walk: Walk, { elementKey, compensation = [] }: ElementRow, hops: number): void {
  complete(walk, elementKey);
  walk.pushChain({ levels: compensation, hops });
}

function endLevel(
  walk: Walk,
  { ownerKey }: CompensationLevel,
  outer: readonly CompensationLevel[],
  hops: number,
): void {
  if (ownerKey === undefined) {
    walk.pushChain({ levels: outer, hops });
    return;
  }
  const owner = walk.element(ownerKey);
  if (owner.restores !== undefined && (owner.tokens ?? 0) > 0) {
    return walk.context.emit({ kind: 'compensation.undone', ...ofElement(owner) });
  }
  if (owner.restores !== undefined) return leaveUndoing(walk, owner, hops);
  if (owner.isCancelling === true) return endTransaction(walk, owner, hops);
  if (owner.isDriver !== true) return leave(walk, ownerKey, {}, hops);
  complete(walk, ownerKey);
  return walk.noteEnd(owner.scopeKey, hops);
}

/** The cancel event takes the token on: of a transaction that is done several times, it belongs to all of them. */
function endTransaction(walk: Walk, { elementId, elementKey, scopeKey, loopCounter }: ElementRow, hops: number): void {
  const holderKey = loopCounter === undefined ? elementKey : scopeKey;
  const events: (FlowNode | undefined)[] = boundaryIdsOf(walk.model, elementId).map((id) => walk.node(id));
  const event = events.find((node) => node !== undefined && 'trigger' in node && node.trigger.kind === 'cancel');
  assert(event !== undefined, `expected the transaction ${elementId} to have a cancel event`);
  triggerBoundary(walk, holderKey, event.id, {}, hops);
}

/** E3. The step was long enough: what waits for the compensation keeps it. */
export function deferChain(walk: Walk, { levels, hops }: Chain): boolean {
  const level = levels.at(-1);
  const ownerKey = levels.findLast((one) => one.ownerKey !== undefined)?.ownerKey;
  if (level === undefined || ownerKey === undefined || !isWaitedFor(walk, level)) return false;
  const owner = walk.context.draft.get('element', elementRow(walk.instanceId, ownerKey));
  if (owner === undefined) return false;
  walk.context.emit({ kind: 'compensation.deferred', ...ofElement(owner), levels, hops });
  return true;
}

export function resumeChains(walk: Walk): void {
  const { context, instanceId } = walk;
  for (const key of collectKeys(context.draft, 'compensating', ofInstance(instanceId))) {
    const chain = context.draft.get('compensating', key);
    if (chain === undefined) continue;
    const element = walk.element(key.slice(key.indexOf('/') + 1));
    if (!walk.isOpen(element.scopeKey)) continue;
    context.emit({ kind: 'compensation.resumed', ...ofElement(element) });
    walk.pushChain(chain);
  }
}
