import type { ImplicitThrow, MultiInstance } from '@millrace/bpmn';
import type { ElementRow, Variables } from '@millrace/records';
import { unreachable } from '@millrace/std';
import { ofElement } from './close.ts';
import { type Surroundings, evaluateCondition, evaluateText } from './expressions.ts';
import { Failure } from './failure.ts';
import { planSignal } from './signals.ts';
import { deliver, findCatch, isOutOfReach, outOfReach, unhandled } from './throw.ts';
import type { Walk } from './walk.ts';

/**
 * What a multi-instance throws when one of its iterations is done (BPMN 2.0.2 §10.3.8, `behavior`), evaluated and not yet done. A
 * signal goes to everybody, with the numbers of the activity; an escalation or an error to who catches it first, from the
 * activity's boundary outwards.
 */
export function planImplicit(
  walk: Walk,
  { throws = [] }: MultiInstance,
  body: ElementRow,
  around: Surroundings,
  counts: Variables,
  hops: number,
): readonly (() => void)[] | Failure {
  const plan: (() => void)[] = [];
  const isFirst = counts['numberOfCompletedInstances'] === 1;
  for (const { when, condition, action } of throws) {
    if (when === 'first' && !isFirst) continue;
    const holds = condition === undefined || evaluateCondition(condition, around, `the event of "${body.elementId}"`);
    if (holds instanceof Failure) return holds;
    const open = holds ? planOne(walk, body, action, around, counts, hops) : undefined;
    if (open instanceof Failure) return open;
    if (open !== undefined) plan.push(open);
  }
  return plan;
}

function planOne(
  walk: Walk,
  body: ElementRow,
  action: ImplicitThrow['action'],
  around: Surroundings,
  counts: Variables,
  hops: number,
): (() => void) | Failure {
  if (action.kind === 'signal') return planSignal(walk, body, action, hops, counts);
  const code = evaluateText(action.code, around, `the ${action.kind} code`);
  if (code instanceof Failure) return code;
  const caught = findCatch(walk, body.elementKey, action.kind, code);
  if (caught !== undefined && isOutOfReach(walk, caught)) return outOfReach(caught);
  switch (action.kind) {
    case 'escalation':
      return () => {
        const caughtBy = caught === undefined ? undefined : { caughtBy: caught.eventId };
        walk.context.emit({ kind: 'escalation.thrown', ...ofElement(body), code, ...caughtBy });
        if (caught !== undefined) deliver(walk, caught, {}, hops);
      };
    case 'error':
      return caught === undefined ? unhandled(code) : () => deliver(walk, caught, {}, hops);
    default:
      return unreachable(action);
  }
}
