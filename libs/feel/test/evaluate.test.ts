import { describe, expect, it } from 'vitest';
import { evaluate } from '../src/index.ts';

const step = { now: Date.parse('2026-01-31T10:00:00.250Z') };
const value = (expression: string, context: Record<string, unknown> = {}): unknown => {
  const result = evaluate(expression, context, step);
  return 'failure' in result ? result : result.value;
};
const failure = (expression: string, context: Record<string, unknown> = {}): string => {
  const result = evaluate(expression, context, step);
  if (!('failure' in result)) throw new Error(`expected a failure, found ${JSON.stringify(result.value)}`);
  return result.failure.message;
};

describe('evaluate', () => {
  it.for<[string, Record<string, unknown>, unknown]>([
    ['score > 700 and country = "RO"', { score: 710, country: 'RO' }, true],
    ['customer.address.city', { customer: { address: { city: 'Iași' } } }, 'Iași'],
    ['orders.total', { orders: [{ total: 1 }, { total: 2 }] }, [1, 2]],
    ['sum(for o in orders return o.total * 2)', { orders: [{ total: 1 }, { total: 2 }] }, 6],
    ['orders[total > 1]', { orders: [{ total: 1 }, { total: 2 }] }, [{ total: 2 }]],
    ['if amount > 10 then "big" else "small"', { amount: 11 }, 'big'],
    ['{ id: key, tags: ["a", "b"] }', { key: 7 }, { id: 7, tags: ['a', 'b'] }],
    ['first name + "!"', { 'first name': 'Ada' }, 'Ada!'],
    ['a-b', { a: 5, b: 3 }, 2],
    ['a-b', { 'a-b': 'one name', a: 5, b: 3 }, 'one name'],
    ['1 / 0', {}, null],
    ['-0 * 1', {}, 0],
  ])('%s', ([expression, context, expected]) => {
    expect(value(expression, context)).toEqual(expected);
  });

  it('answers the time that was passed in, in UTC', () => {
    expect(value('now()')).toBe('2026-01-31T10:00:00.25Z');
    expect(value('today()')).toBe('2026-01-31');
    expect(value('now() + duration("PT1H")')).toBe('2026-01-31T11:00:00.25Z');
  });

  it('lets a variable hide a function of the same name, as FEEL has it', () => {
    expect(value('now', { now: 'a variable' })).toBe('a variable');
  });

  it('turns temporal values into ISO 8601 text, wherever they sit', () => {
    expect(value('{ due: [date("2026-02-01")], after: duration("P1DT2H"), at: time("10:30:00") }')).toEqual({
      due: ['2026-02-01'],
      after: 'P1DT2H',
      at: '10:30:00',
    });
  });

  it('answers null for an unknown variable, with a warning that names it', () => {
    expect(evaluate('custmer.id', { customer: { id: 1 } }, step)).toMatchObject({
      value: null,
      warnings: [
        { kind: 'NO_VARIABLE_FOUND', message: "Variable 'custmer' not found", position: { from: 0, to: 7 } },
        { kind: 'NO_PROPERTY_FOUND', position: { from: 8, to: 10 } },
      ],
    });
  });

  it('says what a failed expression has seen, shortly', () => {
    const variables = { n: 1_000_000_000, other: 1, text: 'x'.repeat(500), list: [1, 2] };
    expect(failure('count(for i in 1..n return [i, list, text])', variables)).toBe(
      'expected it to end within 1000000 steps, evaluating "count(for i in 1..n return [i, list, text])"; ' +
        `it saw n = 1000000000, text = "${'x'.repeat(60)}…", list = a list of 2`,
    );
  });

  it('shares nothing with the context', () => {
    const context = { order: { lines: [1] } };
    const result = value('order', context) as { lines: number[] };
    result.lines.push(2);
    expect(context.order.lines).toEqual([1]);
  });

  it('keeps names that objects inherit apart from variables', () => {
    expect(value('constructor')).toBeNull();
    expect(value('a.constructor', { a: {} })).toBeNull();
    expect(value('toString.name', {})).toBeNull();
  });

  it.for<[string, string]>([
    ['', 'expected an expression, found nothing'],
    ['score >', 'expected more in this comparison at its end: "score >"'],
    ['score > ) 1', 'unexpected ")" in this comparison, at character 9 of "score > ) 1"'],
    ['2 ** 5000', 'expected the result to be a number that JSON can write, found Infinity, evaluating "2 ** 5000"'],
    [
      '{ f: function(x) x }',
      'expected the result.f to be a value, found a function, evaluating "{ f: function(x) x }"',
    ],
    ['[1..3]', 'expected the result to be a value, found a range, evaluating "[1..3]"'],
  ])('fails %j readably', ([expression, message]) => {
    expect(failure(expression)).toBe(message);
  });

  it('says where the syntax is wrong', () => {
    expect(evaluate('score > ) 1', {}, step)).toMatchObject({ failure: { position: { from: 8, to: 9 } } });
  });

  const grown = (step: (name: string) => string, first: string): string => {
    const names = Array.from('abcdefghijklmnopqrstuvw');
    const entries = names.map((name, index) => `${name}: ${index === 0 ? first : step(names[index - 1] ?? '')}`);
    return `{ ${entries.join(', ')} }.w`;
  };
  const fibonacci = '{ fib: function(n) if n < 2 then n else fib(n - 1) + fib(n - 2) }';
  it.for<[string, string, string]>([
    ['a loop without end', 'count(for i in 1..1000000000 return i)', 'within 1000000 steps'],
    ['loops within loops', 'some i in 1..100000, j in 1..100000 satisfies i + j < 0', 'within 1000000 steps'],
    ['a list of lists', 'for i in 1..1000 return for j in 1..1000 return [i, j]', 'within 1000000 steps'],
    ['calls that double', `${fibonacci}.fib(60)`, 'within 1000000 steps'],
    ['text that doubles', grown((last) => `${last} + ${last}`, '"0123456789"'), '4000000 characters of text'],
    ['lists that double', grown((last) => `[${last}, ${last}]`, '[0]'), 'at most 1000000 items'],
    ['text asked for by its length', 'pad left("a", 1000000000)', '4000000 characters of text'],
    ['a pattern that backtracks', `matches("${'a'.repeat(43)}!", "^(a+)+$")`, 'within 200 ms'],
  ])('ends %s', ([, expression, bound]) => {
    expect(failure(expression)).toContain(bound);
    expect(value('1 + 1')).toBe(2);
  });

  it('ends after the same number of steps each time', () => {
    const counted = (n: number): unknown => value(`count(for i in 1..${n} return i + 1)`);
    let most = 1;
    for (let step = 2 ** 20; step >= 1; step /= 2) if (typeof counted(most + step) === 'number') most += step;
    expect(counted(most)).toBe(most);
    expect(counted(most + 1)).toMatchObject({ failure: {} });
  });

  it('gives up on a recursion that does not end', () => {
    expect(failure('{ f: function(g) g(g), r: f(f) }.r')).toContain('calls nested at most 200 deep');
  });

  it('bounds length and nesting', () => {
    expect(failure('1 + '.repeat(5_000) + '1')).toContain('expected at most 10000 characters');
    expect(failure('('.repeat(2_000) + '1' + ')'.repeat(2_000))).toContain('nested at most 64 deep');
  });
});
