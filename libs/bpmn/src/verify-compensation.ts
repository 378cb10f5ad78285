import type { BoundaryEvent, FlowNode } from './model.ts';
import type { Problems } from './problem.ts';
import { handlersOf } from './read-compensation.ts';
import type { Level } from './read-process.ts';
import { activityKinds } from './verify-flows.ts';

type NodeById = ReadonlyMap<string, FlowNode>;

/** BPMN 2.0.2 §10.6, §10.3.6: who undoes what, and what can be cancelled. */
export function verifyCompensation(problems: Problems, levels: readonly Level[], nodeById: NodeById): void {
  for (const { nodes } of levels) {
    for (const element of nodes) {
      const node = nodeById.get(element.id ?? '');
      if (node?.kind === 'boundaryEvent' && node.trigger.kind === 'compensation') {
        verifyHandler(problems, node, handlersOf(element), nodeById);
      }
    }
  }
  for (const node of nodeById.values()) {
    if (node.isForCompensation === true) verifyUndoing(problems, node);
    if (node.kind === 'boundaryEvent') verifyAttached(problems, node, nodeById);
    if ('action' in node && node.action.kind === 'compensate') verifyThrow(problems, node, node.action, nodeById);
    if (node.kind === 'startEvent' && node.trigger.kind === 'compensation') verifyStart(problems, node, nodeById);
    verifyCancel(problems, node, nodeById);
  }
}

function verifyHandler(problems: Problems, event: FlowNode, handlers: readonly string[], nodeById: NodeById): void {
  const handler = nodeById.get(handlers[0] ?? '');
  const isFit = handler?.isForCompensation === true && handler.scope === event.scope;
  if (handlers.length !== 1 || !isFit) {
    const wrong = `expected one association of the compensation event "${event.id}" with an activity beside it that is for compensation, found ${handlers.length === 0 ? 'none' : handlers.map((id) => `"${id}"`).join(', ')}`;
    problems.error(event.id, 'compensation', wrong);
  }
  if (event.outgoing.length === 0) return;
  problems.error(event.id, 'flow', `expected no sequence flow out of the compensation event "${event.id}"`);
}

function verifyUndoing(problems: Problems, { id, incoming, outgoing }: FlowNode): void {
  if (incoming.length + outgoing.length === 0) return;
  problems.error(id, 'flow', `expected no sequence flow into or out of "${id}", which is for compensation`);
}

/** BPMN 2.0.2 §10.6, §13.5.5: what completes in the normal flow can be undone, and what undoes is no part of that. Other events may
 *  happen to it as to any activity. */
function verifyAttached(problems: Problems, event: BoundaryEvent, nodeById: NodeById): void {
  const host = nodeById.get(event.attachedTo);
  if (event.trigger.kind !== 'compensation' || host?.isForCompensation !== true) return;
  const wrong = `expected no compensation event at "${host.id}", found "${event.id}": what is for compensation itself is not undone`;
  problems.error(event.id, 'compensation', wrong);
}

function verifyThrow(
  problems: Problems,
  node: FlowNode,
  { activityId }: { readonly activityId?: string },
  nodeById: NodeById,
): void {
  if (activityId === undefined) return;
  const activity = nodeById.get(activityId);
  const isVisible = scopesSeen(node, nodeById).includes(activity?.scope);
  if (activity !== undefined && activityKinds.has(activity.kind) && isVisible) return;
  const wrong = `expected "${node.id}" to compensate an activity of its own scope, found "${activityId}"`;
  problems.error(node.id, 'compensation', wrong);
}

/** What is thrown in an event sub-process is about the scope around it. */
function scopesSeen({ scope }: FlowNode, nodeById: NodeById): (string | undefined)[] {
  const around = scope === undefined ? undefined : nodeById.get(scope);
  return around?.kind === 'eventSubProcess' ? scopesSeen(around, nodeById) : [scope];
}

function verifyStart(problems: Problems, { id, scope = '' }: FlowNode, nodeById: NodeById): void {
  const inner = nodeById.get(scope);
  if (inner?.scope !== undefined) return;
  const wrong = `expected the compensation start event "${id}" to be in a sub-process: a process cannot be compensated`;
  problems.error(id, 'compensation', wrong);
}

function verifyCancel(problems: Problems, node: FlowNode, nodeById: NodeById): void {
  if (node.kind === 'boundaryEvent' && node.trigger.kind === 'cancel') {
    if (nodeById.get(node.attachedTo)?.kind === 'transaction') return;
    problems.error(node.id, 'cancel', `expected the cancel event "${node.id}" to be attached to a transaction`);
  }
  if (node.kind !== 'endEvent' || node.action.kind !== 'cancel') return;
  const around = nodeById.get(node.scope ?? '');
  if (around?.kind !== 'transaction') {
    problems.error(node.id, 'cancel', `expected the cancel end event "${node.id}" to be in a transaction`);
  } else if (![...nodeById.values()].some((other) => isCancelOf(other, around.id))) {
    const wrong = `expected the transaction "${around.id}", which "${node.id}" cancels, to have a cancel boundary event`;
    problems.error(around.id, 'cancel', wrong);
  }
}

function isCancelOf(node: FlowNode, transactionId: string): boolean {
  return node.kind === 'boundaryEvent' && node.attachedTo === transactionId && node.trigger.kind === 'cancel';
}
