import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MODEL_LENGTH_MAX, type Problem, readDecisions } from '../src/index.ts';
import { decision, dmn, input, knowledge, literal, namespaces, table } from './support.ts';

const problems = async (xml: string): Promise<readonly Problem[]> => (await readDecisions(xml)).problems;
const found = async (parts: readonly string[]): Promise<(readonly [string | undefined, string])[]> =>
  (await problems(dmn(parts))).map(({ elementId, rule }) => [elementId, rule]);
const fine = decision('Fine', literal('1'));

describe('reading decisions', () => {
  it.for(Object.keys(namespaces) as (keyof typeof namespaces)[])('reads DMN %s', async (version) => {
    const { decisions, problems: none } = await readDecisions(dmn([input('n'), fine], version));
    expect(none).toEqual([]);
    expect(decisions).toMatchObject({
      id: 'model',
      decisions: { Fine: { name: 'Fine' } },
      inputs: { n: { name: 'n' } },
    });
  });

  it('reads the version tag of a decision, and that of the file', async () => {
    const tag = (value: string): string =>
      `<extensionElements><zeebe:versionTag xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" value="${value}"/></extensionElements>`;
    const tagged = fine.replace('<variable', `${tag('v2')}<variable`);
    const { decisions, problems: none } = await readDecisions(
      dmn([tag('v1'), tagged, decision('Other', literal('1'))]),
    );
    expect(none).toEqual([]);
    expect(decisions).toMatchObject({ versionTag: 'v1', decisions: { Fine: { versionTag: 'v2' } } });
    expect(decisions?.decisions['Other']?.versionTag).toBe(undefined);
  });

  it('takes the version of the root element, whatever else the file names', async () => {
    const mentions = `<!-- <definitions xmlns="${namespaces['1.1']}"> --><definitions xsi:schemaLocation="${namespaces['1.1']} dmn.xsd" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"`;
    expect(await problems(dmn([fine]).replace('<definitions', mentions))).toEqual([]);
    const prefixed = dmn([]).replaceAll('definitions', 'd:definitions').replace('xmlns=', 'xmlns:d=');
    expect(await problems(prefixed)).toMatchObject([{ rule: 'no-decision' }]);
  });

  it('knows a decision without an id by its name', async () => {
    const { decisions } = await readDecisions(dmn([decision('A', literal('1')).replace('id="A" ', '')]));
    expect(Object.keys(decisions?.decisions ?? {})).toEqual(['A']);
  });

  it.for<[string, string[], [string | undefined, string][]]>([
    ['no decision', [input('n')], [[undefined, 'no-decision']]],
    ['a decision without logic', [decision('A', '')], [['A', 'logic']]],
    ['an empty expression', [decision('A', literal(' '))], [['A', 'logic']]],
    ['a requirement of nothing', [decision('A', literal('1'), { needs: ['B'] })], [['A', 'reference']]],
    [
      'a requirement of the wrong kind',
      [input('n'), decision('A', literal('1'), { knows: ['n'] })],
      [['A', 'reference']],
    ],
    [
      'decisions that require each other',
      [decision('A', literal('1'), { needs: ['B'] }), decision('B', literal('1'), { needs: ['A'] })],
      [['A', 'cycle']],
    ],
    ['a decision that requires itself', [decision('A', literal('1'), { needs: ['A'] })], [['A', 'cycle']]],
    ['an id twice', [decision('A', literal('1')), decision('A', literal('2'))], [['A', 'id']]],
    [
      'a name that looks like an id of another file, in place of one',
      [fine, decision('a#b', literal('1')).replace(' id="a#b"', '')],
      [['model', 'id']],
    ],
    [
      'a type that looks like one of another file',
      ['<itemDefinition id="t" name="a#b"><typeRef>string</typeRef></itemDefinition>', fine],
      [['t', 'type']],
    ],
    ['a reserved id', [fine, decision('constructor', literal('1'))], [['constructor', 'id']]],
    [
      'an import of a file that is not there',
      ['<import name="other" namespace="http://other"/>', fine],
      [['model', 'reference']],
    ],
    [
      'an import of something else than DMN',
      ['<import name="other" namespace="http://other" importType="http://www.w3.org/2001/XMLSchema"/>', fine],
      [['model', 'not-supported']],
    ],
    [
      'a reference into another file',
      [fine, decision('A', literal('1'), { needs: ['n'] }).replace('#n', 'http://other#n')],
      [['A', 'reference']],
    ],
    [
      'another expression language',
      [decision('A', literal('1').replace('>', ' expressionLanguage="javascript">'))],
      [['A', 'not-supported']],
    ],
    [
      'a function in Java',
      [fine, knowledge('f', [], literal('1')).replace('<encapsulatedLogic>', '<encapsulatedLogic kind="Java">')],
      [['f', 'not-supported']],
    ],
    [
      'a rule of another width',
      [decision('A', table({ inputs: ['1'], outputs: ['o'], rules: ['-'] }))],
      [['r1', 'table']],
    ],
    [
      'an aggregation without COLLECT',
      [decision('A', table({ aggregation: 'SUM', inputs: ['1'], outputs: ['o'], rules: [] }))],
      [['table', 'table']],
    ],
    [
      'an aggregation of several outputs',
      [decision('A', table({ policy: 'COLLECT', aggregation: 'SUM', inputs: ['1'], outputs: ['o', 'p'], rules: [] }))],
      [['table', 'table']],
    ],
    [
      'a table without outputs',
      [decision('A', table({ inputs: ['1'], outputs: [], rules: [] }))],
      [['table', 'table']],
    ],
    [
      'a hit policy that is none',
      [decision('A', table({ policy: 'BEST', inputs: ['1'], outputs: ['o'], rules: [] }))],
      [['table', 'table']],
    ],
    ['an unknown type', [decision('A: tWhat', literal('1'))], [['A', 'type']]],
    [
      'a type twice',
      [fine, ...Array<string>(2).fill('<itemDefinition name="t"><typeRef>string</typeRef></itemDefinition>')],
      [['model', 'type']],
    ],
    ['FEEL that does not parse', [decision('A', literal('1 +'))], [['A', 'expression']]],
    [
      'a cell that does not parse',
      [decision('A', table({ inputs: ['x'], outputs: ['o'], rules: ['> | 1'] }))],
      [['r1', 'expression']],
    ],
    [
      'allowed values that do not parse',
      [
        fine,
        '<itemDefinition id="t" name="t"><typeRef>string</typeRef><allowedValues><text>"a" "b"</text></allowedValues></itemDefinition>',
      ],
      [['t', 'expression']],
    ],
  ])('finds %s', async ([, parts, expected]) => {
    expect(await found(parts)).toEqual(expected);
  });

  it('tells all problems at once, each with a sentence', async () => {
    const all = await problems(
      dmn([
        decision('A', ''),
        decision('B', literal('(1'), { needs: ['C'] }),
        decision('D', literal('1'), { needs: ['D'] }),
      ]),
    );
    expect(all.map(({ elementId, message }) => `${elementId}: ${message}`)).toEqual([
      'A: expected decision "A" to have a decision logic: give it a decision table, a literal expression or another boxed expression',
      'B: expected "C", which decision "B" needs, to be a Decision, found nothing of that id',
      'D: expected no decision to require itself, found "D" → "D"',
      'B: decision "B": expected more in this parenthesized expression at its end: "(1"',
    ]);
  });

  it('knows the names that a text may use, declared or from the logic of what is required', async () => {
    const type =
      '<itemDefinition name="tLoan"><itemComponent name="first rate"><typeRef>number</typeRef></itemComponent></itemDefinition>';
    const relation = `<relation><column name="a column"/><row>${literal('1')}</row></relation>`;
    expect(
      await found([
        type,
        input('my loan: tLoan').replace('id="my_loan"', 'id="loan"'),
        decision('A', literal('my loan.first rate - 1'), { needs: ['loan'] }),
        decision('Rows', relation),
        decision('B', literal('Rows[a column = 1].a column'), { needs: ['Rows'] }),
        knowledge('monthly payment', ['the loan: tLoan'], literal('the loan.first rate / 12')).replace(
          'id="monthly payment"',
          'id="mp"',
        ),
        decision('C', literal('monthly payment(my loan)'), { needs: ['loan'], knows: ['mp'] }),
      ]),
    ).toEqual([]);
  });

  it('only warns of a text whose names nobody has declared', async () => {
    const [problem] = await problems(
      dmn([input('loan'), decision('A', literal('loan.first rate'), { needs: ['loan'] })]),
    );
    expect(problem).toBeUndefined();
    const [unsure] = await problems(
      dmn([input('loan'), decision('A', literal('loan.rate or else'), { needs: ['loan'] })]),
    );
    expect(unsure).toMatchObject({ elementId: 'A', rule: 'expression', severity: 'warning' });
  });

  it('reads what does not parse as null when asked to, with a warning', async () => {
    const { decisions, problems: all } = await readDecisions(dmn([decision('A', literal('1 +'))]), {
      isTolerant: true,
    });
    expect(all).toMatchObject([{ rule: 'expression', severity: 'warning' }]);
    expect(decisions?.decisions['A']?.logic).toMatchObject({ kind: 'literal', text: '1 +' });
  });

  it('reads a decision without logic as null when asked to', async () => {
    const { decisions } = await readDecisions(dmn([decision('A', ''), decision('B', literal(' '))]), {
      isTolerant: true,
    });
    expect(decisions?.decisions).toMatchObject({ A: { logic: { text: 'null' } }, B: { logic: { text: 'null' } } });
  });

  it.for<[string, string, string]>([
    ['nothing', '', 'xml'],
    ['what is not XML', 'nonsense', 'xml'],
    ['XML that is not DMN', '<a/>', 'xml'],
    ['broken XML', dmn([fine]).replace('</definitions>', ''), 'xml'],
    ['a document type', dmn([fine]).replace('?>\n', '?>\n<!DOCTYPE d [<!ENTITY e "x">]>'), 'document-type'],
    ['a document type in disguise', dmn([fine]).replace('?>\n', '?>\n<!-- c --><?pi?>\n<!doctype d>'), 'document-type'],
    ['too much', `${dmn([fine])}${' '.repeat(MODEL_LENGTH_MAX)}`, 'too-large'],
  ])('refuses %s', async ([, xml, rule]) => {
    const result = await readDecisions(xml);
    expect(result.decisions).toBeUndefined();
    expect(result.problems).toMatchObject([{ rule, severity: 'error' }]);
  });

  it('knows the five entities of XML, and no other', async () => {
    const text = (entity: string): string => dmn([decision('A', literal('"Z"').replace('Z', entity))]);
    expect((await readDecisions(text('&amp;'))).decisions?.decisions['A']?.logic).toMatchObject({ text: '"&"' });
    expect((await readDecisions(text('&lol;'))).decisions?.decisions['A']?.logic).toMatchObject({ text: '"&lol;"' });
  });

  it('never throws, whatever is cut out of a file', async () => {
    const whole = dmn([
      input('n: number'),
      knowledge('f', ['a'], literal('a + 1')),
      decision('A', table({ inputs: ['n'], outputs: ['o'], rules: ['> 1 | f(n)'] }), { needs: ['n'], knows: ['f'] }),
    ]);
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length), fc.nat(40), fc.string({ maxLength: 3 }), async (from, length, other) => {
        const { decisions, problems: all } = await readDecisions(
          whole.slice(0, from) + other + whole.slice(from + length),
        );
        expect(decisions !== undefined || all.some(({ severity }) => severity === 'error')).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
