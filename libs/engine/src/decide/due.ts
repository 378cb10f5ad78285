import { unreachable } from '@millrace/std';
import type { TimerPurpose, TimerRow } from '@millrace/records';
import { elementRow, timerRow } from '../row-keys.ts';
import { actionComesDue } from './action-begin.ts';
import type { Context } from './context.ts';
import { expireInstance } from './expiry.ts';
import { Failure } from './failure.ts';
import { raiseIncident } from './incidents.ts';
import { goesOnWhileClosing } from './listeners.ts';
import { passDeadline, retryJob } from './jobs.ts';
import { expireMessage } from './message-settle.ts';
import { proceed } from './move.ts';
import { occur } from './occur.ts';
import { repeat } from './repeat.ts';
import { triggerTimerStart } from './starts.ts';
import { isDefinitionSuspended } from './suspend-definition.ts';
import { hold, isSuspended } from './suspend.ts';
import { Walk } from './walk.ts';

/** A timer that is due. One that an input before it in the same batch has cancelled is gone, and nothing happens. */
export function fireTimer(context: Context, { timerKey, dueAt }: TimerRow): void {
  const timer = context.draft.get('timer', timerRow({ timerKey, dueAt }));
  if (timer === undefined) return;
  const { purpose } = timer;
  if ('instanceId' in purpose && purpose.kind !== 'forget' && isSuspended(context, purpose.instanceId)) {
    return hold(context, purpose.instanceId, { kind: 'timer', timer });
  }
  if (purpose.kind === 'start' && isDefinitionSuspended(context, purpose.processId)) {
    const { processId, definitionKey, elementId } = purpose;
    return context.emit({ kind: 'startEvent.withheld', processId, definitionKey, elementId, timer });
  }
  context.emit({ kind: 'timer.fired', timerKey, dueAt, purpose });
  switch (purpose.kind) {
    case 'messageExpiry':
      return expireMessage(context, purpose);
    case 'start':
      return triggerTimerStart(context, purpose, dueAt);
    case 'forget':
      return context.emit({ kind: 'instance.forgotten', instanceId: purpose.instanceId });
    case 'forgetSignal':
      return context.emit({ kind: 'signal.forgotten', signalId: purpose.signalId });
    default:
      return fireInInstance(context, purpose, dueAt);
  }
}

type InInstance = Exclude<TimerPurpose, { readonly kind: 'messageExpiry' | 'start' | 'forget' | 'forgetSignal' }>;

function fireInInstance(context: Context, purpose: InInstance, dueAt: number): void {
  const instance = context.draft.get('instance', purpose.instanceId);
  if (instance === undefined) return;
  if ('jobKey' in purpose) {
    const element = context.draft.get('element', elementRow(purpose.instanceId, purpose.elementKey));
    if (element !== undefined && goesOnWhileClosing(element)) return fireOfJob(Walk.of(context, instance), purpose);
  }
  // What is ending closes its elements slice by slice; what fires meanwhile is too late.
  if (instance.phase !== 'active') return;
  const walk = Walk.of(context, instance);
  fire(walk, purpose, dueAt);
  if (!walk.isOver) proceed(walk);
}

function fire(walk: Walk, purpose: InInstance, dueAt: number): void {
  if (purpose.kind === 'instanceExpiry') return expireInstance(walk);
  const { elementKey } = purpose;
  if (purpose.kind === 'eventSubProcess') {
    if (!walk.isOpen(elementKey)) return;
    // One that interrupts is the last: nothing that it repeats could start.
    if (!interrupts(walk, purpose.elementId)) repeat(walk.context, purpose, dueAt);
    return occur(walk, elementKey, purpose.elementId, {});
  }
  const element = walk.context.draft.get('element', elementRow(walk.instanceId, elementKey));
  if (element === undefined || !walk.isOpen(element.scopeKey)) return;
  switch (purpose.kind) {
    case 'catch':
      return occur(walk, elementKey, purpose.eventId ?? element.elementId, {});
    case 'boundary':
      if (!interrupts(walk, purpose.boundaryId)) repeat(walk.context, purpose, dueAt);
      return occur(walk, elementKey, purpose.boundaryId, {});
    case 'receiveTimeout': {
      const message = `expected a reply on "${element.receive?.topic ?? ''}" before the timeout`;
      return raiseIncident(walk, element, new Failure('REPLY_NOT_RECEIVED', message), 'receive');
    }
    case 'action':
      return actionComesDue(walk, element, purpose, dueAt);
    case 'jobRetry':
    case 'jobDeadline':
      return fireOfJob(walk, purpose);
    default:
      return unreachable(purpose);
  }
}

function fireOfJob(walk: Walk, purpose: Extract<InInstance, { readonly jobKey: string }>): void {
  if (purpose.kind === 'jobRetry') retryJob(walk, purpose.jobKey);
  else passDeadline(walk, purpose.jobKey, purpose.attempt);
}

function interrupts(walk: Walk, eventId: string): boolean {
  const node = walk.node(eventId);
  return 'interrupting' in node && node.interrupting;
}
