import { isInner } from './ad-hoc-begin.ts';
import { assert } from '@millrace/std';
import type { JobAction } from '@millrace/bpmn';
import type { ElementRow, JobRow, ListenerEventName, Listening, Variables } from '@millrace/records';
import type { JobOutput } from '../decision.ts';
import { without } from '../apply/rows.ts';
import { endScope } from './act.ts';
import { goOnActivating } from './activate.ts';
import { openInstance } from './begin.ts';
import { closeWaiting, ofElement } from './close.ts';
import { type Refusal } from './context.ts';
import { endInstance } from './end.ts';
import { raiseIncident } from './incidents.ts';
import { createJob } from './job-create.ts';
import { holdBack } from './jobs.ts';
import { goOnLeaving, leave } from './leave.ts';
import { cancelTimer } from './schedule.ts';
import { type ScopeChange, checkSize, propagate, setVariables, visibleVariables } from './scopes.ts';
import { answerTaskListener, finishTransition, isOfTask, taskOffer } from './task-listeners.ts';
import type { Walk } from './walk.ts';

/**
 * Execution listeners, as in Zeebe: jobs that an element waits for, one after the other.
 *
 * L1. Those of its start come when the inputs are mapped, before anything is opened or done; what they bring is the element's own.
 *     Those of its end come when the outputs are mapped and all that it waited for is closed; what they bring goes where
 *     outputs go. Of an activity that is done several times, they are those of each time; `beforeAll` comes before the first.
 * L2. Which one is asked is in the element's row. A job of an element that has `listening` is the listener's: the element's own
 *     job comes after the one, and is gone before the other.
 * L3. The listeners of a process run in an element of its own, with the id of the process: before the instance opens, and when
 *     nothing is left in it.
 * L4. When a job fails for good, resolving its incident offers that job again. When a listener's type or retries cannot be evaluated,
 *     or the element cannot do what follows, all listeners of the event are asked again.
 */
export function listen(walk: Walk, element: ElementRow, listening: Omit<Listening, 'place'>): void {
  call(walk, element, { ...listening, place: 0 });
}

function call(walk: Walk, element: ElementRow, called: Listening): void {
  walk.context.emit({ kind: 'listener.called', ...ofElement(element), ...called });
  const row = walk.element(element.elementKey);
  const action = listenerOf(walk, row, called);
  // The instance goes by another definition since then, and that has no such listener.
  if (action === undefined) return finish(walk, row);
  const failure = createJob(walk, row, action, () => undefined);
  if (failure !== undefined) raiseIncident(walk, row, failure, 'listen');
}

export function listenAgain(walk: Walk, element: ElementRow): void {
  if (element.listening === undefined) return;
  const { transition, ...listening } = element.listening;
  const anew = transition === undefined ? undefined : { transition: without(transition, 'corrections') };
  call(walk, element, { ...listening, ...anew, place: 0 });
}

/** L3. */
export function enterProcess(walk: Walk): ElementRow {
  const { context, instanceId, model } = walk;
  const elementKey = context.nextKey();
  context.emit({
    kind: 'element.entered',
    instanceId,
    elementId: model.id,
    elementKey,
    elementKind: PROCESS_KIND,
    scopeKey: instanceId,
    flowIds: [],
  });
  return walk.element(elementKey);
}

const PROCESS_KIND = 'process';

export function isProcess({ elementKind }: ElementRow): boolean {
  return elementKind === PROCESS_KIND;
}

/** Whether the element is over, and so is perhaps all around it, but for its listeners. */
export function goesOnWhileClosing(element: ElementRow): boolean {
  const { listening } = element;
  return listening !== undefined && (listening.on === 'canceling' || (isProcess(element) && listening.on === 'end'));
}

/** Nothing is open for the element: it has not begun, or is over. */
export function waitsForListenersAlone({ on }: Listening): boolean {
  return on === 'beforeAll' || on === 'start' || on === 'end' || on === 'canceling';
}

export function listenerOf(walk: Walk, element: ElementRow, { on, place }: Listening): JobAction | undefined {
  return listenersOf(walk, element, on)?.[place];
}

function listenersOf(walk: Walk, element: ElementRow, on: ListenerEventName): readonly JobAction[] | undefined {
  if (isProcess(element)) return on === 'start' || on === 'end' ? walk.model.listeners?.[on] : undefined;
  // They listen to the ad-hoc sub-process, not to each thing that it begins.
  if (isInner(element)) return undefined;
  const node = walk.node(element.elementId);
  if (isOfTask(on)) return node.kind === 'userTask' ? node.taskListeners?.[on] : undefined;
  return node.listeners?.[on];
}

