import { describe, expect, it } from 'vitest';
import { type DecisionModel, type Problem, evaluateDecision, readDecisions } from '../src/index.ts';
import { NOW, decision, dmn, input, knowledge, literal, service } from './support.ts';

const file = (name: string, parts: readonly string[]): string =>
  dmn(parts).replace('http://millrace.dev/test', `http://${name}`).replace('id="model"', `id="${name}"`);
const importing = (name: string, as: string): string =>
  `<import name="${as}" namespace="http://${name}" importType="https://www.omg.org/spec/DMN/20230324/MODEL/"/>`;
/** A reference to an element of another file, written as `needs: [id]`. */
const elsewhere = (xml: string, name: string, id: string): string =>
  xml.replaceAll(`href="#${id}"`, `href="http://${name}#${id}"`);

const person = file('people', [
  '<itemDefinition name="tPerson"><itemComponent name="full name"><typeRef>string</typeRef></itemComponent></itemDefinition>',
  '<itemDefinition name="tTone"><typeRef>string</typeRef><allowedValues><text>"warm", "cold"</text></allowedValues></itemDefinition>',
  input('person: tPerson'),
  knowledge('bow', ['to: tPerson'], literal('"Bowing to " + to.full name')),
  knowledge('greet', ['to: tPerson'], literal('bow(to) + "!"'), { knows: ['bow'] }),
  decision('Tone: tTone', literal('"warm"')),
  decision('Full Greeting', literal('greet(person) + " " + Tone'), { needs: ['person', 'Tone'], knows: ['greet'] }),
]);

const read = async (xml: string, others: readonly string[]): Promise<DecisionModel> => {
  const { decisions, problems } = await readDecisions(xml, { others });
  if (decisions === undefined) throw new Error(JSON.stringify(problems));
  return decisions;
};
const decide = async (
  xml: string,
  others: readonly string[],
  id: string,
  variables: Record<string, unknown> = {},
): Promise<unknown> => {
  const result = evaluateDecision(await read(xml, others), id, variables, { now: NOW, onViolation: 'null' });
  return 'failure' in result ? result.failure : result.value;
};
const problems = async (xml: string, others: readonly string[]): Promise<readonly Problem[]> =>
  (await readDecisions(xml, { others })).problems;

