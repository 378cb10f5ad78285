import type { CommandOf, TimerRow } from '@millrace/records';
import { START_OFFER } from '../apply/messages.ts';
import { collect } from '../collect.ts';
import { MESSAGES_REOFFERED_PER_STEP_MAX, SUSPENSION_REASON_LENGTH_MAX } from '../limits.ts';
import { messageRow, messageStartPrefix } from '../row-keys.ts';
import { type Context, type Refusal, refuse } from './context.ts';
import { offerStart } from './message-offer.ts';

/**
 * H5. A suspended process starts no instance: who asks for one is refused, and hears why; a call is an incident; a timer start is kept,
 *     and due again when the process is resumed; a message stays where it is until its time is over; a signal passes by.
 *     What partition 0 had decided before it was told starts all the same: its lock or its timer is spent.
 */
export function suspendDefinition(context: Context, command: CommandOf<'suspendDefinition'>): Refusal | undefined {
  const { processId, partition, reason } = command;
  const refusal = refuseUnknown(context, command);
  if (refusal !== undefined) return refusal;
  if (reason !== undefined && reason.length > SUSPENSION_REASON_LENGTH_MAX) {
    return refuse('INVALID_ARGUMENT', `expected a reason of at most ${SUSPENSION_REASON_LENGTH_MAX} characters`);
  }
  const why = reason === undefined ? undefined : { reason };
  context.emit({ kind: 'definition.suspended', processId, partition, ...why });
  return undefined;
}

export function resumeDefinition(context: Context, command: CommandOf<'resumeDefinition'>): Refusal | undefined {
  const { processId, partition } = command;
  const refusal = refuseUnknown(context, command);
  if (refusal !== undefined) return refusal;
  const { draft } = context;
  const held = draft.get('suspendedDefinition', processId)?.timers ?? [];
  const starts = draft.get('definition', processId)?.starts ?? [];
  // Another version may have been deployed meanwhile: the start events of the one before are closed.
  const isWanted = ({ timerKey }: TimerRow): boolean =>
    starts.some(({ trigger }) => trigger.kind === 'timer' && trigger.timerKey === timerKey);
  context.emit({ kind: 'definition.resumed', processId, partition, timers: held.filter(isWanted) });
  const names = starts.flatMap(({ trigger }) => (trigger.kind === 'message' ? [trigger.name] : []));
  for (const name of new Set(names)) {
    for (let other = 0; other < draft.partitionCount; other += 1) {
      context.send(other, { kind: 'reofferStarts', version: 1, partition: other, processId, name });
    }
  }
  return undefined;
}

/** E3. The next slice of what is buffered under the name; a key whose instance runs is for its end to offer again. */
export function reofferStarts(context: Context, command: CommandOf<'reofferStarts'>): undefined {
  const { processId, partition, name, after } = command;
  const prefix = messageStartPrefix(name);
  const messages = collect(context.draft, 'message', {
    from: after === undefined ? prefix : `${messageRow({ name, ...after })}!`,
    to: `${prefix.slice(0, -1)}0`,
    limit: MESSAGES_REOFFERED_PER_STEP_MAX,
  });
  const waiting = messages.filter(
    ({ expiresAt, taken, pending }) =>
      expiresAt !== undefined && !taken.includes(processId) && pending[START_OFFER] === undefined,
  );
  context.emit({ kind: 'starts.reoffered', processId, partition, name, count: waiting.length });
  for (const message of waiting) offerStart(context, message);
  const last = messages.at(-1);
  if (last === undefined || messages.length < MESSAGES_REOFFERED_PER_STEP_MAX) return;
  const { correlationKey, messageKey } = last;
  context.send(partition, { ...command, after: { correlationKey, messageKey } });
}

export function isDefinitionSuspended({ draft }: Context, processId: string): boolean {
  return draft.get('suspendedDefinition', processId) !== undefined;
}

/** Of start events that something has come for: those that may start, the others being told. */
export function notWithheld<
  Start extends { readonly processId: string; readonly definitionKey: string; readonly elementId: string },
>(context: Context, starts: readonly Start[]): Start[] {
  return starts.filter(({ processId, definitionKey, elementId }) => {
    if (!isDefinitionSuspended(context, processId)) return true;
    context.emit({ kind: 'startEvent.withheld', processId, definitionKey, elementId });
    return false;
  });
}

function refuseUnknown(
  { draft }: Context,
  { processId, partition }: CommandOf<'suspendDefinition' | 'resumeDefinition'>,
): Refusal | undefined {
  if (partition !== draft.partition) {
    return refuse(
      'INVALID_ARGUMENT',
      `expected a command for partition ${draft.partition}, found one for ${partition}`,
    );
  }
  if (draft.latestVersion(processId) !== undefined) return undefined;
  return refuse('NOT_FOUND', `expected the process "${processId}" to be deployed`);
}
