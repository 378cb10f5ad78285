import type { EventSubProcess, SubProcess } from '@millrace/bpmn';
import { assert } from '@millrace/std';
import type { ElementRow, Key, Variables } from '@millrace/records';
import { goOnWithActions } from './actions.ts';
import { activate } from './activate.ts';
import { completeAdHoc } from './ad-hoc.ts';
import { completeInner, isInner } from './ad-hoc-begin.ts';
import { carryOut } from './attached.ts';
import { isBeingUndone } from './compensation.ts';
import { enter } from './enter.ts';
import { enterNextReset } from './joins.ts';
import { planEventSubProcesses } from './event-sub-process.ts';
import { Failure } from './failure.ts';
import { leave } from './leave.ts';
import type { Walk } from './walk.ts';

/** The element is a scope now: a token begins in it. */
export function openSubProcess(
  walk: Walk,
  element: ElementRow,
  node: SubProcess | EventSubProcess,
  hops: number,
  openBoundary: () => void,
  brought: Variables = {},
): Failure | undefined {
  const { elementKey } = element;
  const plan = planEventSubProcesses(walk, elementKey);
  if (plan instanceof Failure) return plan;
  openBoundary();
  carryOut(plan);
  if (walk.opensEmpty.has(elementKey)) return undefined;
  const [startId] = node.startEvents;
  assert(startId !== undefined, `expected the sub-process ${node.id} to have a start event`);
  const startKey = enter(walk, startId, elementKey, []);
  if (node.kind === 'eventSubProcess') leave(walk, startKey, brought, hops + 1);
  else activate(walk, startKey, hops + 1);
  return undefined;
}

/** A token has ended in the scope. When it was the last, the scope has done its work. */
export function completeScope(walk: Walk, scopeKey: Key, hops: number): void {
  const scope = walk.findScope(scopeKey);
  if (scope?.outerKey === undefined || !walk.isOpen(scopeKey)) return undefined;
  const element = walk.element(scopeKey);
  // A transaction that is cancelled is over when all is undone.
  if (element.isCancelling === true) return undefined;
  // CG3.
  if (scope.tokens === 0 && enterNextReset(walk, scopeKey, hops)) return undefined;
  const node = walk.node(element.elementId);
  if (node.actions !== undefined && element.loop === undefined) return goOnWithActions(walk, scopeKey, hops);
  if (isInner(element)) return scope.tokens > 0 ? undefined : completeInner(walk, element, hops);
  const isAdHoc = node.kind === 'adHocSubProcess' && element.loop === undefined && element.restores === undefined;
  if (isAdHoc) return completeAdHoc(walk, element, node, hops);
  if (isBeingUndone(walk, element)) return undefined;
  return scope.tokens > 0 ? undefined : leave(walk, scopeKey, {}, hops);
}
