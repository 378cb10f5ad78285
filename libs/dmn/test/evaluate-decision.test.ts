import { describe, expect, it } from 'vitest';
import { evaluateDecision } from '../src/index.ts';
import { NOW, decide, decision, input, knowledge, literal, parameters, read, service, table } from './support.ts';

describe('a graph of decisions', () => {
  it('evaluates what a decision requires before it, each once', async () => {
    const model = await read([
      input('income'),
      decision('Net', literal('income * 0.6'), { needs: ['income'] }),
      decision('Small', literal('Net / 10'), { needs: ['Net'] }),
      decision('Large', literal('Net / 2'), { needs: ['Net'] }),
      decision('Offer', literal('{ least: Small, most: Large }'), { needs: ['Small', 'Large'] }),
    ]);
    const result = evaluateDecision(model, 'Offer', { income: 1000 }, { now: NOW });
    expect(result).toMatchObject({ value: { least: 60, most: 300 } });
    expect(result.trace.map(({ decisionId }) => decisionId)).toHaveLength(4);
    expect(result.trace.map(({ decisionId }) => decisionId).sort()).toEqual(['Large', 'Net', 'Offer', 'Small']);
    expect(result.trace[0]).toMatchObject({ decisionId: 'Net', inputs: { income: 1000 }, value: 600 });
  });

  it('passes dates on as dates, and gives ISO 8601 text', async () => {
    const parts = [
      decision('Start', literal('date("2026-01-31")')),
      decision('End', literal('Start + duration("P1M")'), { needs: ['Start'] }),
    ];
    expect(await decide(parts, 'End')).toBe('2026-02-28');
  });

  it('knows names of several words, of decisions, of inputs and within them', async () => {
    const parts = [
      '<itemDefinition name="tApplicant"><itemComponent name="Monthly Income"><typeRef>number</typeRef></itemComponent></itemDefinition>',
      input('The Applicant: tApplicant').replace('id="The_Applicant"', 'id="applicant"'),
      decision('Yearly Income', literal('The Applicant.Monthly Income * 12'), { needs: ['applicant'] }),
      decision('Is Rich', literal('if Yearly Income > 100000 then "yes" else "no"'), { needs: ['Yearly Income'] }),
      decision('Is Known', literal('if The Applicant.Monthly Income = null then "no" else "yes"'), {
        needs: ['applicant'],
      }),
    ];
    expect(await decide(parts, 'Is_Rich', { 'The Applicant': { 'Monthly Income': 9000 } })).toBe('yes');
    expect(await decide(parts, 'Is_Known', { 'The Applicant': null })).toBe('no');
  });

  it('goes through a chain of thousands of decisions', async () => {
    const parts = [decision('D0', literal('1'))];
    for (let n = 1; n <= 3000; n += 1)
      parts.push(decision(`D${n}`, literal(`D${n - 1} + 1`), { needs: [`D${n - 1}`] }));
    expect(await decide(parts, 'D3000')).toBe(3001);
  });

  it('sees variables that are no input, and required decisions by their ids', async () => {
    const parts = [
      decision('First', literal('limit'))
        .replace('name="First"', 'name="The first"')
        .replace('name="First"', 'name="The first"'),
      decision('Second', literal('First + limit'), { needs: ['First'] }),
    ];
    expect(await decide(parts, 'Second', { limit: 4 })).toBe(8);
  });

  it('calls knowledge models, which call each other and themselves', async () => {
    const parts = [
      knowledge('square', ['n: number'], literal('n * n')),
      knowledge('sum of squares', ['n'], literal('if n = 0 then 0 else square(n) + sum of squares(n - 1)'), {
        knows: ['square'],
      }).replace('id="sum of squares"', 'id="sums"'),
      decision('Answer', literal('sum of squares(3)'), { knows: ['sums'] }),
      decision('Wrong', literal('square("x")'), { knows: ['square'] }),
      decision('Bare', literal('square(2)')),
    ];
    expect(await decide(parts, 'Answer')).toBe(14);
    expect(await decide(parts, 'Wrong', {}, { onViolation: 'null' })).toBeNull();
    expect(await decide(parts, 'Wrong')).toMatchObject({ decisionId: 'Wrong' });
    // What is not required is not there.
    expect(await decide(parts, 'Bare')).toBeNull();
  });

  it('holds the arguments and the result of a knowledge model to the types it declares, or to null', async () => {
    const types = [
      '<itemDefinition name="tYes"><typeRef>string</typeRef><allowedValues><text>"yes"</text></allowedValues></itemDefinition>',
      '<itemDefinition name="tFunction"><functionItem outputTypeRef="tYes"><parameters name="a" typeRef="string"/></functionItem></itemDefinition>',
    ];
    const parts = [
      ...types,
      knowledge('same', ['a'], literal('a')).replace(
        '<variable name="same"/>',
        '<variable name="same" typeRef="tFunction"/>',
      ),
      knowledge('isNull', ['a: number'], literal('a = null')),
      decision('Yes', literal('same("yes")'), { knows: ['same'] }),
      decision('No', literal('same("no")'), { knows: ['same'] }),
      decision('Number', literal('same(1)'), { knows: ['same'] }),
      decision('IsNull', literal('isNull("x")'), { knows: ['isNull'] }),
    ];
    const value = (id: string): Promise<unknown> => decide(parts, id, {}, { onViolation: 'null' });
    expect(await value('Yes')).toBe('yes');
    expect(await value('No')).toBeNull();
    expect(await value('Number')).toBeNull();
    expect(await value('IsNull')).toBeNull();
    expect(await decide(parts, 'same', { a: 'yes' })).toBe('yes');
  });

  it('calls decision services, and evaluates one by its id', async () => {
    const parts = [
      input('base'),
      decision('Rate', literal('0.1')),
      decision('Fee', literal('base * Rate'), { needs: ['base', 'Rate'] }),
      decision('Total', literal('base + Fee'), { needs: ['base', 'Fee'] }),
      service('pricing', { outputs: ['Total'], encapsulated: ['Fee'], decisions: ['Rate'], inputs: ['base'] }),
      service('details', { outputs: ['Fee', 'Total'], encapsulated: ['Rate'], inputs: ['base'] }),
      decision('Caller', literal('pricing(100, 0.5)'), { knows: ['pricing'] }),
      decision('Named', literal('pricing(Rate: 0.2, base: 50)'), { knows: ['pricing'] }),
    ];
    expect(await decide(parts, 'Caller')).toBe(150);
    expect(await decide(parts, 'Named')).toBe(60);
    expect(await decide(parts, 'details', { base: 100 })).toEqual({ Fee: 10, Total: 110 });
    // Asked by its id, a service takes what stands for its input decisions from the variables too.
    expect(await decide(parts, 'pricing', { base: 100, Rate: 0.5 })).toBe(150);
    const result = evaluateDecision(await read(parts), 'Caller', {}, { now: NOW });
    expect(result.trace.map(({ decisionId, value }) => [decisionId, value])).toEqual([
      ['Fee', 50],
      ['Total', 150],
      ['Caller', 150],
    ]);
  });

  it('says which decision failed, and traces those before it', async () => {
    const model = await read([
      decision('Fine', literal('1')),
      decision('Endless', literal('count(for i in 1..1000000000 return Fine)'), { needs: ['Fine'] }),
      decision('Last', literal('Endless + 1'), { needs: ['Endless'] }),
    ]);
    const result = evaluateDecision(model, 'Last', {}, { now: NOW });
    expect(result).toMatchObject({
      failure: { decisionId: 'Endless', message: expect.stringContaining('within 1000000 steps') },
      trace: [{ decisionId: 'Fine' }, { decisionId: 'Endless', value: null }],
    });
    expect(evaluateDecision(model, 'Nobody', {}, { now: NOW })).toEqual({
      failure: {
        decisionId: 'Nobody',
        message: 'expected the model "model" to have a decision "Nobody", found Fine, Endless, Last',
      },
      trace: [],
    });
    expect(evaluateDecision(model, 'constructor', {}, { now: NOW })).toMatchObject({ failure: {} });
  });

  it('answers null with the reason where FEEL fails', async () => {
    const model = await read([decision('Sum', literal('amount + "x"'))]);
    const result = evaluateDecision(model, 'Sum', { amount: 1 }, { now: NOW });
    expect(result).toMatchObject({
      value: null,
      trace: [{ warnings: [{ kind: 'INVALID_TYPE', message: `Can't add 1 and "x"` }] }],
    });
  });

  it('answers the time that was passed in', async () => {
    expect(await decide([decision('Now', literal('now()'))], 'Now')).toBe('2026-01-31T10:00:00Z');
  });

  it('gives the same result again, from a model that went through JSON', async () => {
    const model = await read([
      input('n'),
      decision('T', table({ inputs: ['n'], outputs: ['a', 'b'], rules: ['> 1 | n | n * 2'] }), { needs: ['n'] }),
    ]);
    const copy = JSON.parse(JSON.stringify(model)) as typeof model;
    expect(copy).toEqual(model);
    const once = evaluateDecision(model, 'T', { n: 2 }, { now: NOW });
    expect(evaluateDecision(copy, 'T', { n: 2 }, { now: NOW })).toEqual(once);
    expect(Object.isFrozen(model.decisions['T']?.logic)).toBe(true);
  });
});

