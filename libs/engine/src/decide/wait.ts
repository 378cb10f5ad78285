import { partitionOfCorrelationKey, type Key } from '@millrace/records';
import type { Walk } from './walk.ts';

/** The element, or the scope, waits for a message; the subscription on the partition of the correlation key follows by command. */
export function openWait(
  walk: Walk,
  holderKey: Key,
  catchingId: string,
  channel: { readonly name: string; readonly correlationKey: string },
  isRepeating: boolean,
): void {
  const { context, instanceId } = walk;
  const { processId } = walk.instance;
  const waitKey = context.nextKey();
  const wait = { waitKey, ...channel, instanceId, processId, elementId: catchingId, isRepeating };
  context.emit({ kind: 'wait.opened', ...wait, elementKey: holderKey });
  context.send(partitionOfCorrelationKey(channel.correlationKey, context.draft.partitionCount), {
    kind: 'openSubscription',
    version: 1,
    ...wait,
  });
}
