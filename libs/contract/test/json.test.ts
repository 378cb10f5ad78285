import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits, parseJson } from '../src/index.ts';

const faultOf = (source: string | Uint8Array) => {
  const parsed = parseJson(source);
  return 'fault' in parsed ? parsed.fault : undefined;
};

describe('parseJson', () => {
  it.for([
    ['12345678901234567890', ''],
    ['{"account": {"number": 12345678901234567890}}', '/account/number'],
    ['[1, 0.1234567890123456789]', '/1'],
    ['{"a/b": [{"~c": 9007199254740993}]}', '/a~1b/0/~0c'],
    ['[1e400]', '/0'],
    ['[-1e-400]', '/0'],
    ['{"x": 123456789012345.67891}', '/x'],
  ] as const)('J1 refuses %s, naming where', ([source, path]) => {
    const fault = faultOf(source);
    expect(fault?.code).toBe('NUMBER_WOULD_ROUND');
    expect(fault?.issues[0]?.path).toBe(path);
  });

  it.for([
    '0',
    '-0',
    '1.50',
    '1.000000000000000000000000',
    '1e2',
    '15e-1',
    '100000000000000000000',
    '9007199254740992',
    '0.1',
    '1.7976931348623157e308',
    '5e-324',
    '0.30000000000000004',
    '0e999',
  ])('takes %s, which a double holds', (source) => {
    expect(parseJson(source)).toEqual({ value: JSON.parse(source) });
  });

  it('lists every number that would round, up to a bound', () => {
    expect(faultOf('[12345678901234567890, {"a": 0.1234567890123456789}]')?.issues.map((issue) => issue.path)).toEqual([
      '/0',
      '/1/a',
    ]);
    expect(faultOf(`[${Array(500).fill('12345678901234567890').join(',')}]`)?.issues.length).toBe(20);
  });

  it('does not take digits inside strings and keys for numbers', () => {
    const source = '{"12345678901234567890": "\\"12345678901234567890\\\\", "b": "\\u0031 9007199254740993"}';
    expect(parseJson(source)).toEqual({ value: JSON.parse(source) });
  });

  it('J2 refuses nesting beyond the bound and takes it at the bound', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(faultOf(nested(limits.jsonDepthMax))).toBeUndefined();
    expect(faultOf(nested(limits.jsonDepthMax + 1))?.code).toBe('JSON_TOO_DEEP');
    expect(faultOf(nested(200_000))?.code).toBe('JSON_TOO_DEEP');
  });

  it.for(['{"__proto__": {"isAdmin": true}}', '{"a": [{"\\u005f_proto__": 1}]}'])('J3 refuses %s', (source) => {
    expect(faultOf(source)?.code).toBe('FORBIDDEN_KEY');
  });

  it('takes __proto__ as a value', () => {
    expect(parseJson('{"a": "__proto__"}')).toEqual({ value: { a: '__proto__' } });
  });

  it('J4 refuses bytes that are not UTF-8', () => {
    expect(faultOf(Uint8Array.of(0x22, 0xff, 0x22))?.code).toBe('NOT_UTF8');
  });

  it.for(['', '{', 'nonsense', '{"a":}', '[1,]'])('refuses %j as not JSON', (source) => {
    expect(faultOf(source)?.code).toBe('NOT_JSON');
  });

  it('gives back every value whose text JSON.stringify wrote', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 6 }).filter((value) => !JSON.stringify(value).includes('__proto__')),
        (value) => {
          const text = JSON.stringify(value);
          expect(parseJson(text)).toEqual({ value: JSON.parse(text) });
        },
      ),
    );
  });

  it('refuses exactly the integers that come back as other integers', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), (integer) => {
        const isKept = BigInt(Number(integer)) === integer || BigInt(shortestOf(Number(integer))) === integer;
        expect(faultOf(`[${integer}]`) === undefined).toBe(isKept);
      }),
    );
  });
});

/** The integer that a reader of the double's shortest text would see. */
function shortestOf(value: number): string {
  const [mantissa = '', exponent = '0'] = String(value).split('e+');
  const [whole = '', fraction = ''] = mantissa.split('.');
  return whole + fraction.padEnd(Number(exponent), '0');
}
