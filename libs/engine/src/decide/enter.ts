import type { ElementRow, Key } from '@millrace/records';
import type { FlowNode } from '@millrace/bpmn';
import type { Walk } from './walk.ts';

/** A token is in the element now; what the element does about it is the caller's. Without flows: a start or boundary event. */
export function enter(
  walk: Walk,
  elementId: string,
  scopeKey: Key,
  flowIds: readonly string[],
  attachedTo?: Key,
  joined?: true,
): Key {
  const { context, instanceId } = walk;
  const elementKey = context.nextKey();
  context.emit({
    kind: 'element.entered',
    instanceId,
    elementId,
    elementKey,
    elementKind: kindOf(walk.node(elementId)),
    scopeKey,
    flowIds,
    ...(joined === true ? { joined } : undefined),
    ...(attachedTo === undefined ? undefined : { attachedTo }),
  });
  return elementKey;
}

/** One more time of an activity that is done several times. */
export function enterIteration(walk: Walk, body: ElementRow, loopCounter: number): Key {
  const { context, instanceId } = walk;
  const { elementId, elementKey: scopeKey } = body;
  const elementKey = context.nextKey();
  const { kind: elementKind } = walk.node(elementId);
  context.emit({
    kind: 'element.entered',
    instanceId,
    elementId,
    elementKey,
    elementKind,
    scopeKey,
    flowIds: [],
    loopCounter,
  });
  return elementKey;
}

function kindOf({ kind, loop }: FlowNode): string {
  if (loop === undefined) return kind;
  return loop.kind === 'multiInstance' ? 'multiInstanceBody' : 'loopBody';
}
