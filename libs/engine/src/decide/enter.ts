import type { Key } from '@millrace/records';
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
    elementKind: walk.node(elementId).kind,
    scopeKey,
    flowIds,
    ...(joined === true ? { joined } : undefined),
    ...(attachedTo === undefined ? undefined : { attachedTo }),
  });
  return elementKey;
}
