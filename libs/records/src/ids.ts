import { assert } from '@millrace/std';
import { partitionForKey } from './hash.ts';

/**
 * Names of things, and how a name leads to the partition that owns the thing.
 *
 * I1. An instance id is an RFC 9562 version 8 UUID whose first four hex digits are the partition number: whoever holds
 *     the id can address its owner, without a directory, and for as long as the id lives.
 * I2. A key names one thing forever and starts with the partition that made it. Keys that the commands of one
 *     partition make sort, as bytes, in the order of those commands; messages are correlated first come, first served by it.
 */
export type InstanceId = string;

/** Names an element instance (also called token), job, message, incident …: `{partition}-{offset}-{counter}`. */
export type Key = string;

export const PARTITION_COUNT_MAX = 4096;

const OFFSET_DIGITS = 12;
const COUNTER_DIGITS = 4;
const INSTANCE_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Makes an id from 16 bytes of randomness (or of a digest); the first two are replaced by the partition. */
export function instanceId(partition: number, bytes: Uint8Array): InstanceId {
  assert(bytes.length >= 16, 'expected 16 bytes to make an instance id of');
  assert(partition >= 0 && partition < PARTITION_COUNT_MAX, `expected a partition number, found ${partition}`);
  const id = bytes.slice(0, 16);
  id[0] = partition >> 8;
  id[1] = partition & 0xff;
  id[6] = ((id[6] ?? 0) & 0x0f) | 0x80;
  id[8] = ((id[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(id, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/**
 * The id that a start with an idempotency key always gets. `digest` is one of (process id, key), made where the key came
 * in; the digest also chooses the partition, so that a retry of the same start reaches the same owner.
 */
export function instanceIdFromDigest(digest: Uint8Array, partitionCount: number): InstanceId {
  const spread = digest.reduce((hash, byte) => Math.imul(hash, 31) + byte, 0) >>> 0;
  return instanceId(spread % partitionCount, digest);
}

export function isInstanceId(text: string): boolean {
  return INSTANCE_ID.test(text);
}

/** The partition that owns the instance (I1). */
export function partitionOfInstance(id: InstanceId): number {
  return Number.parseInt(id.slice(0, 4), 16);
}

/** The key of the `counter`-th thing that the command at `offset` makes (I2). */
export function commandKey(partition: number, offset: number, counter: number): Key {
  return `${partition}-${String(offset).padStart(OFFSET_DIGITS, '0')}-${String(counter).padStart(COUNTER_DIGITS, '0')}`;
}

/** The key of the `counter`-th thing that a due timer makes; `sequence` counts what the partition has applied before it. */
export function timerKey(partition: number, sequence: number, counter: number): Key {
  return `${partition}-${String(sequence).padStart(OFFSET_DIGITS, '0')}t${String(counter).padStart(COUNTER_DIGITS, '0')}`;
}

/** The partition that made the key and owns what it names; `undefined` when the text is no key. */
export function partitionOfKey(key: Key): number | undefined {
  const match = /^(\d{1,4})-\d+[-t]\d+$/.exec(key);
  return match === null ? undefined : Number(match[1]);
}

/** Message subscriptions and buffered messages of one correlation key meet on one partition. */
export function partitionOfCorrelationKey(correlationKey: string, partitionCount: number): number {
  return partitionForKey(correlationKey, partitionCount);
}

/**
 * `{process id}:{version}`: names one version of one process for ever. Those of decisions and forms begin with a word and a slash,
 * which no id of an XML element can have.
 */
export type DefinitionKey = string;

export function definitionKey(processId: string, version: number): DefinitionKey {
  return `${processId}:${version}`;
}

/** The decisions of one file, by the id of its `<definitions>`. */
export function decisionGraphKey(graphId: string, version: number): DefinitionKey {
  return `dmn/${graphId}:${version}`;
}

export function formKey(formId: string, version: number): DefinitionKey {
  return `form/${formId}:${version}`;
}
