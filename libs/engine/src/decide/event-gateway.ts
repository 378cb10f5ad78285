import { assert } from '@millrace/std';
import type { EventBasedGateway, IntermediateCatchEvent, ReceiveTask } from '@millrace/bpmn';
import type { ElementRow, Variables } from '@millrace/records';
import { enterByEvent } from './activate.ts';
import { planCatch } from './catch.ts';
import { enter } from './enter.ts';
import { Failure } from './failure.ts';
import { complete, takeFlow } from './leave.ts';
import type { Walk } from './walk.ts';

/** The gateway waits in the place of all the events behind it (BPMN 2.0.2 §13.4.4). */
export function openEvents(walk: Walk, gateway: ElementRow, node: EventBasedGateway): Failure | undefined {
  const plan: (() => void)[] = [];
  for (const flowId of node.outgoing) {
    const event = walk.node(walk.flow(flowId).target) as IntermediateCatchEvent | ReceiveTask;
    const open = planCatch(walk, gateway, event);
    if (open instanceof Failure) return open;
    plan.push(open);
  }
  for (const open of plan) open();
  return undefined;
}

/** The first event takes the token; the others are not waited for any more. */
export function chooseEvent(
  walk: Walk,
  gateway: ElementRow,
  eventId: string,
  variables: Variables,
  hops: number,
): void {
  const flowId = walk.node(gateway.elementId).outgoing.find((id) => walk.flow(id).target === eventId);
  assert(flowId !== undefined, `expected a flow from ${gateway.elementId} to ${eventId}`);
  complete(walk, gateway.elementKey);
  takeFlow(walk, gateway, flowId);
  enterByEvent(walk, enter(walk, eventId, gateway.scopeKey, [flowId]), variables, hops + 1);
}
