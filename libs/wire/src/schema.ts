/**
 * The vocabulary in which messages are declared. A schema says which fields exist in which versions; whether lengths
 * are compact and whether tag sections follow is not said here but derived from `flexibleSince`.
 *
 * S1. A field that a version lacks decodes to its default, so that readers of a message never ask for the version.
 * S2. A field that a version lacks is left out silently when encoding: who depends on it checks the version.
 * S3. Null in a version that has no null for the field is encoded as its zero: that is what older peers expect there.
 */
export interface Schema {
  readonly name: string;
  /** First and last version that can be encoded and decoded. */
  readonly versions: VersionRange;
  /** The first version with compact lengths and tag sections; `Infinity` when there is none. */
  readonly flexibleSince: number;
  readonly fields: Fields;
}

/** A request or a response. Other schemas describe what travels inside of records and opaque fields. */
export interface MessageSchema extends Schema {
  readonly apiKey: number;
  /** What ApiVersions announces, where that is wider than what is served. */
  readonly advertised?: VersionRange;
}

export type VersionRange = readonly [min: number, max: number];

/** What decoding gives: every field is there. */
export type Message<S extends Schema> = OutOf<S['fields']>;
/** What encoding takes: fields that some version lacks, and defaulted ones, may be left out. */
export type MessageInput<S extends Schema> = InOf<S['fields']>;

declare const shape: unique symbol;

/** How a value lies on the wire. `Out` is what decoding gives, `In` what encoding takes. */
export interface Type<Out, In = Out> {
  readonly node: Node;
  readonly [shape]?: { readonly out: Out; readonly in: In };
}

/** A type with the versions that carry it and what stands in for it elsewhere. */
export interface Optional<Out, In = Out> extends Type<Out, In> {
  readonly presence: Presence;
}

interface Presence {
  readonly from: number;
  readonly to: number;
  /** Set for a field that travels in the tag section. */
  readonly tag: number | null;
  readonly default: unknown;
}

export type Fields = { readonly [name: string]: Type<unknown> | Optional<unknown> };

export type Scalar =
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'float64'
  | 'boolean'
  | 'uuid'
  | 'string'
  | 'bytes'
  | 'records';

/** The declaration as the codec walks it. */
export type Node =
  | { readonly kind: Scalar }
  | { readonly kind: 'nullable'; readonly of: Node; readonly since: number }
  | { readonly kind: 'array'; readonly of: Node }
  | { readonly kind: 'struct'; readonly fields: Fields };

type Out<F> = F extends { readonly [shape]?: { readonly out: infer T } } ? T : never;
type In<F> = F extends { readonly [shape]?: { readonly in: infer T } } ? T : never;
type OutOf<F extends Fields> = { readonly [K in keyof F]: Out<F[K]> };
type OmissibleKeys<F extends Fields> = { [K in keyof F]: F[K] extends Optional<unknown> ? K : never }[keyof F];
type Flat<T> = { [K in keyof T]: T[K] };
type InOf<F extends Fields> = Flat<
  { readonly [K in Exclude<keyof F, OmissibleKeys<F>>]: In<F[K]> } & {
    readonly [K in OmissibleKeys<F>]?: In<F[K]> | undefined;
  }
>;

const scalar = <Out, In = Out>(kind: Scalar): Type<Out, In> => ({ node: { kind } });

export const int8 = scalar<number>('int8');
export const int16 = scalar<number>('int16');
export const int32 = scalar<number>('int32');
/** A JS number: exact up to 2^53, which no offset, producer id or timestamp of ours reaches. */
export const int64 = scalar<number>('int64');
export const float64 = scalar<number>('float64');
export const boolean = scalar<boolean>('boolean');
/** Lower-case hexadecimal with dashes, as `crypto.randomUUID()` gives it. */
export const uuid = scalar<string>('uuid');
export const string = scalar<string>('string');
export const bytes = scalar<Buffer, Uint8Array>('bytes');
/** Record batches: a view into the frame when decoded, and never copied when encoded. */
export const records = scalar<Buffer | null, Uint8Array | readonly Uint8Array[] | null>('records');

/** Null is allowed from version `since` on. */
export function nullable<Out, In>(type: Type<Out, In>, since = 0): Type<Out | null, In | null> {
  return { node: { kind: 'nullable', of: type.node, since } };
}

export function array<Out, In>(of: Type<Out, In>): Type<readonly Out[], readonly In[]> {
  return { node: { kind: 'array', of: of.node } };
}

export function struct<const F extends Fields>(fields: F): Type<OutOf<F>, InOf<F>> {
  return { node: { kind: 'struct', fields } };
}

/** In versions `from` and later. Without `value` the default is the type's zero: 0, '', false, [], null. */
export function since<Out, In>(from: number, type: Type<Out, In>, value?: Out): Optional<Out, In> {
  return between(from, Infinity, type, value);
}

/** In versions `from` to `to`, both included. */
export function between<Out, In>(from: number, to: number, type: Type<Out, In>, value?: Out): Optional<Out, In> {
  return optional(type, { from, to, tag: null, default: value ?? zeroOf(type.node) });
}

/** In every version, and may be left out when encoding. */
export function defaulted<Out, In>(type: Type<Out, In>, value?: Out): Optional<Out, In> {
  return between(0, Infinity, type, value);
}

/** In the tag section of flexible versions from `from` on; travels only when it differs from the default. */
export function tagged<Out, In>(tag: number, from: number, type: Type<Out, In>, value?: Out): Optional<Out, In> {
  return optional(type, { from, to: Infinity, tag, default: value ?? zeroOf(type.node) });
}

function optional<Out, In>(type: Type<Out, In>, presence: Presence): Optional<Out, In> {
  return { node: type.node, presence };
}

const zeros: Record<Scalar, unknown> = {
  int8: 0,
  int16: 0,
  int32: 0,
  int64: 0,
  float64: 0,
  boolean: false,
  uuid: '00000000-0000-0000-0000-000000000000',
  string: '',
  bytes: Buffer.alloc(0),
  records: null,
};

function zeroOf(node: Node): unknown {
  if (node.kind === 'nullable') return null;
  if (node.kind === 'array') return Object.freeze([]);
  if (node.kind !== 'struct') return zeros[node.kind];
  return Object.fromEntries(Object.entries(node.fields).map(([name, field]) => [name, defaultOf(field)]));
}

/** What a field decodes to in a version that lacks it. */
export function defaultOf(field: Type<unknown> | Optional<unknown>): unknown {
  return 'presence' in field ? field.presence.default : zeroOf(field.node);
}
