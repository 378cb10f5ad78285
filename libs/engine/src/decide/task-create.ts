import type { UserTask } from '@millrace/bpmn';
import type { ElementRow } from '@millrace/records';
import { surroundings } from './surroundings.ts';
import { ofElement } from './close.ts';
import { evaluateCount, evaluateOptionalText, evaluateTexts } from './expressions.ts';
import { Failure } from './failure.ts';
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
  openBoundary();
  walk.context.emit({
    kind: 'task.created',
    ...ofElement(element),
    name: node.name ?? node.id,
    ...(assignee === undefined ? undefined : { assignee }),
    candidateGroups,
    candidateUsers,
    action: COMPLETE_ACTION,
    ...(node.form === undefined ? undefined : { form: node.form }),
    headers: node.headers,
    ...(dueDate === undefined ? undefined : { dueDate }),
    ...(followUpDate === undefined ? undefined : { followUpDate }),
    ...(priority === undefined ? undefined : { priority }),
  });
  return undefined;
}
