import { describe, expect, it } from 'vitest';
import { evaluateDecision } from '../src/index.ts';
import { NOW, type TableSpec, decide, decision, input, read, table } from './support.ts';

const score: TableSpec = {
  inputs: ['score: number'],
  outputs: ['risk: string'],
  rules: ['< 300 | "high"', '[300..700) | "medium"', '>= 700 | "low"'],
};
const parts = (spec: TableSpec): string[] => [input('score'), decision('Risk', table(spec), { needs: ['score'] })];
const risk = (spec: Partial<TableSpec>, value: unknown, onViolation?: 'null'): Promise<unknown> =>
  decide(parts({ ...score, ...spec }), 'Risk', { score: value }, onViolation === undefined ? {} : { onViolation });

describe('a decision table', () => {
  it.for<[unknown, unknown]>([
    [299, 'high'],
    [300, 'medium'],
    [699.99, 'medium'],
    [700, 'low'],
    [null, null],
  ])('decides on %j by the rule that it fits', async ([value, expected]) => {
    expect(await risk({}, value)).toBe(expected);
  });

  it('gives a context by name for several outputs', async () => {
    const spec = { outputs: ['risk', 'limit'], rules: ['< 300 | "high" | score * 2', '- | "low" | null'] };
    expect(await risk({ ...spec, policy: 'FIRST' }, 100)).toEqual({ risk: 'high', limit: 200 });
    expect(await risk({ ...spec, policy: 'FIRST' }, 400)).toEqual({ risk: 'low', limit: null });
  });

  const overlapping = ['> 10 | "b"', '> 20 | "a"', '> 30 | "b"'];
  const values = { outputValues: ['"a", "b", "c"'] };
  it.for<[string, Partial<TableSpec>, unknown]>([
    ['FIRST', {}, 'b'],
    ['RULE ORDER', {}, ['b', 'a', 'b']],
    ['COLLECT', {}, ['b', 'a', 'b']],
    ['PRIORITY', values, 'a'],
    ['OUTPUT ORDER', values, ['a', 'b', 'b']],
    ['ANY', { rules: ['> 10 | "b"', '> 30 | "b"'] }, 'b'],
  ])('with the hit policy %s takes what it says', async ([policy, spec, expected]) => {
    expect(await risk({ policy, rules: overlapping, ...spec }, 40)).toEqual(expected);
  });

  it.for<[string, unknown]>([
    ['SUM', 12],
    ['MIN', 2],
    ['MAX', 7],
    ['COUNT', 3],
  ])('collects by %s', async ([aggregation, expected]) => {
    const rules = ['> 10 | 3', '> 20 | 7', '> 30 | 2', '> 50 | 100'];
    expect(await risk({ policy: 'COLLECT', aggregation, outputs: ['n: number'], rules }, 40)).toBe(expected);
  });

  it('orders several outputs one after the other by their values', async () => {
    const spec: TableSpec = {
      policy: 'OUTPUT ORDER',
      inputs: ['score'],
      outputs: ['a', 'b'],
      outputValues: ['"x", "y"', '1, 2, 3'],
      rules: ['- | "y" | 1', '- | "x" | 3', '- | "x" | 2'],
    };
    expect(await decide(parts(spec), 'Risk', { score: 1 })).toEqual([
      { a: 'x', b: 2 },
      { a: 'x', b: 3 },
      { a: 'y', b: 1 },
    ]);
  });

  it('fails, or is null where that is asked for, when its hit policy is violated', async () => {
    const message =
      'decision "Risk": expected at most one rule of decision table "table" to fire (hit policy UNIQUE), found rules 1, 2, 3';
    expect(await risk({ rules: overlapping }, 40)).toEqual({ decisionId: 'Risk', message });
    expect(await risk({ rules: overlapping }, 40, 'null')).toBeNull();
    expect(await risk({ policy: 'ANY', rules: overlapping }, 40)).toMatchObject({ decisionId: 'Risk' });
    expect(await risk({ policy: 'ANY', rules: overlapping }, 40, 'null')).toBeNull();
  });

  it('gives its default outputs when no rule fires, and null without', async () => {
    expect(await risk({ rules: ['> 1000 | "x"'], fallbacks: ['"none of " + string(score)'] }, 5)).toBe('none of 5');
    expect(await risk({ rules: ['> 1000 | "x"'] }, 5)).toBeNull();
    expect(await risk({ policy: 'COLLECT', rules: ['> 1000 | "x"'] }, 5)).toBeNull();
  });

  it('refuses an input that is not among its values, or not of its type', async () => {
    const spec = { inputs: ['score'], inputValues: ['[0..1000]'] };
    expect(await risk(spec, 2000)).toMatchObject({
      message: 'decision "Risk": expected input "score" to be one of [0..1000], found 2000',
    });
    expect(await risk(spec, 2000, 'null')).toBeNull();
    expect(await risk({}, 'many')).toMatchObject({
      message: 'decision "Risk": expected input "score" to be of type number, found "many"',
    });
    expect(await risk({}, 'many', 'null')).toBeNull();
  });

  it('traces the inputs, and the rules that fired with their outputs', async () => {
    const model = await read(parts({ ...score, policy: 'COLLECT', rules: ['> 10 | "a"', '< 5 | "b"', '> 20 | "c"'] }));
    const { trace } = evaluateDecision(model, 'Risk', { score: 40, other: 1 }, { now: NOW });
    expect(trace).toEqual([
      {
        decisionId: 'Risk',
        name: 'Risk',
        inputs: { score: 40 },
        value: ['a', 'c'],
        warnings: [],
        tables: [
          {
            tableId: 'table',
            inputs: [{ id: 'i0', text: 'score', value: 40 }],
            fired: [
              { ruleId: 'r1', index: 1, outputs: { risk: 'a' } },
              { ruleId: 'r3', index: 3, outputs: { risk: 'c' } },
            ],
          },
        ],
      },
    ]);
  });

  it.for<[string, unknown, boolean]>([
    ['"gold", "silver"', 'silver', true],
    ['"gold", "silver"', 'bronze', false],
    ['not("gold", "silver")', 'bronze', true],
    ['not("gold")', 'gold', false],
    ['> 5, < 2', 1, true],
    ['(1..2]', 1, false],
    ['> limit', 40, true],
    ['? > limit and ? < 50', 60, false],
    ['contains(?, "ol")', 'gold', true],
    ['list contains(["a", "b"], ?)', 'b', true],
    ['["a", "b"]', 'b', true],
    ['null', null, true],
    ['> 5', null, false],
    ['true', true, true],
    ['false', true, false],
    ['date("2026-01-01")', '2026-01-01', false],
  ])('tests with %s whether %j passes', async ([test, value, expected]) => {
    const model = [
      input('value'),
      input('limit'),
      decision(
        'Passes',
        table({ inputs: ['value'], outputs: ['o'], fallbacks: ['false'], rules: [`${test} | true`] }),
        {
          needs: ['value', 'limit'],
        },
      ),
    ];
    expect(await decide(model, 'Passes', { value, limit: 30 })).toBe(expected);
  });

  it('compares a date with a text that its input says is a date', async () => {
    const spec = {
      inputs: ['day: date'],
      outputs: ['o'],
      rules: ['< date("2026-02-01") | "before"', '>= date("2026-02-01") | "after"'],
    };
    const model = [input('day: date'), decision('When', table(spec), { needs: ['day'] })];
    expect(await decide(model, 'When', { day: '2026-01-15' })).toBe('before');
    expect(await decide(model, 'When', { day: '2026-03-15' })).toBe('after');
  });
});
