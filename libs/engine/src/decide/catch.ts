import { unreachable } from '@millrace/std';
import type { IntermediateCatchEvent, ReceiveTask, ReplyTrigger } from '@millrace/bpmn';
import type { ElementRow } from '@millrace/records';
import { surroundings } from './surroundings.ts';
import { ofElement } from './close.ts';
import { evaluateChannel, evaluateDuration, evaluateTimer } from './expressions.ts';
import { Failure } from './failure.ts';
import { schedule } from './schedule.ts';
import { openWait } from './wait.ts';
import type { Walk } from './walk.ts';

/** The element waits for a message, a record, or a time. */
export function openCatch(
  walk: Walk,
  element: ElementRow,
  node: IntermediateCatchEvent | ReceiveTask,
  openBoundary: () => void,
): Failure | undefined {
  const { trigger } = node;
  const around = surroundings(walk, element);
  switch (trigger.kind) {
    case 'message': {
      const channel = evaluateChannel(trigger, around);
      if (channel instanceof Failure) return channel;
      openBoundary();
      openWait(walk, element, element.elementId, channel, false);
      return undefined;
    }
    case 'timer': {
      const timer = evaluateTimer(trigger.timer, trigger.expression, around);
      if (timer instanceof Failure) return timer;
      openBoundary();
      schedule(walk.context, timer.dueAt, { kind: 'catch', ...ofElement(element) });
      return undefined;
    }
    case 'reply':
      return openReceive(walk, element, trigger, openBoundary);
    default:
      return unreachable(trigger);
  }
}

function openReceive(
  walk: Walk,
  element: ElementRow,
  trigger: ReplyTrigger,
  openBoundary: () => void,
): Failure | undefined {
  const { context } = walk;
  const timeoutMs = evaluateDuration(trigger.timeout, surroundings(walk, element));
  if (timeoutMs instanceof Failure) return timeoutMs;
  openBoundary();
  const { topic, keyName } = trigger;
  context.emit({ kind: 'receive.opened', ...ofElement(element), receiveKey: context.nextKey(), topic, keyName });
  if (timeoutMs !== undefined) scheduleReceiveTimeout(walk, element, timeoutMs);
  return undefined;
}

export function scheduleReceiveTimeout(walk: Walk, element: ElementRow, timeoutMs: number): void {
  schedule(walk.context, walk.context.now + timeoutMs, { kind: 'receiveTimeout', ...ofElement(element) });
}
