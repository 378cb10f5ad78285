import { assert } from '@millrace/std';
import type { UserTask } from '@millrace/bpmn';
import type {
  ElementRow,
  JobRow,
  Key,
  ListenerEventName,
  Listening,
  TaskAttributes,
  TaskChanges,
  TaskListenerEvent,
  TaskTransition,
  Variables,
} from '@millrace/records';
import type { ListenedTask } from '../decision.ts';
import { without } from '../apply/rows.ts';
import { closeWaiting, ofElement } from './close.ts';
import type { EventBody } from './context.ts';
import { continueLater } from './continue-later.ts';
import type { Failure } from './failure.ts';
import { fail } from './jobs.ts';
import { leave } from './leave.ts';
import { completeJob, listen } from './listeners.ts';
import { resultChanges } from './mappings.ts';
import { checkSize } from './scopes.ts';
import { openTask } from './task-create.ts';
import { readTaskAnswer } from './task-listener-answer.ts';
import type { Walk } from './walk.ts';

/**
 * Task listeners: jobs that a change to a user task waits for, one after the other. Each may correct the task, or refuse the change
 * but for its creation and its end.
 *
 * T1. Nothing of the change shows before the last one has answered: then all of it and of what they corrected is done, or nothing.
 *     Meanwhile the task takes no other change. Who asked is told by the event that carries his `requestId`.
 * T2. The task as they see it is in the element's row (`task`), for tasks that were created with listeners.
 * T3. A task that is cancelled is gone at once for whoever could do it; its element, and what ends with that, waits for its listeners.
 */
const taskEvents: ReadonlySet<ListenerEventName> = new Set<TaskListenerEvent>([
  'creating',
  'assigning',
  'updating',
  'completing',
  'canceling',
]);

export function isOfTask(on: ListenerEventName): on is TaskListenerEvent {
  return taskEvents.has(on);
}

export function beginTask(walk: Walk, element: ElementRow, node: UserTask, attributes: TaskAttributes): void {
  note(walk, element, attributes);
  const row = walk.element(element.elementKey);
  if (node.taskListeners?.creating === undefined) return create(walk, row, node, {});
  return listen(walk, row, { on: 'creating', transition: { action: 'create', changes: {} } });
}

/** As in Zeebe, the model's own assignee is given after the creation, by a change that its listeners may refuse. */
function create(walk: Walk, element: ElementRow, node: UserTask, corrections: TaskChanges): void {
  const attributes = changed(attributesOf(element), corrections);
  const { assignee } = attributes;
  const mustAsk = node.taskListeners?.assigning !== undefined && corrections.assignee === undefined;
  const opened = mustAsk ? without(attributes, 'assignee') : attributes;
  openTask(walk, element, node, opened);
  if (JSON.stringify(opened) !== JSON.stringify(element.task)) note(walk, element, opened);
  if (!mustAsk || assignee === undefined) return undefined;
  return listen(walk, walk.element(element.elementKey), {
    on: 'assigning',
    transition: { action: 'assign', changes: { assignee } },
  });
}

/** Makes the change, or asks its listeners first. */
export function changeTask(walk: Walk, element: ElementRow, transition: TaskTransition): undefined {
  const node = walk.node(element.elementId);
  const listeners = node.kind === 'userTask' && element.task !== undefined ? node.taskListeners : undefined;
  const [on, next] = eventsOf(transition).filter((event) => listeners?.[event] !== undefined);
  if (on === undefined) return carryOut(walk, element, transition);
  const { requestId } = walk.context.cause;
  const more = {
    ...(next === undefined ? undefined : { next }),
    ...(requestId === undefined ? undefined : { requestId }),
  };
  listen(walk, element, { on, transition: { ...transition, ...more } });
  return undefined;
}

function eventsOf({ action, changes: { assignee, ...others } }: TaskTransition): TaskListenerEvent[] {
  if (action === 'complete') return ['completing'];
  const isUpdate = Object.values(others).some((change) => change !== undefined);
  return [...(assignee === undefined ? [] : ['assigning' as const]), ...(isUpdate ? ['updating' as const] : [])];
}

/** What a listener has answered: with what the change goes on; nothing, when it is refused or the answer makes no sense. */
export function answerTaskListener(
  walk: Walk,
  element: ElementRow,
  job: JobRow,
  value: Variables,
): { readonly transition: TaskTransition } | undefined {
  const { on, transition } = transitionOf(element);
  const answer = readTaskAnswer(value, on, on === 'creating' && element.task?.assignee !== undefined);
  if ('wrong' in answer) {
    fail(walk, element, job, answer.wrong, Math.max(0, job.retries - 1), undefined);
    return undefined;
  }
  completeJob(walk, element, job);
  if ('denied' in answer) {
    deny(walk, element, transition, answer.denied);
    return undefined;
  }
  const corrections = { ...transition.corrections, ...answer.corrections };
  return { transition: Object.keys(corrections).length === 0 ? transition : { ...transition, corrections } };
}

function deny(walk: Walk, element: ElementRow, { action, requestId }: TaskTransition, reason: string): undefined {
  const asked = requestId === undefined ? undefined : { requestId };
  walk.context.emit({ kind: 'task.denied', ...ofElement(element), action, reason, ...asked });
}

/** T1. All listeners of the event have answered. */
export function finishTransition(walk: Walk, element: ElementRow, { transition }: Listening): void {
  assert(transition !== undefined, `expected a change to the task ${element.elementKey} to wait`);
  const { action, next, corrections = {}, ...rest } = transition;
  if (action === 'cancel') return goOnClosing(walk, element);
  if (action === 'create') return create(walk, element, walk.node(element.elementId) as UserTask, corrections);
  if (next !== undefined) {
    return listen(walk, element, { on: next, transition: { action, corrections, ...rest } });
  }
  return carryOut(walk, element, transition);
}

