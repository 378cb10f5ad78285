import type { BoundaryEvent, FlowNode, SequenceFlow } from './model.ts';
import { type ModdleElement, many } from './moddle.ts';
import { type Problems, describe } from './problem.ts';

/** What no single element can know: how the parts of a process fit together. Works on what could be read, and blames nothing on
 *  an element whose own problem has been told. */
export function verifyProcess(
  problems: Problems,
  process: ModdleElement,
  nodes: readonly FlowNode[],
  flows: readonly SequenceFlow[],
): void {
  verifyStarts(problems, process, nodes);
  for (const node of nodes) verifyEnds(problems, node);
  verifyConditions(problems, nodes, flows);
  verifyBoundaries(problems, process, nodes);
  if (!problems.haveErrors()) warnOfUnreachable(problems, nodes, flows);
}

function verifyStarts(problems: Problems, process: ModdleElement, nodes: readonly FlowNode[]): void {
  if (!many(process, 'flowElements').some(({ $type }) => $type === 'bpmn:StartEvent')) {
    problems.error(process, 'start-event', `expected ${describe(process)} to have a start event`);
  }
  const starts = nodes.filter((node) => node.kind === 'startEvent');
  for (const { id } of starts.filter(({ trigger }) => trigger.kind === 'none').slice(1)) {
    problems.error(id, 'start-event', `expected one start event without a trigger, found another: "${id}"`);
  }
  const messages = new Set<string>();
  for (const { id, trigger } of starts) {
    if (trigger.kind !== 'startMessage') continue;
    if (messages.has(trigger.name)) {
      problems.error(
        id,
        'start-event',
        `expected one start event for the message "${trigger.name}", found another: "${id}"`,
      );
    }
    messages.add(trigger.name);
  }
}

function verifyEnds(problems: Problems, node: FlowNode): void {
  const takesNone = node.kind === 'startEvent' || node.kind === 'boundaryEvent';
  if (takesNone && node.incoming.length > 0) {
    problems.error(node.id, 'flow', `expected no sequence flow into "${node.id}": it starts by its event`);
  }
  if (node.kind === 'endEvent' && node.outgoing.length > 0) {
    problems.error(node.id, 'flow', `expected no sequence flow out of the end event "${node.id}"`);
  }
}

function verifyConditions(problems: Problems, nodes: readonly FlowNode[], flows: readonly SequenceFlow[]): void {
  const nodeById = new Map(nodes.map((node) => [node.id, node]));
  for (const { id, source, condition } of flows) {
    const node = nodeById.get(source);
    if (node === undefined) continue;
    if (node.kind !== 'exclusiveGateway') {
      if (condition !== undefined) {
        problems.error(
          id,
          'not-supported',
          `the sequence flow "${id}" has a condition, which is supported only out of an exclusive gateway yet`,
        );
      }
    } else if (id === node.defaultFlow) {
      if (condition !== undefined) {
        problems.error(
          id,
          'condition',
          `expected the default flow "${id}" to have no condition: it is taken when no other is`,
        );
      }
    } else if (condition === undefined && node.outgoing.length > 1) {
      problems.error(
        id,
        'condition',
        `expected the sequence flow "${id}" out of the exclusive gateway "${node.id}" to have a condition, or to be its default flow`,
      );
    }
  }
  for (const node of nodes) {
    if (
      node.kind === 'exclusiveGateway' &&
      node.defaultFlow !== undefined &&
      !node.outgoing.includes(node.defaultFlow)
    ) {
      problems.error(
        node.id,
        'flow',
        `expected the default flow of "${node.id}" to leave it, found "${node.defaultFlow}"`,
      );
    }
  }
}

const activityKinds: ReadonlySet<string> = new Set<FlowNode['kind']>([
  'serviceTask',
  'sendTask',
  'receiveTask',
  'userTask',
  'scriptTask',
  'task',
  'manualTask',
]);

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

function warnOfUnreachable(problems: Problems, nodes: readonly FlowNode[], flows: readonly SequenceFlow[]): void {
  const reached = new Set<string>();
  const open = nodes.filter(({ kind }) => kind === 'startEvent').map(({ id }) => id);
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
