import type { EventOf } from '@millrace/records';
import type { Changes } from '../changes.ts';

/** Every partition says so; partition 0, which decides about start events, is whom the read model believes. */
export function definitionSuspended(changes: Changes, event: EventOf<'definition.suspended'>): void {
  const { processId, partition, reason, at } = event;
  if (partition !== 0) return;
  const suspendedAt = changes.get('suspendedDefinition', processId)?.suspendedAt ?? at;
  changes.put('suspendedDefinition', processId, { suspendedAt, ...(reason === undefined ? {} : { reason }) });
}

export function definitionResumed(changes: Changes, { processId, partition }: EventOf<'definition.resumed'>): void {
  if (partition === 0) changes.remove('suspendedDefinition', processId);
}
