import type { FlowNode, NodeAction } from '@millrace/bpmn';
import { assert } from '@millrace/std';
import type { ActionState, ElementRow, Key, OpenedAction, Variables } from '@millrace/records';
import { ACTIONS_RUNNING_MAX } from '../limits.ts';
import { beginAction } from './action-begin.ts';
import { openCatch } from './catch.ts';
import { ofElement } from './close.ts';
import { closeScope } from './closing.ts';
import type { Failure } from './failure.ts';
import { raiseIncident } from './incidents.ts';
import { leave } from './leave.ts';
import { takeResult } from './mappings.ts';
import { createTask } from './task-create.ts';
import { closeTask } from './task-listeners.ts';
import type { Walk } from './walk.ts';

/**
 * Actions of a node, as FlowX has them.
 *
 * A1. An execution of an action is an element in the node's scope: its job, timers, incidents and what it calls are held, retried,
 *     migrated and closed as those of any other element. The node's row counts, by action, what is due, running and executed.
 * A2. An automatic action begins when it is its turn and those before it, of a lower order, that the node waits for are through. A
 *     manual one begins when somebody executes it. Its children are due each time that it has been executed.
 * A3. The node goes on when its own work is done (a user task's `complete`, a receive task's record) and no mandatory action is open:
 *     due, running, or manual, never executed and possible. What still runs by then is ended. A user task with a mandatory
 *     manual action has no other work: the last of these completes it.
 * A4. An action whose parent has never been executed is not open, and cannot be executed.
 */
export function openNode(
  walk: Walk,
  element: ElementRow,
  node: FlowNode,
  hops: number,
  openBoundary: () => void,
): Failure | undefined {
  const failure = openOwnWork(walk, element, node, openBoundary);
  if (failure !== undefined) return failure;
  const actions = actionsOf(node);
  walk.context.emit({
    kind: 'actions.opened',
    ...ofElement(element),
    actions: actions.map(openedAction),
    due: actions.filter(({ isManual, parent }) => isManual !== true && parent === undefined).map(({ name }) => name),
    ...(node.kind === 'userTask' && completesByActions(node) ? { completesByActions: true } : undefined),
  });
  // Its turns are taken, and whether it waits at all is asked, when its scope is looked at.
  walk.noteEnd(element.elementKey, hops);
  return undefined;
}

function openOwnWork(walk: Walk, element: ElementRow, node: FlowNode, openBoundary: () => void): Failure | undefined {
  if (node.kind === 'userTask') return createTask(walk, element, node, openBoundary);
  if (node.kind === 'receiveTask') return openCatch(walk, element, node, openBoundary);
  openBoundary();
  return undefined;
}

function openedAction(action: NodeAction): OpenedAction {
  const { name, isManual, isOptional, isRepeatable, callback, parent } = action;
  return {
    name,
    ...(isManual && { isManual }),
    ...(isOptional && { isOptional }),
    ...(isRepeatable && { isRepeatable }),
    ...(callback === undefined ? undefined : { isCallback: true }),
    ...(parent === undefined ? undefined : { parent }),
  };
}

/** Takes the turns that have come, and lets the node go on when nothing keeps it. */
export function goOnWithActions(walk: Walk, elementKey: Key, hops: number): void {
  const node = walk.node(walk.element(elementKey).elementId);
  for (let next = nextDue(walk, elementKey, node); next !== undefined; next = nextDue(walk, elementKey, node)) {
    beginAction(walk, walk.element(elementKey), next, hops, { isTurn: true });
  }
  const element = walk.element(elementKey);
  // One that could not begin begins when its incident is resolved.
  if (element.actions === undefined || element.listening?.on === 'end' || isKept(element, node)) return;
  finish(walk, element, hops);
}

/** A3. Whether the node has to wait: for its own work, or for an action. */
function isKept(element: ElementRow, node: FlowNode): boolean {
  if (openActions(element, node).length > 0) return true;
  const hasOwnWork = node.kind === 'receiveTask' || (node.kind === 'userTask' && !completesByActions(node));
  return hasOwnWork && element.isReady !== true;
}

function finish(walk: Walk, element: ElementRow, hops: number): void {
  const { elementKey } = element;
  if (element.hasTask === true) closeTask(walk, element);
  if ((element.tokens ?? 0) > 0) closeScope(walk, elementKey, { kind: 'complete', hops });
  else leave(walk, elementKey, {}, hops);
}

