import { unreachable } from '@millrace/std';
import {
  type EventPart,
  type IntermediateCatchEvent,
  type ReceiveTask,
  type ReplyTrigger,
  partsOf,
} from '@millrace/bpmn';
import type { ElementRow } from '@millrace/records';
import { surroundings } from './surroundings.ts';
import { openConditionWait } from './condition-wait.ts';
import { ofElement } from './close.ts';
import { evaluateChannel, evaluateDuration, evaluateSignalName, evaluateTimer } from './expressions.ts';
import { Failure } from './failure.ts';
import { schedule } from './schedule.ts';
import { openSignalWait } from './signal-wait.ts';
import { openWait } from './wait.ts';
import type { Walk } from './walk.ts';

/** The element waits for a message, a record, or a time. */
export function openCatch(
  walk: Walk,
  element: ElementRow,
  node: IntermediateCatchEvent | ReceiveTask,
  openBoundary: () => void,
): Failure | undefined {
  const open = planCatch(walk, element, node);
  if (open instanceof Failure) return open;
  openBoundary();
  open();
  return undefined;
}

/** What to open for a catching element, evaluated but not yet done. `element` is itself, or the gateway that waits for it. */
export function planCatch(
  walk: Walk,
  element: ElementRow,
  node: IntermediateCatchEvent | ReceiveTask | EventPart,
): (() => void) | Failure {
  const { trigger } = node;
  const around = surroundings(walk, element);
  switch (trigger.kind) {
    case 'message': {
      const channel = evaluateChannel(trigger, around);
      return channel instanceof Failure ? channel : () => openWait(walk, element.elementKey, node.id, channel, false);
    }
    case 'timer': {
      const timer = evaluateTimer(trigger.timer, trigger.expression, around);
      if (timer instanceof Failure) return timer;
      const eventId = node.id === element.elementId ? undefined : { eventId: node.id };
      return () => void schedule(walk.context, timer.dueAt, { kind: 'catch', ...ofElement(element), ...eventId });
    }
    case 'signal': {
      const name = evaluateSignalName(trigger.name, around);
      return name instanceof Failure ? name : () => openSignalWait(walk, element.elementKey, node.id, name, false);
    }
    case 'condition':
      return () => openConditionWait(walk, element.elementKey, node.id, false);
    case 'reply':
      return planReceive(walk, element, node.id, trigger);
    case 'multiple':
      return planParts(walk, element, partsOf(node));
    case 'link':
    // No catching element has these.
    case 'startMessage':
    case 'error':
    case 'escalation':
      return () => undefined;
    default:
      return unreachable(trigger);
  }
}

function planParts(walk: Walk, element: ElementRow, parts: readonly EventPart[]): (() => void) | Failure {
  const plan: (() => void)[] = [];
  for (const part of parts) {
    const open = planCatch(walk, element, part);
    if (open instanceof Failure) return open;
    plan.push(open);
  }
  return () => {
    for (const open of plan) open();
  };
}

function planReceive(
  walk: Walk,
  element: ElementRow,
  elementId: string,
  trigger: ReplyTrigger,
): (() => void) | Failure {
  const { context } = walk;
  const timeoutMs = evaluateDuration(trigger.timeout, surroundings(walk, element));
  if (timeoutMs instanceof Failure) return timeoutMs;
  return () => {
    const { topic, keyName } = trigger;
    const receiveKey = context.nextKey();
    context.emit({ kind: 'receive.opened', ...ofElement(element), elementId, receiveKey, topic, keyName });
    if (timeoutMs !== undefined) scheduleReceiveTimeout(walk, element, timeoutMs);
  };
}

export function scheduleReceiveTimeout(walk: Walk, element: ElementRow, timeoutMs: number): void {
  schedule(walk.context, walk.context.now + timeoutMs, { kind: 'receiveTimeout', ...ofElement(element) });
}
