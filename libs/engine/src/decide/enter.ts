import type { CompensationLevel, ElementRow, Key } from '@millrace/records';
import type { FlowNode } from '@millrace/bpmn';
import { enterStage } from './progress.ts';
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
  const node = walk.node(elementId);
  context.emit({
    kind: 'element.entered',
    instanceId,
    elementId,
    elementKey,
    elementKind: kindOf(node),
    scopeKey,
    flowIds,
    ...(joined === true ? { joined } : undefined),
    ...(attachedTo === undefined ? undefined : { attachedTo }),
  });
  if (node.stage !== undefined) enterStage(walk, elementId, elementKey, node.stage);
  return elementKey;
}

/** Part of a compensation: what undoes something, or stands for it. */
export function enterToUndo(
  walk: Walk,
  elementId: string,
  scopeKey: Key,
  part: {
    readonly compensation?: readonly CompensationLevel[];
    readonly restores?: Key;
    readonly isDriver?: true;
  },
): Key {
  const { context, instanceId } = walk;
  const elementKey = context.nextKey();
  const node = walk.node(elementId);
  // What restores a scope that was done several times is one of these times.
  const elementKind = part.restores === undefined ? kindOf(node) : node.kind;
  context.emit({
    kind: 'element.entered',
    instanceId,
    elementId,
    elementKey,
    elementKind,
    scopeKey,
    flowIds: [],
    ...part,
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
