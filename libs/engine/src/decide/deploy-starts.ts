import { type ExecutableProcess, type FlowNode, partsOf, startMessageOf } from '@millrace/bpmn';
import type { TimerSchedule } from '@millrace/feel';
import type { DefinitionKey, DefinitionRow } from '@millrace/records';
import type { Context } from './context.ts';
import { evaluateSignalName, evaluateTimer } from './expressions.ts';
import { Failure } from './failure.ts';
import { cancelTimer, schedule } from './schedule.ts';

/** What partition 0 is to watch for a process, evaluated: nothing runs yet, so that expressions see no variables. */
export interface PlannedStart {
  readonly elementId: string;
  readonly trigger:
    | { readonly kind: 'message' | 'signal'; readonly name: string }
    | { readonly kind: 'condition'; readonly condition: string }
    | { readonly kind: 'timer'; readonly timer: TimerSchedule };
}

export function planStarts(context: Context, model: ExecutableProcess): readonly PlannedStart[] | Failure {
  const planned: PlannedStart[] = [];
  for (const elementId of model.startEvents) {
    const event = model.elements[elementId];
    if (event === undefined) continue;
    const parts = partsOf(event);
    for (const node of parts.length > 0 ? parts : [event]) {
      const trigger = planStart(context, node);
      if (trigger instanceof Failure)
        return new Failure(trigger.reason, `start event "${elementId}": ${trigger.message}`);
      if (trigger !== undefined) planned.push({ elementId: node.id, trigger });
    }
  }
  return planned;
}

function planStart(context: Context, node: FlowNode): PlannedStart['trigger'] | undefined | Failure {
  const message = startMessageOf(node);
  if (message !== undefined) return { kind: 'message', name: message };
  if (node.kind !== 'startEvent' && node.kind !== 'eventPart') return undefined;
  const around = { variables: {}, now: context.now };
  const { trigger } = node;
  switch (trigger.kind) {
    case 'timer': {
      const timer = evaluateTimer(trigger.timer, trigger.expression, around);
      return timer instanceof Failure ? timer : { kind: 'timer', timer };
    }
    case 'signal': {
      const name = evaluateSignalName(trigger.name, around);
      return name instanceof Failure ? name : { kind: 'signal', name };
    }
    case 'condition':
      return { kind: 'condition', condition: trigger.condition };
    default:
      return undefined;
  }
}

export function openStarts(
  context: Context,
  definition: { readonly processId: string; readonly definitionKey: DefinitionKey },
  starts: readonly PlannedStart[],
): void {
  const { processId, definitionKey } = definition;
  for (const { elementId, trigger } of starts) {
    const opened = { kind: 'startEvent.opened', processId, definitionKey, elementId } as const;
    if (trigger.kind !== 'timer') {
      context.emit({ ...opened, trigger });
      continue;
    }
    const { dueAt, repetitions, interval } = trigger.timer;
    const cycle = interval === undefined ? undefined : { interval, repetitions };
    const purpose = { kind: 'start', processId, definitionKey, elementId, ...cycle } as const;
    context.emit({ ...opened, trigger: { kind: 'timer', ...schedule(context, dueAt, purpose) } });
  }
}

export function closeStarts(context: Context, { processId, definitionKey, starts }: DefinitionRow): void {
  for (const { elementId, trigger } of starts) {
    if (trigger.kind === 'timer') cancelTimer(context, trigger);
    context.emit({ kind: 'startEvent.closed', processId, definitionKey, elementId, trigger });
  }
}