function carryOut(walk: Walk, element: ElementRow, transition: TaskTransition): undefined {
  const { action, changes, corrections, requestId } = transition;
  if (action === 'complete' && element.task !== undefined) {
    const tooLarge = whyNotTaken(walk, element, transition);
    if (tooLarge !== undefined) return deny(walk, element, transition, tooLarge.message);
  }
  const all = { ...changes, ...corrections };
  const bodies = [...changeEvents(element, action, all)];
  if (action === 'complete') bodies.push({ kind: 'task.completed', ...ofElement(element) });
  const last = bodies.pop();
  for (const body of bodies) walk.context.emit(body);
  if (last !== undefined) walk.context.emit(requestId === undefined ? last : { ...last, requestId });
  if (element.task !== undefined) note(walk, element, action === 'complete' ? undefined : changed(element.task, all));
  if (action === 'complete') leave(walk, element.elementKey, transition.variables ?? {}, 0);
  return undefined;
}

/** The result has fitted when it was asked for; what else has grown since then is there. */
function whyNotTaken(walk: Walk, element: ElementRow, { variables = {} }: TaskTransition): Failure | undefined {
  const { outputs } = walk.node(element.elementId);
  const result = resultChanges(walk, element, outputs.length > 0, variables);
  return checkSize(walk.context.draft, walk.instanceId, result);
}

/** What its actions have completed has been asked about by nobody. */
export function closeTask(walk: Walk, element: ElementRow): void {
  walk.context.emit({ kind: 'task.completed', ...ofElement(element) });
  if (element.task !== undefined) note(walk, element, undefined);
}

/** A claim is one, whatever else has been corrected with it. */
function* changeEvents(element: ElementRow, action: TaskTransition['action'], all: TaskChanges): Iterable<EventBody> {
  const { assignee, ...others } = all;
  const of = ofElement(element);
  const isClaim = action === 'claim' && typeof assignee === 'string';
  const isUnclaim = action === 'unclaim' && assignee === null;
  if (isClaim) yield { kind: 'task.claimed', ...of, assignee };
  if (isUnclaim) yield { kind: 'task.unclaimed', ...of };
  const changes = isClaim || isUnclaim ? others : all;
  if (Object.keys(changes).length > 0) yield { kind: 'task.updated', ...of, changes };
}

function note({ context }: Walk, element: ElementRow, attributes: TaskAttributes | undefined): void {
  const noted = attributes === undefined ? undefined : { attributes };
  context.emit({ kind: 'task.noted', ...ofElement(element), ...noted });
}

/** What is absent stays; null takes away. */
function changed(attributes: TaskAttributes, changes: TaskChanges): TaskAttributes {
  const entries = Object.entries(changes).filter(([, value]) => value !== undefined);
  const all = Object.entries({ ...attributes, ...Object.fromEntries(entries) });
  return Object.fromEntries(all.filter(([, value]) => value !== null)) as unknown as TaskAttributes;
}

/** The task as it will be when nothing more is corrected. */
export function taskOffer(element: ElementRow, { action, changes, corrections }: TaskTransition): ListenedTask {
  const before = attributesOf(element);
  const after = changed(before, { ...changes, ...corrections });
  const names = ['assignee', 'candidateGroups', 'candidateUsers', 'dueDate', 'followUpDate', 'priority'] as const;
  const changedAttributes = names.filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]));
  return { ...after, taskKey: element.elementKey, action, changedAttributes };
}

// The end of a task

/** T3. Whether the end of the element must wait for listeners. */
export function cancelTask(walk: Walk, { elementId, elementKey, task, listening }: ElementRow): boolean {
  if (task === undefined) return false;
  if (listening?.on === 'canceling') return true;
  const node = walk.node(elementId);
  if (node.kind !== 'userTask' || node.taskListeners?.canceling === undefined) return false;
  closeWaiting(walk, elementKey);
  listen(walk, walk.element(elementKey), { on: 'canceling', transition: { action: 'cancel', changes: {} } });
  return true;
}

/** Whoever waits for what is not done any more is told. */
export function dropTransition(walk: Walk, element: ElementRow, { on, transition }: Listening): void {
  if (transition === undefined || on === 'creating' || on === 'canceling') return;
  deny(walk, element, transition, 'the task has ended meanwhile');
}

/** The element, or whatever around it is being closed, goes on with that. */
function goOnClosing(walk: Walk, element: ElementRow): void {
  const { context, instanceId, instance } = walk;
  for (let key: Key = element.elementKey; key !== instanceId; key = walk.element(key).scopeKey) {
    if (walk.element(key).closing !== undefined) continueLater(context, instanceId, { scopeKey: key });
  }
  if (instance.closing !== undefined) continueLater(context, instanceId, { scopeKey: instanceId });
  if (instance.phase === 'ending') continueLater(context, instanceId);
}

function transitionOf({ elementKey, listening }: ElementRow): { on: TaskListenerEvent; transition: TaskTransition } {
  assert(listening?.transition !== undefined && isOfTask(listening.on), `expected a change to the task ${elementKey}`);
  return { on: listening.on, transition: listening.transition };
}

function attributesOf({ elementKey, task }: ElementRow): TaskAttributes {
  assert(task !== undefined, `expected the task ${elementKey} to be known to its listeners`);
  return task;
}
