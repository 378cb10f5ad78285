import { assert } from '@millrace/std';
import { Reader } from './reader.ts';
import {
  type Fields,
  type Message,
  type MessageInput,
  type Node,
  type Scalar,
  type Schema,
  defaultOf,
} from './schema.ts';
import { DecodeError, WireError } from './wire-error.ts';
import { Writer } from './writer.ts';

/**
 * The one interpreter of schemas. Each (schema, version) is compiled once into closures: what a version lacks or lays
 * out differently is settled then, so that coding a message branches on values only.
 */
export function encode<S extends Schema>(schema: S, version: number, value: MessageInput<S>): Buffer[] {
  const writer = new Writer();
  encodeInto(writer, schema, version, value);
  return writer.finish();
}

export function encodeInto<S extends Schema>(writer: Writer, schema: S, version: number, value: MessageInput<S>): void {
  codecOf(schema, version).write(writer, value);
}

/** Throws `DecodeError`, and nothing else, on bytes that are not such a message. `end` is where the message ended. */
export function decode<S extends Schema>(
  schema: S,
  version: number,
  buffer: Buffer,
  offset = 0,
): { value: Message<S>; end: number } {
  const codec = codecOf(schema, version);
  const reader = new Reader(buffer, offset);
  try {
    return { value: codec.read(reader) as Message<S>, end: reader.at };
  } catch (error) {
    throw error instanceof DecodeError ? error.of(`${schema.name} version ${version}`) : error;
  }
}

interface Codec {
  readonly write: (writer: Writer, value: unknown) => void;
  readonly read: (reader: Reader) => unknown;
  /** The fewest bytes any value takes; bounds array counts (R2). */
  readonly bytesMin: number;
}

interface Layout {
  readonly version: number;
  readonly flexible: boolean;
}

const compiled = new WeakMap<Schema, (Codec | undefined)[]>();

function codecOf(schema: Schema, version: number): Codec {
  let versions = compiled.get(schema);
  if (versions === undefined) compiled.set(schema, (versions = []));
  return (versions[version] ??= compile(schema, version));
}

function compile(schema: Schema, version: number): Codec {
  const [min, max] = schema.versions;
  if (!(version >= min && version <= max)) {
    throw new WireError(
      'UNSUPPORTED_VERSION',
      `expected ${schema.name} in versions ${min} to ${max}, found ${version}`,
    );
  }
  return structCodec(schema.fields, { version, flexible: version >= schema.flexibleSince });
}

function codecFor(node: Node, layout: Layout): Codec {
  switch (node.kind) {
    case 'struct':
      return structCodec(node.fields, layout);
    case 'array':
      return arrayCodec(node.of, layout, false);
    case 'nullable': {
      const allowed = layout.version >= node.since;
      if (node.of.kind === 'array') return arrayCodec(node.of.of, layout, allowed);
      assert(node.of.kind === 'string' || node.of.kind === 'bytes', `expected ${node.of.kind} not to be nullable`);
      return scalarCodec(node.of.kind, layout, allowed);
    }
    default:
      return scalarCodec(node.kind, layout, node.kind === 'records');
  }
}

function structCodec(fields: Fields, layout: Layout): Codec {
  const inline: { name: string; codec: Codec; omitted: unknown }[] = [];
  const tagged = new Map<number, { name: string; codec: Codec; omitted: unknown }>();
  const template: { name: string; codec: Codec | null; omitted: unknown }[] = [];
  for (const [name, field] of Object.entries(fields)) {
    const presence = 'presence' in field ? field.presence : undefined;
    const omitted = defaultOf(field);
    const present = presence === undefined || (layout.version >= presence.from && layout.version <= presence.to);
    const entry = { name, codec: codecFor(field.node, layout), omitted };
    const isInline = present && (presence === undefined || presence.tag === null);
    if (isInline) inline.push(entry);
    else if (present && layout.flexible) tagged.set(presence?.tag ?? -1, entry);
    template.push({ name, codec: isInline ? entry.codec : null, omitted });
  }

  function write(writer: Writer, value: unknown): void {
    const struct = value as Record<string, unknown>;
    for (const { name, codec, omitted } of inline) codec.write(writer, struct[name] ?? given(struct, name, omitted));
    if (layout.flexible) writeTags(writer, struct, tagged);
  }

  function read(reader: Reader): unknown {
    const struct: Record<string, unknown> = {};
    let field = template[0];
    try {
      // Fields in declared order, absent ones included: every message of a schema has the same hidden class.
      for (field of template) struct[field.name] = field.codec === null ? field.omitted : field.codec.read(reader);
      field = undefined;
      if (layout.flexible) {
        reader.tags((tag) => {
          const known = tagged.get(tag);
          if (known !== undefined) struct[known.name] = known.codec.read(reader);
          return known !== undefined;
        });
      }
    } catch (error) {
      throw error instanceof DecodeError ? error.within(field?.name ?? '(tags)') : error;
    }
    return struct;
  }

  const bytesMin = inline.reduce((sum, entry) => sum + entry.codec.bytesMin, layout.flexible ? 1 : 0);
  return { write, read, bytesMin };
}

