import { partitionOfInstance, type InstanceId, type Key } from '@millrace/records';
import type { Context } from './context.ts';

/**
 * E3. The rest is for the next step: the partition sends itself a command, and others get their turn before it. What waits at
 * a join or for its end carries no count of its own: `hops` is how far the step had come, so that a loop is found that is
 * cut just there each time.
 */
export function continueLater(
  context: Context,
  instanceId: InstanceId,
  { scopeKey, hops = 0 }: { readonly scopeKey?: Key; readonly hops?: number } = {},
): void {
  context.send(partitionOfInstance(instanceId), {
    kind: 'continue',
    version: 1,
    instanceId,
    ...(scopeKey === undefined ? undefined : { scopeKey }),
    ...(hops === 0 ? undefined : { hops }),
  });
}
