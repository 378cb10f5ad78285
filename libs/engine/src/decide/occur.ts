import type { ElementRow, Variables } from '@millrace/records';
import { triggerBoundary } from './boundary.ts';
import { chooseEvent } from './event-gateway.ts';
import { leave } from './leave.ts';
import { resultChanges } from './mappings.ts';
import type { ScopeChange } from './scopes.ts';
import type { Walk } from './walk.ts';

/** What `element` waits for has come: its own event, one of its boundary events, or one behind the gateway that it is. */
export function occur(walk: Walk, element: ElementRow, eventId: string, variables: Variables, hops = 0): void {
  if (eventId === element.elementId) return leave(walk, element.elementKey, variables, hops);
  if (walk.node(element.elementId).kind === 'eventBasedGateway')
    return chooseEvent(walk, element, eventId, variables, hops);
  return triggerBoundary(walk, element.elementKey, eventId, variables, hops);
}

/** Where the variables of an event would go: whether they fit is asked before the event counts as taken. */
export function occurrenceChanges(walk: Walk, element: ElementRow, eventId: string, values: Variables): ScopeChange[] {
  if (eventId !== element.elementId) return [{ scopeKey: walk.instanceId, values }];
  return resultChanges(walk, element, walk.node(eventId).outputs.length > 0, values);
}
