import type { EventOf } from '@millrace/records';
import type { Changes } from '../changes.ts';
import type { ReadInstance, ReadInstanceState } from '../rows.ts';

export function instanceStarted(changes: Changes, event: EventOf<'instance.started'>): void {
  const { instanceId: id, processId, businessKey, flowName, parent } = event;
  // An id made from an idempotency key may start again once it is forgotten: the later life replaces the earlier one.
  const earlier = changes.get('instance', id);
  if (earlier !== undefined) {
    unlist(changes, earlier);
    changes.removeAll('token', `${id}/`);
    changes.removeAll('local', `${id}/`);
  }
  const instance: ReadInstance = {
    id,
    processId,
    version: event.definitionVersion,
    ...(businessKey === undefined ? {} : { businessKey }),
    ...(flowName === undefined ? {} : { flowName }),
    state: 'STARTED',
    startedAt: event.at,
    openIncidents: 0,
    ...(parent === undefined ? {} : { parent: { instanceId: parent.instanceId, elementKey: parent.elementKey } }),
  };
  changes.put('instance', id, instance);
  changes.put('variables', id, event.variables);
  changes.list(['all', event.at, id]);
  changes.list(['running', event.at, id]);
  changes.list(['definition', processId, event.at, id]);
  if (businessKey !== undefined) changes.list(['businessKey', businessKey, event.at, id]);
  if (flowName !== undefined) changes.list(['flow', flowName, event.at, id]);
  if (parent !== undefined) changes.list(['calledBy', parent.instanceId, event.at, id]);
}

export function instanceEnded(
  changes: Changes,
  event: EventOf<'instance.completed' | 'instance.terminated' | 'instance.cancelled' | 'instance.expired'>,
  state: ReadInstanceState,
): void {
  const instance = changes.get('instance', event.instanceId);
  if (instance === undefined) return;
  changes.put('instance', instance.id, { ...instance, state, endedAt: event.at, openIncidents: 0 });
  changes.unlist(['running', instance.startedAt, instance.id]);
  changes.removeAll('token', `${instance.id}/`);
}

export function variablesChanged(changes: Changes, event: EventOf<'variables.changed'>): void {
  const { instanceId, scopeKey, values } = event;
  // Variables local to an element end with it: status shows those of the process, a task what it sees.
  if (scopeKey !== instanceId) {
    const key = `${instanceId}/${scopeKey}`;
    return changes.put('local', key, { ...changes.get('local', key), ...values });
  }
  changes.put('variables', instanceId, { ...changes.get('variables', instanceId), ...values });
}

function unlist(
  changes: Changes,
  { id, startedAt, processId, businessKey, flowName, stage, parent }: ReadInstance,
): void {
  changes.unlist(['all', startedAt, id]);
  changes.unlist(['running', startedAt, id]);
  changes.unlist(['definition', processId, startedAt, id]);
  if (businessKey !== undefined) changes.unlist(['businessKey', businessKey, startedAt, id]);
  if (flowName !== undefined) changes.unlist(['flow', flowName, startedAt, id]);
  if (stage !== undefined) changes.unlist(['stage', stage, startedAt, id]);
  if (parent !== undefined) changes.unlist(['calledBy', parent.instanceId, startedAt, id]);
}
