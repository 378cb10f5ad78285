import type { FlowNode, SequenceFlow } from './model.ts';

/** What starts a process, none of it in a sub-process: its start events, receive tasks that say so, and the events behind gateways that say so. */
export function startingNodes(nodes: readonly FlowNode[], flows: readonly SequenceFlow[]): FlowNode[] {
  const gateways = new Set(nodes.filter((node) => isInstantiating(node, 'eventBasedGateway')).map(({ id }) => id));
  const behind = new Set(flows.filter(({ source }) => gateways.has(source)).map(({ target }) => target));
  return nodes.filter(
    (node) =>
      node.scope === undefined &&
      (node.kind === 'startEvent' || isInstantiating(node, 'receiveTask') || behind.has(node.id)),
  );
}

/** The message that starts a process at this one of its `startEvents`; undefined when something else does. */
export function startMessageOf(node: FlowNode): string | undefined {
  if (!('trigger' in node)) return undefined;
  const { trigger } = node;
  if (trigger.kind === 'startMessage') return trigger.name;
  return trigger.kind === 'message' && trigger.name.kind === 'literal' ? trigger.name.value : undefined;
}

function isInstantiating(node: FlowNode, kind: 'eventBasedGateway' | 'receiveTask'): boolean {
  return node.kind === kind && 'instantiate' in node && node.instantiate !== undefined;
}
