import { describe, expect, it } from 'vitest';
import { evaluate } from '../src/index.ts';

const step = { now: Date.parse('2026-01-31T10:00:00Z') };
const value = (expression: string): unknown => {
  const result = evaluate(expression, {}, step);
  return 'failure' in result ? result : result.value;
};

/** DMN 1.5, 10.3.2: what each part of the language means, null above all. */
describe('the language', () => {
  it.for<[string, unknown]>([
    ['.5', 0.5],
    ['1.2E-2', 0.012],
    ['1e3', 1000],
    ['-5', -5],
    ['--5', 5],
    ['-0', 0],
    ['"\\u0041\\n\\"\\\\"', 'A\n"\\'],
    ['"\\U01F40E"', '🐎'],
    ['@"2020-01-01"', '2020-01-01'],
    ['@"10:00:00+01:00"', '10:00:00+01:00'],
    ['@"P1Y2M"', 'P1Y2M'],
    ['@"nonsense"', null],
    ['null', null],
    ['[]', []],
    ['{}', {}],
    ['{"a b": 1, c: 2}', { 'a b': 1, c: 2 }],
    ['{a: 1, a: 2}', null],
    ['{foo+bar: 1, x: foo+bar}', { 'foo+bar': 1, x: 1 }],
    ['{a-b: 1}.a-b', 1],
    ['(function(loan-rate) loan-rate)(loan-rate: 2)', 2],
    ['// comment\n1', 1],
    ['1 /* or */ + 2', 3],
  ])('literals: %s', ([expression, expected]) => {
    expect(value(expression)).toEqual(expected);
  });

  it.for<[string, unknown]>([
    ['0.1 + 0.2', 0.3],
    ['0.3 / 0.1', 3],
    ['1.1 * 1.1', 1.21],
    ['100 * 1.15', 115],
    ['10 / 0', null],
    ['2 ** 3 ** 2', 64],
    ['-2 ** 2', 4],
    ['2 ** -1', 0.5],
    ['1 - -1', 2],
    ['"a" + "b"', 'ab'],
    ['"a" + 1', null],
    ['2 + null', null],
    ['-"x"', null],
    ['10 / 4', 2.5],
    ['9007199254740993 - 1', 9007199254740991],
  ])('arithmetic: %s', ([expression, expected]) => {
    expect(value(expression)).toEqual(expected);
  });

  it.for<[string, unknown]>([
    ['duration("P1D") * 2', 'P2D'],
    ['1.5 * @"P2M"', 'P3M'],
    ['@"P10Y11M" / -2.5', '-P4Y4M'],
    ['@"P2D" / @"PT12H"', 4],
    ['@"P1D" / @"P1M"', null],
    ['-@"P1D"', '-P1D'],
    ['@"2020-01-31" + @"P1M"', '2020-02-29'],
    ['@"2021-01-02" - @"PT1H"', '2021-01-01'],
    ['@"2021-01-02" - @"-PT25H"', '2021-01-03'],
    ['@"10:10:10" + @"PT15H"', '01:10:10'],
    ['@"10:10:10+11:00" - @"P1D"', '10:10:10+11:00'],
    ['@"2020-01-31T10:00:00Z" - @"2020-01-30T09:00:00Z"', 'P1DT1H'],
    ['@"2021-01-02" - @"2021-01-01"', 'P1D'],
    ['@"2021-01-02" - @"2021-01-01T10:10:10+11:00"', 'P1DT49M50S'],
    ['@"2021-01-02T00:00:00" - @"2021-01-01T00:00:00Z"', null],
    ['@"10:00:00" - @"11:00:00"', '-PT1H'],
    ['@"P1Y" - @"P2M"', 'P10M'],
    ['@"P1D" + @"P1M"', null],
    ['@"2021-01-01" + @"2021-01-01"', null],
    ['@"2021-03-27T12:00:00@Europe/Paris" + @"P1D"', '2021-03-28T12:00:00@Europe/Paris'],
    ['string(@"2021-01-01T00:00:00@Europe/Paris" + @"P1M")', '2021-02-01T00:00:00@Europe/Paris'],
  ])('arithmetic with time: %s', ([expression, expected]) => {
    expect(value(expression)).toEqual(expected);
  });

  it.for<[string, unknown]>([
    ['1 = 1.0', true],
    ['1 = "1"', null],
    ['null = null', true],
    ['null = false', false],
    ['null != 1', true],
    ['true = 1', null],
    ['[1, 2] = [1, 2]', true],
    ['[1, 2] = [2, 1]', false],
    ['[1] = 1', null],
    ['{a: 1, b: 2} = {b: 2, a: 1.0}', true],
    ['{a: 1} = {a: 2}', false],
    ['{a: 1} = {b: 1}', false],
    ['true[1] = true', true],
    ['@"2020-01-01" = @"2020-01-01T00:00:00"', null],
    ['@"10:00:00Z" = @"10:00:00+00:00"', true],
    ['@"10:00:00" = @"10:00:00Z"', false],
    ['@"2020-01-01T10:00:00@Europe/Paris" = @"2020-01-01T09:00:00Z"', true],
    ['@"P1Y" = @"P12M"', true],
    ['@"P1D" = @"PT24H"', true],
    ['@"P0Y" = @"P0D"', null],
    ['[1..3] = [1..3]', true],
    ['[1..3] = [1..3)', false],
    ['(> 10) = (> 10)', true],
    ['(> 10) = (10..null)', false],
    ['[3..1]', null],
    ['@"10:30:00.0001" = @"10:30:00.0002"', true],
    ['@"10:30:00.001" = @"10:30:00.002"', false],
    ['@"2021-01-02" - @"2021-01-01T10:00:00"', null],
    ['@"2021-01-02" - @"2021-01-01T10:00:00Z"', 'PT14H'],
  ])('equality: %s', ([expression, expected]) => {
    expect(value(expression)).toEqual(expected);
  });

  it.for<[string, unknown]>([
    ['1 in [1..5] and 5 in [1..5]', true],
    ['1 in [1..5] and 6 in [1..5]', false],
    ['7 in [1..5] or 1 in [1..5]', true],
    ['true and 7 in [1..5] or true', true],
    ['7 in [1..5] or false or 6 in [1..6] and 1 in [1, 2]', true],
    ['1 in [1] and 2 in [1..2] and 3 in [4] or 1 in [2]', false],
    ['5 in > 3 and true', true],
    ['4 in (!= 5) and true', true],
    ['4 in (> 5)', false],
    ['5 in > 7 or false', false],
    ['1 + 1 in [2..2] and true', true],
    ['1 in ([1..5]) and false', false],
    ['1 in (1, 2) and 5 in (5, 6)', true],
    ['some x in [1, 2] satisfies x in [2..3] and x > 1', true],
    ['[1, 2, 3][item in [2..3] and item > 2]', [3]],
    ['if 1 in [1..5] and 2 in [3] then "both" else "not both"', 'not both'],
    ['1 in [1] and null', null],
  ])('a test ends before `and` and `or`: %s', ([expression, expected]) => {
    expect(value(expression)).toEqual(expected);
  });

  it.for<[string, unknown]>([
    ['1 < 2', true],
    ['"a" < "b"', true],
    ['"a" < 1', null],
    ['true < false', null],
    ['null < 1', null],
    ['null > null', null],
    ['@"2020-01-01" < @"2020-02-01"', true],
    ['@"2020-01-01" < "2020-02-01"', null],
    ['@"P1D" >= @"PT24H"', true],
    ['@"P1Y" > @"P1D"', null],
    ['@"10:00:00" < @"10:00:00Z"', null],
    ['2 between 1 and 3', true],
    ['1 between null and 3', null],
    ['"b" between "a" and "c"', true],
  ])('order: %s', ([expression, expected]) => {
    expect(value(expression)).toEqual(expected);
  });

  it.for<[string, unknown]>([
    ['true and null', null],
    ['false and null', false],
    ['true or null', true],
    ['false or null', null],
    ['null and null', null],
    ['true and 1', null],
    ['not(true)', false],
    ['not(null)', null],
    ['if true then 1 else 2', 1],
    ['if null then 1 else 2', 2],
    ['if 1 then 1 else 2', 2],
    ['if false then 1 else if true then 2 else 3', 2],
  ])('logic: %s', ([expression, expected]) => {
    expect(value(expression)).toEqual(expected);
  });

  it.for<[string, unknown]>([
    ['1 in [2, 3, 1]', true],
    ['1 in [[2..4], [1..3]]', true],
    ['1 in (2..4)', false],
    ['2 in (2..4)', false],
    ['10 in (1, < 5, >= 10)', true],
    ['10 in <= 10', true],
    ['3 in [4..2]', false],
    ['5 in < null', null],
    ['null in null', true],
    ['null in [null]', true],
    ['[1, 2] in [[1, 2], [3]]', true],
    ['"b" in ["a".."c"]', true],
    ['@"2021-01-02" in [@"2021-01-01"..@"2021-01-31"]', true],
    ['"a" in 1', false],
  ])('in: %s', ([expression, expected]) => {
    expect(value(expression)).toEqual(expected);
  });

  it.for<[string, unknown]>([
    ['[1, 2, 3][1]', 1],
    ['[1, 2, 3][-1]', 3],
    ['[1, 2, 3][0]', null],
    ['[1, 2, 3][4]', null],
    ['[1, 2, 3][1.5]', null],
    ['[][1]', null],
    ['null[1]', null],
    ['5[1]', 5],
    ['[1, 2, 3][item > 1]', [2, 3]],
    ['[1, 2, 3][item > 1][1]', 2],
    ['[true, false, null][item = null]', [null]],
    ['[false, true][item = false]', [false]],
    ['[{a: 1, b: 2}, {a: 2, b: 3}][a = 2].b', [3]],
    ['[{item: 1}, {item: 5}][item > 2]', [{ item: 5 }]],
    ['[1, 2, 3][true]', [1, 2, 3]],
    ['[{a: 1}, {b: 2}].a', [1, null]],
    ['[].a', []],
    ['[[1, 2], [3]][1][2]', 2],
    ['[[]][count(item) = 0]', [[]]],
  ])('lists: %s', ([expression, expected]) => {
    expect(value(expression)).toEqual(expected);
  });

  it.for<[string, unknown]>([
    ['for x in 1..3, y in x..3 return x * y', [1, 2, 3, 4, 6, 9]],
    ['for i in 3..1 return i', [3, 2, 1]],
    ['for i in -1..1 return i', [-1, 0, 1]],
    ['for i in 1 + 1..1 + 3 return i', [2, 3, 4]],
    ['for i in [1..3] return i', [1, 2, 3]],
    ['for i in (1..4) return i', [2, 3]],
    ['for i in 1..5 return if i = 1 then 1 else sum(partial)', [1, 1, 2, 4, 8]],
    ['for d in @"2020-01-31"..@"2020-02-02" return d', ['2020-01-31', '2020-02-01', '2020-02-02']],
    ['for d in [@"2020-01-31"..@"2020-02-02") return d', ['2020-01-31', '2020-02-01']],
    ['for x in [] return x', []],
    ['for x in null return x', null],
    ['for x in 5 return x', null],
    ['for x in [1, 2], y in [x] return y', [1, 2]],
    ['some x in [1, 2] satisfies x > 1', true],
    ['every x in [1, 2] satisfies x > 1', false],
    ['some x in [] satisfies true', false],
    ['every x in [] satisfies false', true],
    ['some x in [1, null] satisfies x > 5', null],
    ['some x in [6, null] satisfies x > 5', true],
    ['every x in [true, null] satisfies x', null],
    ['some x in null satisfies true', null],
    ['some x in [1, 2], y in [2, 3] satisfies x = y', true],
  ])('loops: %s', ([expression, expected]) => {
    expect(value(expression)).toEqual(expected);
  });

  it.for<[string, unknown]>([
    ['(function(a, b) a + b)(1, 2)', 3],
    ['(function(a: number) a)("1")', null],
    ['(function(a: number) a = null)("1")', null],
    ['(function(a: number) a)([1])', 1],
    ['(function(a: list<number>) a)(1)', [1]],
    ['(function(a, b) a - b)(b: 1, a: 2)', 1],
    ['(function(a) a)()', null],
    ['(function(a) a)(1, 2)', null],
    ['(function() 1)()', 1],
    ['{f: function(b) function(c) b * c, g: f(2)(3)}.g', 6],
    ['{fac: function(n) if n = 0 then 1 else n * fac(n - 1)}.fac(5)', 120],
    ['{a: 1, f: function() a}.f()', 1],
    ['(function(x) external {java: {class: "x"}})(1)', null],
    ['nothing(1)', null],
  ])('functions that an expression defines: %s', ([expression, expected]) => {
    expect(value(expression)).toEqual(expected);
  });

  it.for<[string, unknown]>([
    ['1 instance of number', true],
    ['null instance of Any', false],
    ['null instance of Null', true],
    ['"a" instance of string', true],
    ['@"2020-01-01" instance of date', true],
    ['@"2020-01-01T00:00:00" instance of date and time', true],
    ['@"P1Y" instance of years and months duration', true],
    ['@"P1D" instance of years and months duration', false],
    ['@"P1D" instance of days and time duration', true],
    ['[1, 2] instance of list<number>', true],
    ['[1, "a"] instance of list<number>', false],
    ['[] instance of list<string>', true],
    ['{a: 1} instance of context<a: number>', true],
    ['{a: "x"} instance of context<a: number>', false],
    ['{a: 1, b: 2} instance of context<a: number>', true],
    ['{} instance of context<a: number>', false],
    ['[1..3] instance of range<number>', true],
    ['[1..3] instance of range<string>', false],
    ['[[1..3]] instance of list<range<number>>', true],
    ['(function(a) a) instance of function<number> -> number', true],
    ['1 instance of list<number>', false],
    ['1 instance of whatever', null],
    ['{a: 1} instance of context<a: whatever>', false],
  ])('types: %s', ([expression, expected]) => {
    expect(value(expression)).toEqual(expected);
  });

  it.for<[string, unknown]>([
    ['{a: {b: 1}}.a.b', 1],
    ['{a: 1}.b', null],
    ['null.a', null],
    ['"x".y', null],
    ['@"2018-12-10".weekday', 1],
    ['@"2018-12-10T10:30:01".hour', 10],
    ['@"2018-12-10T10:30:00+05:00".time offset', 'PT5H'],
    ['@"2018-12-10T10:30:00".time offset', null],
    ['@"10:30:00@Etc/UTC".timezone', 'Etc/UTC'],
    ['@"P1Y2M".months', 2],
    ['@"P1Y".days', null],
    ['@"P1DT2H".hours', 2],
    ['(1..10].start included', false],
    ['[1..10).end', 10],
    ['(> 5).start', 5],
  ])('paths: %s', ([expression, expected]) => {
    expect(value(expression)).toEqual(expected);
  });

  const variables = {
    'days in weekend': ['saturday', 'sunday'],
    'in a list': ['peter'],
    'first-name': 'A',
    'a+b': 3,
    'if then': 1,
    "it's": 2,
    Größe: 5,
    日本: 7,
    loan: { 'first rate': 1, rates: [{ 'a b': 1 }, { 'a b': 2 }] },
    list: [{ 'my value': 3 }],
    'x.y': 9,
  };
  it.for<[string, unknown]>([
    ['for i in days in weekend return i', ['saturday', 'sunday']],
    ['for i in in a list return i', ['peter']],
    ['first-name', 'A'],
    ['a+b + 1', 4],
    ['a + b', 3],
    ['if then + 1', 2],
    ["it's", 2],
    ['Größe * 2', 10],
    ['日本', 7],
    ['loan.first rate - 1', 0],
    ['loan.first  rate', 1],
    ['loan.rates[a b > 1]', [{ 'a b': 2 }]],
    ['loan.rates.a b', [1, 2]],
    ['for r in loan.rates return r.a b', [1, 2]],
    ['list[my value = 3].my value', [3]],
    ['x.y', 9],
    ['`first-name` + "!"', 'A!'],
  ])('names of several words: %s', ([expression, expected]) => {
    expect(evaluate(expression, variables, step)).toMatchObject({ value: expected });
  });

  it('reads the same text anew when other names are known', () => {
    expect(evaluate('a-b', { a: 5, b: 3 }, step)).toMatchObject({ value: 2 });
    expect(evaluate('a-b', { a: 5, b: 3, 'a-b': 'one' }, step)).toMatchObject({ value: 'one' });
    expect(evaluate('o.a-b', { o: { 'a-b': 'one' } }, step)).toMatchObject({ value: 'one' });
    expect(evaluate('o.a-b', { o: { a: 5 }, b: 3 }, step)).toMatchObject({ value: 2 });
  });
});
