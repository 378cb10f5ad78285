import { assert, unreachable } from '@millrace/std';
import type { Command } from './commands.ts';
import { type InstanceId, type Key, partitionOfCorrelationKey, partitionOfInstance, partitionOfKey } from './ids.ts';

/** The partition whose owner decides the command; `undefined` when what it names cannot exist (no id, no key). */
export function partitionOfCommand(command: Command, partitionCount: number): number | undefined {
  switch (command.kind) {
    case 'deploy':
    case 'broadcastSignal':
    case 'evaluateConditions':
    case 'offerMessageStart':
    case 'releaseMessageStart':
      return 0;
    case 'claimTask':
    case 'unclaimTask':
    case 'updateTask':
    case 'completeTask':
      return within(partitionOfKey(command.taskKey), partitionCount);
    case 'resolveIncident':
      return within(partitionOfKey(command.incidentKey), partitionCount);
    case 'publishMessage':
    case 'openSubscription':
    case 'closeSubscription':
    case 'reofferMessages':
      return partitionOfCorrelationKey(command.correlationKey, partitionCount);
    case 'confirmCorrelation':
    case 'rejectCorrelation':
    case 'holdCorrelation':
    case 'answerMessageStart':
      return partitionOfMaker(command.messageKey);
    case 'answerSignal':
      return partitionOfMaker(command.signalKey);
    case 'startBatch':
    case 'continueBatch':
    case 'cancelBatch':
    case 'deliverSignal':
    case 'suspendDefinition':
    case 'resumeDefinition':
    case 'reofferStarts':
      return within(command.partition, partitionCount);
    case 'startInstance':
    case 'cancelInstance':
    case 'suspendInstance':
    case 'wakeSignalWait':
    case 'modifyInstance':
    case 'migrateInstance':
    case 'moveTokenBack':
    case 'resumeInstance':
    case 'updateVariables':
    case 'completeJob':
    case 'failJob':
    case 'throwJobError':
    case 'receiveReply':
    case 'executeAction':
    case 'activateElements':
    case 'correlateMessage':
    case 'continue':
      return within(partitionOfInstance(command.instanceId), partitionCount);
    default:
      return unreachable(command);
  }
}

/** What the record of a command is keyed by: whoever looks at the topic finds an instance's commands together. */
export function recordKeyOf(command: { readonly kind: string; readonly instanceId?: InstanceId }): string {
  return command.instanceId ?? command.kind;
}

function partitionOfMaker(key: Key): number {
  const partition = partitionOfKey(key);
  assert(partition !== undefined, `expected a key of ours, found ${key}`);
  return partition;
}

function within(partition: number | undefined, partitionCount: number): number | undefined {
  return partition !== undefined && partition >= 0 && partition < partitionCount ? partition : undefined;
}
