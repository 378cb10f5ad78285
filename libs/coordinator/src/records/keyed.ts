import { type MessageInput, type Message, type Schema, decode, encode } from '@millrace/wire';

/** Keys and values of coordinator records: a version in two bytes, then the fields as that version lays them out. */
export function encodeVersioned<S extends Schema>(schema: S, version: number, value: MessageInput<S>): Buffer {
  const prefix = Buffer.alloc(2);
  prefix.writeInt16BE(version);
  return Buffer.concat([prefix, ...encode(schema, version, value)]);
}

export function versionOf(bytes: Buffer): number {
  return bytes.length < 2 ? -1 : bytes.readInt16BE();
}

export function decodeVersioned<S extends Schema>(schema: S, bytes: Buffer): Message<S> {
  return decode(schema, versionOf(bytes), bytes, 2).value;
}
