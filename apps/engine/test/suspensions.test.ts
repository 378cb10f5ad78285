import { batchAnswer, definitionStateAnswer, listInstancesAnswer, problemDocument } from '@millrace/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mill } from './support/mill.ts';
import { userTask } from './support/models.ts';

describe('suspending a process over REST', () => {
  let mill: Mill;
  beforeAll(async () => {
    mill = await Mill.start();
    await mill.deploy(userTask('paused'));
  });
  afterAll(() => mill.end());

  const post = (path: string, body?: object) => mill.call('POST', path, body);
  const states = async (): Promise<string[]> => {
    const { items } = listInstancesAnswer.parse((await mill.call('GET', '/api/process?definition=paused')).body);
    return items.map(({ state }) => state);
  };
  const untilDone = async (batchId: string | undefined): Promise<void> => {
    const look = async () => batchAnswer.parse((await mill.call('GET', `/api/batches/${batchId}`)).body);
    let batch = await look();
    while (batch.state === 'RUNNING') batch = await look();
    expect(batch.failed).toBe(0);
  };

  it('refuses starts with a code of its own, shows it in the list, and resumes', async () => {
    const answer = await post('/api/definitions/paused/suspend', { reason: 'audit' });
    const suspended = definitionStateAnswer.parse(answer.body);
    expect(suspended).toMatchObject({ name: 'paused', state: 'SUSPENDED', suspensionReason: 'audit' });
    // Ids are spread over the partitions, and each of them refuses.
    for (let at = 0; at < 12; at += 1) {
      const refused = await post('/api/process/paused/start', {});
      expect(problemDocument.parse(refused.body)).toMatchObject({ status: 409, code: 'DEFINITION_SUSPENDED' });
    }
    const { items } = (await mill.call('GET', '/api/definitions')).body;
    expect(items).toMatchObject([{ name: 'paused', state: 'SUSPENDED', suspendedAt: suspended.suspendedAt }]);
    const resumed = definitionStateAnswer.parse((await post('/api/definitions/paused/resume')).body);
    expect(resumed).toEqual({ ...resumed, state: 'ACTIVE' });
    expect(resumed.suspendedAt).toBeUndefined();
    expect((await post('/api/process/paused/start', {})).status).toBe(200);
  });

  it('suspends and resumes the instances too, where that is asked for', async () => {
    await Promise.all([1, 2, 3, 4].map(() => post('/api/process/paused/start', {})));
    const all = (await states()).length;
    const suspended = await post('/api/definitions/paused/suspend', { includeInstances: true });
    await untilDone(definitionStateAnswer.parse(suspended.body).batchId);
    expect(await states()).toEqual(Array(all).fill('SUSPENDED'));
    const resumed = await post('/api/definitions/paused/resume', { includeInstances: true });
    await untilDone(definitionStateAnswer.parse(resumed.body).batchId);
    expect(await states()).toEqual(Array(all).fill('STARTED'));
  });

  it('answers 404 for what is not deployed, and 400 for what it does not know', async () => {
    const missing = await post('/api/definitions/nothing/suspend');
    expect(problemDocument.parse(missing.body)).toMatchObject({ status: 404, code: 'DEFINITION_NOT_FOUND' });
    expect((await post('/api/definitions/paused/suspend', { until: 'tomorrow' })).status).toBe(400);
  });
});
