import type { Reader } from './reader.ts';
import type { Scalar } from './schema.ts';
import { DecodeError } from './wire-error.ts';
import { utf8Length, type Writer } from './writer.ts';

/** How one type is written and read in one version. */
export interface Codec {
  readonly write: (writer: Writer, value: unknown) => void;
  readonly read: (reader: Reader) => unknown;
  /** The fewest bytes any value takes; bounds array counts (R2). */
  readonly bytesMin: number;
}

/** What of a version the layout of every type depends on. */
export interface Layout {
  readonly version: number;
  readonly flexible: boolean;
}

export interface LengthCodec {
  readonly write: (writer: Writer, length: number) => void;
  readonly read: (reader: Reader) => number;
  readonly bytes: number;
}

/** Compact lengths are one more than the length; 0 is null. */
export const compactLength: LengthCodec = {
  write: (writer, length) => writer.uvarint(length + 1),
  read: (reader) => reader.uvarint() - 1,
  bytes: 1,
};

export const plainLength: LengthCodec = {
  write: (writer, length) => writer.int32(length),
  read: (reader) => reader.int32(),
  bytes: 4,
};

const shortLength: LengthCodec = {
  write: (writer, length) => writer.int16(length),
  read: (reader) => reader.int16(),
  bytes: 2,
};

const fixed = {
  int8: { write: (writer, value) => writer.int8(value as number), read: (reader) => reader.int8(), bytesMin: 1 },
  int16: { write: (writer, value) => writer.int16(value as number), read: (reader) => reader.int16(), bytesMin: 2 },
  int32: { write: (writer, value) => writer.int32(value as number), read: (reader) => reader.int32(), bytesMin: 4 },
  int64: { write: (writer, value) => writer.int64(value as number), read: (reader) => reader.int64(), bytesMin: 8 },
  float64: {
    write: (writer, value) => writer.float64(value as number),
    read: (reader) => reader.float64(),
    bytesMin: 8,
  },
  boolean: {
    write: (writer, value) => writer.boolean(value as boolean),
    read: (reader) => reader.boolean(),
    bytesMin: 1,
  },
  uuid: { write: (writer, value) => writer.uuid(value as string), read: (reader) => reader.uuid(), bytesMin: 16 },
} as const satisfies Partial<Record<Scalar, Codec>>;

export function scalarCodec(kind: Scalar, { flexible }: Layout, isNullable: boolean): Codec {
  if (kind === 'string') return stringCodec(flexible ? compactLength : shortLength, isNullable);
  if (kind === 'bytes' || kind === 'records') {
    return bytesCodec(kind, flexible ? compactLength : plainLength, isNullable);
  }
  return fixed[kind];
}

function stringCodec(length: LengthCodec, isNullable: boolean): Codec {
  return {
    write(writer, value) {
      const text = value as string | null;
      if (text === null) return length.write(writer, isNullable ? -1 : 0);
      const size = utf8Length(text);
      length.write(writer, size);
      writer.string(text, size);
    },
    read(reader) {
      const size = length.read(reader);
      if (size === -1 && isNullable) return null;
      if (size < 0) throw new DecodeError(`expected a string, found length ${size}`);
      return reader.string(size);
    },
    bytesMin: length.bytes,
  };
}

function bytesCodec(kind: 'bytes' | 'records', length: LengthCodec, isNullable: boolean): Codec {
  return {
    write(writer, value) {
      const content = value as Uint8Array | readonly Uint8Array[] | null;
      if (content === null) return length.write(writer, isNullable ? -1 : 0);
      const parts = content instanceof Uint8Array ? [content] : content;
      length.write(
        writer,
        parts.reduce((sum, part) => sum + part.byteLength, 0),
      );
      for (const part of parts) {
        if (kind === 'records') writer.chunk(part);
        else writer.bytes(part);
      }
    },
    read(reader) {
      const size = length.read(reader);
      if (size === -1 && isNullable) return null;
      if (size < 0) throw new DecodeError(`expected ${kind}, found length ${size}`);
      return reader.bytes(size);
    },
    bytesMin: length.bytes,
  };
}