describe('a boxed expression', () => {
  const value = (logic: string, variables: Record<string, unknown> = {}): Promise<unknown> =>
    decide([input('list'), decision('D', logic, { needs: ['list'] })], 'D', variables);
  const child = (tag: string, text: string): string => `<${tag}>${literal(text)}</${tag}>`;

  it.for<[string, string, unknown]>([
    [
      'a context, whose entries see those before them',
      `<context><contextEntry><variable name="two"/>${literal('2')}</contextEntry><contextEntry><variable name="its half"/>${literal('two / 2')}</contextEntry></context>`,
      { two: 2, 'its half': 1 },
    ],
    [
      'a context with a result',
      `<context><contextEntry><variable name="first one"/>${literal('2')}</contextEntry><contextEntry>${literal('first one + 1')}</contextEntry></context>`,
      3,
    ],
    ['a list', `<list>${literal('1')}${literal('"two"')}</list>`, [1, 'two']],
    [
      'a relation',
      `<relation><column name="a"/><column name="b c"/><row>${literal('1')}${literal('2')}</row><row>${literal('3')}${literal('4')}</row></relation>`,
      [
        { a: 1, 'b c': 2 },
        { a: 3, 'b c': 4 },
      ],
    ],
    [
      'a conditional',
      `<conditional>${child('if', 'count(list) > 2')}${child('then', '"many"')}${child('else', '"few"')}</conditional>`,
      'many',
    ],
    [
      'a conditional whose condition is neither true nor false',
      `<conditional>${child('if', '"many"')}${child('then', '1')}${child('else', '2')}</conditional>`,
      null,
    ],
    ['a filter', `<filter>${child('in', 'list')}${child('match', 'item > 1')}</filter>`, [2, 3]],
    ['a filter by position', `<filter>${child('in', 'list')}${child('match', '-1')}</filter>`, 3],
    ['a filter that is no condition', `<filter>${child('in', 'list')}${child('match', '"x"')}</filter>`, null],
    [
      'some, of what is no condition',
      `<some iteratorVariable="x">${child('in', 'list')}${child('satisfies', 'if x = 3 then true else "x"')}</some>`,
      null,
    ],
    [
      'a function whose variable has the type of what it gives',
      `<context><contextEntry><variable name="twice" typeRef="number"/>${literal('function(a) a * 2')}</contextEntry><contextEntry>${literal('twice(2)')}</contextEntry></context>`,
      4,
    ],
    ['a for', `<for iteratorVariable="x">${child('in', 'list')}${child('return', 'x * 2')}</for>`, [2, 4, 6]],
    [
      'a for over a range',
      `<for iteratorVariable="x">${child('in', '[1..3]')}${child('return', 'x + count(partial)')}</for>`,
      [1, 3, 5],
    ],
    ['some', `<some iteratorVariable="x">${child('in', 'list')}${child('satisfies', 'x > 2')}</some>`, true],
    ['every', `<every iteratorVariable="x">${child('in', 'list')}${child('satisfies', 'x > 2')}</every>`, false],
    [
      'a function, called by an invocation',
      `<context><contextEntry><variable name="plus"/><functionDefinition>${parameters(['a', 'b'])}${literal('a + b')}</functionDefinition></contextEntry>` +
        `<contextEntry><invocation>${literal('plus')}<binding><parameter name="b"/>${literal('1')}</binding><binding><parameter name="a"/>${literal('2')}</binding></invocation></contextEntry></context>`,
      3,
    ],
  ])('%s', async ([, logic, expected]) => {
    expect(await value(logic, { list: [1, 2, 3] })).toEqual(expected);
  });
});

