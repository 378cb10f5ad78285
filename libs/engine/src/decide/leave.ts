import type { ElementRow, Key, Variables } from '@millrace/records';
import { closeWaiting, ofElement } from './close.ts';
import { raiseIncident } from './incidents.ts';
import { mapOutputs, takeResult } from './mappings.ts';
import type { Walk } from './walk.ts';

/** The element has done its work: takes the result in, maps it, closes what still waits, and sends the token on. */
export function leave(walk: Walk, elementKey: Key, result: Variables, hops: number, onlyFlow?: string): void {
  const element = walk.element(elementKey);
  const { outputs } = walk.node(element.elementId);
  const failure =
    takeResult(walk, element, outputs.length > 0, result) ?? mapOutputs(walk, walk.element(elementKey), outputs);
  // The result is kept inside by now, so that trying again needs nothing but better variables.
  if (failure !== undefined) return raiseIncident(walk, element, failure, 'leave');
  complete(walk, elementKey);
  return takeFlows(walk, element, hops, onlyFlow);
}

export function complete(walk: Walk, elementKey: Key): void {
  closeWaiting(walk, elementKey);
  const element = walk.element(elementKey);
  const { elementKind, scopeKey } = element;
  walk.context.emit({ kind: 'element.completed', ...ofElement(element), elementKind, scopeKey });
}

/** Every outgoing flow is taken, or the one that a gateway chose. Without any, the token ends here. */
function takeFlows(walk: Walk, { elementId, scopeKey }: ElementRow, hops: number, onlyFlow?: string): void {
  const { context, instanceId } = walk;
  const flowIds = onlyFlow === undefined ? walk.node(elementId).outgoing : [onlyFlow];
  for (const flowId of flowIds) {
    const { source, target } = walk.flow(flowId);
    const node = walk.node(target);
    const joins = node.kind === 'parallelGateway' && node.incoming.length > 1;
    context.emit({
      kind: 'flow.taken',
      instanceId,
      flowId,
      scopeKey,
      from: source,
      to: target,
      ...(joins ? { joins } : undefined),
    });
    walk.ready.push({ flowId, scopeKey, hops });
  }
}
