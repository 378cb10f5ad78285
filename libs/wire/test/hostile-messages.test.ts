import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DecodeError, type MessageSchema, apis, decode, encode } from '../src/index.ts';
import { arbitraryMessage } from './support/arbitrary-message.ts';

const everyVersion = Object.values(apis)
  .flatMap((api) => [api.request, api.response])
  .flatMap((schema) => {
    const [min, max] = schema.versions;
    return Array.from({ length: max - min + 1 }, (_, index) => ({ schema, version: min + index }));
  });

function bytesOf(schema: MessageSchema, version: number, value: object): Buffer {
  return Buffer.concat(encode(schema, version, value as never));
}

/** Decodes what it can; anything that is thrown but DecodeError is a bug of ours. */
function expectAnswer(schema: MessageSchema, version: number, bytes: Buffer): void {
  try {
    decode(schema, version, bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError);
  }
}

/** As int16, int32 and varint: none, negative, more than there is, more than there could be. */
const LENGTHS = [
  'ffff',
  'fffe',
  '7fff',
  '8000',
  'ffffffff',
  'fffffffe',
  '7fffffff',
  '80000000',
  'ffffffff0f',
  'feffffff0f',
];

describe('every message in every version', () => {
  it('is decoded or refused, whichever length in it is negative or more than there is', () => {
    for (const { schema, version } of everyVersion) {
      fc.assert(
        fc.property(arbitraryMessage(schema, version), fc.constantFrom(...LENGTHS), (message, length) => {
          const bytes = bytesOf(schema, version, message);
          const planted = Buffer.from(length, 'hex');
          for (let at = 0; at < bytes.length; at += 1 + Math.floor(bytes.length / 100)) {
            expectAnswer(
              schema,
              version,
              Buffer.concat([bytes.subarray(0, at), planted, bytes.subarray(at + planted.length)]),
            );
            expectAnswer(schema, version, Buffer.concat([bytes.subarray(0, at), planted, bytes.subarray(at + 1)]));
          }
        }),
        { numRuns: 3 },
      );
    }
  });

  it('is decoded or refused with any of its bytes changed, missing or twice', () => {
    for (const { schema, version } of everyVersion) {
      fc.assert(
        fc.property(
          arbitraryMessage(schema, version),
          fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('change', 'drop', 'repeat')), {
            minLength: 1,
            maxLength: 5,
          }),
          (message, changes) => {
            let bytes = bytesOf(schema, version, message);
            for (const [position, byte, change] of changes) {
              const at = position % (bytes.length + 1);
              const middle = { change: Buffer.of(byte), drop: Buffer.of(), repeat: bytes.subarray(at, at + 1 + byte) }[
                change
              ];
              const after = change === 'repeat' ? at : at + 1;
              bytes = Buffer.concat([bytes.subarray(0, at), middle, bytes.subarray(after)]);
            }
            expectAnswer(schema, version, bytes);
          },
        ),
        { numRuns: 20 },
      );
    }
  });

  it('takes unknown tags as many as there are, and refuses more than its bytes hold', () => {
    const tag = Buffer.from([0x64, 0x01, 0x00]);
    for (const { schema, version } of everyVersion.filter(({ schema, version }) => version >= schema.flexibleSince)) {
      const [message] = fc.sample(arbitraryMessage(schema, version), { numRuns: 1, seed: 7 });
      // Tagged fields may be there already; the section at the very end is then not the empty one.
      const bytes = bytesOf(schema, version, message as object);
      if (bytes.at(-1) !== 0) continue;
      const count = 2_000;
      const tags = Buffer.concat([Buffer.from([0xd0, 0x0f]), ...Array.from({ length: count }, () => tag)]);
      const tagged = Buffer.concat([bytes.subarray(0, -1), tags]);
      expect(decode(schema, version, tagged).value).toEqual(message);
      expect(() => decode(schema, version, tagged.subarray(0, -1))).toThrow(DecodeError);
    }
  });
});
