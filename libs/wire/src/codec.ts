import { assert } from '@millrace/std';
import { ELEMENTS_MAX, Reader } from './reader.ts';
import { type Codec, type Layout, compactLength, plainLength, scalarCodec } from './scalar-codec.ts';
import { type Fields, type Message, type MessageInput, type Node, type Schema, defaultOf } from './schema.ts';
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
  elementsMax = ELEMENTS_MAX,
): { value: Message<S>; end: number } {
  const codec = codecOf(schema, version);
  const reader = new Reader(buffer, offset, buffer.length, elementsMax);
  try {
    return { value: codec.read(reader) as Message<S>, end: reader.at };
  } catch (error) {
    throw error instanceof DecodeError ? error.of(`${schema.name} version ${version}`) : error;
  }
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
      if (node.of.kind === 'struct')
        return allowed ? nullableStruct(node.of.fields, layout) : structCodec(node.of.fields, layout);
      assert(node.of.kind === 'string' || node.of.kind === 'bytes', `expected ${node.of.kind} not to be nullable`);
      return scalarCodec(node.of.kind, layout, allowed);
    }
    default:
      return scalarCodec(node.kind, layout, node.kind === 'records');
  }
}

interface FieldCodec {
  readonly name: string;
  readonly codec: Codec;
  readonly omitted: unknown;
}

function structCodec(fields: Fields, layout: Layout): Codec {
  const inline: FieldCodec[] = [];
  const tagged = new Map<number, FieldCodec>();
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

/** A byte in front says whether it is there: −1 for null. */
function nullableStruct(fields: Fields, layout: Layout): Codec {
  const struct = structCodec(fields, layout);
  return {
    write(writer, value) {
      writer.int8(value === null ? -1 : 1);
      if (value !== null) struct.write(writer, value);
    },
    read: (reader) => (reader.int8() < 0 ? null : struct.read(reader)),
    bytesMin: 1,
  };
}

/** Null is a value of its own; only a field that was left out gets the default. */
function given(struct: Record<string, unknown>, name: string, omitted: unknown): unknown {
  return struct[name] === null ? null : omitted;
}

function writeTags(writer: Writer, struct: Record<string, unknown>, tagged: ReadonlyMap<number, FieldCodec>): void {
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
        // Mostly there is one, and an array that begins with it stays that small.
        if (count === 1) return [element.read(reader)];
        while (elements.length < count) elements.push(element.read(reader));
      } catch (error) {
        throw error instanceof DecodeError ? error.within(`[${elements.length}]`) : error;
      }
      return elements;
    },
    bytesMin: length.bytes,
  };
}
