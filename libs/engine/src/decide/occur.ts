import type { Key, Variables } from '@millrace/records';
import { PART_OCCURRENCES_MAX } from '../limits.ts';
import { triggerBoundary } from './boundary.ts';
import { chooseEvent } from './event-gateway.ts';
import { comeTogether, hasTooMany, wholeOf } from './event-parts.ts';
import { triggerEventSubProcess } from './event-sub-process.ts';
import { Failure } from './failure.ts';
import { leave } from './leave.ts';
import { resultChanges } from './mappings.ts';
import { type ScopeChange, checkSize } from './scopes.ts';
import type { Walk } from './walk.ts';

/**
 * What the holder waits for has come: an element's own event, one of its boundary events, one behind the gateway that it is; or
 * of a scope, the start of an event sub-process. Of an event with several definitions it is a part.
 */
export function occur(walk: Walk, holderKey: Key, eventId: string, variables: Variables, hops = 0): void {
  const brought = comeTogether(walk, holderKey, eventId, variables);
  if (brought !== undefined) occurWhole(walk, holderKey, wholeOf(walk, eventId), brought, hops);
}

function occurWhole(walk: Walk, holderKey: Key, eventId: string, variables: Variables, hops: number): void {
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

/** Whether what the event brings fits is asked before it counts as taken. */
export function whyNoRoom(walk: Walk, holderKey: Key, eventId: string, values: Variables): Failure | undefined {
  const node = walk.node(eventId);
  if (hasTooMany(walk, holderKey, node)) {
    const most = `at most ${PART_OCCURRENCES_MAX} occurrences of "${eventId}" to wait for the rest of its event`;
    return new Failure('VARIABLES_TOO_LARGE', `expected ${most}`);
  }
  return checkSize(walk.context.draft, walk.instanceId, occurrenceChanges(walk, holderKey, eventId, values));
}

function occurrenceChanges(walk: Walk, holderKey: Key, eventId: string, values: Variables): ScopeChange[] {
  const element = holderKey === walk.instanceId ? undefined : walk.element(holderKey);
  if (eventId !== element?.elementId) return [{ scopeKey: walk.instanceId, values }];
  return resultChanges(walk, element, walk.node(eventId).outputs.length > 0, values);
}

function startsSubProcess(walk: Walk, eventId: string): boolean {
  return walk.node(wholeOf(walk, eventId)).kind === 'startEvent';
}
