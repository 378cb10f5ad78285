import * as fc from 'fast-check';
import { evaluate as interpret } from 'feelin';
import { describe, expect, it } from 'vitest';
import { parse } from '../src/syntax.ts';
import { UNDECIDED, compile } from '../src/subset.ts';

const name = fc.constantFrom('a', 'b', 'c', 'd');
const literal = fc.oneof(fc.nat(20).map(String), fc.constantFrom('1.5', 'true', 'false', 'null', '"x"', '"yy"', '""'));
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));
const operator = fc.constantFrom('=', '!=', '<', '<=', '>', '>=', '+', '-', '*', '/', 'and', 'or');
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    literal,
    path,
    fc.tuple(tie('expression'), operator, tie('expression')).map((parts) => parts.join(' ')),
    tie('expression').map((inner) => `(${inner})`),
    fc
      .array(fc.tuple(name, tie('expression')), { maxLength: 3 })
      .map((entries) => `{ ${entries.map((entry) => entry.join(': ')).join(', ')} }`),
  ),
}));

const key = fc.oneof({ weight: 20, arbitrary: name }, { weight: 1, arbitrary: fc.constantFrom('a - b', 'a and b') });
const leaf = fc.constantFrom<unknown>(0, 1, 5, 20, -3, 1.5, '', 'x', 'yy', true, false, null);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    leaf,
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    fc.array(tie('value'), { maxLength: 2 }),
  ),
}));
const context = fc.dictionary(key, value, { minKeys: 3, maxKeys: 5, noNullPrototype: true });

describe('the compiled subset', () => {
  it('S1: decides as feelin does, or leaves the decision to it', () => {
    let decided = 0;
    fc.assert(
      fc.property(expression, context, (text, variables) => {
        const syntax = parse(text);
        const compiled = 'tree' in syntax ? compile(syntax.tree, text) : undefined;
        const answer = compiled === undefined ? UNDECIDED : compiled(variables);
        if (answer === UNDECIDED) return;
        decided += 1;
        expect(interpret(text, variables)).toEqual({ value: answer, warnings: [] });
      }),
      { numRuns: 3_000 },
    );
    // The property would hold for a subset that never decides anything.
    expect(decided).toBeGreaterThan(300);
  });

  it.for([
    'score > 700',
    'customer.id',
    'a = "x" and b.c != null',
    '(a + 1) * 2',
    '"Hello " + name',
    '{ id: a.b, n: 1 }',
  ])('holds %s', (text) => {
    const syntax = parse(text);
    expect('tree' in syntax && compile(syntax.tree, text)).toBeTypeOf('function');
  });

  it('S2: leaves a context with compound names to feelin', () => {
    const syntax = parse('a - b');
    const compiled = 'tree' in syntax ? compile(syntax.tree, 'a - b') : undefined;
    expect(compiled?.({ a: 5, b: 3 })).toBe(2);
    expect(compiled?.({ a: 5, b: 3, 'a - b': 7 })).toBe(UNDECIDED);
  });
});
