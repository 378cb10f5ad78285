import { describe, expect, it } from 'vitest';
import { mendingOf } from '../src/index.ts';
import { extended, flow, model, paidMessage, problemsOf, read } from './fixtures.ts';

const job = (id: string): string =>
  `<bpmn:serviceTask id="${id}">${extended('<zeebe:taskDefinition type="work"/>')}</bpmn:serviceTask>`;
const begin = '<bpmn:startEvent id="start"/><bpmn:endEvent id="end"/>';

async function warnings(xml: string): Promise<[rule: string, elementId: string | undefined][]> {
  await read(xml);
  return (await problemsOf(xml)).map(({ rule, elementId }) => [rule, elementId]);
}

describe('a review', () => {
  it('finds nothing in a plain model', async () => {
    const xml = model(begin + job('task') + flow('a', 'start', 'task') + flow('b', 'task', 'end'));
    expect(await warnings(xml)).toEqual([]);
  });

  it('warns of a token that ends without an end event', async () => {
    const xml = model(
      begin +
        job('task') +
        job('last') +
        flow('a', 'start', 'task') +
        flow('b', 'task', 'end') +
        flow('c', 'task', 'last'),
    );
    expect(await warnings(xml)).toEqual([['dead-end', 'last']]);
  });

  it('warns of a gateway whose conditions can all fail, unless it has a default flow', async () => {
    const gateway = (more = ''): string =>
      `${begin}<bpmn:exclusiveGateway id="g"${more}/>${job('task')}${flow('a', 'start', 'g')}${flow('b', 'g', 'task', '=x')}${flow('c', 'g', 'end', more === '' ? '=y' : undefined)}${flow('d', 'task', 'end')}`;
    expect(await warnings(model(gateway()))).toEqual([['no-default', 'g']]);
    expect(await warnings(model(gateway(' default="c"')))).toEqual([]);
  });

  it('warns of a loop in which nothing waits, and not of one with a task in it', async () => {
    const loop = (element: string): string =>
      model(
        `${begin}<bpmn:exclusiveGateway id="in"/><bpmn:exclusiveGateway id="out" default="d"/>${element}${flow('a', 'start', 'in')}${flow('b', 'in', 'body')}${flow('c', 'body', 'out')}${flow('d', 'out', 'end')}${flow('e', 'out', 'in', '=again')}`,
      );
    expect(await warnings(loop('<bpmn:task id="body"/>'))).toEqual([['endless-loop', 'in']]);
    expect(await warnings(loop(job('body')))).toEqual([]);
  });

  it('warns of one message under two keys', async () => {
    const other = paidMessage.replace('id="m"', 'id="m2"').replace('=orderId', '=customerId');
    const wait = (id: string, ref: string): string => `<bpmn:receiveTask id="${id}" messageRef="${ref}"/>`;
    const xml = model(
      begin +
        wait('w1', 'm') +
        wait('w2', 'm2') +
        flow('a', 'start', 'w1') +
        flow('b', 'w1', 'w2') +
        flow('c', 'w2', 'end'),
      paidMessage + other,
    );
    expect(await warnings(xml)).toEqual([['message-key', 'w2']]);
  });

  it('knows a way to mend each', () => {
    expect(mendingOf('no-default')).toContain('default flow');
  });

  it('looks at ten thousand elements in a ring without a deep stack', async () => {
    const ids = Array.from({ length: 10_000 }, (_, n) => `t${n}`);
    const tasks = ids.map((id) => `<bpmn:task id="${id}"/>`).join('');
    const flows = ids.map((id, n) => flow(`f${n}`, id, ids[(n + 1) % ids.length] ?? '')).join('');
    expect(
      (await warnings(model(begin + tasks + flows + flow('in', 'start', 't0') + flow('x', 't5', 'end')))).map(
        ([rule]) => rule,
      ),
    ).toContain('endless-loop');
  });
});
