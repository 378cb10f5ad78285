import type { EventOf, Key } from '@millrace/records';
import type { Changes } from '../changes.ts';
import type { ReadMessage } from '../rows.ts';

/** Listed once it is settled: most are taken before, and gone again within the batch. */
export function messagePublished(changes: Changes, event: EventOf<'message.published'>): void {
  const { messageKey: key, name, correlationKey, messageId, expiresAt, at: publishedAt } = event;
  const message: ReadMessage = {
    key,
    name,
    correlationKey,
    ...(messageId === undefined ? {} : { messageId }),
    state: 'BUFFERED',
    isTaken: false,
    publishedAt,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
  changes.put('message', key, message);
}

export function messageSettled(changes: Changes, { messageKey, outcome, expiresAt }: EventOf<'message.settled'>): void {
  const message = changes.get('message', messageKey);
  if (message === undefined) return;
  if (outcome === 'expired') expire(changes, message);
  else if (outcome === 'buffered') relist(changes, { ...message, state: 'BUFFERED' });
  else if (expiresAt === undefined) changes.remove('message', messageKey);
}

/** Listed while suspended instances alone stand between it and somebody to take it. */
export function messageDeferred(changes: Changes, { messageKey, reached }: EventOf<'message.deferred'>): void {
  const message = changes.get('message', messageKey);
  if (message?.state === 'BUFFERED' && reached.length === 0) relist(changes, { ...message, state: 'HELD' });
}

/** One whose time was over while somebody was asked may still be taken. */
export function messageTaken(changes: Changes, messageKey: Key): void {
  const message = changes.get('message', messageKey);
  if (message === undefined) return;
  unlist(changes, message);
  if (message.state === 'EXPIRED') changes.remove('message', messageKey);
  else changes.put('message', messageKey, { ...message, state: 'BUFFERED', isTaken: true });
}

export function messageExpired(changes: Changes, { messageKey }: EventOf<'message.expired'>): void {
  const message = changes.get('message', messageKey);
  if (message === undefined) return;
  if (message.isTaken) changes.remove('message', messageKey);
  else expire(changes, message);
}

function expire(changes: Changes, message: ReadMessage): void {
  relist(changes, { ...message, state: 'EXPIRED' });
}

function relist(changes: Changes, message: ReadMessage): void {
  const before = changes.get('message', message.key);
  if (before !== undefined) unlist(changes, before);
  changes.put('message', message.key, message);
  list(changes, message);
}

function list(changes: Changes, { state, publishedAt, key }: ReadMessage): void {
  changes.list(['message', state, publishedAt, key]);
}

function unlist(changes: Changes, { state, publishedAt, key }: ReadMessage): void {
  changes.unlist(['message', state, publishedAt, key]);
}
