import { assert, unreachable } from '@millrace/std';
import type { FlowNode } from '@millrace/bpmn';
import type { ElementRow, Key, Variables } from '@millrace/records';
import { act, whenBoundaryIsReady } from './act.ts';
import { isHeldBack } from './action-begin.ts';
import { openNode } from './actions.ts';
import { openAdHoc } from './ad-hoc.ts';
import { callProcess } from './call.ts';
import { openCatch } from './catch.ts';
import { leave } from './leave.ts';
import { openEvents } from './event-gateway.ts';
import { Failure } from './failure.ts';
import { raiseIncident } from './incidents.ts';
import { listen } from './listeners.ts';
import { openLoop } from './loops.ts';
import { mapInputs } from './mappings.ts';
import { openSubProcess } from './sub-process.ts';
import { createTask } from './task-create.ts';
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
  const isBody = node.loop !== undefined && element.loopCounter === undefined;
  const failure = isBody ? undefined : mapInputs(walk, element, node.inputs);
  if (failure !== undefined) return raiseIncident(walk, element, failure, 'enter', { brought });
  const on = isBody ? 'beforeAll' : 'start';
  // A scope that somebody enters by hand, for what is in it, is open at once.
  if (node.listeners?.[on] !== undefined && !walk.opensEmpty.has(elementKey)) {
    return listen(walk, walk.element(elementKey), { on, ...(brought === undefined ? undefined : { brought }) });
  }
  return goOnActivating(walk, walk.element(elementKey), node, hops, brought);
}

/** The inputs are mapped, and listeners have answered. */
export function goOnActivating(
  walk: Walk,
  element: ElementRow,
  node: FlowNode,
  hops: number,
  brought?: Variables,
): void {
  const failure =
    node.loop !== undefined && element.loopCounter === undefined
      ? openLoop(walk, element, node.loop, hops)
      : perform(walk, element, node, hops, brought);
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

/** The event that the element would wait for has come before it was entered. */
export function enterByEvent(walk: Walk, elementKey: Key, brought: Variables, hops: number): void {
  const element = walk.element(elementKey);
  if (walk.node(element.elementId).listeners?.start === undefined) leave(walk, elementKey, brought, hops);
  else listen(walk, element, { on: 'start', brought, hasOccurred: true });
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
    case 'eventPart':
      return noToken(node);
    default:
      return unreachable(node);
  }
}

/** What an event waits for is no place for a token. */
function noToken({ id }: FlowNode): undefined {
  assert(false, `expected no token in ${id}, a part of an event`);
}
