import { REMEMBERED_MS } from '../limits.ts';
import { callerOf, canTake, goOnInCaller, resultFor } from './caller.ts';
import { closeContents } from './closing.ts';
import { closeEventSubProcesses } from './event-sub-process.ts';
import { forgetPhases } from './complex-gateway.ts';
import { continueLater } from './continue-later.ts';
import { proceed } from './move.ts';
import { cancelTimer, schedule } from './schedule.ts';
import { giveBackHeld } from './suspend.ts';
import type { Walk } from './walk.ts';

export type Ending = 'completed' | 'terminated' | 'cancelled' | 'expired';

/** Ends the instance early: what it still holds is closed, in slices when that is much. */
export function endEarly(walk: Walk, as: Exclude<Ending, 'completed'>, reason?: string, hops = 0): void {
  if (!closeContents(walk, walk.instanceId)) {
    const { context, instanceId } = walk;
    context.emit({
      kind: 'instance.ending',
      instanceId,
      as,
      ...(reason === undefined ? undefined : { reason }),
    });
    continueLater(context, instanceId, { hops });
    walk.isOver = true;
    return;
  }
  endInstance(walk, as, reason, hops);
}

/** The next slice of an instance that is ending. */
export function finishEnding(walk: Walk, hops = 0): void {
  const { endingAs = 'cancelled', endingReason } = walk.instance;
  if (closeContents(walk, walk.instanceId)) endInstance(walk, endingAs, endingReason, hops);
  else continueLater(walk.context, walk.instanceId, { hops });
}

/**
 * E6. The last event of an instance: its appliers remove what is left of it. Who called it gets the result in the same
 * decision; when it cannot take it, the instance stays as it is until somebody resolves the incident.
 */
export function endInstance(walk: Walk, ending: Ending, reason?: string, hops = 0): void {
  walk.isOver = true;
  const caller = ending === 'cancelled' ? undefined : callerOf(walk);
  if (caller === undefined) return conclude(walk, ending, reason);
  const result = resultFor(caller, walk);
  if (!canTake(caller, walk, result)) {
    const { context, instanceId, instance } = walk;
    if (instance.phase === 'active') context.emit({ kind: 'instance.ending', instanceId, as: ending });
    return undefined;
  }
  conclude(walk, ending, reason);
  goOnInCaller(caller, walk.instanceId, result, hops);
  return proceed(caller.walk);
}

function conclude(walk: Walk, ending: Ending, reason: string | undefined): void {
  const { context, instanceId } = walk;
  const { processId, definitionKey, businessKey, remember, message } = walk.instance;
  cancelTimer(context, walk.instance.expiry);
  closeEventSubProcesses(walk, instanceId);
  forgetPhases(walk, instanceId);
  giveBackHeld(walk);
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
    context.emit({ kind: `instance.${ending}`, ...ended });
  }
  if (rememberedUntil !== undefined) schedule(context, rememberedUntil, { kind: 'forget', instanceId });
  if (message !== undefined) {
    context.send(0, { kind: 'releaseMessageStart', version: 1, processId, instanceId, ...message });
  }
}
