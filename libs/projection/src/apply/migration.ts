import type { EventOf } from '@millrace/records';
import type { Changes } from '../changes.ts';

/** The instance runs by another definition: what is shown of it has the ids of that one. */
export function instanceMigrated(changes: Changes, event: EventOf<'instance.migrated'>): void {
  const { instanceId, processId, definitionVersion, mapping } = event;
  const instance = changes.get('instance', instanceId);
  if (instance === undefined) return;
  const to = (id: string): string => (Object.hasOwn(mapping, id) ? (mapping[id] as string) : id);
  changes.put('instance', instanceId, { ...instance, ...steps(instance, to), processId, version: definitionVersion });
  if (processId !== instance.processId) {
    changes.unlist(['definition', instance.processId, instance.startedAt, instanceId]);
    changes.list(['definition', processId, instance.startedAt, instanceId]);
  }
  for (const [key, token] of changes.all('token', `${instanceId}/`)) {
    const [, join] = key.split('/~');
    const elementId = to(token.elementId);
    if (join === undefined) {
      changes.put('token', key, { ...token, ...steps(token, to), elementId });
      const task = changes.get('task', token.id);
      if (task !== undefined) changes.put('task', task.key, { ...task, processId, elementId: to(task.elementId) });
    } else {
      const [scopeKey = '', , flowId = ''] = join.split('/');
      changes.remove('token', key);
      changes.put('token', `${instanceId}/~${scopeKey}/${elementId}/${to(flowId)}`, {
        ...token,
        id: `${elementId}/${to(flowId)}`,
        elementId,
      });
    }
    if (token.incidentKey !== undefined) {
      const incident = changes.get('incident', token.incidentKey);
      if (incident !== undefined)
        changes.update('incident', incident.key, { processId, elementId: to(incident.elementId) });
    }
  }
}

function steps({ passed }: { readonly passed?: readonly string[] }, to: (id: string) => string) {
  return passed === undefined ? {} : { passed: passed.map(to) };
}
