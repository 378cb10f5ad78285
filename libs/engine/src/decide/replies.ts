import type { CommandOf, ReceiveRow } from '@millrace/records';
import { receivePrefix } from '../row-keys.ts';
import { ofElement } from './close.ts';
import { type Context, type Refusal, refuse } from './context.ts';
import { raiseIncident } from './incidents.ts';
import { occur, occurrenceChanges } from './occur.ts';
import { onInstance } from './on-instance.ts';
import { checkSize } from './scopes.ts';
import type { Walk } from './walk.ts';

/** The FlowX way: a record on a topic reaches the receive node that has waited longest for it. */
export function receiveReply(context: Context, command: CommandOf<'receiveReply'>): Refusal | undefined {
  const { instanceId, topic, value } = command;
  return onInstance(context, instanceId, (walk) => {
    const receive = oldestReceive(walk, topic);
    if (receive === undefined) {
      return refuse('NO_MATCH', `expected a receive node of instance ${instanceId} to wait on "${topic}"`);
    }
    const element = walk.element(receive.elementKey);
    const result = { [receive.keyName]: value };
    const { receiveKey, elementId } = receive;
    const tooLarge = checkSize(
      context.draft,
      instanceId,
      occurrenceChanges(walk, element.elementKey, elementId, result),
    );
    if (tooLarge !== undefined) {
      if (element.incidentKey !== undefined) return refuse('TOO_LARGE', tooLarge.message);
      raiseIncident(walk, element, tooLarge, 'none');
      return undefined;
    }
    context.emit({ kind: 'receive.matched', ...ofElement(element), elementId, receiveKey, topic });
    occur(walk, element.elementKey, elementId, result);
    return undefined;
  });
}

function oldestReceive(walk: Walk, topic: string): ReceiveRow | undefined {
  const { context, instanceId } = walk;
  for (const [, row] of context.draft.range('receive', { prefix: receivePrefix(instanceId, topic) })) {
    // One in a scope that is being closed takes nothing any more.
    if (walk.isOpen(walk.element(row.elementKey).scopeKey)) return row;
  }
  return undefined;
}
