import { describe, expect, it } from 'vitest';
import { evaluateDecision, readDecisions } from '../src/index.ts';
import { NOW, decide, decision, dmn, input, knowledge, literal, read } from './support.ts';

describe('a hostile model', () => {
  it.for([500, 50_000])('is refused when it is nested %i deep', async (depth) => {
    const lists = '<list>'.repeat(depth) + literal('1') + '</list>'.repeat(depth);
    const components = '<itemComponent name="c">'.repeat(depth) + '</itemComponent>'.repeat(depth);
    const rules = async (parts: readonly string[]): Promise<string[]> =>
      (await readDecisions(dmn(parts))).problems.map(({ rule }) => rule);
    expect(await rules([decision('A', lists)])).toContain('too-deep');
    expect(
      await rules([`<itemDefinition name="t">${components}</itemDefinition>`, decision('A', literal('1'))]),
    ).toContain('too-deep');
  });

  it.for([
    ['roots that never end', '<definitions '.repeat(300_000)],
    ['one endless name', `<definitions ${'a'.repeat(4_000_000)}`],
    ['endless names', `<definitions ${'a= '.repeat(1_000_000)}`],
    ['endless quotes', `<definitions ${`a="b='`.repeat(600_000)}`],
  ])('is refused when it has %s, and may be imported from in vain', async ([, xml = '']) => {
    expect((await readDecisions(xml)).problems).toMatchObject([{ rule: 'xml' }]);
    const { problems } = await readDecisions(dmn([decision('A', literal('1'))]), { others: [xml] });
    expect(problems).toEqual([]);
  });

  it('ends a knowledge model that calls itself for ever, and says it once', async () => {
    const parts = [knowledge('f', ['n'], literal('f(n + 1)')), decision('A', literal('f(1)'), { knows: ['f'] })];
    expect(await decide(parts, 'A')).toEqual({
      decisionId: 'A',
      message: 'decision "A": expected calls nested at most 200 deep, evaluating "f(n + 1)"',
    });
  });

  it('ends decisions that double what they require, with a trace of bounded size', async () => {
    const parts = [decision('D0', literal('[1]'))];
    for (let n = 1; n < 40; n += 1)
      parts.push(decision(`D${n}`, literal(`[D${n - 1}, D${n - 1}]`), { needs: [`D${n - 1}`] }));
    const result = evaluateDecision(await read(parts), 'D39', {}, { now: NOW });
    expect(result).toMatchObject({ failure: { message: expect.stringContaining('at most 1000000 items') } });
    expect(result.trace).toHaveLength(40);
    expect(JSON.stringify(result.trace).length).toBeLessThan(2_000_000);
  });

  it('is read although its types contain each other many times', async () => {
    const types = Array.from({ length: 30 }, (_, n) => {
      const parts = ['x', 'y', 'z'].map(
        (name) => `<itemComponent name="${name}"><typeRef>t${n + 1}</typeRef></itemComponent>`,
      );
      return `<itemDefinition name="t${n}">${parts.join('')}</itemDefinition>`;
    });
    types.push('<itemDefinition name="t30"><typeRef>t0</typeRef></itemDefinition>');
    const parts = [...types, input('given: t0'), decision('A', literal('given.x'), { needs: ['given'] })];
    expect(await decide(parts, 'A', { given: null })).toBeNull();
  });
});
