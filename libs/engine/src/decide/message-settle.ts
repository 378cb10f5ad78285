import type { MessageRef, MessageRow, Reached } from '@millrace/records';
import { messageRow } from '../row-keys.ts';
import type { Context } from './context.ts';

/** Everybody who was asked has answered: the publisher hears what became of his message. Once. */
export function settle(context: Context, { messageKey, name, correlationKey }: MessageRef): void {
  const message = context.draft.get('message', messageRow({ messageKey, name, correlationKey }));
  if (message === undefined || message.isSettled) return;
  if (Object.keys(message.pending).length > 0) return defer(context, message);
  const { reached, expiresAt, requestId } = message;
  const unreached = expiresAt === undefined ? 'expired' : 'buffered';
  context.emit({
    kind: 'message.settled',
    messageKey,
    name,
    correlationKey,
    outcome: reached.length > 0 ? 'correlated' : unreached,
    reached,
    ...(expiresAt === undefined ? undefined : { expiresAt }),
    ...(requestId === undefined ? undefined : { requestId }),
  });
}

/** M2. Those who have not answered are suspended, and may be for days: the publisher hears whom it waits for. Once. */
function defer(context: Context, { messageKey, name, correlationKey, pending, reached, ...row }: MessageRow): void {
  if (row.isDeferred === true) return;
  const held: Reached[] = [];
  for (const [processId, offer] of Object.entries(pending)) {
    if (offer === 'start' || offer.isHeld !== true) return;
    held.push({ processId, instanceId: offer.instanceId, elementId: offer.elementId });
  }
  const { requestId } = row;
  context.emit({
    kind: 'message.deferred',
    messageKey,
    name,
    correlationKey,
    reached,
    held,
    ...(requestId === undefined ? undefined : { requestId }),
  });
}

export function expireMessage(context: Context, ref: MessageRef): void {
  const { messageKey, name, correlationKey } = ref;
  if (context.draft.get('message', messageRow(ref)) === undefined) return;
  context.emit({ kind: 'message.expired', messageKey, name, correlationKey });
}