describe('a type', () => {
  const types = [
    '<itemDefinition name="tRisk"><typeRef>string</typeRef><allowedValues><text>"low", "high"</text></allowedValues></itemDefinition>',
    '<itemDefinition name="tRisks" isCollection="true"><typeRef>tRisk</typeRef></itemDefinition>',
    '<itemDefinition name="tPerson"><itemComponent name="name"><typeRef>string</typeRef></itemComponent><itemComponent name="born"><typeRef>date</typeRef></itemComponent></itemDefinition>',
    '<itemDefinition name="tOther"><typeRef>tRisk</typeRef><allowedValues><text>"left", "right"</text></allowedValues></itemDefinition>',
    '<itemDefinition name="tTree"><itemComponent name="children" isCollection="true"><typeRef>tTree</typeRef></itemComponent></itemDefinition>',
  ];
  const typed = (
    type: string,
    value: unknown,
    text = 'given',
    onViolation: 'fail' | 'null' = 'null',
  ): Promise<unknown> =>
    decide(
      [...types, input(`given: ${type}`), decision('D', literal(text), { needs: ['given'] })],
      'D',
      { given: value },
      { onViolation },
    );

  it.for<[string, unknown, string, unknown]>([
    ['number', 5, 'given + 1', 6],
    ['number', [5], 'given + 1', 6],
    ['number', '5', 'given', null],
    ['tRisk', 'low', 'given', 'low'],
    ['tRisk', 'middle', 'given', null],
    ['tRisks', ['low', 'high'], 'count(given)', 2],
    ['tRisks', 'low', 'given', ['low']],
    ['tRisks', ['low', 'middle'], 'given', null],
    ['tPerson', { name: 'Ada', born: '1815-12-10' }, 'given.born.year', 1815],
    ['tPerson', { name: 'Ada' }, 'given', null],
    ['tPerson', { name: 'Ada', born: 'once' }, 'given', null],
    ['tPerson', { name: 'Ada', born: '1815-12-10' }, 'given instance of tPerson', true],
    ['string', 'x', 'given instance of tRisk', true],
    ['number', 1, 'given instance of tRisk', false],
    ['ns:tRisk', 'low', 'given', 'low'],
    ['date and time', '2026-01-31T10:00:00Z', 'given - duration("PT1H")', '2026-01-31T09:00:00Z'],
    ['years and months duration', 'P14M', 'given.years', 1],
    ['tTree', { children: [] }, 'count(given.children)', 0],
    ['tOther', 'left', 'given', 'left'],
    ['tOther', 'low', 'given', null],
    ['Any', { anything: [1] }, 'given.anything[1]', 1],
  ])('%s takes %j as it should', async ([type, value, text, expected]) => {
    expect(await typed(type, value, text)).toEqual(expected);
  });

  it('fails where it is not kept, unless null is asked for', async () => {
    expect(await typed('tRisk', 'middle', 'given', 'fail')).toEqual({
      decisionId: 'D',
      message: 'decision "D": expected input "given" to be of type tRisk, found "middle"',
    });
    expect(await decide([decision('D: number', literal('"x"'))], 'D')).toMatchObject({
      message: 'decision "D": expected the result of decision "D" to be of type number, found "x"',
    });
  });
});
