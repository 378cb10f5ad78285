import type { Key } from '@millrace/records';
import { terminateElement } from './close.ts';
import { endEarly } from './end.ts';
import type { Walk } from './walk.ts';

/** An element is taken away, and with it each scope around it that has nothing left: it has not done its work. */
export function takeAway(walk: Walk, elementKey: Key): void {
  const element = walk.element(elementKey);
  terminateElement(walk, element);
  const { scopeKey } = element;
  if (walk.scope(scopeKey).tokens > 0) return;
  if (scopeKey === walk.instanceId) endEarly(walk, 'cancelled', 'nothing was left to do');
  else takeAway(walk, scopeKey);
}