describe('a file that imports another', () => {
  const main = (as: string): string => {
    const name = as === '' ? '' : `${as}.`;
    const parts = [
      importing('people', as),
      input(`guest: ${name}tPerson`),
      elsewhere(
        decision('Ask', literal(`${name}Full Greeting`), { needs: ['Full_Greeting'] }),
        'people',
        'Full_Greeting',
      ),
      elsewhere(
        decision('Call', literal(`${name}greet(guest) + ${name}Tone`), { needs: ['guest', 'Tone'], knows: ['greet'] }),
        'people',
        'Tone',
      ).replace('href="#greet"', 'href="http://people#greet"'),
      elsewhere(decision('Named', literal(`${name}person.full name`), { needs: ['person'] }), 'people', 'person'),
    ];
    return file('main', parts);
  };

  it.for(['the people', 'people', ''])('sees its elements under the name "%s"', async (as) => {
    const variables = { person: { 'full name': 'Ada' }, guest: { 'full name': 'Eve' } };
    expect(await decide(main(as), [person], 'Ask', variables)).toBe('Bowing to Ada! warm');
    expect(await decide(main(as), [person], 'Call', variables)).toBe('Bowing to Eve!warm');
    expect(await decide(main(as), [person], 'Named', variables)).toBe('Ada');
  });

  it('takes inputs of the other file from a context by the name of the import, too', async () => {
    const variables = { people: { person: { 'full name': 'Ada' } } };
    expect(await decide(main('people'), [person], 'Named', variables)).toBe('Ada');
  });

  it('holds values to the types of the other file', async () => {
    expect(await decide(main('people'), [person], 'Call', { guest: { name: 'Eve' } })).toBeNull();
    const cold = person
      .replace('"warm"</text></literal', '"hot"</text></literal')
      .replace('>&quot;warm&quot;<', '>"hot"<');
    expect(await decide(main('people'), [cold], 'Ask', { person: { 'full name': 'Ada' } })).toBeNull();
  });

  it('has what it imports in its own model, apart from what is its own', async () => {
    const model = await read(main('people'), [person]);
    expect(Object.keys(model.decisions).sort()).toEqual([
      'Ask',
      'Call',
      'Named',
      'http://people#Full_Greeting',
      'http://people#Tone',
    ]);
    expect(model.imports).toEqual({ 'http://main': { 'http://people': 'people' } });
    expect(JSON.parse(JSON.stringify(model))).toEqual(model);
  });

  it('reads files that import others, each once', async () => {
    const middle = (name: string): string =>
      file(name, [
        importing('people', 'p'),
        elsewhere(
          decision('Said', literal(`"${name}: " + p.Full Greeting`), { needs: ['Full_Greeting'] }),
          'people',
          'Full_Greeting',
        ),
      ]);
    const top = file('top', [
      importing('left', 'left'),
      importing('right', 'right'),
      decision('Both', literal('left.Said + ", " + right.Said'), { needs: ['SaidL', 'SaidR'] })
        .replace('#SaidL', 'http://left#Said')
        .replace('#SaidR', 'http://right#Said'),
    ]);
    const others = [person, middle('left'), middle('right')];
    expect(await decide(top, others, 'Both', { person: { 'full name': 'Ada' } })).toBe(
      'left: Bowing to Ada! warm, right: Bowing to Ada! warm',
    );
    const result = evaluateDecision(await read(top, others), 'Both', {}, { now: NOW });
    expect(result.trace.filter(({ name }) => name === 'Full Greeting')).toHaveLength(1);
  });

  it('calls a decision service of another file', async () => {
    const shop = file('shop', [
      input('base'),
      decision('Fee', literal('base * 2'), { needs: ['base'] }),
      service('pricing', { outputs: ['Fee'], inputs: ['base'] }),
    ]);
    const caller = file('caller', [
      importing('shop', 'shop'),
      decision('Price', literal('shop.pricing(21)'), { knows: ['pricing'] }).replace('#pricing', 'http://shop#pricing'),
    ]);
    expect(await decide(caller, [shop], 'Price')).toBe(42);
  });

  it('finds what is wrong with an import', async () => {
    const fine = decision('Fine', literal('1'));
    expect(await problems(file('main', [importing('nowhere', 'x'), fine]), [person])).toEqual([
      {
        elementId: 'main',
        rule: 'reference',
        severity: 'error',
        message:
          'expected to read the file that import "x" names: no file of the namespace "http://nowhere" is there; deploy it together with this one',
      },
    ]);
    const broken = file('broken', [decision('Broken', literal('1 +'))]);
    const [found] = await problems(file('main', [importing('broken', 'b'), fine]), [broken]);
    expect(found?.message).toContain('import "b" names: decision "Broken": expected more');
    const one = file('one', [importing('two', 'two'), fine]);
    const two = file('two', [importing('one', 'one'), fine]);
    expect((await problems(one, [one, two]))[0]?.message).toContain('"http://one" imports itself');
    const wrongKind = decision('A', literal('1'), { knows: ['Tone'] }).replace('#Tone', 'http://people#Tone');
    expect(await problems(file('main', [importing('people', 'p'), wrongKind]), [person])).toMatchObject([
      { elementId: 'A', rule: 'reference' },
    ]);
  });

  it('does not grow with the ways in which a file is imported', async () => {
    const levels = Array.from({ length: 30 }, (_, level) =>
      file(`level${level}`, [
        ...(level === 0 ? [] : [importing(`level${level - 1}`, 'a'), importing(`level${level - 1}`, 'b')]),
        decision('D', literal(String(level))),
      ]),
    );
    const model = await read(levels.at(-1) ?? '', levels);
    expect(Object.keys(model.decisions)).toHaveLength(30);
  });
});
