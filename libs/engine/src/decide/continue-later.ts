import { partitionOfInstance, type InstanceId } from '@millrace/records';
import type { Context } from './context.ts';

/** E3. The rest is for the next step: the partition sends itself a command, and others get their turn before it. */
export function continueLater(context: Context, instanceId: InstanceId): void {
  context.send(partitionOfInstance(instanceId), { kind: 'continue', version: 1, instanceId });
}
