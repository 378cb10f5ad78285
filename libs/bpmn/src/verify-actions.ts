import type { FlowNode } from './model.ts';
import type { NodeAction } from './model-node-actions.ts';
import { type ModdleElement, describe } from '@millrace/moddle';
import type { Problems } from './problem.ts';

/** Nobody can find his way among more, and each step of a node looks at all of them. */
const ACTIONS_MAX = 50;

/** What of the settings of an action goes with what, and how the actions of one node go together. */
export function verifyActions(
  problems: Problems,
  element: ModdleElement,
  actions: readonly NodeAction[],
  inner: readonly FlowNode[],
): void {
  const wrong = (message: string): void => problems.error(element, 'action', message);
  if (actions.length > ACTIONS_MAX) {
    wrong(`expected ${describe(element)} to have at most ${ACTIONS_MAX} actions, found ${actions.length}`);
  }
  if (element.get('instantiate') === true)
    wrong(`expected ${describe(element)}, which starts the process, to have no action`);
  const byName = new Map<string, NodeAction>();
  for (const action of actions) {
    const what = `the action "${action.name}" of ${describe(element)}`;
    if (byName.has(action.name)) wrong(`expected one action "${action.name}" of ${describe(element)}, found another`);
    byName.set(action.name, action);
    if (action.name === 'complete' && element.$type === 'bpmn:UserTask') {
      wrong(`expected ${what} to have another name: that is what completes a user task`);
    }
    if (action.timer?.timer === 'cycle' && (action.isManual === true || action.isOptional !== true)) {
      wrong(`expected ${what}, which has a cycle, to be automatic and optional: nothing would end it`);
    }
    if (action.callback !== undefined && (action.isManual === true || action.timer !== undefined)) {
      wrong(`expected ${what}, a callback, to be neither manual nor timed: its reply begins it`);
    }
  }
  for (const action of actions) verifyParent(wrong, element, action, byName, inner);
  if (inner.length === actions.length && isNeverAtRest(element, actions)) {
    const message = `${describe(element)} does not wait for any of its actions: those that are asked for come too late`;
    problems.warning(element, 'action', message);
  }
}

function verifyParent(
  wrong: (message: string) => void,
  element: ModdleElement,
  action: NodeAction,
  byName: ReadonlyMap<string, NodeAction>,
  inner: readonly FlowNode[],
): void {
  const what = `the action "${action.name}" of ${describe(element)}`;
  const { parent: parentName, callback } = action;
  if (parentName === undefined) {
    if (callback !== undefined) wrong(`expected ${what}, a callback, to have a parent that sends something`);
    return;
  }
  const parent = byName.get(parentName);
  if (parent === undefined) return wrong(`expected "${parentName}", the parent of ${what}, to be an action beside it`);
  if (isItsOwnAncestor(action, byName)) return wrong(`expected ${what} not to be among its own parents`);
  const does = inner.find(({ id }) => id === parent.elementId);
  const sends =
    does === undefined || ('action' in does && (does.action.kind === 'publish' || does.action.kind === 'job'));
  if (callback !== undefined && !sends) {
    wrong(
      `expected "${parentName}", the parent of ${what}, to publish a record or offer a job: nothing else is replied to`,
    );
  }
  return undefined;
}

function isItsOwnAncestor(action: NodeAction, byName: ReadonlyMap<string, NodeAction>): boolean {
  const seen = new Set<string>();
  for (let at = action.parent; at !== undefined; at = byName.get(at)?.parent) {
    if (at === action.name || seen.has(at)) return true;
    seen.add(at);
  }
  return false;
}

/** A user or receive task waits for something of its own. */
function isNeverAtRest({ $type }: ModdleElement, actions: readonly NodeAction[]): boolean {
  if ($type === 'bpmn:UserTask' || $type === 'bpmn:ReceiveTask') return false;
  return actions.every(({ isOptional }) => isOptional === true);
}
