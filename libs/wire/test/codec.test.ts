import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DecodeError,
  type MessageSchema,
  apis,
  array,
  decode,
  encode,
  int32,
  nullable,
  records,
  since,
  string,
  struct,
  tagged,
} from '../src/index.ts';
import { arbitraryMessage } from './support/arbitrary-message.ts';

const everySchema: MessageSchema[] = Object.values(apis).flatMap((api) => [api.request, api.response]);

function versionsOf(schema: MessageSchema): number[] {
  const [min, max] = schema.versions;
  return Array.from({ length: max - min + 1 }, (_, index) => min + index);
}

function bytesOf(schema: MessageSchema, version: number, value: object): Buffer {
  return Buffer.concat(encode(schema, version, value as never));
}

describe.for(everySchema.map((schema) => [schema.name, schema] as const))('%s', ([, schema]) => {
  it.for(versionsOf(schema))('decodes what it encodes in version %i', (version) => {
    fc.assert(
      fc.property(arbitraryMessage(schema, version), (message) => {
        const bytes = bytesOf(schema, version, message);
        expect(decode(schema, version, bytes)).toEqual({ value: message, end: bytes.length });
      }),
      { numRuns: 15 },
    );
  });

  it.for(versionsOf(schema))('refuses a message cut at any byte with DecodeError in version %i', (version) => {
    fc.assert(
      fc.property(arbitraryMessage(schema, version), (message) => {
        const bytes = bytesOf(schema, version, message);
        for (let length = 0; length < bytes.length; length++) {
          expect(() => decode(schema, version, bytes.subarray(0, length))).toThrow(DecodeError);
        }
      }),
      { numRuns: 2 },
    );
  });

  it.for(versionsOf(schema))('answers garbage with a message or DecodeError in version %i', (version) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
        try {
          decode(schema, version, Buffer.from(garbage));
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 20 },
    );
  });
});

const sample = {
  apiKey: 99,
  name: 'Sample',
  versions: [0, 3],
  flexibleSince: 2,
  fields: {
    label: nullable(string, 1),
    items: array(struct({ id: int32, weight: since(1, int32, 7) })),
    note: tagged(0, 2, string, 'none'),
    payload: records,
  },
} as const satisfies MessageSchema;

describe('the interpreter', () => {
  it('gives a field its default in a version that lacks it (S1)', () => {
    const bytes = bytesOf(sample, 0, { label: 'a', items: [{ id: 1, weight: 3 }], payload: null });
    expect(decode(sample, 0, bytes).value).toEqual({
      label: 'a',
      items: [{ id: 1, weight: 7 }],
      note: 'none',
      payload: null,
    });
  });

  it('takes the default for a field that is left out', () => {
    const bytes = Buffer.concat(encode(sample, 2, { label: null, items: [{ id: 1 }], payload: null }));
    expect(decode(sample, 2, bytes).value.items).toEqual([{ id: 1, weight: 7 }]);
  });

  it('encodes null as the zero of its type where the version has no null (S3)', () => {
    const bytes = Buffer.concat(encode(sample, 0, { label: null, items: [], payload: null }));
    expect(decode(sample, 0, bytes).value.label).toBe('');
  });

  it('carries a tagged field only when it differs from its default', () => {
    const plain = encode(sample, 2, { label: '', items: [], payload: null, note: 'none' });
    const noted = encode(sample, 2, { label: '', items: [], payload: null, note: 'hello' });
    expect(Buffer.concat(noted).length).toBe(Buffer.concat(plain).length + 2 + 6);
  });

  it('skips tags it does not know', () => {
    const known = Buffer.concat(encode(sample, 2, { label: 'a', items: [], payload: null }));
    const withTag = Buffer.concat([known.subarray(0, known.length - 1), Buffer.from([1, 9, 3, 1, 2, 3])]);
    expect(decode(sample, 2, withTag)).toEqual({ value: decode(sample, 2, known).value, end: withTag.length });
  });

  it('refuses a tag whose content does not fill it', () => {
    const known = Buffer.concat(encode(sample, 2, { label: 'a', items: [], payload: null }));
    const withTag = Buffer.concat([known.subarray(0, known.length - 1), Buffer.from([1, 0, 4, 2, 65, 0, 0])]);
    expect(() => decode(sample, 2, withTag)).toThrow('expected tag 0 to take 4 bytes, found 2');
  });

  it('names the message, the version and the field that is wrong', () => {
    const bytes = bytesOf(apis.metadata.request, 1, { topics: [{ name: 'a' }, { name: 'b' }] });
    bytes.writeInt16BE(100, 4 + 2 + 1);
    expect(() => decode(apis.metadata.request, 1, bytes)).toThrow(
      'Metadata version 1: topics[1].name: expected 100 bytes, found 1',
    );
  });

  it('refuses a count that the bytes cannot hold before it allocates anything (R1, R2)', () => {
    const bytes = Buffer.from([0, 0, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
    expect(() => decode(sample, 0, bytes)).toThrow('expected 2147483647 elements, found 4 bytes');
  });

  it('refuses more elements in all than any message needs (R2)', () => {
    const bytes = Buffer.alloc(6 + 4 * 1_000_001);
    bytes.writeInt32BE(1_000_001, 2);
    expect(() => decode(sample, 0, bytes)).toThrow('expected at most 1000000 elements in all');
  });

  it('refuses a version outside of the range', () => {
    expect(() => decode(sample, 4, Buffer.alloc(0))).toThrow('expected Sample in versions 0 to 3, found 4');
  });

  it('hands records on without copying them, and decodes them as a view (W1)', () => {
    const first = Buffer.alloc(1000, 1);
    const second = Buffer.alloc(2000, 2);
    const chunks = encode(sample, 2, { label: 'a', items: [], payload: [first, second] });
    expect(chunks).toContain(first);
    expect(chunks).toContain(second);
    const bytes = Buffer.concat(chunks);
    const { payload } = decode(sample, 2, bytes).value;
    expect(payload?.equals(Buffer.concat([first, second]))).toBe(true);
    expect(payload?.buffer).toBe(bytes.buffer);
  });
});

describe('the registry', () => {
  it('pairs requests with responses of the same key and versions', () => {
    for (const { request, response, key } of Object.values(apis)) {
      expect(response.apiKey).toBe(key);
      expect(response.versions).toEqual(request.versions);
      expect(response.flexibleSince).toBe(request.flexibleSince);
    }
  });

  it('announces a range that includes what is served', () => {
    for (const { versions, advertised } of Object.values(apis)) {
      expect(advertised[0]).toBeLessThanOrEqual(versions[0]);
      expect(advertised[1]).toBe(versions[1]);
    }
  });
});
