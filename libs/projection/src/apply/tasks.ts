import type { EventOf } from '@millrace/records';
import type { Changes } from '../changes.ts';
import type { ReadTask } from '../rows.ts';

export function taskCreated(changes: Changes, event: EventOf<'task.created'>): void {
  const { instanceId, elementKey: key, elementId, name, assignee, candidateGroups, candidateUsers, dueDate } = event;
  const formId = event.form?.formId ?? event.form?.formKey ?? event.form?.externalReference;
  changes.put('task', key, {
    key,
    instanceId,
    processId: changes.get('instance', instanceId)?.processId ?? '',
    elementId,
    name,
    state: assignee === undefined ? 'CREATED' : 'CLAIMED',
    ...(assignee === undefined ? {} : { assignee }),
    candidateGroups,
    candidateUsers,
    ...(formId === undefined ? {} : { formId }),
    ...(dueDate === undefined ? {} : { dueDate }),
    createdAt: event.at,
  });
  changes.list(['task', event.at, key]);
  changes.list(['taskOf', instanceId, event.at, key]);
  changes.update('token', `${instanceId}/${key}`, { status: 'WAITING_USER', action: event.action });
}

export function taskChanged(
  changes: Changes,
  event: EventOf<'task.claimed' | 'task.unclaimed' | 'task.completed' | 'task.cancelled'>,
  state: ReadTask['state'],
  ...assigned: [] | [assignee: string | undefined]
): void {
  const task = changes.get('task', event.elementKey);
  if (task === undefined) return;
  const { assignee: before, ...rest } = task;
  const assignee = assigned.length === 0 ? before : assigned[0];
  changes.put('task', task.key, { ...rest, state, ...(assignee === undefined ? {} : { assignee }) });
  if (state === 'COMPLETED' || state === 'CANCELLED') {
    changes.unlist(['task', task.createdAt, task.key]);
    changes.unlist(['taskOf', task.instanceId, task.createdAt, task.key]);
  }
}
