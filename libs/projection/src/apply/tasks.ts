import type { EventOf } from '@millrace/records';
import type { Changes } from '../changes.ts';
import type { ReadTask } from '../rows.ts';

export function taskCreated(changes: Changes, event: EventOf<'task.created'>): void {
  const { instanceId, elementKey: key, elementId, name, assignee, candidateGroups, candidateUsers } = event;
  const { form, headers, dueDate, followUpDate, priority } = event;
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
    ...(form === undefined ? {} : { form }),
    headers,
    ...(dueDate === undefined ? {} : { dueDate }),
    ...(followUpDate === undefined ? {} : { followUpDate }),
    ...(priority === undefined ? {} : { priority }),
    createdAt: event.at,
  });
  changes.list(['task', event.at, key]);
  changes.list(['taskOf', instanceId, event.at, key]);
  changes.update('token', `${instanceId}/${key}`, { status: 'WAITING_USER', action: event.action });
  // The item of a loop is no variable that anything would have said before.
  for (const { scopeKey, values } of event.local ?? []) changes.put('local', `${instanceId}/${scopeKey}`, values);
}

export function taskUpdated(changes: Changes, event: EventOf<'task.updated'>): void {
  const task = changes.get('task', event.elementKey);
  if (task === undefined) return;
  const updated = Object.entries({ ...task, ...event.changes }).filter(([, value]) => value !== null);
  const { assignee } = event.changes;
  const state = assignee === undefined ? task.state : assignee === null ? 'CREATED' : 'CLAIMED';
  changes.put('task', task.key, { ...(Object.fromEntries(updated) as unknown as ReadTask), state });
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
