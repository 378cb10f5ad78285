import type { ExecutableProcess, FlowNode, SequenceFlow } from './model.ts';
import { type ModdleElement, extension, many, one, text } from './moddle.ts';
import { describe } from './problem.ts';
import { startingNodes } from './instantiating.ts';
import { linkFlows } from './read-link.ts';
import { readNode, refuseWhatWouldBeIgnored } from './read-node.ts';
import type { Reading } from './reading.ts';
import { verifyProcess } from './verify.ts';

/** Only a person looks at these. */
const visualTypes: ReadonlySet<string> = new Set([
  'bpmn:DataObject',
  'bpmn:DataObjectReference',
  'bpmn:DataStoreReference',
]);

export function readProcess(reading: Reading, element: ModdleElement): ExecutableProcess | undefined {
  const id = readId(reading, element);
  refuseWhatWouldBeIgnored(reading, element);
  const members = many(element, 'flowElements').filter(({ $type }) => !visualTypes.has($type));
  const flowElements = members.filter(({ $type }) => $type === 'bpmn:SequenceFlow');
  const flows = flowElements.map((flow) => readFlow(reading, flow)).filter((flow) => flow !== undefined);
  flows.push(...linkFlows(reading, members));
  const nodes: FlowNode[] = [];
  for (const member of members) {
    if (member.$type === 'bpmn:SequenceFlow') continue;
    const nodeId = readId(reading, member);
    const incoming = flows.filter(({ target }) => target === nodeId).map((flow) => flow.id);
    const outgoing = flows.filter(({ source }) => source === nodeId).map((flow) => flow.id);
    const node = readNode(reading, member, nodeId ?? '', { incoming, outgoing });
    if (node !== undefined) nodes.push(node);
  }
  verifyProcess(reading.problems, element, nodes, flows);
  if (id === undefined) return undefined;
  const versionTag = extension(element, 'zeebe:VersionTag');
  const version = versionTag && text(versionTag, 'value');
  return {
    id,
    name: element.name ?? id,
    ...(version === undefined ? {} : { versionTag: version }),
    elements: byId(nodes),
    flows: byId(flows),
    startEvents: startingNodes(nodes, flows).map((node) => node.id),
    boundaryEvents: boundaryEvents(nodes),
  };
}

function readFlow(reading: Reading, flow: ModdleElement): SequenceFlow | undefined {
  const id = readId(reading, flow);
  const source = one(flow, 'sourceRef')?.id;
  const target = one(flow, 'targetRef')?.id;
  if ((source === undefined || target === undefined) && !reading.problems.has(flow, 'reference')) {
    const missing = source === undefined ? 'sourceRef' : 'targetRef';
    reading.problems.error(flow, 'reference', `expected ${describe(flow)} to have a ${missing}`);
  }
  const condition = readCondition(reading, flow);
  if (id === undefined || source === undefined || target === undefined) return undefined;
  return {
    id,
    ...(flow.name === undefined ? {} : { name: flow.name }),
    source,
    target,
    ...(condition === undefined ? {} : { condition }),
  };
}

function readCondition(reading: Reading, flow: ModdleElement): string | undefined {
  const expression = one(flow, 'conditionExpression');
  if (expression === undefined) return undefined;
  const body = text(expression, 'body') ?? '';
  if (!body.startsWith('=')) {
    reading.problems.error(
      flow,
      'condition',
      `expected the condition of ${describe(flow)} to be a FEEL expression that starts with "=", found "${body}"`,
    );
    return undefined;
  }
  const feel = body.slice(1).trim();
  const wrong = reading.checks.checkExpression(feel);
  if (wrong !== undefined) reading.problems.error(flow, 'expression', `${describe(flow)}: ${wrong}`);
  return feel;
}

function readId(reading: Reading, element: ModdleElement): string | undefined {
  const { id } = element;
  if (id === undefined) {
    reading.problems.error(
      undefined,
      'id',
      `expected every element to have an id, found a ${describe(element)} without`,
    );
  } else if (id in {}) {
    // M3. Looking such a name up in an object finds what every object inherits.
    reading.problems.error(element, 'id', `expected an id that is not reserved, found "${id}"`);
  }
  return id;
}

function byId<T extends { readonly id: string }>(items: readonly T[]): Record<string, T> {
  return Object.fromEntries(items.map((item) => [item.id, item]));
}

function boundaryEvents(nodes: readonly FlowNode[]): Record<string, string[]> {
  const attached = new Map<string, string[]>();
  for (const node of nodes) {
    if (node.kind === 'boundaryEvent')
      attached.set(node.attachedTo, [...(attached.get(node.attachedTo) ?? []), node.id]);
  }
  return Object.fromEntries(attached);
}
