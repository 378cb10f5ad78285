import { instanceStatus, listInstancesAnswer } from '@millrace/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mill } from './support/mill.ts';
import { userTask } from './support/models.ts';

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
