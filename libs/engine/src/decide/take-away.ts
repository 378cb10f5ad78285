import type { Key } from '@millrace/records';
import { noteCancelled } from './actions.ts';
import { callerOf } from './caller.ts';
import { terminateElement } from './close.ts';
import { endEarly } from './end.ts';
import { isProcess } from './listeners.ts';
import { goOnWithout } from './loops.ts';
import type { Walk } from './walk.ts';

/**
 * An element is taken away, and with it each scope around it that has nothing left: it has not done its work. A multi-instance goes
 * on with the iterations that it still has.
 */
export function takeAway(walk: Walk, elementKey: Key): void {
  const element = walk.element(elementKey);
  terminateElement(walk, element);
  if (!isProcess(element) && walk.node(element.elementId).actionOf !== undefined) return noteCancelled(walk, element);
  const { scopeKey, loopCounter } = element;
  if (loopCounter !== undefined && goOnWithout(walk, scopeKey)) return;
  if (walk.scope(scopeKey).tokens > 0) return;
  // Who called it goes on: modifying refuses to take the last away, but what goes in slices may have been the last by then.
  const as = callerOf(walk) === undefined ? 'cancelled' : 'terminated';
  if (scopeKey === walk.instanceId) endEarly(walk, as, 'nothing was left to do');
  else takeAway(walk, scopeKey);
}