/** The own work of the node is done, with this result. False: nothing else keeps it, and it may leave. */
export function staysForActions(
  walk: Walk,
  element: ElementRow,
  node: FlowNode,
  result: Variables,
  hops: number,
): boolean {
  const isOpen = openActions(element, node).length > 0;
  if (!isOpen && (element.tokens ?? 0) === 0) return false;
  const failure = takeResult(walk, element, node.outputs.length > 0, result);
  if (failure !== undefined) raiseIncident(walk, element, failure, 'leave');
  else if (!isOpen) closeScope(walk, element.elementKey, { kind: 'complete', hops });
  else if (element.isReady !== true) walk.context.emit({ kind: 'actions.awaited', ...ofElement(element) });
  return true;
}

/** The mandatory actions that are not through. */
export function openActions({ actions: states }: ElementRow, node: FlowNode): NodeAction[] {
  if (states === undefined) return [];
  return actionsOf(node).filter(({ name, isOptional, isManual, parent }) => {
    if (isOptional === true) return false;
    const { due = 0, running = 0, executed = 0 } = stateOf(states, name);
    if (due + running > 0) return true;
    const isPossible = parent === undefined || (stateOf(states, parent).executed ?? 0) > 0;
    return isManual === true && isPossible && executed === 0;
  });
}

export function completesByActions(node: FlowNode): boolean {
  return actionsOf(node).some(({ isManual, isOptional }) => isManual === true && isOptional !== true);
}

/** A2. The first in order that nothing before it holds up. */
function nextDue(walk: Walk, elementKey: Key, node: FlowNode): NodeAction | undefined {
  if (!walk.isOpen(elementKey)) return undefined;
  const { actions: states, tokens = 0 } = walk.element(elementKey);
  if (states === undefined || tokens >= ACTIONS_RUNNING_MAX) return undefined;
  const actions = actionsOf(node);
  return actions.find(
    (action) =>
      (stateOf(states, action.name).due ?? 0) > 0 &&
      !actions.some((other) => {
        if (other.order >= action.order || other.parent !== action.parent) return false;
        const { due = 0, running = 0 } = stateOf(states, other.name);
        return other.isManual !== true && other.isOptional !== true && due + running > 0;
      }),
  );
}

/** What an execution does is done: the turn of its children has come. */
export function noteExecuted(walk: Walk, execution: ElementRow, hops: number): void {
  const { node, element, action } = ofExecution(walk, execution);
  const children = actionsOf(node).filter(({ parent, isManual, name, isRepeatable }) => {
    if (parent !== action.name || isManual === true) return false;
    const { due = 0, running = 0, executed = 0 } = stateOf(element.actions ?? {}, name);
    return isRepeatable === true || due + running + executed === 0;
  });
  walk.context.emit({
    kind: 'action.executed',
    ...ofElement(element),
    action: action.name,
    actionKey: execution.elementKey,
    next: children.map(({ name }) => name),
  });
  walk.noteEnd(element.elementKey, hops);
}

/** An operator takes the execution away: the node lives on, and waits for the others. */
export function noteCancelled(walk: Walk, execution: ElementRow): void {
  const { element, action } = ofExecution(walk, execution);
  const cancelled = { action: action.name, actionKey: execution.elementKey };
  walk.context.emit({ kind: 'action.cancelled', ...ofElement(element), ...cancelled });
  walk.noteEnd(element.elementKey, 0);
}

export function ofExecution(
  walk: Walk,
  execution: ElementRow,
): { readonly node: FlowNode; readonly element: ElementRow; readonly action: NodeAction } {
  const element = walk.element(execution.scopeKey);
  const node = walk.node(element.elementId);
  const action = actionsOf(node).find(({ elementId }) => elementId === execution.elementId);
  assert(action !== undefined, `expected "${node.id}" to have the action ${execution.elementId}`);
  return { node, element, action };
}

export function stateOf(states: Readonly<Record<string, ActionState>>, name: string): ActionState {
  return Object.hasOwn(states, name) ? (states[name] as ActionState) : {};
}

export function actionsOf({ actions = [] }: FlowNode): readonly NodeAction[] {
  return actions;
}
