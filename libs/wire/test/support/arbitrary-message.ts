import * as fc from 'fast-check';
import type { Schema } from '../../src/index.ts';
import { type Fields, type Node, defaultOf } from '../../src/schema.ts';

/** Any value that a version of a schema can carry, in the form that decoding must give back. */
export function arbitraryMessage(schema: Schema, version: number): fc.Arbitrary<Record<string, unknown>> {
  return struct(schema.fields, version, version >= schema.flexibleSince);
}

function struct(fields: Fields, version: number, flexible: boolean): fc.Arbitrary<Record<string, unknown>> {
  const model: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [name, field] of Object.entries(fields)) {
    const presence = 'presence' in field ? field.presence : undefined;
    const present =
      presence === undefined ||
      (version >= presence.from && version <= presence.to && (presence.tag === null || flexible));
    model[name] = present ? value(field.node, version, flexible) : fc.constant(defaultOf(field));
  }
  return fc.record(model);
}

function value(node: Node, version: number, flexible: boolean): fc.Arbitrary<unknown> {
  switch (node.kind) {
    case 'int8':
      return fc.integer({ min: -128, max: 127 });
    case 'int16':
      return fc.integer({ min: -32_768, max: 32_767 });
    case 'int32':
      return fc.integer();
    case 'int64':
      return fc.maxSafeInteger();
    case 'float64':
      return fc.double({ noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'uuid':
      return fc.uuid();
    case 'string':
      return fc.string({ unit: fc.constantFrom('a', '.', 'ü', '€', '𝄞'), maxLength: 20 });
    case 'bytes':
      return bytes(16);
    case 'records':
      return fc.option(bytes(200));
    case 'nullable': {
      const inner = value(node.of, version, flexible);
      return version >= node.since ? fc.option(inner) : inner;
    }
    case 'array':
      return fc.array(value(node.of, version, flexible), { maxLength: 3 });
    case 'struct':
      return struct(node.fields, version, flexible);
    default:
      throw new Error('expected a known kind');
  }
}

function bytes(lengthMax: number): fc.Arbitrary<Buffer> {
  return fc.uint8Array({ maxLength: lengthMax }).map((array) => Buffer.from(array));
}
