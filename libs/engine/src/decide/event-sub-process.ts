import { assert } from '@millrace/std';
import type { ExecutableProcess, Scope, StartEvent } from '@millrace/bpmn';
import type { Key, Variables } from '@millrace/records';
import { conditionRow, signalWaitRow, timerRow } from '../row-keys.ts';
import { activate } from './activate.ts';
import { type Plan, planAttached } from './attached.ts';
import { closeWait } from './close.ts';
import { closeScope } from './closing.ts';
import { closeConditionWait } from './condition-wait.ts';
import { enter } from './enter.ts';
import { forgetParts, wholeOf } from './event-parts.ts';
import type { Failure } from './failure.ts';
import { cancelTimer } from './schedule.ts';
import { closeSignalWait } from './signal-wait.ts';
import type { Walk } from './walk.ts';

/**
 * Sub-processes that events start in a scope while it runs (BPMN 2.0.2 §10.3.5, §13.5.4). What they wait for opens with the
 * scope, sees its variables, and is kept in its row: that of the element, or of the instance.
 */
export function planEventSubProcesses(walk: Walk, scopeKey: Key): Plan | Failure {
  const starts = eventStartsOf(walk, scopeKey);
  return starts.length === 0 ? [] : planAttached(walk, scopeKey, starts);
}

/** The start events by which event sub-processes begin in the scope. */
export function eventStartsOf(walk: Walk, scopeKey: Key): StartEvent[] {
  return eventStartsIn(walk.model, walk.level(scopeKey));
}

/** The same by the model alone. */
export function eventStartsIn(
  { elements }: ExecutableProcess,
  { eventSubProcesses = [] }: Partial<Scope>,
): StartEvent[] {
  return eventSubProcesses.map((id) => {
    const node = elements[id];
    const start = node?.kind === 'eventSubProcess' ? elements[node.startEvents[0] ?? ''] : undefined;
    assert(start?.kind === 'startEvent', `expected ${id} to be an event sub-process with a start event`);
    return start;
  });
}

/** The event has come. What it brings is for the start event, whose output mappings see it. */
export function triggerEventSubProcess(
  walk: Walk,
  scopeKey: Key,
  startEventId: string,
  variables: Variables,
  hops = 0,
): void {
  const start = walk.node(startEventId);
  assert(start.kind === 'startEvent', `expected ${startEventId} to be a start event`);
  if (start.interrupting !== true) return begin(walk, scopeKey, start, variables, hops);
  return closeScope(walk, scopeKey, { kind: 'eventSubProcess', startEventId, variables, hops });
}

/** Nothing is left in the scope that an interrupting event has come to. */
export function goOnInEventSubProcess(
  walk: Walk,
  scopeKey: Key,
  { startEventId, variables, hops }: { startEventId: string; variables: Variables; hops: number },
): void {
  walk.context.emit({ kind: 'scope.interrupted', instanceId: walk.instanceId, scopeKey, startEventId });
  const start = walk.node(startEventId);
  assert(start.kind === 'startEvent', `expected ${startEventId} to be a start event`);
  begin(walk, scopeKey, start, variables, hops);
}

function begin(walk: Walk, scopeKey: Key, { scope = '' }: StartEvent, variables: Variables, hops: number): void {
  activate(walk, enter(walk, scope, scopeKey, []), hops + 1, variables);
}

/** No event sub-process starts in the scope any more; the boundary events of the scope stay open. */
export function closeEventSubProcesses(walk: Walk, scopeKey: Key): void {
  const { draft } = walk.context;
  const { timers = [], waits = [], signals = [], conditions = [], begunEvents } = walk.holder(scopeKey);
  forgetParts(
    walk,
    scopeKey,
    begunEvents?.filter((id) => isStart(walk, id)),
  );
  for (const timer of timers) {
    if (draft.get('timer', timerRow(timer))?.purpose.kind === 'eventSubProcess') cancelTimer(walk.context, timer);
  }
  for (const waitKey of waits) {
    const wait = draft.get('wait', waitKey);
    if (wait !== undefined && isStart(walk, wait.elementId)) closeWait(walk, waitKey);
  }
  for (const signal of signals) {
    const wait = draft.get('signalWait', signalWaitRow(signal));
    if (wait !== undefined && isStart(walk, wait.elementId)) closeSignalWait(walk, signal);
  }
  for (const waitKey of conditions) {
    const wait = draft.get('conditionWait', conditionRow(walk.instanceId, waitKey));
    if (wait !== undefined && isStart(walk, wait.elementId)) closeConditionWait(walk, waitKey);
  }
}

function isStart(walk: Walk, eventId: string): boolean {
  return walk.node(wholeOf(walk, eventId)).kind === 'startEvent';
}
