import * as fc from 'fast-check';
import { evaluate as interpret, unaryTest } from 'feelin';
import { describe, expect, it } from 'vitest';
import { evaluate, evaluateTests } from '../src/index.ts';

/** Expressions of the part of the language that models mostly consist of, and in which feelin and we must agree. */
const step = { now: 0 };
const name = fc.constantFrom('a', 'b', 'c', 'd');
const literal = fc.oneof(fc.nat(20).map(String), fc.constantFrom('1.5', 'true', 'false', 'null', '"x"', '"yy"', '""'));
const path = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('.'));
// Without division, whose result is cut after 17 digits, so that computing on with it in decimal is another thing than in binary.
const operator = fc.constantFrom('=', '!=', '<', '<=', '>', '>=', '+', '-', '*', 'and', 'or');
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    literal,
    path,
    fc.tuple(tie('expression'), operator, tie('expression')).map((parts) => parts.join(' ')),
    tie('expression').map((inner) => `(${inner})`),
    fc
      .uniqueArray(fc.tuple(name, tie('expression')), { maxLength: 3, selector: ([key]) => key })
      .map((entries) => `{ ${entries.map((entry) => entry.join(': ')).join(', ')} }`),
    fc.array(tie('expression'), { minLength: 2, maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map(([test, one, other]) => `(if (${test}) = true then ${one} else ${other})`),
  ),
}));

const key = fc.oneof({ weight: 20, arbitrary: name }, { weight: 1, arbitrary: fc.constantFrom('a - b', 'a and b') });
const leaf = fc.constantFrom<unknown>(0, 1, 5, 20, -3, 1.5, '', 'x', 'yy', true, false, null);
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    leaf,
    fc.dictionary(key, tie('value'), { maxKeys: 4, noNullPrototype: true }),
    fc.array(tie('value'), { minLength: 2, maxLength: 3 }),
  ),
}));
const context = fc.dictionary(key, value, { minKeys: 3, maxKeys: 5, noNullPrototype: true });

const THROWN = Symbol('thrown');

/** It throws where ranges cannot be made (`{} < 1`), which FEEL says is null. */
function answerOf(text: string, variables: Record<string, unknown>): unknown {
  try {
    return interpret(text, variables).value;
  } catch {
    return THROWN;
  }
}

describe('the compiled language', () => {
  it('S1: answers what feelin answers', () => {
    let answered = 0;
    fc.assert(
      fc.property(expression, context, (text, variables) => {
        const theirs = answerOf(text, variables);
        fc.pre(theirs !== THROWN);
        const ours = evaluate(text, variables, step);
        // It orders what has no order (`1.5 > "x"` is false, `"x" in (>= 0)` true), which FEEL says is null.
        fc.pre('failure' in ours || ours.warnings.every(({ kind }) => kind !== 'NOT_COMPARABLE'));
        const value = 'failure' in ours ? ours.failure : ours.value;
        expect(value).toEqual(JSON.parse(JSON.stringify(theirs ?? null)));
        if (value !== null) answered += 1;
      }),
      { numRuns: 3_000 },
    );
    // The property would hold for a language in which everything is null.
    expect(answered).toBeGreaterThan(1_000);
  });

  const sign = fc.constantFrom('<', '<=', '>', '>=');
  const ofNumbers = fc.oneof(
    fc.nat(20).map(String),
    fc.constantFrom('1.5', 'limit', '> limit', '? > limit', '? = 3'),
    fc.tuple(sign, fc.nat(20)).map(([order, n]) => `${order} ${n}`),
    fc
      .tuple(fc.constantFrom('[', '('), fc.nat(20), fc.nat(20), fc.constantFrom(']', ')'))
      .map(([open, one, other, close]) => `${open}${Math.min(one, other)}..${Math.max(one, other)}${close}`),
  );
  const ofTexts = fc.constantFrom('"x"', '"yy"', '""', '>= "x"', 'contains(?, "y")');
  const ofTruth = fc.constantFrom('true', 'false');
  const cell = fc.oneof(
    fc.record({ input: fc.oneof(fc.nat(20), fc.constant(1.5)), single: fc.constant(ofNumbers) }),
    fc.record({ input: fc.constantFrom('x', 'yy', '', 'z'), single: fc.constant(ofTexts) }),
    fc.record({ input: fc.constantFrom(true, false, null), single: fc.constant(ofTruth) }),
  );
  const tests = cell.chain(({ input, single }) =>
    fc.record({
      input: fc.constant(input),
      text: fc
        .tuple(fc.array(single, { minLength: 1, maxLength: 3 }), fc.nat(9))
        .map(([list, how]) => (how === 0 ? '-' : how < 4 ? `not(${list.join(', ')})` : list.join(', '))),
    }),
  );

  it('S1: divides as feelin divides', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer(), (a, b) => {
        const theirs = interpret('a / b', { a, b }).value as number;
        // JSON has no -0.
        expect(evaluate('a / b', { a, b }, step)).toMatchObject({ value: theirs === 0 ? 0 : theirs });
      }),
    );
  });

  it('S1: tests what feelin tests', () => {
    let passed = 0;
    fc.assert(
      fc.property(tests, fc.nat(20), ({ text, input }, limit) => {
        const theirs = unaryTest(text, { '?': input, limit }).value as unknown;
        const ours = evaluateTests(text, input, { limit }, step);
        const passes = 'failure' in ours ? ours.failure : ours.passes;
        expect(passes).toBe(theirs === true);
        if (passes === true) passed += 1;
      }),
      { numRuns: 3_000 },
    );
    expect(passed).toBeGreaterThan(300);
  });
});
