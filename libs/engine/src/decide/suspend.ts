import type { Command, CommandOf, HeldCommand, HeldInput, InstanceId, InstanceRow, TimerRow } from '@millrace/records';
import { partitionOfInstance } from '@millrace/records';
import { collect } from '../collect.ts';
import { HELD_INPUTS_MAX, OPERATED_ELEMENTS_MAX, RELEASES_PER_STEP_MAX } from '../limits.ts';
import { elementRow, ofInstance } from '../row-keys.ts';
import { type Context, type Refusal, refuse } from './context.ts';
import { rejectUnheld, tellHeld } from './correlations.ts';
import { continueLater } from './continue-later.ts';
import { onSuspendable } from './on-instance.ts';
import type { Walk } from './walk.ts';

/**
 * An instance that is suspended stands still:
 *
 * H1. No token of it moves. Who asks for that by name (a task's completion, a resolved incident) is refused and told why.
 * H2. What others have sent in good faith (a job's result, a message, a signal, a record) is held, and so is a timer that
 *     comes due: nothing is lost, and nothing happens twice, since what is held has left where it came from.
 * H3. When it is resumed, all of that is decided as if it arrived now. When it ends instead, a message goes back to be
 *     offered to others.
 * H4. What it has called stands still with it and goes on with it, but for what somebody has suspended on its own. (Of an instance
 *     with more than `OPERATED_ELEMENTS_MAX` tokens, what the first of them have called.)
 */
export function suspendInstance(context: Context, command: CommandOf<'suspendInstance'>): Refusal | undefined {
  const { instanceId, reason, byCaller } = command;
  if (byCaller === true && !isLive(context, instanceId, (instance) => instance.isSuspended !== true)) return undefined;
  return onSuspendable(context, instanceId, (walk) => {
    if (walk.instance.isSuspended === true)
      return refuse('INVALID_STATE', `instance ${instanceId} is suspended already`);
    context.emit({
      kind: 'instance.suspended',
      instanceId,
      ...(reason === undefined ? undefined : { reason }),
      ...(byCaller === undefined ? undefined : { byCaller }),
    });
    tellCalled(walk, 'suspendInstance');
    return undefined;
  });
}

/** H4. Nobody asked for it by name: what is over, or is as it should be already, is no mistake. */
function isLive(context: Context, instanceId: InstanceId, isSo: (instance: InstanceRow) => boolean): boolean {
  const instance = context.draft.get('instance', instanceId);
  return instance?.phase === 'active' && isSo(instance);
}

function tellCalled({ context, instanceId }: Walk, kind: 'suspendInstance' | 'resumeInstance'): void {
  const range = { ...ofInstance(instanceId), limit: OPERATED_ELEMENTS_MAX };
  for (const { calledId } of collect(context.draft, 'element', range)) {
    if (calledId === undefined) continue;
    context.send(partitionOfInstance(instanceId), { kind, version: 1, instanceId: calledId, byCaller: true });
  }
}

export function resumeInstance(context: Context, command: CommandOf<'resumeInstance'>): Refusal | undefined {
  const { instanceId, byCaller } = command;
  const stands = (instance: InstanceRow): boolean => instance.isSuspendedByCaller === true;
  if (byCaller === true && !isLive(context, instanceId, stands)) return undefined;
  return onSuspendable(context, instanceId, (walk) => {
    if (walk.instance.isSuspended !== true) return refuse('INVALID_STATE', `instance ${instanceId} is not suspended`);
    context.emit({ kind: 'instance.resumed', instanceId });
    tellCalled(walk, 'resumeInstance');
    releaseHeld(walk);
    return undefined;
  });
}

/** E3. The next slice of what was held. */
export function releaseHeld(walk: Walk): void {
  const { context, instanceId } = walk;
  const range = { ...ofInstance(instanceId), limit: RELEASES_PER_STEP_MAX };
  for (const { heldKey, input } of collect(context.draft, 'held', range)) {
    const timer = input.kind === 'timer' && isWanted(walk, input.timer) ? input.timer : undefined;
    context.emit({ kind: 'input.released', instanceId, heldKey, ...(timer === undefined ? undefined : { timer }) });
    if (input.kind === 'command') context.send(partitionOfInstance(instanceId), input.command);
  }
  if ((walk.instance.held ?? 0) > 0) continueLater(context, instanceId);
}

/** H3. A message that was held is not taken any more: its own partition hears so, and may offer it to another. */
export function giveBackHeld(walk: Walk): void {
  if ((walk.instance.held ?? 0) === 0) return;
  const { context, instanceId } = walk;
  for (const { input } of collect(context.draft, 'held', ofInstance(instanceId))) {
    if (input.kind !== 'command' || input.command.kind !== 'correlateMessage') continue;
    context.send(partitionOfInstance(instanceId), input.command);
  }
}

/** What the timer ran for may have gone while it was held. */
function isWanted(walk: Walk, { timerKey, purpose }: TimerRow): boolean {
  if (purpose.kind === 'instanceExpiry') return walk.instance.expiry?.timerKey === timerKey;
  if (!('elementKey' in purpose)) return false;
  const { draft } = walk.context;
  if ('jobKey' in purpose) return draft.get('job', purpose.jobKey)?.timer?.timerKey === timerKey;
  const { instanceId } = walk;
  const { elementKey } = purpose;
  const holder = elementKey === instanceId ? walk.instance : draft.get('element', elementRow(instanceId, elementKey));
  return holder?.timers?.some((timer) => timer.timerKey === timerKey) === true;
}

const heldKinds: ReadonlySet<string> = new Set<HeldCommand['kind']>([
  'completeJob',
  'failJob',
  'throwJobError',
  'receiveReply',
  'correlateMessage',
  'wakeSignalWait',
  'continue',
]);

function isHeldKind(command: Command): command is HeldCommand {
  return heldKinds.has(command.kind);
}

/** H2. Whether the command is for an instance that is suspended, and is not for deciding now. */
export function isToBeHeld(context: Context, command: Command): command is HeldCommand {
  return isHeldKind(command) && isSuspended(context, command.instanceId);
}

/** One that is ending is not: what closes it goes on. */
export function isSuspended(context: Context, instanceId: InstanceId): boolean {
  const instance = context.draft.get('instance', instanceId);
  return instance?.isSuspended === true && instance.phase === 'active';
}

export function holdCommand(context: Context, command: HeldCommand): Refusal | undefined {
  const { instanceId } = command;
  if ((context.draft.get('instance', instanceId)?.held ?? 0) >= HELD_INPUTS_MAX) {
    const full = `expected at most ${HELD_INPUTS_MAX} inputs to be held for instance ${instanceId}`;
    const refusal = refuse('LIMIT_REACHED', full);
    return command.kind === 'correlateMessage' ? rejectUnheld(command, refusal) : refusal;
  }
  // The watermark rides on this event: what is decided later has no source any more.
  const { source: _source, requestId: _requestId, ...kept } = command;
  hold(context, instanceId, { kind: 'command', command: kept });
  if (command.kind === 'correlateMessage') tellHeld(context, command);
  return undefined;
}

export function hold(context: Context, instanceId: InstanceId, input: HeldInput): void {
  context.emit({ kind: 'input.held', instanceId, heldKey: context.nextKey(), input });
}
