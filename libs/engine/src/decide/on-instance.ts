import type { ElementRow, InstanceId, InstanceRow, Key } from '@millrace/records';
import { type Context, type Refusal, refuse } from './context.ts';
import { proceed } from './move.ts';
import { elementRow } from '../row-keys.ts';
import { Walk } from './walk.ts';

/** Does something in a live instance, then lets its tokens move. What does not exist, is ending or suspended, is refused. */
export function onInstance(
  context: Context,
  instanceId: InstanceId,
  act: (walk: Walk) => Refusal | undefined,
): Refusal | undefined {
  return onSuspendable(context, instanceId, (walk) => {
    if (walk.instance.isSuspended !== true) return act(walk);
    return refuse('INVALID_STATE', `instance ${instanceId} is suspended`);
  });
}

/** The same, also when the instance is suspended: what operators do to it without moving a token. */
export function onSuspendable(
  context: Context,
  instanceId: InstanceId,
  act: (walk: Walk) => Refusal | undefined,
): Refusal | undefined {
  const instance = context.draft.get('instance', instanceId);
  if (instance === undefined) return refuse('NOT_FOUND', `expected instance ${instanceId} to be running`);
  if (instance.phase === 'ending') return refuse('INVALID_STATE', `instance ${instanceId} is ending`);
  return within(context, instance, act);
}

/** The same for one element of it. */
export function onElement(
  context: Context,
  instanceId: InstanceId,
  elementKey: Key,
  act: (walk: Walk, element: ElementRow) => Refusal | undefined,
): Refusal | undefined {
  return onInstance(context, instanceId, (walk) => {
    const element = context.draft.get('element', elementRow(instanceId, elementKey));
    if (element !== undefined && walk.isOpen(element.scopeKey)) return act(walk, element);
    if (element !== undefined) return refuse('INVALID_STATE', `the token ${elementKey} is being closed`);
    return refuse('NOT_FOUND', `expected instance ${instanceId} to have the token ${elementKey}`);
  });
}

/** What the end of an element, or of the instance, waits for: it goes on although nothing else moves. */
export function onClosing(
  context: Context,
  instanceId: InstanceId,
  elementKey: Key,
  act: (walk: Walk, element: ElementRow) => Refusal | undefined,
): Refusal | undefined {
  const instance = context.draft.get('instance', instanceId);
  if (instance === undefined) return refuse('NOT_FOUND', `expected instance ${instanceId} to be running`);
  if (instance.isSuspended === true && instance.phase === 'active') {
    return refuse('INVALID_STATE', `instance ${instanceId} is suspended`);
  }
  const walk = Walk.of(context, instance);
  const refusal = act(walk, walk.element(elementKey));
  if (refusal === undefined && !walk.isOver && walk.instance.phase === 'active') proceed(walk);
  return refusal;
}

function within(
  context: Context,
  instance: InstanceRow,
  act: (walk: Walk) => Refusal | undefined,
): Refusal | undefined {
  const walk = Walk.of(context, instance);
  const refusal = act(walk);
  if (refusal === undefined && !walk.isOver) proceed(walk);
  return refusal;
}
