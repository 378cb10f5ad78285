import type { InstanceId, Key, MessageRef, SubscriptionRef, TimerRef } from '@millrace/records';

/** The string keys of rows (rows.ts of libs/records says which part is what). `/` separates; names that contain it are escaped. */

export function elementRow(instanceId: InstanceId, elementKey: Key): string {
  return `${instanceId}/${elementKey}`;
}

export function variablesRow(instanceId: InstanceId, scopeKey: Key): string {
  return `${instanceId}/${scopeKey === instanceId ? '' : scopeKey}`;
}

export function joinRow(instanceId: InstanceId, scopeKey: Key, gatewayId: string): string {
  return `${instanceId}/${scopeKey === instanceId ? '' : scopeKey}/${gatewayId}`;
}

export function joinRowsOf(instanceId: InstanceId, scopeKey: Key): { readonly prefix: string } {
  return { prefix: joinRow(instanceId, scopeKey, '') };
}

export function deferredRow(instanceId: InstanceId, scopeKey: Key, tokenKey: Key): string {
  return scopeKey === instanceId ? `${instanceId}/${tokenKey}` : `${instanceId}/${scopeKey}/${tokenKey}`;
}

export function heldRow(instanceId: InstanceId, heldKey: Key): string {
  return `${instanceId}/${heldKey}`;
}

export function eventPartsRow(instanceId: InstanceId, holderKey: Key, eventId: string): string {
  return `${instanceId}/${holderKey}/${eventId}`;
}

const COMPENSATION_DIGITS = 12;

/** The last comes first: that is the order in which they are undone. */
export function compensableRow(instanceId: InstanceId, scopeKey: Key, sequence: number): string {
  const order = String(10 ** COMPENSATION_DIGITS - sequence).padStart(COMPENSATION_DIGITS, '0');
  return compensablesOf(instanceId, scopeKey).prefix + order;
}

export function compensablesOf(instanceId: InstanceId, scopeKey: Key): { readonly prefix: string } {
  return { prefix: `${instanceId}/${scopeKey === instanceId ? '' : scopeKey}/` };
}

export function childRow(instanceId: InstanceId, scopeKey: Key, elementKey: Key): string {
  return `${instanceId}/${scopeKey}/${elementKey}`;
}

/** Rows of a scope below the top level, in a table whose keys have it behind the instance. */
export function ofScope(instanceId: InstanceId, scopeKey: Key): { readonly prefix: string } {
  return { prefix: `${instanceId}/${scopeKey}/` };
}

/** All rows of an instance in a table whose keys begin with its id. */
export function ofInstance(instanceId: InstanceId): { readonly prefix: string } {
  return { prefix: `${instanceId}/` };
}

const CHUNK_DIGITS = 6;

export function loopChunkRow(instanceId: InstanceId, elementKey: Key, chunk: number): string {
  return `${instanceId}/${elementKey}/${String(chunk).padStart(CHUNK_DIGITS, '0')}`;
}

const DUE_DIGITS = 16;

export function timerRow({ dueAt, timerKey }: TimerRef): string {
  return `${dueKey(dueAt)}/${timerKey}`;
}

/** Sorts like the number: what is due by `t` lies before `dueKey(t + 1)`. */
export function dueKey(dueAt: number): string {
  return String(dueAt).padStart(DUE_DIGITS, '0');
}

export function receiveRow(instanceId: InstanceId, topic: string, receiveKey: Key): string {
  return `${receivePrefix(instanceId, topic)}${receiveKey}`;
}

export function receivePrefix(instanceId: InstanceId, topic: string): string {
  return `${instanceId}/${escaped(topic)}/`;
}

export function channelPrefix({ name, correlationKey }: { name: string; correlationKey: string }): string {
  return `${escaped(name)}/${escaped(correlationKey)}/`;
}

export function subscriptionRow(ref: SubscriptionRef): string {
  return channelPrefix(ref) + ref.waitKey;
}

export function messageRow(ref: MessageRef): string {
  return channelPrefix(ref) + ref.messageKey;
}

export function messageIdRow(ref: { name: string; correlationKey: string }, messageId: string): string {
  return channelPrefix(ref) + escaped(messageId);
}

export function messageStartPrefix(name: string): string {
  return `${escaped(name)}/`;
}

export function messageStartRow(name: string, processId: string, elementId: string): string {
  return `${messageStartPrefix(name)}${processId}/${elementId}`;
}

export function conditionStartRow(processId: string, elementId: string): string {
  return `${processId}/${elementId}`;
}

export function conditionRow(instanceId: InstanceId, waitKey: Key): string {
  return `${instanceId}/${waitKey}`;
}

const SEQUENCE_DIGITS = 12;

export function signalPrefix(name: string): string {
  return `${escaped(name)}/`;
}

export function signalWaitRow({ name, sequence }: { name: string; sequence: number }): string {
  return signalPrefix(name) + String(sequence).padStart(SEQUENCE_DIGITS, '0');
}

export function signalStartRow(name: string, processId: string, elementId: string): string {
  return `${signalPrefix(name)}${processId}/${elementId}`;
}

export function signalIdRow(signalId: string): string {
  return escaped(signalId);
}

export function startLockRow(processId: string, name: string, correlationKey: string): string {
  return `${processId}/${escaped(name)}/${escaped(correlationKey)}`;
}

export function watermarkRow(source: { topic: string; partition: number }): string {
  return `${source.topic}/${source.partition}`;
}

function escaped(text: string): string {
  return text.includes('/') || text.includes('%') ? text.replaceAll('%', '%25').replaceAll('/', '%2F') : text;
}
