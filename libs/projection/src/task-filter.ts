import type { InstanceId } from '@millrace/records';
import type { ReadTask } from './rows.ts';

/** Which of the open tasks. Absent says nothing; a task without a due date or priority fits no bound of it. */
export interface TaskFilter {
  readonly state?: 'CREATED' | 'CLAIMED' | undefined;
  readonly assignee?: string | undefined;
  readonly candidateGroup?: string | undefined;
  readonly candidateUser?: string | undefined;
  readonly definition?: string | undefined;
  readonly instanceId?: InstanceId | undefined;
  /** ms since the epoch; `from` included, `before` not. */
  readonly dueFrom?: number | undefined;
  readonly dueBefore?: number | undefined;
  readonly followUpFrom?: number | undefined;
  readonly followUpBefore?: number | undefined;
  /** Both included. */
  readonly priorityFrom?: number | undefined;
  readonly priorityTo?: number | undefined;
}

export function fitsTask(task: ReadTask, filter: TaskFilter): boolean {
  const { state, assignee, candidateGroup, candidateUser, definition } = filter;
  return (
    (state === undefined || task.state === state) &&
    (assignee === undefined || task.assignee === assignee) &&
    (candidateGroup === undefined || task.candidateGroups.includes(candidateGroup)) &&
    (candidateUser === undefined || task.candidateUsers.includes(candidateUser)) &&
    (definition === undefined || task.processId === definition) &&
    isWithin(task.dueDate, filter.dueFrom, filter.dueBefore) &&
    isWithin(task.followUpDate, filter.followUpFrom, filter.followUpBefore) &&
    (filter.priorityFrom === undefined || (task.priority ?? Number.NaN) >= filter.priorityFrom) &&
    (filter.priorityTo === undefined || (task.priority ?? Number.NaN) <= filter.priorityTo)
  );
}

/** A model may give a date that is none: it is shown as it is, and fits no bound. */
function isWithin(date: string | undefined, from: number | undefined, before: number | undefined): boolean {
  const at = Date.parse(date ?? '');
  return (from === undefined || at >= from) && (before === undefined || at < before);
}
