import type { CommandOf, ReceiveRow, Variables } from '@millrace/records';
import { receivePrefix } from '../row-keys.ts';
import { callbackTopic, replyComes } from './action-begin.ts';
import { ofElement } from './close.ts';
import { type Context, type Refusal, refuse } from './context.ts';
import { dropIncident, raiseIncident } from './incidents.ts';
import { occur, whyNoRoom } from './occur.ts';
import { onInstance } from './on-instance.ts';
import { cancelTimer } from './schedule.ts';
import { checkSize, propagate } from './scopes.ts';
import type { Walk } from './walk.ts';

/** The FlowX way: a record on a topic reaches the receive node that has waited longest for it. */
export function receiveReply(context: Context, command: CommandOf<'receiveReply'>): Refusal | undefined {
  const { instanceId, topic, value } = command;
  return onInstance(context, instanceId, (walk) => {
    const callback = callbackOf(walk, command);
    if (callback !== undefined) return takeCallback(walk, callback, value);
    const receive = oldestReceive(walk, topic);
    if (receive === undefined) {
      return refuse('NO_MATCH', `expected a receive node of instance ${instanceId} to wait on "${topic}"`);
    }
    const element = walk.element(receive.elementKey);
    const result = { [receive.keyName]: value };
    const { receiveKey, elementId } = receive;
    const tooLarge = whyNoRoom(walk, element.elementKey, elementId, result);
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

/** Who waits for the reply to what an action has published: at the very token, else at the node, else the one that has waited longest. */
function callbackOf(walk: Walk, command: CommandOf<'receiveReply'>): ReceiveRow | undefined {
  const { callbackFor, elementId, elementKey } = command;
  if (callbackFor === undefined) return undefined;
  const { context, instanceId } = walk;
  if (elementKey !== undefined) return oldestReceive(walk, callbackTopic(callbackFor, elementKey));
  // Those of all tokens: the end of the topic, which the key would be, is left open.
  const prefix = receivePrefix(instanceId, callbackTopic(callbackFor, '')).slice(0, -1);
  let oldest: ReceiveRow | undefined;
  for (const [, row] of context.draft.range('receive', { prefix })) {
    if (!walk.isOpen(walk.element(row.elementKey).scopeKey)) continue;
    if (elementId === undefined || walk.node(row.elementId).actionOf === elementId) return row;
    oldest ??= row;
  }
  return oldest;
}

/** The value is the action's own, unless it says which variable takes it. */
function takeCallback(
  walk: Walk,
  { elementKey, receiveKey, topic, keyName }: ReceiveRow,
  value: unknown,
): Refusal | undefined {
  const { context, instanceId } = walk;
  const execution = walk.element(elementKey);
  const isContext = typeof value === 'object' && value !== null && !Array.isArray(value);
  const local = keyName === '' && isContext ? (value as Variables) : {};
  const changes =
    keyName === ''
      ? [{ scopeKey: elementKey, values: local }]
      : propagate(context.draft, instanceId, execution.scopeKey, { [keyName]: value });
  const tooLarge = checkSize(context.draft, instanceId, changes);
  if (tooLarge !== undefined) {
    if (execution.incidentKey !== undefined) return refuse('TOO_LARGE', tooLarge.message);
    raiseIncident(walk, execution, tooLarge, 'none');
    return undefined;
  }
  dropIncident(walk, execution);
  for (const timer of execution.timers ?? []) cancelTimer(context, timer);
  context.emit({ kind: 'receive.matched', ...ofElement(execution), receiveKey, topic });
  replyComes(walk, walk.element(elementKey), changes);
  return undefined;
}

function oldestReceive(walk: Walk, topic: string): ReceiveRow | undefined {
  const { context, instanceId } = walk;
  for (const [, row] of context.draft.range('receive', { prefix: receivePrefix(instanceId, topic) })) {
    // One in a scope that is being closed takes nothing any more.
    if (walk.isOpen(walk.element(row.elementKey).scopeKey)) return row;
  }
  return undefined;
}
