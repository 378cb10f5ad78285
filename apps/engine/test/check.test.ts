import { checkAnswer, deploymentAnswer, type PluginAnnouncement } from '@millrace/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mill, topics } from './support/mill.ts';
import { bpmn, oneTask } from './support/models.ts';

describe('checking a deployment', () => {
  let mill: Mill;
  beforeAll(async () => {
    mill = await Mill.start();
  });
  afterAll(() => mill.end());

  const check = async (xml: string): Promise<[rule: string | undefined, elementId: string | undefined][]> => {
    const { status, body } = await mill.call('POST', '/api/definitions/check', xml);
    expect(status).toBe(200);
    return checkAnswer.parse(body).issues.map(({ rule, elementId }) => [rule, elementId]);
  };

  const announce = async (value: PluginAnnouncement | string): Promise<void> => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    const key = typeof value === 'string' ? 'broken' : value.type;
    const producer = mill.client.producer();
    await producer.send({ topic: topics.plugins, key: Buffer.from(key), value: Buffer.from(text), headers: [] });
  };

  const mapped = (type: string, targets: readonly string[]): string =>
    bpmn(
      'mapped',
      `<bpmn:serviceTask id="work"><bpmn:extensionElements><zeebe:taskDefinition type="${type}" /><zeebe:ioMapping>${targets
        .map((target) => `<zeebe:input source="=1" target="${target}" />`)
        .join('')}</zeebe:ioMapping></bpmn:extensionElements></bpmn:serviceTask>`,
      ['start -> work', 'work -> end'],
    );

  it('tells everything at once with a way to mend it, and deploys nothing', async () => {
    const bad = bpmn('bad', '<bpmn:choreographyTask id="or" /><bpmn:serviceTask id="untyped" />', [
      'start -> or',
      'or -> untyped',
      'untyped -> end',
    ]);
    const { body } = await mill.call('POST', '/api/definitions/check', bad);
    const { isDeployable, issues } = checkAnswer.parse(body);
    expect(isDeployable).toBe(false);
    expect(issues.map(({ elementId }) => elementId)).toEqual(expect.arrayContaining(['or', 'untyped']));
    for (const { mend } of issues) expect(mend).toMatch(/\.$/);
    expect((await mill.call('GET', '/api/definitions/bad')).status).toBe(404);
  });

  it('warns of a plugin that has not announced itself, until it has', async () => {
    const xml = oneTask('worked', 'packer');
    expect(await check(xml)).toEqual([['no-plugin', 'work']]);
    // What is no announcement is left out, and the rest is read on.
    await announce('{"what":"ever"}');
    await announce({ version: 1, type: 'packer', announcedAt: '2026-01-01T00:00:00Z' });
    while (mill.plugins.get('packer') === undefined) await new Promise((resolve) => setImmediate(resolve));
    expect(await check(xml)).toEqual([]);
    expect((await mill.call('GET', '/api/plugins')).body.items).toMatchObject([{ type: 'packer' }]);
    const deployed = await mill.call('POST', '/api/definitions', oneTask('worked', 'nobody'));
    expect(deploymentAnswer.parse(deployed.body).warnings).toMatchObject([{ rule: 'no-plugin', elementId: 'work' }]);
  });

  it('says what is wrong with an action by the id of its node', async () => {
    const acting = (attributes: string): string =>
      bpmn(
        'acting',
        `<bpmn:task id="node"><bpmn:extensionElements><millrace:action xmlns:millrace="http://millrace.dev/schema/1.0" name="x" ${attributes}><zeebe:taskDefinition type="unheard" /></millrace:action></bpmn:extensionElements></bpmn:task>`,
        ['start -> node', 'node -> end'],
      );
    expect(await check(acting(''))).toEqual([['no-plugin', 'node']]);
    expect(await check(acting('parent="y"'))).toEqual([['action', 'node']]);
  });

  it('warns of inputs that do not fit what the plugin has announced', async () => {
    const input = { type: 'object', required: ['customer'], properties: { customer: {} }, additionalProperties: false };
    await announce({ version: 1, type: 'strict', input, announcedAt: '2026-01-01T00:00:00Z' });
    while (mill.plugins.get('strict') === undefined) await new Promise((resolve) => setImmediate(resolve));
    expect(await check(mapped('strict', ['customer']))).toEqual([]);
    expect(await check(mapped('strict', ['order']))).toEqual([['plugin-input', 'work']]);
    expect(await check(mapped('strict', ['customer', 'order']))).toEqual([['plugin-input', 'work']]);
  });

  it('warns of processes and forms that are not there, and of calls that come back', async () => {
    const calls = (id: string, called: string): string =>
      bpmn(
        id,
        `<bpmn:callActivity id="call"><bpmn:extensionElements><zeebe:calledElement processId="${called}" /></bpmn:extensionElements></bpmn:callActivity>`,
        ['start -> call', 'call -> end'],
      );
    expect(await check(calls('caller', 'missing'))).toEqual([['unknown-process', 'call']]);
    expect(await check(calls('self', 'self'))).toEqual([['call-ring', 'call']]);
    const shows = bpmn(
      'shows',
      '<bpmn:userTask id="ask"><bpmn:extensionElements><zeebe:userTask /><zeebe:formDefinition formId="missing" /></bpmn:extensionElements></bpmn:userTask>',
      ['start -> ask', 'ask -> end'],
    );
    expect(await check(shows)).toEqual([['unknown-form', 'ask']]);
  });
});
