import type { ExecutableProcess, FlowNode } from './model.ts';

/**
 * The elements of its scope that a token can come to after this one: by flows, and by the boundary events of what it passes. In a loop
 * it is among them itself.
 */
export function elementsBehind(
  { elements, flows, boundaryEvents }: ExecutableProcess,
  id: string,
): ReadonlySet<string> {
  return reachedFrom(id, elements, (node) => {
    const events = Object.hasOwn(boundaryEvents, node.id) ? (boundaryEvents[node.id] ?? []) : [];
    return [...node.outgoing.map((flowId) => flows[flowId]?.target), ...events];
  });
}

/** Those that it can have come from, likewise. */
export function elementsBefore({ elements, flows }: ExecutableProcess, id: string): ReadonlySet<string> {
  return reachedFrom(id, elements, (node) => [
    ...node.incoming.map((flowId) => flows[flowId]?.source),
    ...(node.kind === 'boundaryEvent' ? [node.attachedTo] : []),
  ]);
}

function reachedFrom(
  id: string,
  elements: ExecutableProcess['elements'],
  next: (node: FlowNode) => readonly (string | undefined)[],
): ReadonlySet<string> {
  const nextOf = (from: string): string[] => {
    const node = Object.hasOwn(elements, from) ? elements[from] : undefined;
    return node === undefined ? [] : next(node).filter((to) => to !== undefined);
  };
  const reached = new Set<string>();
  const open = nextOf(id);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (reached.has(at)) continue;
    reached.add(at);
    open.push(...nextOf(at));
  }
  return reached;
}