/** Null is a value of its own; only a field that was left out gets the default. */
function given(struct: Record<string, unknown>, name: string, omitted: unknown): unknown {
  return struct[name] === null ? null : omitted;
}

function writeTags(
  writer: Writer,
  struct: Record<string, unknown>,
  tagged: ReadonlyMap<number, { name: string; codec: Codec; omitted: unknown }>,
): void {
  const set = [...tagged].filter(([, { name, omitted }]) => struct[name] !== undefined && struct[name] !== omitted);
  writer.uvarint(set.length);
  for (const [tag, { name, codec }] of set.sort(([a], [b]) => a - b)) {
    const inner = new Writer();
    codec.write(inner, struct[name]);
    writer.uvarint(tag);
    writer.uvarint(inner.length);
    for (const chunk of inner.finish()) writer.chunk(chunk);
  }
}

function arrayCodec(of: Node, layout: Layout, isNullable: boolean): Codec {
  const element = codecFor(of, layout);
  const length = layout.flexible ? compactLength : plainLength;
  return {
    write(writer, value) {
      const elements = value as readonly unknown[] | null;
      if (elements === null) return length.write(writer, isNullable ? -1 : 0);
      length.write(writer, elements.length);
      for (const item of elements) element.write(writer, item);
    },
    read(reader) {
      const claimed = length.read(reader);
      if (claimed === -1 && isNullable) return null;
      const count = reader.count(claimed, element.bytesMin);
      const elements: unknown[] = [];
      try {
        while (elements.length < count) elements.push(element.read(reader));
      } catch (error) {
        throw error instanceof DecodeError ? error.within(`[${elements.length}]`) : error;
      }
      return elements;
    },
    bytesMin: layout.flexible ? 1 : 4,
  };
}

interface LengthCodec {
  readonly write: (writer: Writer, length: number) => void;
  readonly read: (reader: Reader) => number;
}

/** Compact lengths are one more than the length; 0 is null. */
const compactLength: LengthCodec = {
  write: (writer, length) => writer.uvarint(length + 1),
  read: (reader) => reader.uvarint() - 1,
};
const plainLength: LengthCodec = {
  write: (writer, length) => writer.int32(length),
  read: (reader) => reader.int32(),
};
const shortLength: LengthCodec = {
  write: (writer, length) => writer.int16(length),
  read: (reader) => reader.int16(),
};

function scalarCodec(kind: Scalar, { flexible }: Layout, isNullable: boolean): Codec {
  switch (kind) {
    case 'int8':
      return { write: (writer, value) => writer.int8(value as number), read: (reader) => reader.int8(), bytesMin: 1 };
    case 'int16':
      return { write: (writer, value) => writer.int16(value as number), read: (reader) => reader.int16(), bytesMin: 2 };
    case 'int32':
      return { write: (writer, value) => writer.int32(value as number), read: (reader) => reader.int32(), bytesMin: 4 };
    case 'int64':
      return { write: (writer, value) => writer.int64(value as number), read: (reader) => reader.int64(), bytesMin: 8 };
    case 'boolean':
      return {
        write: (writer, value) => writer.boolean(value as boolean),
        read: (reader) => reader.boolean(),
        bytesMin: 1,
      };
    case 'uuid':
      return { write: (writer, value) => writer.uuid(value as string), read: (reader) => reader.uuid(), bytesMin: 16 };
    case 'string':
      return stringCodec(flexible ? compactLength : shortLength, isNullable, flexible ? 1 : 2);
    case 'bytes':
    case 'records':
      return bytesCodec(kind, flexible ? compactLength : plainLength, isNullable, flexible ? 1 : 4);
  }
}

function stringCodec(length: LengthCodec, isNullable: boolean, bytesMin: number): Codec {
  return {
    write(writer, value) {
      const text = value as string | null;
      if (text === null) return length.write(writer, isNullable ? -1 : 0);
      const size = Buffer.byteLength(text);
      length.write(writer, size);
      writer.string(text, size);
    },
    read(reader) {
      const size = length.read(reader);
      if (size === -1 && isNullable) return null;
      if (size < 0) throw new DecodeError(`expected a string, found length ${size}`);
      return reader.string(size);
    },
    bytesMin,
  };
}

function bytesCodec(kind: 'bytes' | 'records', length: LengthCodec, isNullable: boolean, bytesMin: number): Codec {
  return {
    write(writer, value) {
      const content = value as Uint8Array | readonly Uint8Array[] | null;
      if (content === null) return length.write(writer, isNullable ? -1 : 0);
      const parts = content instanceof Uint8Array ? [content] : content;
      length.write(
        writer,
        parts.reduce((sum, part) => sum + part.byteLength, 0),
      );
      // W1: batches are handed on as they are, small values are packed with their neighbours.
      for (const part of parts) kind === 'records' ? writer.chunk(part) : writer.bytes(part);
    },
    read(reader) {
      const size = length.read(reader);
      if (size === -1 && isNullable) return null;
      if (size < 0) throw new DecodeError(`expected ${kind}, found length ${size}`);
      return reader.bytes(size);
    },
    bytesMin,
  };
}
