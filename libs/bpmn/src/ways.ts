import type { ExecutableProcess } from './model.ts';

/**
 * The elements of its scope that a token can come to after this one: by flows, and by the boundary events of what it passes. In a loop
 * it is among them itself.
 */
export function elementsBehind(model: ExecutableProcess, id: string): ReadonlySet<string> {
  const reached = new Set<string>();
  const open = nextOf(model, id);
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (reached.has(next)) continue;
    reached.add(next);
    open.push(...nextOf(model, next));
  }
  return reached;
}

function nextOf({ elements, flows, boundaryEvents }: ExecutableProcess, id: string): string[] {
  const node = Object.hasOwn(elements, id) ? elements[id] : undefined;
  if (node === undefined) return [];
  const targets = node.outgoing.map((flowId) => flows[flowId]?.target).filter((target) => target !== undefined);
  const events = Object.hasOwn(boundaryEvents, id) ? (boundaryEvents[id] ?? []) : [];
  return [...targets, ...events];
}
