import type { SubProcess } from '@millrace/bpmn';
import { assert } from '@millrace/std';
import type { ElementRow, Key } from '@millrace/records';
import { activate } from './activate.ts';
import { enter } from './enter.ts';
import type { Failure } from './failure.ts';
import { leave } from './leave.ts';
import type { Walk } from './walk.ts';

/** The element is a scope now: a token begins in it. */
export function openSubProcess(
  walk: Walk,
  element: ElementRow,
  node: SubProcess,
  hops: number,
  openBoundary: () => void,
): Failure | undefined {
  const [startId] = node.startEvents;
  assert(startId !== undefined, `expected the sub-process ${node.id} to have a start event`);
  openBoundary();
  activate(walk, enter(walk, startId, element.elementKey, []), hops + 1);
  return undefined;
}

/** A token has ended in the scope. When it was the last, the scope has done its work. */
export function completeScope(walk: Walk, scopeKey: Key, hops: number): void {
  const scope = walk.findScope(scopeKey);
  if (scope === undefined || scope.tokens > 0 || !walk.isOpen(scopeKey)) return;
  if (scope.outerKey !== undefined) leave(walk, scopeKey, {}, hops);
}
