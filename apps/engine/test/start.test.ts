import { instanceStatus, listInstancesAnswer, problemDocument } from '@millrace/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mill } from './support/mill.ts';
import { bpmn, userTask } from './support/models.ts';

describe('starting a version by its tag', () => {
  let mill: Mill;
  const tagged = (tag: string, name: string): string =>
    bpmn('tagged', `<bpmn:task id="pass" name="${name}" />`, ['start -> pass', 'pass -> end']).replace(
      /(<bpmn:process [^>]*>)/,
      `$1<bpmn:extensionElements><zeebe:versionTag value="${tag}" /></bpmn:extensionElements>`,
    );
  beforeAll(async () => {
    mill = await Mill.start();
    for (const [tag, name] of [
      ['stable', 'a'],
      ['stable', 'b'],
      ['next', 'c'],
    ] as const) {
      await mill.deploy(tagged(tag, name));
    }
  });
  afterAll(() => mill.end());

  it.for([
    ['versionTag=stable', 2],
    ['versionTag=next', 3],
    ['version=1', 1],
  ] as const)('by %s is version %d', async ([query, version]) => {
    expect((await mill.call('POST', `/api/process/tagged/start?${query}`, {})).body).toMatchObject({ version });
  });

  it('refuses a tag that nothing has, and a tag beside a version', async () => {
    const missing = await mill.call('POST', '/api/process/tagged/start?versionTag=old', {});
    expect(problemDocument.parse(missing.body)).toMatchObject({ status: 404, code: 'DEFINITION_NOT_FOUND' });
    expect((await mill.call('POST', '/api/process/tagged/start?versionTag=next&version=1', {})).status).toBe(400);
  });
});

describe('instances of a flow', () => {
  let mill: Mill;
  beforeAll(async () => {
    mill = await Mill.start();
    await mill.deploy(userTask('flowing'));
  });
  afterAll(() => mill.end());

  it('show its name, and are found by it', async () => {
    const start = async (query: string) => (await mill.call('POST', `/api/process/flowing/start?${query}`, {})).body;
    const { processInstanceUuid, flowName } = await start('flowName=retail&businessKey=b');
    expect(flowName).toBe('retail');
    await start('flowName=corporate');
    await start('');
    const found = async (query: string) =>
      listInstancesAnswer.parse((await mill.call('GET', `/api/process?${query}`)).body).items;
    expect(await found('flowName=retail')).toMatchObject([{ processInstanceUuid, flowName: 'retail' }]);
    expect(await found('flowName=retail&businessKey=b')).toHaveLength(1);
    expect(await found('flowName=corporate&businessKey=b')).toEqual([]);
    expect(await found('flowName=retail&state=FINISHED')).toEqual([]);
    expect((await mill.call('POST', '/api/process/flowing/start?flowName=', {})).status).toBe(400);
  });
});

describe('instances that expire', () => {
  let mill: Mill;
  beforeAll(async () => {
    mill = await Mill.start();
    await mill.deploy(
      userTask('limited').replace(
        '<bpmn:startEvent',
        '<bpmn:extensionElements><millrace:expiry xmlns:millrace="http://millrace.dev/schema/1.0" after="P2D" /></bpmn:extensionElements><bpmn:startEvent',
      ),
    );
  });
  afterAll(() => mill.end());

  const start = (query: string) => mill.call('POST', `/api/process/limited/start?${query}`, {});

  it('have the time that their model says', async () => {
    const { body } = await start('');
    const status = instanceStatus.parse(
      (await mill.call('GET', `/api/process/${body.processInstanceUuid}/status`)).body,
    );
    expect(Date.parse(status.expiresAt ?? '') - Date.parse(status.startedAt)).toBe(2 * 24 * 3_600_000);
    expect(status.state).toBe('STARTED');
  });

  it('end as EXPIRED by the time that their start gave them', async () => {
    const ended = await start('expiresIn=PT0.05S&wait=completed&timeout=60s');
    expect(ended.body).toMatchObject({ state: 'EXPIRED', tokens: [] });
    const { items } = listInstancesAnswer.parse((await mill.call('GET', '/api/process?state=EXPIRED')).body);
    expect(items.map(({ processInstanceUuid }) => processInstanceUuid)).toEqual([ended.body.processInstanceUuid]);
  });

  it('are not started with a time that is none', async () => {
    expect((await start('expiresIn=0s')).status).toBe(409);
    expect((await start('expiresIn=P1Y')).status).toBe(400);
  });
});
