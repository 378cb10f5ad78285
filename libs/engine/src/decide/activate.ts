import { unreachable } from '@millrace/std';
import type { FlowNode } from '@millrace/bpmn';
import type { ElementRow, Key, Variables } from '@millrace/records';
import { isHeldBack } from './action-begin.ts';
import { openNode } from './actions.ts';
import { openAdHoc } from './ad-hoc.ts';
import { carryOut } from './attached.ts';
import { planBoundary } from './boundary.ts';
import { callProcess } from './call.ts';
import { openCatch } from './catch.ts';
import { closeScope } from './closing.ts';
import { throwCompensation } from './compensation.ts';
import { complete, leave } from './leave.ts';
import { endEarly } from './end.ts';
import { openEvents } from './event-gateway.ts';
import { decideByRules } from './evaluate-decision.ts';
import { evaluateAny } from './expressions.ts';
import { Failure } from './failure.ts';
import { raiseIncident } from './incidents.ts';
import { createJob } from './job-create.ts';
import { openLoop } from './loops.ts';
import { mapInputs, resultChanges } from './mappings.ts';
import { publishRecord } from './publish.ts';
import { checkSize } from './scopes.ts';
import { throwSignal } from './signals.ts';
import { openSubProcess } from './sub-process.ts';
import { surroundings } from './surroundings.ts';
import { createTask } from './task-create.ts';
import { throwError, throwEscalation } from './throw.ts';
import { throwMessage } from './throw-message.ts';
import type { Walk } from './walk.ts';

/**
 * What an element does when a token has entered it. Everything that can fail is evaluated before anything is opened: the
 * incident's retry calls this again and finds nothing done by half but the input variables, which it maps anew. `brought` came
 * with the event that an event sub-process begins with.
 */
export function activate(walk: Walk, elementKey: Key, hops: number, brought?: Variables): void {
  const element = walk.element(elementKey);
  const node = walk.node(element.elementId);
  if (node.actionOf !== undefined) return performAction(walk, element, node, hops);
  const failure =
    node.loop !== undefined && element.loopCounter === undefined
      ? openLoop(walk, element, node.loop, hops)
      : (mapInputs(walk, element, node.inputs) ?? perform(walk, walk.element(elementKey), node, hops, brought));
  if (failure !== undefined) raiseIncident(walk, element, failure, 'enter', { brought });
}

function performAction(walk: Walk, element: ElementRow, node: FlowNode, hops: number): void {
  const held = isHeldBack(walk, element, hops);
  if (held === true) return;
  const failure =
    held instanceof Failure
      ? held
      : (mapInputs(walk, element, node.inputs) ??
        perform(walk, walk.element(element.elementKey), node, hops, undefined));
  if (failure !== undefined) raiseIncident(walk, element, failure, 'enter');
}

function perform(
  walk: Walk,
  element: ElementRow,
  node: FlowNode,
  hops: number,
  brought: Variables | undefined,
): Failure | undefined {
  if (node.actions !== undefined) {
    return whenBoundaryIsReady(walk, element, (boundary) => openNode(walk, element, node, hops, boundary));
  }
  switch (node.kind) {
    case 'startEvent':
    case 'task':
    case 'manualTask':
    case 'parallelGateway':
    case 'boundaryEvent':
    case 'exclusiveGateway':
    case 'inclusiveGateway':
    case 'complexGateway':
      leave(walk, element.elementKey, {}, hops);
      return undefined;
    case 'eventBasedGateway':
      return openEvents(walk, element, node);
    case 'subProcess':
    case 'transaction':
      return whenBoundaryIsReady(walk, element, (boundary) => openSubProcess(walk, element, node, hops, boundary));
    case 'adHocSubProcess':
      return whenBoundaryIsReady(walk, element, (boundary) => openAdHoc(walk, element, node, hops, boundary));
    case 'callActivity':
      return whenBoundaryIsReady(walk, element, (boundary) => callProcess(walk, element, node, hops, boundary));
    case 'eventSubProcess':
      return openSubProcess(walk, element, node, hops, () => undefined, brought);
    case 'userTask':
      return whenBoundaryIsReady(walk, element, (boundary) => createTask(walk, element, node, boundary));
    case 'receiveTask':
      return whenBoundaryIsReady(walk, element, (boundary) => openCatch(walk, element, node, boundary));
    case 'intermediateCatchEvent':
      if (node.trigger.kind === 'link') {
        leave(walk, element.elementKey, {}, hops);
        return undefined;
      }
      return openCatch(walk, element, node, () => undefined);
    case 'serviceTask':
    case 'sendTask':
    case 'scriptTask':
    case 'businessRuleTask':
    case 'intermediateThrowEvent':
    case 'endEvent':
      return act(walk, element, node, hops);
    default:
      return unreachable(node);
  }
}

type Acting = Extract<FlowNode, { readonly action: unknown }>;

function act(walk: Walk, element: ElementRow, node: Acting, hops: number): Failure | undefined {
  const { action } = node;
  switch (action.kind) {
    case 'none':
    case 'link':
      leave(walk, element.elementKey, {}, hops);
      return undefined;
    case 'job':
      return whenBoundaryIsReady(walk, element, (boundary) => createJob(walk, element, node, action, boundary));
    case 'signal': {
      const failure = throwSignal(walk, element, action, hops);
      if (failure === undefined) leave(walk, element.elementKey, {}, hops);
      return failure;
    }
    case 'publish': {
      const failure = publishRecord(walk, element, node, action);
      if (failure === undefined) leave(walk, element.elementKey, {}, hops);
      return failure;
    }
    case 'message': {
      const failure = throwMessage(walk, element, node, action, hops);
      if (failure === undefined) leave(walk, element.elementKey, {}, hops);
      return failure;
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
      return throwError(walk, element, action, hops);
    case 'compensate':
      return throwCompensation(walk, element, action, hops);
    case 'cancel':
      complete(walk, element.elementKey);
      closeScope(walk, element.scopeKey, { kind: 'cancel', hops });
      return undefined;
    case 'escalation':
      return throwEscalation(walk, element, action, hops);
    case 'terminate':
      complete(walk, element.elementKey);
      // It ends the scope that it is in, and no more.
      if (element.scopeKey === walk.instanceId) endEarly(walk, 'terminated', undefined, hops);
      else closeScope(walk, element.scopeKey, { kind: 'complete', hops });
      return undefined;
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
function whenBoundaryIsReady(
  walk: Walk,
  element: ElementRow,
  open: (openBoundary: () => void) => Failure | undefined,
): Failure | undefined {
  const plan = planBoundary(walk, element);
  return plan instanceof Failure ? plan : open(() => carryOut(plan));
}
