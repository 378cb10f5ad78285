import { assert } from '@millrace/std';
import type { MessageRef, MessageRow, SubscriptionRow } from '@millrace/records';
import { messageIdRow, messageRow, subscriptionRow } from '../row-keys.ts';
import type { State } from '../view.ts';
import type { Appliers } from './apply.ts';
import { without } from './rows.ts';

type Kinds =
  | 'subscription.opened'
  | 'subscription.closed'
  | 'message.published'
  | 'message.offered'
  | 'message.correlated'
  | 'message.refused'
  | 'message.held'
  | 'message.deferred'
  | 'message.startOffered'
  | 'message.startAnswered'
  | 'message.settled'
  | 'message.expired';

/** Partition 0's answer is pending under this name: no process has it. */
export const START_OFFER = '';

export const messageAppliers: Appliers<Kinds> = {
  'subscription.opened'(state, event) {
    const { waitKey, name, correlationKey, instanceId, processId, elementId, isRepeating } = event;
    const row: SubscriptionRow = { waitKey, name, correlationKey, instanceId, processId, elementId, isRepeating };
    state.put('subscription', subscriptionRow(event), row);
  },

  'subscription.closed'(state, event) {
    state.delete('subscription', subscriptionRow(event));
  },

  'message.published'(state, event) {
    const { messageKey, name, correlationKey, variables, messageId, expiresAt, hops, via, requestId } = event;
    state.put('message', messageRow(event), {
      messageKey,
      name,
      correlationKey,
      variables,
      pending: {},
      taken: [],
      reached: [],
      isSettled: false,
      ...(messageId === undefined ? undefined : { messageId }),
      ...(expiresAt === undefined ? undefined : { expiresAt }),
      ...(hops === undefined ? undefined : { hops }),
      ...(via === undefined ? undefined : { via }),
      ...(requestId === undefined ? undefined : { requestId }),
    });
    if (messageId !== undefined) state.put('messageId', messageIdRow(event, messageId), { messageKey });
    countMessages(state, 1);
  },

  'message.offered'(state, event) {
    const { processId, waitKey, instanceId, elementId } = event;
    changeMessage(state, event, (row) => ({
      ...row,
      pending: { ...row.pending, [processId]: { waitKey, instanceId, elementId } },
    }));
    const key = subscriptionRow(event);
    const subscription = state.get('subscription', key);
    if (subscription !== undefined && !subscription.isRepeating) {
      state.put('subscription', key, { ...subscription, offered: event.messageKey });
    }
  },

  'message.correlated'(state, event) {
    const { processId, instanceId, elementId } = event;
    changeMessage(state, event, (row) => ({
      ...row,
      pending: without(row.pending, processId),
      taken: [...row.taken, processId],
      reached: row.isSettled ? row.reached : [...row.reached, { processId, instanceId, elementId }],
    }));
    const key = subscriptionRow(event);
    // What takes one message has taken it.
    if (state.get('subscription', key)?.isRepeating === false) state.delete('subscription', key);
  },

  'message.refused'(state, event) {
    const { processId, reason } = event;
    changeMessage(state, event, (row) => ({
      ...row,
      pending: without(row.pending, processId),
      taken: reason === 'unfit' ? [...row.taken, processId] : row.taken,
    }));
    const key = subscriptionRow(event);
    const subscription = state.get('subscription', key);
    if (subscription === undefined) return;
    if (reason === 'gone') state.delete('subscription', key);
    else state.put('subscription', key, without(subscription, 'offered'));
  },

  'message.held'(state, event) {
    const { processId, waitKey, instanceId, elementId } = event;
    changeMessage(state, event, (row) => ({
      ...row,
      pending: { ...row.pending, [processId]: { waitKey, instanceId, elementId, isHeld: true } },
    }));
  },

  'message.deferred'(state, event) {
    changeMessage(state, event, (row) => ({ ...without(row, 'requestId'), isDeferred: true }));
  },

  'message.startOffered'(state, event) {
    changeMessage(state, event, (row) => ({
      ...row,
      pending: { ...row.pending, [START_OFFER]: 'start' },
      isStartOffered: true,
    }));
  },

  'message.startAnswered'(state, event) {
    changeMessage(state, event, (row) => ({
      ...row,
      pending: without(row.pending, START_OFFER),
      taken: [...row.taken, ...event.started.map(({ processId }) => processId)],
      reached: row.isSettled ? row.reached : [...row.reached, ...event.started],
    }));
  },

  'message.settled'(state, event) {
    changeMessage(state, event, (row) => ({ ...without(row, 'requestId'), isSettled: true, reached: [] }));
  },

  'message.expired'(state, event) {
    changeMessage(state, event, (row) => without(row, 'expiresAt'));
  },
};

/** A message whose time is over stays until the last one who was asked has answered, and the publisher is told. */
function changeMessage(state: State, ref: MessageRef, change: (row: MessageRow) => MessageRow): void {
  const key = messageRow(ref);
  const before = state.get('message', key);
  assert(before !== undefined, `expected a row of message ${key}`);
  const row = change(before);
  const isOver = row.isSettled && row.expiresAt === undefined && Object.keys(row.pending).length === 0;
  if (!isOver) return state.put('message', key, row);
  state.delete('message', key);
  if (row.messageId !== undefined) state.delete('messageId', messageIdRow(row, row.messageId));
  return countMessages(state, -1);
}

function countMessages(state: State, change: number): void {
  const count = (state.get('counter', 'messages')?.count ?? 0) + change;
  if (count > 0) state.put('counter', 'messages', { count });
  else state.delete('counter', 'messages');
}
