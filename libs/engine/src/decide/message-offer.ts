import { type MessageRef, type MessageRow, type SubscriptionRow, partitionOfInstance } from '@millrace/records';
import { messageRow } from '../row-keys.ts';
import type { Context } from './context.ts';

/** Asks an instance whether it still waits. */
export function offer(context: Context, message: MessageRow, subscription: SubscriptionRow): void {
  const { messageKey, name, correlationKey, variables, hops, via } = message;
  const { waitKey, instanceId, processId, elementId } = subscription;
  const offered = { messageKey, name, correlationKey, waitKey, instanceId, processId };
  context.emit({ kind: 'message.offered', ...offered, elementId });
  context.send(partitionOfInstance(instanceId), {
    kind: 'correlateMessage',
    version: 1,
    ...offered,
    variables,
    ...(hops === undefined ? undefined : { hops }),
    ...(via === undefined ? undefined : { via }),
  });
}

/** Start events come after the instances that wait: a process that takes the message in one does not start another. */
export function offerStartOnce(context: Context, ref: MessageRef): void {
  const message = context.draft.get('message', messageRow(ref));
  if (message === undefined || message.isStartOffered === true || Object.keys(message.pending).length > 0) return;
  offerStart(context, message);
}

/** Asks partition 0 whether a start event takes it. */
export function offerStart(context: Context, message: MessageRow): void {
  const { messageKey, name, correlationKey, variables, taken, hops, via } = message;
  context.emit({ kind: 'message.startOffered', messageKey, name, correlationKey });
  const { traceparent } = context.cause;
  context.send(0, {
    kind: 'offerMessageStart',
    version: 1,
    messageKey,
    name,
    correlationKey,
    variables,
    taken,
    ...(hops === undefined ? undefined : { hops }),
    ...(via === undefined ? undefined : { via }),
    ...(traceparent === undefined ? undefined : { traceparent }),
  });
}
