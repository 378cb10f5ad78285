import { encodeBatch, type Fields, type MessageSchema } from '@millrace/wire';
import * as fc from 'fast-check';

type Node = Fields[string]['node'];

interface Sizes {
  readonly textMax: number;
  readonly bytesMax: number;
  readonly arrayMax: number;
}

/** Names that mean something here come up often, so that requests reach the code behind the first check. */
const names = ['orders', 'bills', '__consumer_offsets', 'g', 'tx', '', 'range', 'consumer', 'bad name', '\u0000'];
const small = fc.integer({ min: -3, max: 5 });
const batch = fc
  .record({ producerId: small, producerEpoch: small, baseSequence: small, isTransactional: fc.boolean() })
  .map((producer) => encodeBatch([{ timestamp: 1, key: 'k', value: 'v' }], producer));

/** Any value of a message, as a client could send it that knows the schema and nothing else. */
export function messageArbitrary(
  schema: MessageSchema,
  sizes: Sizes = { textMax: 300, bytesMax: 200, arrayMax: 3 },
): fc.Arbitrary<Record<string, unknown>> {
  const bytes = fc.uint8Array({ maxLength: sizes.bytesMax }).map((array) => Buffer.from(array));
  const scalars: Readonly<Record<Exclude<Node['kind'], 'struct' | 'array' | 'nullable'>, fc.Arbitrary<unknown>>> = {
    int8: fc.oneof(small, fc.integer({ min: -128, max: 127 })),
    int16: fc.oneof(small, fc.integer({ min: -32_768, max: 32_767 })),
    int32: fc.oneof(small, fc.constant(10_000), fc.integer()),
    int64: fc.oneof(small, fc.maxSafeInteger()),
    float64: fc.double(),
    boolean: fc.boolean(),
    uuid: fc.uuid(),
    string: fc.oneof(
      fc.constantFrom(...names.filter((name) => name.length <= sizes.textMax)),
      fc.string({ maxLength: sizes.textMax }),
    ),
    bytes,
    records: fc.oneof(bytes, batch),
  };

  function struct(fields: Fields): fc.Arbitrary<Record<string, unknown>> {
    return fc.record(Object.fromEntries(Object.entries(fields).map(([name, { node }]) => [name, value(node)])));
  }

  function value(node: Node): fc.Arbitrary<unknown> {
    if (node.kind === 'struct') return struct(node.fields);
    if (node.kind === 'array') return fc.array(value(node.of), { maxLength: sizes.arrayMax });
    // What has no null in some version is encoded as its zero there.
    if (node.kind === 'nullable') return fc.option(value(node.of), { freq: 5 });
    return scalars[node.kind];
  }

  return struct(schema.fields);
}
