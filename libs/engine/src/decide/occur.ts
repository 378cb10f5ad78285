import type { Key, Variables } from '@millrace/records';
import { triggerBoundary } from './boundary.ts';
import { chooseEvent } from './event-gateway.ts';
import { triggerEventSubProcess } from './event-sub-process.ts';
import { leave } from './leave.ts';
import { resultChanges } from './mappings.ts';
import type { ScopeChange } from './scopes.ts';
import type { Walk } from './walk.ts';

/**
 * What the holder waits for has come: an element's own event, one of its boundary events, one behind the gateway that it is; or
 * of a scope, the start of an event sub-process.
 */
export function occur(walk: Walk, holderKey: Key, eventId: string, variables: Variables, hops = 0): void {
  if (startsSubProcess(walk, eventId)) return triggerEventSubProcess(walk, holderKey, eventId, variables, hops);
  const element = walk.element(holderKey);
  if (eventId === element.elementId) return leave(walk, holderKey, variables, hops);
  if (walk.node(element.elementId).kind === 'eventBasedGateway')
    return chooseEvent(walk, element, eventId, variables, hops);
  return triggerBoundary(walk, holderKey, eventId, variables, hops);
}

/** Whether the event may come to the holder now: nothing around it is being closed, nor the scope in which it would start. */
export function canOccur(walk: Walk, holderKey: Key, eventId: string): boolean {
  return walk.isOpen(startsSubProcess(walk, eventId) ? holderKey : walk.element(holderKey).scopeKey);
}

/** Where the variables of an event would go: whether they fit is asked before the event counts as taken. */
export function occurrenceChanges(walk: Walk, holderKey: Key, eventId: string, values: Variables): ScopeChange[] {
  const element = holderKey === walk.instanceId ? undefined : walk.element(holderKey);
  if (eventId !== element?.elementId) return [{ scopeKey: walk.instanceId, values }];
  return resultChanges(walk, element, walk.node(eventId).outputs.length > 0, values);
}

function startsSubProcess(walk: Walk, eventId: string): boolean {
  return walk.node(eventId).kind === 'startEvent';
}
