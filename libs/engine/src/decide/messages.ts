import { type CommandOf, type MessageRow, type SubscriptionRow, partitionOfCorrelationKey } from '@millrace/records';
import { START_OFFER } from '../apply/messages.ts';
import { entriesSize } from '../json-size.ts';
import {
  BUFFERED_MESSAGES_MAX,
  CORRELATION_KEY_LENGTH_MAX,
  MESSAGE_ID_LENGTH_MAX,
  MESSAGE_TTL_MS_MAX,
  NAME_LENGTH_MAX,
  VARIABLES_BYTES_MAX,
} from '../limits.ts';
import { collect } from '../collect.ts';
import { channelPrefix, messageIdRow, messageRow, subscriptionRow } from '../row-keys.ts';
import { type Context, type Refusal, refuse } from './context.ts';
import { offer, offerStart, offerStartOnce } from './message-offer.ts';
import { settle } from './message-settle.ts';
import { schedule } from './schedule.ts';

/**
 * M's side of a message (M1). A message is offered to at most one instance per process at a time; a wait that takes one
 * message is offered one at a time. Who refuses makes room for the next.
 */
export function publishMessage(context: Context, command: CommandOf<'publishMessage'>): Refusal | undefined {
  const refusal = refuseMessage(context, command);
  if (refusal !== undefined) return refusal;
  const { name, correlationKey, messageId, ttlMs, variables, hops, via, requestId } = command;
  const ref = { messageKey: context.nextKey(), name, correlationKey };
  const expiresAt = ttlMs > 0 ? Math.trunc(context.now) + Math.ceil(ttlMs) : undefined;
  context.emit({
    kind: 'message.published',
    ...ref,
    variables,
    ...(messageId === undefined ? undefined : { messageId }),
    ...(expiresAt === undefined ? undefined : { expiresAt }),
    ...(hops === undefined ? undefined : { hops }),
    ...(via === undefined ? undefined : { via }),
    ...(requestId === undefined ? undefined : { requestId }),
  });
  if (expiresAt !== undefined) schedule(context, expiresAt, { kind: 'messageExpiry', ...ref });
  for (const subscription of collect(context.draft, 'subscription', { prefix: channelPrefix(ref) })) {
    offerIfFree(context, messageOf(context, ref), subscription);
  }
  offerStartOnce(context, ref);
  return undefined;
}

export function openSubscription(context: Context, command: CommandOf<'openSubscription'>): undefined {
  const { waitKey, name, correlationKey, instanceId, processId, elementId, isRepeating } = command;
  const subscription = { waitKey, name, correlationKey, instanceId, processId, elementId, isRepeating };
  context.emit({ kind: 'subscription.opened', ...subscription });
  offerBuffered(context, subscription);
}

/** A wait that has just been confirmed is closed already: nothing to do. */
export function closeSubscription(context: Context, command: CommandOf<'closeSubscription'>): undefined {
  const subscription = context.draft.get('subscription', subscriptionRow(command));
  if (subscription === undefined) return;
  const { waitKey, name, correlationKey, instanceId } = subscription;
  context.emit({ kind: 'subscription.closed', waitKey, name, correlationKey, instanceId });
}

export function confirmCorrelation(context: Context, command: CommandOf<'confirmCorrelation'>): undefined {
  const pending = pendingOf(context, command);
  if (pending === undefined) return;
  const { messageKey, name, correlationKey, waitKey, instanceId, processId } = command;
  const { elementId } = pending;
  const correlated = { messageKey, name, correlationKey, waitKey, instanceId, processId, elementId };
  const { requestId } = messageOf(context, command) ?? {};
  context.emit({
    kind: 'message.correlated',
    ...correlated,
    ...(requestId === undefined ? undefined : { requestId }),
  });
  offerStartOnce(context, command);
  settle(context, command);
}

/** M2. Whoever holds it is asked no second time: the answer is still to come. */
export function holdCorrelation(context: Context, command: CommandOf<'holdCorrelation'>): undefined {
  const pending = pendingOf(context, command);
  if (pending === undefined || pending.isHeld === true) return;
  const { messageKey, name, correlationKey, waitKey, instanceId, processId } = command;
  const { elementId } = pending;
  context.emit({ kind: 'message.held', messageKey, name, correlationKey, waitKey, instanceId, processId, elementId });
  settle(context, command);
}

export function rejectCorrelation(context: Context, command: CommandOf<'rejectCorrelation'>): undefined {
  if (pendingOf(context, command) === undefined) return;
  const { messageKey, name, correlationKey, waitKey, instanceId, processId, reason } = command;
  context.emit({
    kind: 'message.refused',
    messageKey,
    name,
    correlationKey,
    waitKey,
    instanceId,
    processId,
    reason,
  });
  const stillOpen = context.draft.get('subscription', subscriptionRow(command));
  if (stillOpen !== undefined) offerBuffered(context, stillOpen);
  for (const subscription of collect(context.draft, 'subscription', { prefix: channelPrefix(command) })) {
    if (subscription.processId === processId) offerIfFree(context, messageOf(context, command), subscription);
  }
  offerStartOnce(context, command);
  settle(context, command);
}

