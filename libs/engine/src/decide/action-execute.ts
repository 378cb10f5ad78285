import type { FlowNode, NodeAction } from '@millrace/bpmn';
import type { CommandOf, ElementRow, Variables } from '@millrace/records';
import { ACTIONS_RUNNING_MAX } from '../limits.ts';
import { beginAction } from './action-begin.ts';
import { actionsOf, stateOf } from './actions.ts';
import { type Context, type Refusal, refuse } from './context.ts';
import { evaluateCondition } from './expressions.ts';
import { Failure } from './failure.ts';
import { isProcess } from './listeners.ts';
import { resultChanges } from './mappings.ts';
import { onElement } from './on-instance.ts';
import { checkSize, setVariables } from './scopes.ts';
import { surroundings } from './surroundings.ts';
import { COMPLETE_ACTION } from './task-create.ts';
import { finishTask } from './tasks.ts';
import type { Walk } from './walk.ts';

/** Somebody acts on a token, with variables that become those of the process as a task's result does. */
export function executeAction(context: Context, command: CommandOf<'executeAction'>): Refusal | undefined {
  const { instanceId, elementKey, action: name, variables } = command;
  return onElement(context, instanceId, elementKey, (walk, element) => {
    if (isProcess(element))
      return refuse('NOT_FOUND', `expected the token ${elementKey} to be in an element that has actions`);
    const node = walk.node(element.elementId);
    // What is done several times has its actions each time.
    const action = element.loop === undefined ? actionsOf(node).find((one) => one.name === name) : undefined;
    if (action !== undefined) return execute(walk, element, node, action, variables);
    if (element.hasTask === true && name === COMPLETE_ACTION) return finishTask(walk, element, variables);
    return refuse('NOT_FOUND', `expected the token ${elementKey} to have the action "${name}"`);
  });
}

function execute(
  walk: Walk,
  element: ElementRow,
  node: FlowNode,
  action: NodeAction,
  variables: Variables,
): Refusal | undefined {
  const refusal = whyNot(walk, element, node, action);
  if (refusal !== undefined) return refusal;
  const changes = resultChanges(walk, element, node.outputs.length > 0, variables);
  const tooLarge = checkSize(walk.context.draft, walk.instanceId, changes);
  if (tooLarge !== undefined) return refuse('TOO_LARGE', tooLarge.message);
  setVariables(walk.context, walk.instanceId, changes);
  beginAction(walk, walk.element(element.elementKey), action, 0);
  return undefined;
}

function whyNot(walk: Walk, element: ElementRow, node: FlowNode, action: NodeAction): Refusal | undefined {
  const { name, parent, condition } = action;
  const what = `the action "${name}" of "${node.id}"`;
  const { actions: states, tokens = 0 } = element;
  if (action.isManual !== true) return refuse('NOT_MANUAL', `expected ${what} to be manual: it is executed by itself`);
  if (states === undefined || element.closing !== undefined || element.listening?.on === 'end') {
    return refuse('INVALID_STATE', `expected "${node.id}" to have begun, and not to be ending`);
  }
  // A4.
  if (parent !== undefined && (stateOf(states, parent).executed ?? 0) === 0) {
    return refuse('PARENT_NOT_EXECUTED', `expected "${parent}" to have been executed before ${what}`);
  }
  const { running = 0, executed = 0 } = stateOf(states, name);
  if (action.isRepeatable !== true && running + executed > 0) {
    const found = running > 0 ? 'is being executed' : 'has been executed';
    return refuse('EXECUTED_ALREADY', `expected ${what} to be executed once; it ${found} already`);
  }
  if (tokens >= ACTIONS_RUNNING_MAX) {
    return refuse('LIMIT_REACHED', `expected at most ${ACTIONS_RUNNING_MAX} executions at a time at "${node.id}"`);
  }
  if (condition === undefined) return undefined;
  const holds = evaluateCondition(condition, surroundings(walk, element), what);
  if (holds instanceof Failure) return refuse('NOT_ALLOWED', holds.message);
  return holds ? undefined : refuse('NOT_ALLOWED', `expected the condition of ${what} (${condition}) to hold`);
}
