import { describe, expect, it } from 'vitest';
import { PROBLEMS_MAX } from '@millrace/moddle';
import { type ReadResult, readModel } from '../src/index.ts';
import { definitions, flow, model } from './fixtures.ts';

const read = (xml: string): Promise<ReadResult> =>
  readModel(xml, { checkExpression: () => undefined, checkTimer: () => undefined });

const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** `t0 -> t1 -> …`, and `last` behind it. */
function row(count: number, tag: string, last: string): string {
  const elements = range(count).map((at) => `<bpmn:${tag} id="t${at}"/>`);
  const flows = range(count).map((at) => flow(`f${at}`, `t${at}`, at + 1 < count ? `t${at + 1}` : last));
  return `<bpmn:startEvent id="s"/>${flow('f', 's', 't0')}${elements.join('')}${flows.join('')}`;
}

/** Files that somebody made to do harm: what is refused says why, and an answer stays small. */
describe('a hostile file', () => {
  it('of 10,000 elements in a row is read', async () => {
    const { processes, problems } = await read(model(`${row(10_000, 'task', 'e')}<bpmn:endEvent id="e"/>`));
    expect(problems).toEqual([]);
    expect(Object.keys(processes[0]?.elements ?? {})).toHaveLength(10_002);
  });

  it('of 10,000 gateways in a ring is read with one short warning', async () => {
    const { processes, problems } = await read(model(row(10_000, 'exclusiveGateway', 't0')));
    expect(processes).toHaveLength(1);
    expect(problems).toMatchObject([{ rule: 'endless-loop', severity: 'warning' }]);
    expect(problems[0]?.message).toContain('and 9990 more');
    expect(problems[0]?.message.length).toBeLessThan(300);
  });

  it('of 1,000 sub-processes within each other is refused, once', async () => {
    const count = 1_000;
    const begin = (at: number): string =>
      `<bpmn:subProcess id="u${at}"><bpmn:startEvent id="s${at}"/>${flow(`g${at}`, `s${at}`, at + 1 < count ? `u${at + 1}` : 'x')}`;
    const nested = `${range(count).map(begin).join('')}<bpmn:task id="x"/>${'</bpmn:subProcess>'.repeat(count)}`;
    const { processes, problems } = await read(model(`<bpmn:startEvent id="s"/>${flow('f', 's', 'u0')}${nested}`));
    expect(processes).toEqual([]);
    expect(problems.filter(({ severity }) => severity === 'error')).toMatchObject([
      { elementId: 'u50', rule: 'too-large', message: expect.stringContaining('at most 50 deep') as string },
    ]);
  });

  const lol = (entity: string): string => `<!DOCTYPE d [${entity}]>${definitions('')}`;
  it.for<[string, string]>([
    [
      'that doubles entities (a billion laughs)',
      lol(
        `<!ENTITY l0 "lol">${range(9)
          .map((at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`)
          .join('')}`,
      ),
    ],
    ['that reads a file by an external entity', lol('<!ENTITY x SYSTEM "file:///etc/passwd">')],
    ['that calls a server by a parameter entity', lol('<!ENTITY % x SYSTEM "http://127.0.0.1:1/x"> %x;')],
    ['with a document type elsewhere', '<!DOCTYPE d SYSTEM "http://127.0.0.1:1/x.dtd"><d/>'],
  ])('%s is refused', async ([, xml]) => {
    const { processes, problems } = await read(xml);
    expect(processes).toEqual([]);
    expect(problems).toMatchObject([{ rule: 'document-type', severity: 'error' }]);
  });

  it('nested 100,000 deep in what is no BPMN is refused', async () => {
    const { processes } = await read(model(`${'<x>'.repeat(100_000)}${'</x>'.repeat(100_000)}`));
    expect(processes).toEqual([]);
  });

  it('with any number of mistakes is answered with some of them, and their number', async () => {
    const { processes, problems } = await read(model(row(PROBLEMS_MAX + 70, 'serviceTask', 'gone')));
    expect(processes).toEqual([]);
    expect(problems.filter(({ severity }) => severity === 'error')).toHaveLength(PROBLEMS_MAX + 1);
    expect(problems.at(-1)?.message).toMatch(/^expected at most 500 errors to be told, found \d+ more$/);
  });

  it('with any number of things to warn of is still refused for its one mistake', async () => {
    const unknown = range(PROBLEMS_MAX + 5).map((at) => `a${at}="1"`);
    const { problems } = await read(model(`<bpmn:task id="a" ${unknown.join(' ')}/>`));
    expect(problems.filter(({ severity }) => severity === 'warning')).toHaveLength(PROBLEMS_MAX + 1);
    expect(problems).toContainEqual(expect.objectContaining({ rule: 'start-event', severity: 'error' }));
  });
});
