import type { EventOf } from '@millrace/records';
import type { Changes } from '../changes.ts';

export function stageEntered(changes: Changes, { instanceId, stage }: EventOf<'stage.entered'>): void {
  const instance = changes.get('instance', instanceId);
  if (instance === undefined) return;
  const { startedAt } = instance;
  if (instance.stage !== undefined) changes.unlist(['stage', instance.stage, startedAt, instanceId]);
  changes.list(['stage', stage, startedAt, instanceId]);
  changes.put('instance', instanceId, { ...instance, stage });
}

/** One that is reached again has been reached when it was last. */
export function milestoneReached(changes: Changes, event: EventOf<'milestone.reached'>): void {
  const { instanceId, milestone: name, elementId, at } = event;
  const instance = changes.get('instance', instanceId);
  if (instance === undefined) return;
  const others = (instance.milestones ?? []).filter((other) => other.name !== name);
  changes.put('instance', instanceId, { ...instance, milestones: [...others, { name, elementId, reachedAt: at }] });
}

export function stepPassed(changes: Changes, { instanceId, scopeKey, elementId }: EventOf<'step.passed'>): void {
  if (scopeKey === instanceId) {
    const passed = changes.get('instance', instanceId)?.passed ?? [];
    return changes.update('instance', instanceId, { passed: [...passed, elementId] });
  }
  const key = `${instanceId}/${scopeKey}`;
  const passed = changes.get('token', key)?.passed ?? [];
  return changes.update('token', key, { passed: [...passed, elementId] });
}

export function tokensWithdrawn(changes: Changes, event: EventOf<'tokens.withdrawn'>): void {
  const { instanceId, scopeKey, gatewayIds } = event;
  for (const gatewayId of gatewayIds) changes.removeAll('token', `${instanceId}/~${scopeKey}/${gatewayId}/`);
}

export function variablesRemoved(changes: Changes, event: EventOf<'variables.removed'>): void {
  const { instanceId, scopeKey, names } = event;
  const [table, key] =
    scopeKey === instanceId ? (['variables', instanceId] as const) : (['local', `${instanceId}/${scopeKey}`] as const);
  const left = Object.entries(changes.get(table, key) ?? {}).filter(([name]) => !names.includes(name));
  changes.put(table, key, Object.fromEntries(left));
}
