import { partitionOfCorrelationKey, type ElementRow } from '@millrace/records';
import { jobOf } from '../apply/rows.ts';
import { clearQueue } from './ad-hoc-begin.ts';
import { cancelCalled } from './call.ts';
import { endReset, forgetPhases } from './complex-gateway.ts';
import { closeConditionWait } from './condition-wait.ts';
import { forgetParts } from './event-parts.ts';
import { dropIncident } from './incidents.ts';
import { cancelTimer } from './schedule.ts';
import { closeSignalWait } from './signal-wait.ts';
import { dropTransition } from './task-listeners.ts';
import type { Walk } from './walk.ts';

/** Closes everything that an element still waits for, its boundary events included. */
export function closeWaiting(walk: Walk, elementKey: string): void {
  const { context } = walk;
  // Events change the row: what there is to close is what it held before.
  const element = walk.element(elementKey);
  if (element.incidentKey !== undefined) dropIncident(walk, element);
  if (element.jobKey !== undefined) cancelJob(walk, element, element.jobKey);
  if (element.listening !== undefined) dropTransition(walk, element, element.listening);
  if (element.hasTask === true) context.emit({ kind: 'task.cancelled', ...ofElement(element) });
  if (element.receive !== undefined)
    context.emit({ kind: 'receive.closed', ...ofElement(element), ...element.receive });
  for (const timer of element.timers ?? []) cancelTimer(context, timer);
  for (const waitKey of element.waits ?? []) closeWait(walk, waitKey);
  if (element.calledId !== undefined) cancelCalled(walk, element.calledId);
  for (const signal of element.signals ?? []) closeSignalWait(walk, signal);
  for (const waitKey of element.conditions ?? []) closeConditionWait(walk, waitKey);
  forgetParts(walk, elementKey, element.begunEvents);
  clearQueue(walk, element);
}

export function terminateElement(walk: Walk, element: ElementRow): void {
  closeWaiting(walk, element.elementKey);
  const { elementKind, scopeKey } = element;
  if (element.tokens !== undefined) forgetPhases(walk, element.elementKey);
  walk.context.emit({ kind: 'element.terminated', ...ofElement(element), elementKind, scopeKey });
  endReset(walk, element);
}

export function ofElement({ instanceId, elementId, elementKey }: ElementRow) {
  return { instanceId, elementId, elementKey };
}

export function cancelJob(walk: Walk, element: ElementRow, jobKey: string): void {
  cancelTimer(walk.context, jobOf(walk.context.draft, jobKey).timer);
  walk.context.emit({ kind: 'job.cancelled', ...ofElement(element), jobKey });
}

export function closeWait(walk: Walk, waitKey: string): void {
  const { context } = walk;
  const wait = context.draft.get('wait', waitKey);
  if (wait === undefined) return;
  const { name, correlationKey, instanceId, elementId, elementKey } = wait;
  context.emit({ kind: 'wait.closed', waitKey, name, correlationKey, instanceId, elementId, elementKey });
  context.send(partitionOfCorrelationKey(correlationKey, context.draft.partitionCount), {
    kind: 'closeSubscription',
    version: 1,
    instanceId,
    waitKey,
    name,
    correlationKey,
  });
}
