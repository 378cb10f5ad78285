import { collect } from '../collect.ts';
import { REMEMBERED_MS } from '../limits.ts';
import { ofInstance } from '../row-keys.ts';
import { callerOf, canTake, goOnInCaller, resultFor } from './caller.ts';
import { closeContents } from './closing.ts';
import { closeEventSubProcesses } from './event-sub-process.ts';
import { dropCompensables } from './compensation.ts';
import { forgetPhases } from './complex-gateway.ts';
import { continueLater } from './continue-later.ts';
import { enterProcess, isProcess, listen } from './listeners.ts';
import { proceed } from './move.ts';
import { cancelTimer, schedule } from './schedule.ts';
import { giveBackHeld } from './suspend.ts';
import type { Walk } from './walk.ts';

export type Ending = 'completed' | 'terminated' | 'cancelled' | 'expired';

/** Nothing is left to do in it. */
export function completeInstance(walk: Walk, hops: number): void {
  if (mustListen(walk)) listenToEnd(walk, 'completed');
  else endInstance(walk, 'completed', undefined, hops);
}

function mustListen({ model, instance }: Walk): boolean {
  return model.listeners?.end !== undefined && instance.hasListened !== true;
}

/** Nothing starts in the process any more while its listeners are asked. */
function listenToEnd(walk: Walk, endsAs: 'completed' | 'terminated'): void {
  closeEventSubProcesses(walk, walk.instanceId);
  listen(walk, enterProcess(walk), { on: 'end', endsAs });
}

/** Ends the instance early: what it still holds is closed, in slices when that is much. */
export function endEarly(walk: Walk, as: Exclude<Ending, 'completed'>, reason?: string, hops = 0): void {
  const progress = closeContents(walk, walk.instanceId);
  if (progress !== 'done') {
    const { context, instanceId } = walk;
    context.emit({
      kind: 'instance.ending',
      instanceId,
      as,
      ...(reason === undefined ? undefined : { reason }),
    });
    if (progress === 'more') continueLater(context, instanceId, { hops });
    walk.isOver = true;
    return;
  }
  if (as === 'terminated' && mustListen(walk)) listenToEnd(walk, as);
  else endInstance(walk, as, reason, hops);
}

/** The next slice of an instance that is ending. */
export function finishEnding(walk: Walk, hops = 0): void {
  const { endingAs = 'cancelled', endingReason, tokens } = walk.instance;
  if (tokens === 1 && listensToEnd(walk)) return;
  const progress = closeContents(walk, walk.instanceId);
  if (progress === 'more') continueLater(walk.context, walk.instanceId, { hops });
  if (progress !== 'done') return;
  if (endingAs === 'terminated' && mustListen(walk)) listenToEnd(walk, endingAs);
  else endInstance(walk, endingAs, endingReason, hops);
}

function listensToEnd({ context, instanceId }: Walk): boolean {
  const [element] = collect(context.draft, 'element', { ...ofInstance(instanceId), limit: 1 });
  return element !== undefined && isProcess(element);
}

/**
 * E6. The last event of an instance: its appliers remove what is left of it. Who called it gets the result in the same
 * decision; when it cannot take it, the instance stays as it is until somebody resolves the incident.
 */
export function endInstance(walk: Walk, ending: Ending, reason?: string, hops = 0): void {
  walk.isOver = true;
  if (!dropCompensables(walk)) {
    const { context, instanceId, instance } = walk;
    const why = reason === undefined ? undefined : { reason };
    if (instance.phase === 'active') context.emit({ kind: 'instance.ending', instanceId, as: ending, ...why });
    return continueLater(context, instanceId, { hops });
  }
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
