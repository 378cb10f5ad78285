import type { BoundaryEvent, FlowNode, SequenceFlow } from './model.ts';
import { startingNodes, startMessageOf } from './instantiating.ts';
import { type ModdleElement, many } from './moddle.ts';
import { type Problems, describe } from './problem.ts';
import { activityKinds, verifyConditions, verifyEventGateways } from './verify-flows.ts';

/** What no single element can know: how the parts of a process fit together. Works on what could be read, and blames nothing on
 *  an element whose own problem has been told. */
export function verifyProcess(
  problems: Problems,
  process: ModdleElement,
  nodes: readonly FlowNode[],
  flows: readonly SequenceFlow[],
): void {
  const starts = startingNodes(nodes, flows);
  verifyStarts(problems, process, starts);
  for (const node of nodes) verifyEnds(problems, node);
  verifyConditions(problems, nodes, flows);
  verifyEventGateways(problems, nodes, flows);
  verifyBoundaries(problems, process, nodes);
  if (!problems.haveErrors()) warnOfUnreachable(problems, nodes, flows, starts);
}

function verifyStarts(problems: Problems, process: ModdleElement, starts: readonly FlowNode[]): void {
  const canStart = many(process, 'flowElements').some(
    (element) => element.$type === 'bpmn:StartEvent' || element.get('instantiate') === true,
  );
  if (!canStart) problems.error(process, 'start-event', `expected ${describe(process)} to have a start event`);
  const withoutTrigger = starts.filter((node) => node.kind === 'startEvent' && node.trigger.kind === 'none');
  for (const { id } of withoutTrigger.slice(1)) {
    problems.error(id, 'start-event', `expected one start event without a trigger, found another: "${id}"`);
  }
  const messages = new Set<string>();
  for (const node of starts) {
    const name = startMessageOf(node);
    if (name === undefined) verifyInstantiating(problems, node);
    else if (messages.has(name)) {
      const wrong = `expected one start event for the message "${name}", found another: "${node.id}"`;
      problems.error(node.id, 'start-event', wrong);
    } else messages.add(name);
  }
}

/** Nothing is running yet that could tell the name of a message, or await anything else. */
function verifyInstantiating(problems: Problems, { id, kind }: FlowNode): void {
  if (kind === 'startEvent') return;
  const wrong = `expected "${id}", which starts the process, to wait for a message whose name is a constant`;
  problems.error(id, 'start-event', wrong);
}

function verifyEnds(problems: Problems, node: FlowNode): void {
  const takesNone =
    node.kind === 'startEvent' ||
    node.kind === 'boundaryEvent' ||
    ('instantiate' in node && node.instantiate !== undefined);
  if (takesNone && node.incoming.length > 0) {
    problems.error(node.id, 'flow', `expected no sequence flow into "${node.id}": it starts by its event`);
  }
  if (node.kind === 'endEvent' && node.outgoing.length > 0) {
    problems.error(node.id, 'flow', `expected no sequence flow out of the end event "${node.id}"`);
  }
}

function verifyBoundaries(problems: Problems, process: ModdleElement, nodes: readonly FlowNode[]): void {
  const nodeById = new Map(nodes.map((node) => [node.id, node]));
  const members = new Set(many(process, 'flowElements').map(({ id }) => id));
  const caught = new Set<string>();
  for (const event of nodes) {
    if (event.kind !== 'boundaryEvent') continue;
    const host = nodeById.get(event.attachedTo);
    if (!members.has(event.attachedTo) || (host !== undefined && !activityKinds.has(host.kind))) {
      problems.error(
        event.id,
        'boundary',
        `expected the boundary event "${event.id}" to be attached to an activity of its process, found "${event.attachedTo}"`,
      );
    }
    const what = whatItCatches(event);
    if (what === undefined) continue;
    const key = `${event.attachedTo} ${what}`;
    if (caught.has(key)) {
      problems.error(
        event.id,
        'boundary',
        `expected one boundary event of "${event.attachedTo}" to catch ${what}, found another: "${event.id}"`,
      );
    }
    caught.add(key);
  }
}

/** What must not be caught twice on one activity, since nothing would say by which. */
function whatItCatches({ trigger }: BoundaryEvent): string | undefined {
  if (trigger.kind === 'error') return trigger.code === undefined ? 'every error' : `the error "${trigger.code}"`;
  if (trigger.kind === 'message' && trigger.name.kind === 'literal') return `the message "${trigger.name.value}"`;
  return undefined;
}

function warnOfUnreachable(
  problems: Problems,
  nodes: readonly FlowNode[],
  flows: readonly SequenceFlow[],
  starts: readonly FlowNode[],
): void {
  const reached = new Set<string>();
  const open = [
    ...starts.map(({ id }) => id),
    ...nodes.filter((node) => node.kind === 'eventBasedGateway' && node.instantiate !== undefined).map(({ id }) => id),
  ];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    for (const flow of flows) if (flow.source === id) open.push(flow.target);
    for (const node of nodes) if (node.kind === 'boundaryEvent' && node.attachedTo === id) open.push(node.id);
  }
  for (const { id } of nodes) {
    if (!reached.has(id)) problems.warning(id, 'unreachable', `no start event leads to "${id}": it never runs`);
  }
}
