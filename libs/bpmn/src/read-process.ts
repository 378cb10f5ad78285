import { type ModdleElement, describe, many, one, text } from '@millrace/moddle';
import type { ExecutableProcess, FlowNode, SequenceFlow } from './model.ts';
import { extension } from './moddle.ts';
import { partsOf } from './event-parts.ts';
import { startingNodes } from './instantiating.ts';
import { type LanePlace, readLanes } from './read-lanes.ts';
import { readListeners } from './read-listeners.ts';
import { linkFlows } from './read-link.ts';
import { readNode, refuseWhatWouldBeIgnored } from './read-node.ts';
import { readNodeActions } from './read-node-actions.ts';
import { isContainer, readEventSubProcesses } from './read-scope.ts';
import type { Reading } from './reading.ts';
import { verifyProcess } from './verify.ts';

/** Only a person looks at these. */
const visualTypes: ReadonlySet<string> = new Set([
  'bpmn:DataObject',
  'bpmn:DataObjectReference',
  'bpmn:DataStoreReference',
]);

/** Nobody can read a model that is nested deeper, and each level costs a step of the engine a look. */
const NESTING_MAX = 50;

/** One level of the process: what a container holds, apart by what it is. */
export interface Level {
  readonly container: ModdleElement;
  readonly scope?: string;
  readonly nodes: readonly ModdleElement[];
  readonly flows: readonly ModdleElement[];
}

export function readProcess(reading: Reading, element: ModdleElement): ExecutableProcess | undefined {
  const id = readId(reading, element);
  refuseWhatWouldBeIgnored(reading, element);
  const levels = levelsOf(reading, element);
  const flows = levels.flatMap((level) => level.flows.map((flow) => readFlow(reading, flow)));
  const readable = flows.filter((flow) => flow !== undefined);
  readable.push(...levels.flatMap((level) => linkFlows(reading, level.nodes)));
  const nodes = readNodes(reading, levels, readable);
  verifyProcess(reading.problems, levels, nodes, readable);
  if (id === undefined) return undefined;
  const versionTag = extension(element, 'zeebe:VersionTag');
  const version = versionTag && text(versionTag, 'value');
  const expiry = extension(element, 'millrace:Expiry');
  const expiresAfter = expiry && text(expiry, 'after');
  if (expiry !== undefined && (expiresAfter === undefined || !expiresAfter.startsWith('P'))) {
    const wrong = `expected the millrace:expiry of ${describe(element)} to have after, an ISO 8601 duration, found "${expiresAfter ?? ''}"`;
    reading.problems.error(element, 'timer', wrong);
  }
  return {
    id,
    name: element.name ?? id,
    ...(version === undefined ? {} : { versionTag: version }),
    ...(expiresAfter === undefined ? {} : { expiresAfter }),
    ...readListeners(reading, element),
    elements: byId([...nodes, ...nodes.flatMap(partsOf)]),
    flows: byId(readable),
    startEvents: startingNodes(nodes, readable).map((node) => node.id),
    ...readEventSubProcesses(element),
    boundaryEvents: boundaryEvents(nodes),
  };
}

/** The process and its sub-processes, outer ones first. */
function levelsOf(reading: Reading, process: ModdleElement): Level[] {
  const levels: Level[] = [];
  const open: { readonly container: ModdleElement; readonly depth: number }[] = [{ container: process, depth: 0 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { container, depth } = next;
    const members = many(container, 'flowElements').filter(({ $type }) => !visualTypes.has($type));
    const scope = container === process ? undefined : container.id;
    levels.push({
      container,
      ...(scope === undefined ? {} : { scope }),
      nodes: members.filter(({ $type }) => $type !== 'bpmn:SequenceFlow'),
      flows: members.filter(({ $type }) => $type === 'bpmn:SequenceFlow'),
    });
    for (const inner of members.filter(isContainer).reverse()) {
      if (depth < NESTING_MAX) open.push({ container: inner, depth: depth + 1 });
      else tooDeep(reading, inner);
    }
  }
  return levels;
}

function tooDeep(reading: Reading, element: ModdleElement): void {
  const wrong = `expected sub-processes to be nested at most ${NESTING_MAX} deep, found ${describe(element)} deeper`;
  reading.problems.error(element, 'too-large', wrong);
}

function readNodes(reading: Reading, levels: readonly Level[], flows: readonly SequenceFlow[]): FlowNode[] {
  const incoming = groupBy(flows, ({ target }) => target);
  const outgoing = groupBy(flows, ({ source }) => source);
  const nodes: FlowNode[] = [];
  const places = new Map<string, LanePlace>();
  for (const { container, scope, nodes: members } of levels) {
    const own = readLanes(reading, container);
    const around = scope === undefined ? undefined : places.get(scope);
    for (const member of members) {
      const nodeId = readId(reading, member) ?? '';
      const node = readNode(reading, member, {
        id: nodeId,
        ...(scope === undefined ? {} : { scope }),
        incoming: incoming.get(nodeId) ?? [],
        outgoing: outgoing.get(nodeId) ?? [],
      });
      const place = own.get(nodeId) ?? around;
      if (place !== undefined) places.set(nodeId, place);
      if (node === undefined) continue;
      const read = readNodeActions(reading, member, place === undefined ? node : inLane(node, place));
      nodes.push(read.node, ...read.inner);
    }
  }
  return nodes;
}

function inLane(node: FlowNode, { names, candidateGroups }: LanePlace): FlowNode {
  const lanes = { lanes: names };
  if (node.kind !== 'userTask' || candidateGroups === undefined) return { ...node, ...lanes };
  return { ...node, ...lanes, assignment: { candidateGroups, ...node.assignment } };
}

function groupBy(flows: readonly SequenceFlow[], end: (flow: SequenceFlow) => string): Map<string, string[]> {
  const groups = new Map<string, string[]>();
  for (const flow of flows) {
    const group = groups.get(end(flow));
    if (group === undefined) groups.set(end(flow), [flow.id]);
    else group.push(flow.id);
  }
  return groups;
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
