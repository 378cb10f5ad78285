import { assert } from '@millrace/std';
import type { ExecutableProcess, FlowNode } from '@millrace/bpmn';
import { nodeOf } from './model-lookup.ts';

/** By element: the incoming flows of the gateway to which a token there could come without passing the gateway. */
type Positions = ReadonlyMap<string, ReadonlySet<string>>;

/** Per inclusive join, worked out when it is first asked: a model may have thousands of which one is ever waited at. */
type Reach = ReadonlyMap<string, () => Positions>;

/** A model is frozen (M1), so that what follows from it may be kept as long as it. */
const known = new WeakMap<ExecutableProcess, Reach | undefined>();

/** Undefined for a model without inclusive joins, and without complex ones, which wait for their reset by the same rule. */
export function inclusiveReach(model: ExecutableProcess): Reach | undefined {
  if (known.has(model)) return known.get(model);
  const joins = Object.values(model.elements).filter(
    ({ kind, incoming }) => (kind === 'inclusiveGateway' || kind === 'complexGateway') && incoming.length > 1,
  );
  const reach =
    joins.length === 0 ? undefined : new Map(joins.map((join) => [join.id, once(() => positionsOf(model, join))]));
  known.set(model, reach);
  return reach;
}

const complex = new WeakMap<ExecutableProcess, boolean>();

export function hasComplexJoins(model: ExecutableProcess): boolean {
  let has = complex.get(model);
  if (has === undefined) {
    has = Object.values(model.elements).some(({ kind, incoming }) => kind === 'complexGateway' && incoming.length > 1);
    complex.set(model, has);
  }
  return has;
}

/** Backwards from each incoming flow, as far as ways lead; a boundary event is reached from its activity. */
function positionsOf(model: ExecutableProcess, gateway: FlowNode): Positions {
  const positions = new Map<string, Set<string>>();
  for (const flowId of gateway.incoming) {
    const open = [sourceOf(model, flowId)];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      let flowIds = positions.get(id);
      if (flowIds === undefined) positions.set(id, (flowIds = new Set()));
      if (flowIds.has(flowId)) continue;
      flowIds.add(flowId);
      // From the gateway itself a token can come round again, but no way leads through it.
      if (id === gateway.id) continue;
      const node = nodeOf(model, id);
      assert(node !== undefined, `expected element ${id} in process ${model.id}`);
      if (node.kind === 'boundaryEvent') open.push(node.attachedTo);
      for (const before of node.incoming) open.push(sourceOf(model, before));
    }
  }
  return positions;
}

function sourceOf(model: ExecutableProcess, flowId: string): string {
  const flow = model.flows[flowId];
  assert(flow !== undefined, `expected flow ${flowId} in process ${model.id}`);
  return flow.source;
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}
