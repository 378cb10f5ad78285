import type { CommandOf, ElementRow, Key, Listening, TaskChanges, TaskRow, Variables } from '@millrace/records';
import { completesByActions, openActions } from './actions.ts';
import { type Context, type Refusal, refuse } from './context.ts';
import { resultChanges } from './mappings.ts';
import { onElement } from './on-instance.ts';
import { checkSize } from './scopes.ts';
import { changeTask } from './task-listeners.ts';
import type { Walk } from './walk.ts';

export function claimTask(context: Context, command: CommandOf<'claimTask'>): Refusal | undefined {
  return onTask(context, command.taskKey, (walk, element, task) => {
    const { assignee } = command;
    if (assignee === '') return refuse('INVALID_ARGUMENT', 'expected an assignee to claim the task for');
    if (task.assignee !== undefined && task.assignee !== assignee) {
      return refuse('INVALID_STATE', `task ${command.taskKey} is claimed by "${task.assignee}"`);
    }
    return changeTask(walk, element, { action: 'claim', changes: { assignee } });
  });
}

export function unclaimTask(context: Context, command: CommandOf<'unclaimTask'>): Refusal | undefined {
  return onTask(context, command.taskKey, (walk, element, task) => {
    if (task.assignee === undefined) return refuse('INVALID_STATE', `task ${command.taskKey} is not claimed`);
    return changeTask(walk, element, { action: 'unclaim', changes: { assignee: null } });
  });
}

/** Unlike a claim it asks nobody: who may do that is for those who call. */
export function updateTask(context: Context, command: CommandOf<'updateTask'>): Refusal | undefined {
  const { taskKey, changes } = command;
  return onTask(context, taskKey, (walk, element) => {
    const wrong = whatIsWrong(changes);
    if (wrong !== undefined) return refuse('INVALID_ARGUMENT', wrong);
    const action = changes.assignee === undefined ? 'update' : 'assign';
    return changeTask(walk, element, { action, changes });
  });
}

export function whatIsWrong(changes: TaskChanges): string | undefined {
  const { assignee, candidateGroups, candidateUsers, priority } = changes;
  if (Object.values(changes).every((change) => change === undefined)) return 'expected a change to the task';
  if (assignee === '') return 'expected an assignee, or null for none';
  if (candidateGroups?.includes('') === true || candidateUsers?.includes('') === true) {
    return 'expected candidates to have names';
  }
  if (typeof priority === 'number' && !(Number.isInteger(priority) && priority >= 0)) {
    return `expected the priority to be a whole number, found ${priority}`;
  }
  return undefined;
}

export function completeTask(context: Context, command: CommandOf<'completeTask'>): Refusal | undefined {
  return onTask(context, command.taskKey, (walk, element) => finishTask(walk, element, command.variables));
}

/** A3. One that its actions complete is completed by them alone. */
export function finishTask(walk: Walk, element: ElementRow, variables: Variables): Refusal | undefined {
  const { context, instanceId } = walk;
  if (element.listening !== undefined) return refuseBusy(element, element.listening);
  const node = walk.node(element.elementId);
  if (node.actions !== undefined && completesByActions(node)) {
    const names = openActions(element, node).map(({ name }) => `"${name}"`);
    return refuse('INVALID_STATE', `expected "${node.id}" to be completed by its actions: ${names.join(', ')}`);
  }
  const hasOutputs = node.outputs.length > 0;
  const tooLarge = checkSize(context.draft, instanceId, resultChanges(walk, element, hasOutputs, variables));
  if (tooLarge !== undefined) return refuse('TOO_LARGE', tooLarge.message);
  return changeTask(walk, element, { action: 'complete', changes: {}, variables });
}

function refuseBusy({ elementKey }: ElementRow, { on }: Listening): Refusal {
  return refuse('INVALID_STATE', `task ${elementKey} waits for the listeners of ${on}`);
}

function onTask(
  context: Context,
  taskKey: Key,
  act: (walk: Walk, element: ElementRow, task: TaskRow) => Refusal | undefined,
): Refusal | undefined {
  const task = context.draft.get('task', taskKey);
  if (task === undefined) return refuse('NOT_FOUND', `expected the user task ${taskKey}; it may be finished`);
  return onElement(context, task.instanceId, taskKey, (walk, element) =>
    element.listening === undefined ? act(walk, element, task) : refuseBusy(element, element.listening),
  );
}
