import { describe } from '@millrace/moddle';
import type { BoundaryEvent, FlowNode, SequenceFlow, StartEvent } from './model.ts';
import { type SingleTrigger, triggersOf } from './event-parts.ts';
import { startingNodes, startMessageOf } from './instantiating.ts';
import type { Problems } from './problem.ts';
import type { Level } from './read-process.ts';
import { verifyCompensation } from './verify-compensation.ts';
import { activityKinds, verifyConditions, verifyEventGateways } from './verify-flows.ts';

type NodeById = ReadonlyMap<string, FlowNode>;

/** What no single element can know: how the parts of a process fit together. Works on what could be read, and blames nothing on
 *  an element whose own problem has been told. */
export function verifyProcess(
  problems: Problems,
  levels: readonly Level[],
  nodes: readonly FlowNode[],
  flows: readonly SequenceFlow[],
): void {
  const nodeById = new Map(nodes.map((node) => [node.id, node]));
  const starts = startingNodes(nodes, flows);
  for (const level of levels) {
    if (level.scope === undefined) verifyStarts(problems, level, starts);
    else if (level.container.$type === 'bpmn:AdHocSubProcess') verifyAdHoc(problems, level);
    else verifyStartsOfSubProcess(problems, level, nodeById);
    verifyEventSubProcesses(problems, level, nodeById);
  }
  for (const node of nodes) verifyEnds(problems, node);
  for (const flow of flows) verifyScope(problems, flow, nodeById);
  verifyConditions(problems, nodes, flows);
  verifyEventGateways(problems, nodes, flows);
  verifyBoundaries(problems, levels, nodeById);
  verifyCompensation(problems, levels, nodeById);
  if (!problems.haveErrors()) warnOfUnreachable(problems, nodes, flows, starts);
}

function verifyStarts(problems: Problems, { container, nodes }: Level, starts: readonly FlowNode[]): void {
  const canStart = nodes.some((element) => element.$type === 'bpmn:StartEvent' || element.get('instantiate') === true);
  if (!canStart) problems.error(container, 'start-event', `expected ${describe(container)} to have a start event`);
  const withoutTrigger = starts.filter((node) => node.kind === 'startEvent' && node.trigger.kind === 'none');
  for (const { id } of withoutTrigger.slice(1)) {
    problems.error(id, 'start-event', `expected one start event without a trigger, found another: "${id}"`);
  }
  const messages = new Set<string>();
  for (const node of starts) {
    const first = startMessageOf(node);
    if (first === undefined) verifyInstantiating(problems, node);
    const several = triggersOf(node).flatMap((trigger) => (trigger.kind === 'startMessage' ? [trigger.name] : []));
    for (const name of first === undefined ? several : [first]) {
      if (messages.has(name)) {
        const wrong = `expected one start event for the message "${name}", found another: "${node.id}"`;
        problems.error(node.id, 'start-event', wrong);
      } else messages.add(name);
    }
  }
}

/** A token brings it in, so that nothing else may start it, and nothing would say which of several starts it takes. */
function verifyStartsOfSubProcess(problems: Problems, { container, nodes }: Level, nodeById: NodeById): void {
  const members = nodes.filter(({ $type }) => $type === 'bpmn:StartEvent');
  if (members.length === 0) {
    problems.error(container, 'start-event', `expected ${describe(container)} to have a start event`);
  }
  for (const { id } of members.slice(1)) {
    const wrong = `expected ${describe(container)} to have one start event, found another: "${id ?? ''}"`;
    problems.error(id, 'start-event', wrong);
  }
  const isEventStarted = container.get('triggeredByEvent') === true;
  for (const element of nodes) {
    const node = nodeById.get(element.id ?? '');
    const starts = node?.kind === 'startEvent' && node.trigger.kind !== 'none' && !isEventStarted;
    if (!starts && element.get('instantiate') !== true) continue;
    const wrong = `expected ${describe(element)}, in ${describe(container)}, to start nothing: a token does`;
    problems.error(element, 'start-event', wrong);
  }
}

/** BPMN 2.0.2 §10.3.5.2: neither start nor end events, and at least one activity. */
function verifyAdHoc(problems: Problems, { container, nodes }: Level): void {
  for (const { id, $type } of nodes) {
    if ($type !== 'bpmn:StartEvent' && $type !== 'bpmn:EndEvent') continue;
    const wrong = `expected ${describe(container)} to have no start and end events, found "${id ?? ''}"`;
    problems.error(id, 'start-event', wrong);
  }
  if (nodes.some((element) => element.get('triggeredByEvent') !== true && !element.$type.endsWith('Event'))) return;
  problems.error(container, 'start-event', `expected ${describe(container)} to have an activity`);
}

