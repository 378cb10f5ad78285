import type { EventOf, InstanceId, Key } from '@millrace/records';
import type { Changes } from '../changes.ts';
import type { ReadTokenStatus } from '../rows.ts';

export function elementEntered(changes: Changes, event: EventOf<'element.entered'>): void {
  const { instanceId, elementKey, elementId, elementKind, scopeKey } = event;
  changes.put('token', `${instanceId}/${elementKey}`, {
    id: elementKey,
    elementId,
    elementKind,
    scopeKey,
    status: 'EXECUTING',
    since: event.at,
    count: 1,
  });
  // A joining gateway takes one waiting token of each flow.
  if (elementKind === 'parallelGateway' || event.joined === true) {
    for (const flowId of event.flowIds) takeFromJoin(changes, joinKey(instanceId, scopeKey, elementId, flowId));
  }
}

export function elementLeft(
  changes: Changes,
  { instanceId, elementKey }: EventOf<'element.completed' | 'element.terminated'>,
): void {
  const key = `${instanceId}/${elementKey}`;
  changes.remove('token', key);
  if (changes.get('local', key) !== undefined) changes.remove('local', key);
}

/** Only a token that waits at a join stands on a flow; any other is in its next element at once. */
export function flowTaken(changes: Changes, event: EventOf<'flow.taken'>): void {
  if (event.joins !== true) return;
  const key = joinKey(event.instanceId, event.scopeKey, event.to, event.flowId);
  const waiting = changes.get('token', key);
  changes.put('token', key, {
    id: `${event.to}/${event.flowId}`,
    elementId: event.to,
    elementKind: event.toKind ?? 'parallelGateway',
    status: 'ARRIVED',
    since: waiting?.since ?? event.at,
    count: (waiting?.count ?? 0) + 1,
  });
}

/** What waits at its joins is in no element that would be closed. */
export function scopeCleared(changes: Changes, { instanceId, scopeKey }: EventOf<'scope.cleared'>): void {
  changes.removeAll('token', `${instanceId}/~${scopeKey}/`);
}

/** What a boundary event waits for says nothing about the token: that is still at its activity. */
export function tokenWaits(
  changes: Changes,
  { instanceId, elementKey, elementId }: { instanceId: InstanceId; elementKey: Key; elementId: string },
  status: ReadTokenStatus,
): void {
  const key = `${instanceId}/${elementKey}`;
  // One of several definitions of an event is known by the id of that, and a number behind a colon.
  const waiting = changes.get('token', key)?.elementId;
  if (waiting === elementId || waiting === elementId.replace(/:\d+$/, '')) changes.update('token', key, { status });
}

function takeFromJoin(changes: Changes, key: string): void {
  const waiting = changes.get('token', key);
  if (waiting === undefined) return;
  if (waiting.count > 1) changes.put('token', key, { ...waiting, count: waiting.count - 1 });
  else changes.remove('token', key);
}

const joinKey = (instanceId: InstanceId, scopeKey: Key, gatewayId: string, flowId: string): string =>
  `${instanceId}/~${scopeKey}/${gatewayId}/${flowId}`;
