import type { Form, UserTask } from '@millrace/bpmn';
import type { ElementRow, TaskAttributes, TaskForm } from '@millrace/records';
import { localScopes } from './scopes.ts';
import { surroundings } from './surroundings.ts';
import { ofElement } from './close.ts';
import { evaluateCount, evaluateOptionalText, evaluateTexts } from './expressions.ts';
import { Failure } from './failure.ts';
import { beginTask } from './task-listeners.ts';
import { howBound, latestWhere } from './version-tag.ts';
import type { Walk } from './walk.ts';

/** The one thing that can be done with a user task through FlowX's action call. */
export const COMPLETE_ACTION = 'complete';

export function createTask(
  walk: Walk,
  element: ElementRow,
  node: UserTask,
  openBoundary: () => void,
): Failure | undefined {
  const around = surroundings(walk, element);
  const { assignment } = node;
  const assignee = evaluateOptionalText(assignment.assignee, around, 'the assignee');
  if (assignee instanceof Failure) return assignee;
  const candidateGroups = evaluateTexts(assignment.candidateGroups, around, 'the candidate groups');
  if (candidateGroups instanceof Failure) return candidateGroups;
  const candidateUsers = evaluateTexts(assignment.candidateUsers, around, 'the candidate users');
  if (candidateUsers instanceof Failure) return candidateUsers;
  const dueDate = evaluateOptionalText(assignment.dueDate, around, 'the due date');
  if (dueDate instanceof Failure) return dueDate;
  const followUpDate = evaluateOptionalText(assignment.followUpDate, around, 'the follow-up date');
  if (followUpDate instanceof Failure) return followUpDate;
  const priority =
    assignment.priority === undefined ? undefined : evaluateCount(assignment.priority, around, 'the priority');
  if (priority instanceof Failure) return priority;
  const form = node.form && versionOf(walk, node.form);
  if (form instanceof Failure) return form;
  const attributes: TaskAttributes = {
    ...(assignee === undefined ? undefined : { assignee }),
    candidateGroups,
    candidateUsers,
    ...(dueDate === undefined ? undefined : { dueDate }),
    ...(followUpDate === undefined ? undefined : { followUpDate }),
    ...(priority === undefined ? undefined : { priority }),
    ...(form === undefined ? undefined : { form }),
  };
  openBoundary();
  if (node.taskListeners === undefined) openTask(walk, element, node, attributes);
  else beginTask(walk, element, node, attributes);
  return undefined;
}

/** From now on somebody can do it. */
export function openTask(walk: Walk, element: ElementRow, node: UserTask, attributes: TaskAttributes): void {
  const local = localScopes(walk.context.draft, element);
  const { assignee, candidateGroups, candidateUsers, form, dueDate, followUpDate, priority } = attributes;
  walk.context.emit({
    kind: 'task.created',
    ...ofElement(element),
    name: node.name ?? node.id,
    ...(assignee === undefined ? undefined : { assignee }),
    candidateGroups,
    candidateUsers,
    action: COMPLETE_ACTION,
    ...(form === undefined ? undefined : { form }),
    headers: node.headers,
    ...(dueDate === undefined ? undefined : { dueDate }),
    ...(followUpDate === undefined ? undefined : { followUpDate }),
    ...(priority === undefined ? undefined : { priority }),
    ...(local.length === 0 ? undefined : { local }),
  });
}

/** Whoever shows the task shows the form as it was then, whatever is deployed meanwhile. */
function versionOf({ context, model }: Walk, { binding, versionTag = '', ...form }: Form): TaskForm | Failure {
  const { formId } = form;
  if (formId === undefined) return form;
  if (binding === 'versionTag') {
    const tagged = latestWhere(
      (version) => context.draft.form(formId, version),
      (known) => known.versionTag === versionTag,
    );
    if (tagged !== undefined) return { ...form, version: tagged.version };
    const how = howBound({ kind: binding, versionTag });
    return new Failure('FORM_NOT_FOUND', `expected the form "${formId}" to be deployed${how}`);
  }
  const bound = binding === 'deployment' ? model.formsDeployedWith?.[formId] : undefined;
  if (binding === 'deployment' && bound === undefined) {
    return new Failure('FORM_NOT_FOUND', `expected the form "${formId}" to be deployed together with the process`);
  }
  const version = bound ?? context.draft.form(formId)?.version;
  return version === undefined ? form : { ...form, version };
}