/** Oldest first; a wait that repeats gets all of them, another one the first that its process has not had. */
function offerBuffered(context: Context, subscription: SubscriptionRow): void {
  for (const message of collect(context.draft, 'message', { prefix: channelPrefix(subscription) })) {
    if (message.expiresAt !== undefined) offerIfFree(context, message, current(context, subscription));
  }
}

function offerIfFree(
  context: Context,
  message: MessageRow | undefined,
  subscription: SubscriptionRow | undefined,
): void {
  if (message === undefined || subscription === undefined) return;
  if (subscription.offered !== undefined) return;
  const { processId } = subscription;
  // One instance per process: neither while one is being asked, nor after one has taken it.
  if (Object.hasOwn(message.pending, processId) || message.taken.includes(processId)) return;
  offer(context, message, subscription);
}

function current(context: Context, subscription: SubscriptionRow): SubscriptionRow | undefined {
  return context.draft.get('subscription', subscriptionRow(subscription));
}

function messageOf(
  context: Context,
  ref: { messageKey: string; name: string; correlationKey: string },
): MessageRow | undefined {
  return context.draft.get('message', messageRow(ref));
}

/** The offer that the answer is about; an answer that has been heard before finds none. */
function pendingOf(
  context: Context,
  answer: CommandOf<'confirmCorrelation' | 'rejectCorrelation' | 'holdCorrelation'>,
) {
  const pending = messageOf(context, answer)?.pending[answer.processId];
  return pending === undefined || pending === 'start' || pending.waitKey !== answer.waitKey ? undefined : pending;
}

function refuseMessage(context: Context, command: CommandOf<'publishMessage'>): Refusal | undefined {
  const { name, correlationKey, messageId, ttlMs, variables } = command;
  const { draft } = context;
  if (partitionOfCorrelationKey(correlationKey, draft.partitionCount) !== draft.partition) {
    return refuse('INVALID_ARGUMENT', `the correlation key "${correlationKey}" belongs to another partition`);
  }
  if (name === '' || name.length > NAME_LENGTH_MAX) {
    return refuse('INVALID_ARGUMENT', `expected a message name of 1 to ${NAME_LENGTH_MAX} characters`);
  }
  if (correlationKey.length > CORRELATION_KEY_LENGTH_MAX) {
    return refuse('INVALID_ARGUMENT', `expected a correlation key of at most ${CORRELATION_KEY_LENGTH_MAX} characters`);
  }
  if (messageId !== undefined && (messageId === '' || messageId.length > MESSAGE_ID_LENGTH_MAX)) {
    return refuse('INVALID_ARGUMENT', `expected a message id of 1 to ${MESSAGE_ID_LENGTH_MAX} characters`);
  }
  if (!(ttlMs >= 0 && ttlMs <= MESSAGE_TTL_MS_MAX)) {
    return refuse('INVALID_ARGUMENT', `expected a time to live of 0 to ${MESSAGE_TTL_MS_MAX} ms, found ${ttlMs}`);
  }
  const bytes = entriesSize(variables);
  if (bytes > VARIABLES_BYTES_MAX) {
    return refuse('TOO_LARGE', `expected variables of at most ${VARIABLES_BYTES_MAX} bytes as JSON, found ${bytes}`);
  }
  if (messageId !== undefined && draft.get('messageId', messageIdRow(command, messageId)) !== undefined) {
    return refuse('ALREADY_EXISTS', `a message "${name}" with the id "${messageId}" is alive`);
  }
  if ((draft.get('counter', 'messages')?.count ?? 0) >= BUFFERED_MESSAGES_MAX) {
    return refuse('LIMIT_REACHED', `expected at most ${BUFFERED_MESSAGES_MAX} messages alive on one partition`);
  }
  return undefined;
}

/** Partition 0 has decided about start events; what it started counts as reached. */
export function answerMessageStart(context: Context, command: CommandOf<'answerMessageStart'>): undefined {
  const { messageKey, name, correlationKey, started } = command;
  if (messageOf(context, command)?.pending[START_OFFER] === undefined) return;
  context.emit({ kind: 'message.startAnswered', messageKey, name, correlationKey, started });
  settle(context, command);
}

/** The instance that blocked a start event has ended: the oldest message that waits for it is offered once more. */
export function reofferMessages(context: Context, command: CommandOf<'reofferMessages'>): undefined {
  for (const [, message] of context.draft.range('message', { prefix: channelPrefix(command) })) {
    if (message.expiresAt === undefined || message.taken.includes(command.processId)) continue;
    // An offer under way was made before the lock was free; the answer to it has the next turn.
    if (message.pending[START_OFFER] !== undefined) continue;
    offerStart(context, message);
    break;
  }
  return undefined;
}
