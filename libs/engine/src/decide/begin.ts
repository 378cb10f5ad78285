import { assert } from '@millrace/std';
import type { FlowNode } from '@millrace/bpmn';
import { activate, enterByEvent } from './activate.ts';
import { carryOut } from './attached.ts';
import { enter } from './enter.ts';
import { planEventSubProcesses } from './event-sub-process.ts';
import { Failure } from './failure.ts';
import { raiseIncident } from './incidents.ts';
import { makeReady } from './joins.ts';
import { complete, takeFlow } from './leave.ts';
import { enterProcess, listen } from './listeners.ts';
import type { Walk } from './walk.ts';

/** The listeners of the process come before all else. */
export function beginInstance(walk: Walk, node: FlowNode, hops = 0): void {
  if (walk.model.listeners?.start === undefined) return openInstance(walk, node, hops);
  return listen(walk, enterProcess(walk), { on: 'start', startEventId: node.id });
}

/**
 * The instance is a scope now. What its event sub-processes wait for opens before anything runs; when that fails, the incident
 * stands at the element that the instance would begin with.
 */
export function openInstance(walk: Walk, node: FlowNode, hops = 0): void {
  const { instanceId } = walk;
  const plan = planEventSubProcesses(walk, instanceId);
  if (plan instanceof Failure) {
    return raiseIncident(walk, walk.element(enter(walk, node.id, instanceId, [])), plan, 'begin');
  }
  carryOut(plan);
  return beginAt(walk, node, hops);
}

/** The first token of an instance. What brought it, a message for instance, has become variables already. */
function beginAt(walk: Walk, node: FlowNode, hops: number): void {
  switch (node.kind) {
    case 'startEvent':
      return activate(walk, enter(walk, node.id, walk.instanceId, []), hops + 1);
    case 'receiveTask':
      if (node.instantiate === true) return enterByEvent(walk, enter(walk, node.id, walk.instanceId, []), {}, 1);
      return beginBehindGateway(walk, node);
    default:
      return beginBehindGateway(walk, node);
  }
}

/** BPMN 2.0.2 §13.2: of a parallel gateway the other events are waited for as well, of an exclusive one they are not. */
function beginBehindGateway(walk: Walk, first: FlowNode): void {
  const { instanceId } = walk;
  const node = walk.node(walk.flow(first.incoming[0] ?? '').source);
  assert(node.kind === 'eventBasedGateway', `expected an event-based gateway before ${first.id}`);
  const gateway = walk.element(enter(walk, node.id, instanceId, []));
  complete(walk, gateway.elementKey);
  for (const flowId of node.outgoing) {
    const isFirst = walk.flow(flowId).target === first.id;
    if (!isFirst && node.instantiate !== 'parallel') continue;
    takeFlow(walk, gateway, flowId);
    if (isFirst) enterByEvent(walk, enter(walk, first.id, instanceId, [flowId]), {}, 1);
    else makeReady(walk, { flowId, scopeKey: instanceId, hops: 1 });
  }
}
