import type { FlowNode, SequenceFlow } from './model.ts';
import type { Problems } from './problem.ts';

/** Conditions, default flows, and what may follow an event-based gateway. */

export const activityKinds: ReadonlySet<string> = new Set<FlowNode['kind']>([
  'serviceTask',
  'sendTask',
  'receiveTask',
  'userTask',
  'scriptTask',
  'businessRuleTask',
  'task',
  'manualTask',
  'subProcess',
  'transaction',
  'adHocSubProcess',
  'callActivity',
]);

/** BPMN 2.0.2 table 8.60: a conditional flow leaves an activity or a gateway that decides. */
export function verifyConditions(problems: Problems, nodes: readonly FlowNode[], flows: readonly SequenceFlow[]): void {
  const nodeById = new Map(nodes.map((node) => [node.id, node]));
  for (const flow of flows) {
    const node = nodeById.get(flow.source);
    if (node !== undefined) verifyCondition(problems, node, flow);
  }
  for (const { id, defaultFlow, outgoing } of nodes) {
    if (defaultFlow === undefined || outgoing.includes(defaultFlow)) continue;
    problems.error(id, 'flow', `expected the default flow of "${id}" to leave it, found "${defaultFlow}"`);
  }
}

function verifyCondition(problems: Problems, node: FlowNode, { id, condition }: SequenceFlow): void {
  const decides = node.kind === 'exclusiveGateway' || node.kind === 'inclusiveGateway';
  // Of a complex one that joins, a flow without a condition is taken when the gateway is activated, and not when it is reset.
  const mayDecide = decides || node.kind === 'complexGateway' || activityKinds.has(node.kind);
  if (id === node.defaultFlow) {
    if (condition === undefined) return;
    const wrong = `expected the default flow "${id}" to have no condition: it is taken when no other is`;
    problems.error(id, 'condition', wrong);
  } else if (condition !== undefined) {
    if (mayDecide) return;
    const wrong = `expected the sequence flow "${id}" to have no condition: only flows out of activities, exclusive, inclusive and complex gateways may have one, found it at "${node.id}"`;
    problems.error(id, 'condition', wrong);
  } else if (decides && node.outgoing.length > 1) {
    const kind = node.kind === 'exclusiveGateway' ? 'exclusive' : 'inclusive';
    const wrong = `expected the sequence flow "${id}" out of the ${kind} gateway "${node.id}" to have a condition, or to be its default flow`;
    problems.error(id, 'condition', wrong);
  }
}

/** BPMN 2.0.2 §10.6.6: only the gateway leads to its events, messages come to events or to receive tasks, not to both. */
export function verifyEventGateways(
  problems: Problems,
  nodes: readonly FlowNode[],
  flows: readonly SequenceFlow[],
): void {
  const nodeById = new Map(nodes.map((node) => [node.id, node]));
  const flowById = new Map(flows.map((flow) => [flow.id, flow]));
  const guarded = new Set(nodes.map((node) => (node.kind === 'boundaryEvent' ? node.attachedTo : '')));
  for (const gateway of nodes) {
    if (gateway.kind !== 'eventBasedGateway') continue;
    let replies = 0;
    for (const flowId of gateway.outgoing) {
      const target = nodeById.get(flowById.get(flowId)?.target ?? '');
      const wrong = target && whyNoTarget(target, guarded);
      if (target !== undefined && wrong !== undefined) {
        problems.error(
          target.id,
          'gateway',
          `expected "${target.id}" behind the event-based gateway "${gateway.id}" ${wrong}`,
        );
      }
      if (target !== undefined && 'trigger' in target && target.trigger.kind === 'reply') replies += 1;
    }
    if (replies > 1) {
      const wrong = `expected one millrace:receive at most behind the event-based gateway "${gateway.id}", found ${replies}`;
      problems.error(gateway.id, 'gateway', wrong);
    }
  }
}

function whyNoTarget(target: FlowNode, guarded: ReadonlySet<string>): string | undefined {
  const waits =
    target.kind === 'receiveTask' || (target.kind === 'intermediateCatchEvent' && target.trigger.kind !== 'link');
  if (!waits) return `to be an intermediate catch event or a receive task, found a ${target.kind}`;
  if ('trigger' in target && target.trigger.kind === 'multiple' && target.trigger.isParallel)
    return 'not to be a parallel multiple event (BPMN 2.0.2 §10.6.6)';
  if (target.incoming.length > 1) return 'to have no other incoming flow';
  if (target.loop !== undefined) return 'not to be a loop';
  if (guarded.has(target.id)) return 'to have no boundary events';
  if (target.actions !== undefined) return 'to have no actions: its token leaves it at once';
  // It never waits itself: nothing of its own could be seen by what the gateway evaluates.
  if (target.inputs.length > 0) return 'to have no input mappings';
  return undefined;
}
