import { encodeBatch, type Fields, type MessageSchema } from '@millrace/wire';
import * as fc from 'fast-check';

type Node = Fields[string]['node'];

/** Names that mean something here come up often, so that requests reach the code behind the first check. */
const text = fc.oneof(
  fc.constantFrom('orders', 'bills', '__consumer_offsets', 'g', 'tx', '', 'range', 'consumer', 'bad name', '\u0000'),
  fc.string({ maxLength: 300 }),
);
const small = fc.integer({ min: -3, max: 5 });
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const batch = fc
  .record({ producerId: small, producerEpoch: small, baseSequence: small, isTransactional: fc.boolean() })
  .map((producer) => encodeBatch([{ timestamp: 1, key: 'k', value: 'v' }], producer));

/** Any value of a message, as a client could send it that knows the schema and nothing else. */
export function messageArbitrary(schema: MessageSchema): fc.Arbitrary<Record<string, unknown>> {
  return structArbitrary(schema.fields);
}

function structArbitrary(fields: Fields): fc.Arbitrary<Record<string, unknown>> {
  return fc.record(Object.fromEntries(Object.entries(fields).map(([name, { node }]) => [name, arbitraryOf(node)])));
}

const scalars: Readonly<Record<Exclude<Node['kind'], 'struct' | 'array' | 'nullable'>, fc.Arbitrary<unknown>>> = {
  int8: fc.oneof(small, fc.integer({ min: -128, max: 127 })),
  int16: fc.oneof(small, fc.integer({ min: -32_768, max: 32_767 })),
  int32: fc.oneof(small, fc.constant(10_000), fc.integer()),
  int64: fc.oneof(small, fc.maxSafeInteger()),
  boolean: fc.boolean(),
  uuid: fc.uuid(),
  string: text,
  bytes,
  records: fc.oneof(bytes, batch),
};

function arbitraryOf(node: Node): fc.Arbitrary<unknown> {
  if (node.kind === 'struct') return structArbitrary(node.fields);
  if (node.kind === 'array') return fc.array(arbitraryOf(node.of), { maxLength: 3 });
  if (node.kind === 'nullable') return arbitraryOf(node.of);
  return scalars[node.kind];
}
