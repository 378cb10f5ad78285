import { REMEMBERED_MS, TERMINATIONS_PER_STEP_MAX } from '../limits.ts';
import { collect } from '../collect.ts';
import { ofInstance } from '../row-keys.ts';
import { terminateElement } from './close.ts';
import { continueLater } from './continue-later.ts';
import { schedule } from './schedule.ts';
import type { Walk } from './walk.ts';

export type Ending = 'completed' | 'terminated' | 'cancelled';

/** Ends the instance early: what it still holds is closed, in slices when that is much. */
export function endEarly(walk: Walk, as: 'terminated' | 'cancelled', reason?: string): void {
  if (!closeSlice(walk)) {
    const { context, instanceId } = walk;
    context.emit({
      kind: 'instance.ending',
      instanceId,
      as,
      ...(reason === undefined ? undefined : { reason }),
    });
    continueLater(context, instanceId);
    walk.isOver = true;
    return;
  }
  endInstance(walk, as, reason);
}

/** The next slice of an instance that is ending. */
export function finishEnding(walk: Walk): void {
  const { endingAs = 'cancelled', endingReason } = walk.instance;
  if (closeSlice(walk)) endInstance(walk, endingAs, endingReason);
  else continueLater(walk.context, walk.instanceId);
}

function closeSlice(walk: Walk): boolean {
  const { context, instanceId } = walk;
  let closed = 0;
  const range = { ...ofInstance(instanceId), limit: TERMINATIONS_PER_STEP_MAX + 1 };
  for (const element of collect(context.draft, 'element', range)) {
    if (closed === TERMINATIONS_PER_STEP_MAX) return false;
    terminateElement(walk, element);
    closed += 1;
  }
  closeTokenIncidents(walk);
  return true;
}

function closeTokenIncidents(walk: Walk): void {
  const { context, instanceId } = walk;
  for (const { incidentKey, flowId } of collect(context.draft, 'deferred', ofInstance(instanceId))) {
    if (incidentKey === undefined) continue;
    const elementId = walk.flow(flowId).target;
    context.emit({ kind: 'incident.resolved', instanceId, incidentKey, elementId, by: 'left' });
  }
}

/** E6. The last event of an instance: its appliers remove what is left of it. */
export function endInstance(walk: Walk, ending: Ending, reason?: string): void {
  const { context, instanceId } = walk;
  const { processId, definitionKey, businessKey, remember, message } = walk.instance;
  walk.isOver = true;
  const rememberedUntil = remember === true ? Math.trunc(context.now) + REMEMBERED_MS : undefined;
  const ended = {
    instanceId,
    processId,
    definitionKey,
    ...(businessKey === undefined ? undefined : { businessKey }),
    ...(rememberedUntil === undefined ? undefined : { rememberedUntil }),
  };
  if (ending === 'cancelled') {
    context.emit({ kind: 'instance.cancelled', ...ended, ...(reason === undefined ? undefined : { reason }) });
  } else {
    context.emit({ kind: ending === 'completed' ? 'instance.completed' : 'instance.terminated', ...ended });
  }
  if (rememberedUntil !== undefined) schedule(context, rememberedUntil, { kind: 'forget', instanceId });
  if (message !== undefined) {
    context.send(0, { kind: 'releaseMessageStart', version: 1, processId, instanceId, ...message });
  }
}
