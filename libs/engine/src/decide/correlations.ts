import { type CommandOf, type CorrelateMessage, partitionOfKey } from '@millrace/records';
import { assert } from '@millrace/std';
import type { CommandOutput } from '../decision.ts';
import { type Context, type Refusal, refuse } from './context.ts';
import { raiseIncident } from './incidents.ts';
import { canOccur, occur, whyNoRoom } from './occur.ts';
import { onInstance } from './on-instance.ts';

/** I's side of a message (M1): whether the wait still stands is decided here, and M is told. */
export function correlateMessage(context: Context, command: CommandOf<'correlateMessage'>): Refusal | undefined {
  const { waitKey, instanceId, messageKey, variables, hops } = command;
  const wait = context.draft.get('wait', waitKey);
  if (wait === undefined) return rejected(command, 'gone', `nobody waits under ${waitKey} any more`);
  const { name, correlationKey, elementKey, elementId } = wait;
  const refusal = onInstance(context, instanceId, (walk) => {
    if (!canOccur(walk, elementKey, elementId)) return rejected(command, 'gone', 'what waits is being closed');
    const tooLarge = whyNoRoom(walk, elementKey, elementId, variables);
    if (tooLarge !== undefined) {
      const element = elementKey === instanceId ? undefined : walk.element(elementKey);
      if (element === undefined || element.incidentKey !== undefined) {
        return rejected(command, 'unfit', tooLarge.message);
      }
      raiseIncident(walk, element, tooLarge, 'none');
      context.outputs.push(rejection(command, 'unfit'));
      return undefined;
    }
    const found = { waitKey, name, correlationKey, instanceId, elementId, elementKey };
    context.emit({ kind: 'wait.correlated', ...found, messageKey, variables });
    context.send(ownerOf(messageKey), { kind: 'confirmCorrelation', version: 1, ...answerTo(command) });
    occur(walk, elementKey, elementId, variables, hops);
    return undefined;
  });
  // The instance is ending: its waits will be closed, and until then they take nothing.
  if (refusal !== undefined && refusal.outputs.length === 0) {
    return rejected(command, 'gone', refusal.rejection.message);
  }
  return refusal;
}

/** M2. The instance is suspended: M hears that there is no answer yet. */
export function tellHeld(context: Context, command: CorrelateMessage): void {
  context.send(ownerOf(command.messageKey), { kind: 'holdCorrelation', version: 1, ...answerTo(command) });
}

/** The instance holds as much as it may: the message is for others. */
export function rejectUnheld(command: CorrelateMessage, refusal: Refusal): Refusal {
  return { ...refusal, outputs: [...refusal.outputs, rejection(command, 'unfit')] };
}

function rejected(command: CorrelateMessage, reason: 'gone' | 'unfit', message: string): Refusal {
  const refusal = refuse(reason === 'gone' ? 'NOT_FOUND' : 'TOO_LARGE', message, { instanceId: command.instanceId });
  return { ...refusal, outputs: [rejection(command, reason)] };
}

function rejection(command: CorrelateMessage, reason: 'gone' | 'unfit'): CommandOutput {
  const answer = { kind: 'rejectCorrelation', version: 1, ...answerTo(command), reason } as const;
  return { kind: 'command', partition: ownerOf(command.messageKey), command: answer };
}

function answerTo({ messageKey, name, correlationKey, instanceId, processId, waitKey }: CorrelateMessage) {
  return { messageKey, name, correlationKey, instanceId, processId, waitKey };
}

function ownerOf(messageKey: string): number {
  const partition = partitionOfKey(messageKey);
  assert(partition !== undefined, `expected a message key of ours, found ${messageKey}`);
  return partition;
}
