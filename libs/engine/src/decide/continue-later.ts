import { partitionOfInstance, type InstanceId, type Key } from '@millrace/records';
import type { Context } from './context.ts';

/** E3. The rest is for the next step: the partition sends itself a command, and others get their turn before it. */
export function continueLater(context: Context, instanceId: InstanceId, scopeKey?: Key): void {
  const scope = scopeKey === undefined ? undefined : { scopeKey };
  context.send(partitionOfInstance(instanceId), { kind: 'continue', version: 1, instanceId, ...scope });
}
