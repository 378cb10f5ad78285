import { assert } from '@millrace/std';
import type { EventOf, JobRow, TaskRow } from '@millrace/records';
import type { State } from '../view.ts';
import type { Appliers } from './apply.ts';
import { changeElement, jobOf, without } from './rows.ts';

type Kinds =
  | 'job.created'
  | 'job.offered'
  | 'job.completed'
  | 'job.failed'
  | 'job.errorThrown'
  | 'job.cancelled'
  | 'task.created'
  | 'task.claimed'
  | 'task.unclaimed'
  | 'task.updated'
  | 'task.completed'
  | 'task.cancelled';

export const jobAppliers: Appliers<Kinds> = {
  'job.created'(state, event) {
    const { jobKey } = event;
    const row: JobRow = {
      jobKey,
      instanceId: event.instanceId,
      elementKey: event.elementKey,
      elementId: event.elementId,
      type: event.type,
      attempt: event.attempt,
      retries: event.retries,
      phase: 'offered',
      headers: event.headers,
      ...(event.timeoutMs === undefined ? undefined : { timeoutMs: event.timeoutMs }),
      ...(event.backoffMs === undefined ? undefined : { backoffMs: event.backoffMs }),
      ...(event.traceparent === undefined ? undefined : { traceparent: event.traceparent }),
    };
    state.put('job', jobKey, row);
    changeElement(state, event, (element) => ({ ...element, jobKey }));
  },

  'job.offered'(state, event) {
    const row = jobOf(state, event.jobKey);
    state.put('job', event.jobKey, { ...row, phase: 'offered', attempt: event.attempt, retries: event.retries });
  },

  'job.completed': removeJob,
  'job.cancelled': removeJob,

  'job.failed'(state, event) {
    const row = jobOf(state, event.jobKey);
    const phase = event.retryAt === undefined ? 'failed' : 'backingOff';
    state.put('job', event.jobKey, { ...row, phase, retries: event.retries });
  },

  'job.errorThrown'(state, event) {
    if (event.caughtBy !== undefined) return removeJob(state, event);
    state.put('job', event.jobKey, { ...jobOf(state, event.jobKey), phase: 'failed' });
  },

  'task.created'(state, event) {
    const { instanceId, elementKey, elementId } = event;
    const row: TaskRow = {
      instanceId,
      elementKey,
      elementId,
      ...(event.assignee === undefined ? undefined : { assignee: event.assignee }),
    };
    state.put('task', elementKey, row);
    changeElement(state, event, (element) => ({ ...element, hasTask: true }));
  },

  'task.claimed'(state, event) {
    state.put('task', event.elementKey, { ...taskOf(state, event.elementKey), assignee: event.assignee });
  },

  'task.unclaimed'(state, event) {
    state.put('task', event.elementKey, without(taskOf(state, event.elementKey), 'assignee'));
  },

  'task.updated'(state, { elementKey, changes: { assignee } }) {
    if (assignee === undefined) return;
    const row = taskOf(state, elementKey);
    state.put('task', elementKey, assignee === null ? without(row, 'assignee') : { ...row, assignee });
  },

  'task.completed': removeTask,
  'task.cancelled': removeTask,
};

function removeJob(state: State, event: EventOf<'job.completed' | 'job.cancelled' | 'job.errorThrown'>): void {
  state.delete('job', event.jobKey);
  changeElement(state, event, (element) => without(element, 'jobKey'));
}

function removeTask(state: State, event: EventOf<'task.completed' | 'task.cancelled'>): void {
  state.delete('task', event.elementKey);
  changeElement(state, event, (element) => without(element, 'hasTask'));
}

function taskOf(state: State, elementKey: string): TaskRow {
  const row = state.get('task', elementKey);
  assert(row !== undefined, `expected a row of task ${elementKey}`);
  return row;
}