/** What the record of a listener's job says besides: it sees all that is visible. */
export function listenerOffer(
  walk: Walk,
  element: ElementRow,
  { on, transition }: Listening,
): Pick<JobOutput, 'elementId' | 'variables' | 'listener' | 'task'> {
  return {
    elementId: element.elementId,
    variables: visibleVariables(walk.context.draft, walk.instanceId, element.elementKey),
    listener: on,
    ...(transition === undefined ? undefined : { task: taskOffer(element, transition) }),
  };
}

/** The job is done: the next listener is asked, or the element goes on. */
export function completeListener(
  walk: Walk,
  element: ElementRow,
  job: JobRow,
  brought: Variables,
): Refusal | undefined {
  const { listening } = element;
  assert(listening !== undefined, `expected the job ${job.jobKey} to be a listener's`);
  if (isOfTask(listening.on)) {
    const answer = answerTaskListener(walk, element, job, brought);
    if (answer !== undefined) goOn(walk, element, { ...listening, ...answer });
    return undefined;
  }
  const changes = changesOf(walk, element, listening, brought);
  const tooLarge = checkSize(walk.context.draft, walk.instanceId, changes);
  if (tooLarge !== undefined) return holdBack(walk, element, job, tooLarge);
  completeJob(walk, element, job);
  setVariables(walk.context, walk.instanceId, changes);
  goOn(walk, element, listening);
  return undefined;
}

export function completeJob({ context }: Walk, element: ElementRow, { jobKey, timer }: JobRow): void {
  cancelTimer(context, timer);
  context.emit({ kind: 'job.completed', ...ofElement(element), jobKey });
}

/** L1. */
function changesOf(walk: Walk, element: ElementRow, { on }: Listening, values: Variables): ScopeChange[] {
  if (Object.keys(values).length === 0) return [];
  const { instanceId, context } = walk;
  const { elementKey, scopeKey, loopCounter } = element;
  if (isProcess(element)) return [{ scopeKey: instanceId, values }];
  if (on !== 'end') return [{ scopeKey: elementKey, values }];
  return propagate(context.draft, instanceId, loopCounter === undefined ? scopeKey : elementKey, values);
}

function goOn(walk: Walk, { elementKey }: ElementRow, { on, place, transition }: Listening): void {
  const element = walk.element(elementKey);
  const changed = transition === undefined ? undefined : { transition };
  if (place + 1 < (listenersOf(walk, element, on)?.length ?? 0))
    return call(walk, element, { on, place: place + 1, ...changed });
  return finish(walk, changed === undefined ? element : { ...element, listening: { on, place, ...changed } });
}

function finish(walk: Walk, { listening, ...row }: ElementRow): void {
  assert(listening !== undefined, `expected listeners of ${row.elementKey} to have been asked`);
  const { on, brought } = listening;
  walk.context.emit({ kind: 'listeners.done', ...ofElement(row), on });
  if (isProcess(row)) return finishOfProcess(walk, row, listening);
  if (isOfTask(on)) return finishTransition(walk, walk.element(row.elementKey), listening);
  if (on === 'end') return finishEnd(walk, walk.element(row.elementKey));
  if (listening.hasOccurred === true) return leave(walk, row.elementKey, brought ?? {}, 0);
  return goOnActivating(walk, walk.element(row.elementKey), walk.node(row.elementId), 0, brought);
}

function finishEnd(walk: Walk, element: ElementRow): void {
  const node = walk.node(element.elementId);
  const action = node.kind === 'endEvent' ? node.action : undefined;
  const by = action?.kind === 'multiple' ? action.last.kind : action?.kind;
  if (by === 'terminate' || by === 'cancel') endScope(walk, element, by, 0);
  else goOnLeaving(walk, element, node, 0);
}

/** L3. The instance lives on without the element, or ends. */
function finishOfProcess(walk: Walk, element: ElementRow, { on, startEventId, endsAs = 'completed' }: Listening): void {
  const { elementKind, elementKey, scopeKey } = element;
  closeWaiting(walk, elementKey);
  walk.context.emit({ kind: 'element.completed', ...ofElement(element), elementKind, scopeKey });
  if (on === 'end') return endInstance(walk, endsAs);
  assert(startEventId !== undefined, 'expected a process that begins to know its start event');
  return openInstance(walk, walk.node(startEventId), 0);
}