/** BPMN 2.0.2 §10.3.5: events start it, and nothing would say by which of two that catch the same. */
function verifyEventSubProcesses(problems: Problems, { container, nodes }: Level, nodeById: NodeById): void {
  const caught = new Set<string>();
  for (const { id } of nodes) {
    const node = nodeById.get(id ?? '');
    if (node?.kind !== 'eventSubProcess') continue;
    if (node.incoming.length + node.outgoing.length > 0) {
      problems.error(node.id, 'flow', `expected no sequence flow into or out of the event sub-process "${node.id}"`);
    }
    const start = nodeById.get(node.startEvents[0] ?? '');
    for (const what of start?.kind === 'startEvent' ? allItCatches(start) : []) {
      if (caught.has(what)) {
        const wrong = `expected one event sub-process of ${describe(container)} to catch ${what}, found another: "${start?.id}"`;
        problems.error(start?.id, 'start-event', wrong);
      }
      caught.add(what);
    }
  }
}

/** BPMN 2.0.2, table 10.1 and section 13.1: a sequence flow does not cross the border of a sub-process. */
function verifyScope(problems: Problems, { id, source, target }: SequenceFlow, nodeById: NodeById): void {
  const from = nodeById.get(source);
  const to = nodeById.get(target);
  if (from === undefined || to === undefined || from.scope === to.scope) return;
  const wrong = `expected the sequence flow "${id}" to stay in one sub-process, but "${source}" and "${target}" are in different ones`;
  problems.error(id, 'flow', wrong);
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

function verifyBoundaries(problems: Problems, levels: readonly Level[], nodeById: NodeById): void {
  const scopeById = new Map(levels.flatMap(({ scope, nodes }) => nodes.map(({ id }) => [id, { scope }] as const)));
  const caught = new Set<string>();
  for (const event of nodeById.values()) {
    if (event.kind !== 'boundaryEvent') continue;
    const host = nodeById.get(event.attachedTo);
    const level = scopeById.get(event.attachedTo);
    if (level === undefined || level.scope !== event.scope || (host !== undefined && !activityKinds.has(host.kind))) {
      problems.error(
        event.id,
        'boundary',
        `expected the boundary event "${event.id}" to be attached to an activity beside it, found "${event.attachedTo}"`,
      );
    }
    for (const what of allItCatches(event)) {
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
}

/** What must not be caught twice on one activity, or in one scope. Of what counts only together, nobody else is deprived. */
function allItCatches(event: BoundaryEvent | StartEvent): string[] {
  if (event.trigger.kind === 'multiple' && event.trigger.isParallel) return [];
  return triggersOf(event)
    .map(whatItCatches)
    .filter((what) => what !== undefined);
}

function whatItCatches(trigger: SingleTrigger): string | undefined {
  switch (trigger.kind) {
    case 'error':
    case 'escalation':
      return trigger.code === undefined ? `every ${trigger.kind}` : `the ${trigger.kind} "${trigger.code}"`;
    case 'compensation':
    case 'cancel':
      return trigger.kind === 'cancel' ? 'its cancelling' : 'its compensation';
    case 'message':
    case 'signal':
      return trigger.name.kind === 'literal' ? `the ${trigger.kind} "${trigger.name.value}"` : undefined;
    default:
      return undefined;
  }
}

function warnOfUnreachable(
  problems: Problems,
  nodes: readonly FlowNode[],
  flows: readonly SequenceFlow[],
  starts: readonly FlowNode[],
): void {
  const next = new Map<string, string[]>();
  const lead = (from: string, to: string): void => {
    const targets = next.get(from);
    if (targets === undefined) next.set(from, [to]);
    else targets.push(to);
  };
  for (const { source, target } of flows) lead(source, target);
  const adHocIds = new Set(nodes.filter(({ kind }) => kind === 'adHocSubProcess').map(({ id }) => id));
  for (const node of nodes) {
    if (node.kind === 'boundaryEvent') lead(node.attachedTo, node.id);
    if (node.actionOf !== undefined) lead(node.actionOf, node.id);
    if (node.incoming.length === 0 && adHocIds.has(node.scope ?? '')) lead(node.scope ?? '', node.id);
    if (node.kind === 'boundaryEvent' && node.handler !== undefined) lead(node.id, node.handler);
    if ('startEvents' in node) for (const id of node.startEvents) lead(node.id, id);
    if ('eventSubProcesses' in node) for (const id of node.eventSubProcesses ?? []) lead(node.id, id);
  }
  const reached = new Set<string>();
  const open = [
    ...starts.map(({ id }) => id),
    ...nodes.filter(({ kind, scope }) => kind === 'eventSubProcess' && scope === undefined).map(({ id }) => id),
    ...nodes.filter((node) => node.kind === 'eventBasedGateway' && node.instantiate !== undefined).map(({ id }) => id),
  ];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (reached.has(id)) continue;
    reached.add(id);
    open.push(...(next.get(id) ?? []));
  }
  for (const { id } of nodes) {
    if (!reached.has(id)) problems.warning(id, 'unreachable', `no start event leads to "${id}": it never runs`);
  }
}
