import type { EventOf } from '@millrace/records';
import type { Changes } from '../changes.ts';

export function incidentRaised(changes: Changes, event: EventOf<'incident.raised'>): void {
  const { incidentKey: key, instanceId, elementId, elementKey, jobKey, reason, message, at } = event;
  const instance = changes.get('instance', instanceId);
  changes.put('incident', key, {
    key,
    instanceId,
    processId: instance?.processId ?? '',
    elementId,
    ...(elementKey === undefined ? {} : { elementKey }),
    ...(jobKey === undefined ? {} : { jobKey }),
    reason,
    message,
    raisedAt: at,
  });
  changes.list(['incident', at, key]);
  changes.list(['incidentOf', instanceId, at, key]);
  if (instance !== undefined)
    changes.put('instance', instanceId, { ...instance, openIncidents: instance.openIncidents + 1 });
  if (elementKey !== undefined) changes.update('token', `${instanceId}/${elementKey}`, { incidentKey: key });
}

export function incidentResolved(changes: Changes, event: EventOf<'incident.resolved'>): void {
  const incident = changes.get('incident', event.incidentKey);
  if (incident === undefined || incident.resolvedAt !== undefined) return;
  changes.put('incident', incident.key, { ...incident, resolvedAt: event.at });
  changes.unlist(['incident', incident.raisedAt, incident.key]);
  changes.unlist(['incidentOf', incident.instanceId, incident.raisedAt, incident.key]);
  const instance = changes.get('instance', incident.instanceId);
  if (instance !== undefined && instance.openIncidents > 0) {
    changes.put('instance', instance.id, { ...instance, openIncidents: instance.openIncidents - 1 });
  }
  const tokenKey = `${incident.instanceId}/${incident.elementKey ?? ''}`;
  const token = changes.get('token', tokenKey);
  if (token !== undefined && token.incidentKey === incident.key) {
    const { incidentKey: _gone, ...rest } = token;
    changes.put('token', tokenKey, rest);
  }
}
