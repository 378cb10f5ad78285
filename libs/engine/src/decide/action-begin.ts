import type { NodeAction } from '@millrace/bpmn';
import type { ElementRow, Key, TimerPurpose } from '@millrace/records';
import { ACTIONS_RUNNING_MAX } from '../limits.ts';
import { activate } from './activate.ts';
import { ofExecution } from './actions.ts';
import { ofElement, terminateElement } from './close.ts';
import { enter } from './enter.ts';
import { evaluateCondition, evaluateDuration, evaluateTimer } from './expressions.ts';
import { Failure } from './failure.ts';
import { scheduleReceiveTimeout } from './catch.ts';
import { repeat } from './repeat.ts';
import { schedule } from './schedule.ts';
import { type ScopeChange, setVariables } from './scopes.ts';
import { surroundings } from './surroundings.ts';
import type { Walk } from './walk.ts';

/** Begins an execution. `isTurn`: it was due. `released`: it has nothing to wait for any more. */
export function beginAction(
  walk: Walk,
  element: ElementRow,
  { name, elementId }: NodeAction,
  hops: number,
  by: { readonly isTurn?: true; readonly released?: 'time' } = {},
): Key {
  const { context } = walk;
  const actionKey = enter(walk, elementId, element.elementKey, []);
  context.emit({
    kind: 'action.started',
    ...ofElement(element),
    action: name,
    actionKey,
    ...(by.isTurn === true ? { isTurn: true } : undefined),
  });
  if (by.released !== undefined) release(walk, walk.element(actionKey), name, by.released);
  activate(walk, actionKey, hops + 1);
  return actionKey;
}

/**
 * Before an execution does anything: a callback waits for its reply, one with a timer for its time, and one whose condition does
 * not hold then is left out. True: not now, or never.
 */
export function isHeldBack(walk: Walk, execution: ElementRow, hops: number): boolean | Failure {
  const { action } = ofExecution(walk, execution);
  const { released } = execution;
  if (action.callback !== undefined && released === undefined && isRepliedTo(walk, execution, action)) {
    return waitForReply(walk, execution, action);
  }
  if (action.timer !== undefined && released === undefined) return waitForTime(walk, execution, action.timer);
  if (action.condition === undefined) return false;
  const holds = evaluateCondition(action.condition, surroundings(walk, execution), `the action "${action.name}"`);
  if (holds instanceof Failure) return holds;
  if (!holds) skip(walk, execution, hops);
  return !holds;
}

/** The answer to a job is its completion: what follows it has its reply by then. */
function isRepliedTo(walk: Walk, execution: ElementRow, { parent }: NodeAction): boolean {
  const { node } = ofExecution(walk, execution);
  const sends = walk.node(`${node.id}:${parent ?? ''}`);
  return 'action' in sends && sends.action.kind === 'publish';
}

function waitForReply(walk: Walk, execution: ElementRow, { parent = '', callback = {} }: NodeAction): true | Failure {
  const timeoutMs = evaluateDuration(callback.timeout, surroundings(walk, execution));
  if (timeoutMs instanceof Failure) return timeoutMs;
  const receiveKey = walk.context.nextKey();
  const topic = callbackTopic(parent, execution.scopeKey);
  const opened = { receiveKey, topic, keyName: callback.key ?? '' };
  walk.context.emit({ kind: 'receive.opened', ...ofElement(execution), ...opened });
  if (timeoutMs !== undefined) scheduleReceiveTimeout(walk, execution, timeoutMs);
  return true;
}

/** No topic of the bus: what has come on any of them, for this action of the token. */
export function callbackTopic(action: string, elementKey: Key): string {
  return `callback/${action}/${elementKey}`;
}

function waitForTime(walk: Walk, execution: ElementRow, timed: Required<NodeAction>['timer']): true | Failure {
  const timer = evaluateTimer(timed.timer, timed.expression, surroundings(walk, execution));
  if (timer instanceof Failure) return timer;
  const { dueAt, interval, repetitions } = timer;
  const cycle = interval === undefined ? undefined : { interval, repetitions: repetitions ?? null };
  schedule(walk.context, dueAt, { kind: 'action', ...ofElement(execution), ...cycle });
  return true;
}

function skip(walk: Walk, execution: ElementRow, hops: number): void {
  const { element, action } = ofExecution(walk, execution);
  terminateElement(walk, execution);
  const skipped = { action: action.name, actionKey: execution.elementKey };
  walk.context.emit({ kind: 'action.skipped', ...ofElement(element), ...skipped });
  walk.noteEnd(element.elementKey, hops);
}

/** Its time has come. The execution that waits for a cycle stays, and each round is one of its own, but for the last. */
export function actionComesDue(
  walk: Walk,
  execution: ElementRow,
  purpose: Extract<TimerPurpose, { readonly kind: 'action' }>,
  dueAt: number,
): void {
  const { element, action } = ofExecution(walk, execution);
  if (purpose.interval === undefined || purpose.repetitions === 1) {
    release(walk, execution, action.name, 'time');
    return activate(walk, execution.elementKey, 0);
  }
  repeat(walk.context, purpose, dueAt);
  // Rounds that nobody gets through with are left out.
  if ((element.tokens ?? 0) < ACTIONS_RUNNING_MAX) beginAction(walk, element, action, 0, { released: 'time' });
  return undefined;
}

/** The reply to its parent has come, and fits. */
export function replyComes(walk: Walk, execution: ElementRow, changes: readonly ScopeChange[]): void {
  const { action } = ofExecution(walk, execution);
  release(walk, execution, action.name, 'reply');
  setVariables(
    walk.context,
    walk.instanceId,
    changes.filter(({ values }) => Object.keys(values).length > 0),
  );
  activate(walk, execution.elementKey, 0);
}

function release(walk: Walk, execution: ElementRow, action: string, after: 'reply' | 'time'): void {
  walk.context.emit({ kind: 'action.released', ...ofElement(execution), action, after });
}
