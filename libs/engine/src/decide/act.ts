import { unreachable } from '@millrace/std';
import type { FlowNode, MessageAction, PublishAction, SignalAction } from '@millrace/bpmn';
import type { ElementRow, Variables } from '@millrace/records';
import { carryOut } from './attached.ts';
import { planBoundary } from './boundary.ts';
import { closeScope } from './closing.ts';
import { throwCompensation } from './compensation.ts';
import { complete, leave } from './leave.ts';
import { endEarly } from './end.ts';
import { decideByRules } from './evaluate-decision.ts';
import { evaluateAny } from './expressions.ts';
import { Failure } from './failure.ts';
import { createJob } from './job-create.ts';
import { resultChanges } from './mappings.ts';
import { planRecord } from './publish.ts';
import { checkSize } from './scopes.ts';
import { planSignal } from './signals.ts';
import { surroundings } from './surroundings.ts';
import { throwError, throwEscalation } from './throw.ts';
import { planMessage } from './throw-message.ts';
import type { Walk } from './walk.ts';

type Acting = Extract<FlowNode, { readonly action: unknown }>;
type Action = Acting['action'];
type Sending = SignalAction | PublishAction | MessageAction;

/** What tasks and throwing events do. What can fail is evaluated before anything is done. */
export function act(walk: Walk, element: ElementRow, node: Acting, hops: number): Failure | undefined {
  const { action } = node;
  if (action.kind !== 'multiple') return actOne(walk, element, node, action, hops, nothing);
  const plan: (() => void)[] = [];
  for (const sending of action.first) {
    const send = planSending(walk, element, node, sending, hops);
    if (send instanceof Failure) return send;
    plan.push(send);
  }
  return actOne(walk, element, node, action.last, hops, () => carryOut(plan));
}

const nothing = (): void => undefined;

/** `before` is what else the element does: when nothing can fail any more. */
function actOne(
  walk: Walk,
  element: ElementRow,
  node: Acting,
  action: Exclude<Action, { readonly kind: 'multiple' }>,
  hops: number,
  before: () => void,
): Failure | undefined {
  switch (action.kind) {
    case 'none':
    case 'link':
      before();
      leave(walk, element.elementKey, {}, hops);
      return undefined;
    case 'job':
      return whenBoundaryIsReady(walk, element, (openBoundary) =>
        createJob(walk, element, action, () => {
          openBoundary();
          before();
        }),
      );
    case 'signal':
    case 'publish':
    case 'message': {
      const send = planSending(walk, element, node, action, hops);
      if (send instanceof Failure) return send;
      send();
      leave(walk, element.elementKey, {}, hops);
      return undefined;
    }
    case 'script': {
      const value = evaluateAny(action.expression, surroundings(walk, element), 'EXPRESSION_FAILED');
      return value instanceof Failure ? value : leaveWith(walk, element, { [action.resultVariable]: value }, hops);
    }
    case 'decision': {
      const decided = decideByRules(walk, element, action);
      if (decided instanceof Failure) return decided;
      return leaveWith(walk, element, { [action.resultVariable]: decided.value }, hops);
    }
    case 'error':
      return throwError(walk, element, action, hops, before);
    case 'compensate':
      before();
      return throwCompensation(walk, element, action, hops);
    case 'cancel':
    case 'terminate':
      before();
      // Nothing is closed before its listeners have answered.
      if (node.listeners?.end !== undefined) leave(walk, element.elementKey, {}, hops);
      else endScope(walk, element, action.kind, hops);
      return undefined;
    case 'escalation':
      return throwEscalation(walk, element, action, hops, before);
    default:
      return unreachable(action);
  }
}

/** A terminate or a cancel end event ends the scope that it is in, and no more. */
export function endScope(walk: Walk, element: ElementRow, by: 'terminate' | 'cancel', hops: number): void {
  complete(walk, element.elementKey);
  if (by === 'cancel') return closeScope(walk, element.scopeKey, { kind: 'cancel', hops });
  if (element.scopeKey === walk.instanceId) return endEarly(walk, 'terminated', undefined, hops);
  return closeScope(walk, element.scopeKey, { kind: 'complete', hops });
}

function planSending(
  walk: Walk,
  element: ElementRow,
  node: Acting,
  action: Sending,
  hops: number,
): (() => void) | Failure {
  switch (action.kind) {
    case 'signal':
      return planSignal(walk, element, action, hops);
    case 'publish':
      return planRecord(walk, element, node, action);
    case 'message':
      return planMessage(walk, element, node, action, hops);
    default:
      return unreachable(action);
  }
}

/** A result that does not fit must be computed again, not left out: this is asked before leaving. */
function leaveWith(walk: Walk, element: ElementRow, result: Variables, hops: number): Failure | undefined {
  const { outputs } = walk.node(element.elementId);
  const changes = resultChanges(walk, element, outputs.length > 0, result);
  const tooLarge = checkSize(walk.context.draft, walk.instanceId, changes);
  if (tooLarge === undefined) leave(walk, element.elementKey, result, hops);
  return tooLarge;
}

/** What waits gets its boundary events; they open with it or not at all. */
export function whenBoundaryIsReady(
  walk: Walk,
  element: ElementRow,
  open: (openBoundary: () => void) => Failure | undefined,
): Failure | undefined {
  const plan = planBoundary(walk, element);
  return plan instanceof Failure ? plan : open(() => carryOut(plan));
}
