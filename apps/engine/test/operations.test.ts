import { instanceStatus, listInstancesAnswer, problemDocument, startAnswer } from '@millrace/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mill } from './support/mill.ts';
import { bpmn, userTask, waitsForMessage } from './support/models.ts';

describe('operating instances over REST', () => {
  let mill: Mill;
  beforeAll(async () => {
    mill = await Mill.start();
    await mill.deploy(userTask('reviewed'));
    await mill.deploy(waitsForMessage('ordered', 'paid'));
  });
  afterAll(() => mill.end());

  const start = async (name: string, variables: object = {}): Promise<string> =>
    startAnswer.parse((await mill.call('POST', `/api/process/${name}/start`, variables)).body).processInstanceUuid;
  const post = (path: string, body?: object) => mill.call('POST', path, body);

  it('suspends an instance, which takes nothing until it is resumed', async () => {
    const id = await start('ordered', { order: 'o-1' });
    const suspended = await post(`/api/process/${id}/suspend`, { reason: 'audit' });
    expect(instanceStatus.parse(suspended.body).state).toBe('SUSPENDED');
    expect((await post(`/api/process/${id}/suspend`)).status).toBe(409);
    const { items } = listInstancesAnswer.parse((await mill.call('GET', '/api/process?state=SUSPENDED')).body);
    expect(items.map(({ processInstanceUuid }) => processInstanceUuid)).toEqual([id]);

    const publishing = post('/api/messages', { name: 'paid', correlationKey: 'o-1', timeToLive: '60s' });
    const held = await mill.call('GET', `/api/process/${id}/status`);
    expect(held.body.state).toBe('SUSPENDED');
    expect(instanceStatus.parse((await post(`/api/process/${id}/resume`)).body).state).not.toBe('SUSPENDED');
    // Whichever came first, the publisher hears whom it reached, and the instance goes on once.
    expect((await publishing).body).toMatchObject({ outcome: 'CORRELATED', reached: [{ processInstanceUuid: id }] });
    expect((await mill.call('GET', `/api/process/${id}/status`)).body.state).toBe('FINISHED');
  });

  it('refuses to complete a task of a suspended instance, and to resume one that is not suspended', async () => {
    const id = await start('reviewed');
    const { items } = (await mill.call('GET', `/api/tasks?processInstanceUuid=${id}`)).body;
    await post(`/api/process/${id}/suspend`);
    const refused = await post(`/api/tasks/${items[0].id}/complete`, {});
    expect(problemDocument.parse(refused.body)).toMatchObject({ status: 409, code: 'INVALID_STATE' });
    await post(`/api/process/${id}/resume`);
    expect(problemDocument.parse((await post(`/api/process/${id}/resume`)).body).code).toBe('INVALID_STATE');
    expect((await post(`/api/tasks/${items[0].id}/complete`, {})).status).toBe(200);
    expect(problemDocument.parse((await post(`/api/process/${id}/suspend`)).body).status).toBe(409);
  });

  const twoTasks = (name: string, first: string): string =>
    bpmn(
      name,
      `<bpmn:userTask id="${first}"><bpmn:extensionElements><zeebe:userTask /></bpmn:extensionElements></bpmn:userTask>
       <bpmn:userTask id="second"><bpmn:extensionElements><zeebe:userTask /></bpmn:extensionElements></bpmn:userTask>`,
      [`start -> ${first}`, `${first} -> second`, 'second -> end'],
    );

  it('moves a token to another element', async () => {
    await mill.deploy(twoTasks('moved', 'first'));
    const id = await start('moved');
    const modified = await post(`/api/process/${id}/modify`, {
      activate: [{ node: 'second' }],
      terminate: [{ node: 'first' }],
      variables: { by: 'hand' },
    });
    expect(modified.status, JSON.stringify(modified.body)).toBe(200);
    expect(modified.body).toMatchObject({ tokens: [{ node: 'second' }], variables: { by: 'hand' } });
    const refused = await post(`/api/process/${id}/modify`, { activate: [{ node: 'nowhere' }] });
    expect(problemDocument.parse(refused.body)).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
    const missing = await post(`/api/process/${id}/modify`, { terminate: [{ token: '0-1' }] });
    expect(problemDocument.parse(missing.body).code).toBe('TOKEN_NOT_FOUND');
  });

  it('migrates an instance to a version in which its element is called otherwise', async () => {
    await mill.deploy(twoTasks('renamed', 'old'));
    const id = await start('renamed');
    await mill.deploy(twoTasks('renamed', 'new'));
    const refused = await post(`/api/process/${id}/migrate`, { version: 2 });
    expect(problemDocument.parse(refused.body).detail).toContain('no "old"');
    const migrated = await post(`/api/process/${id}/migrate`, { version: 2, mapping: { old: 'new' } });
    expect(migrated.body).toMatchObject({ version: 2, tokens: [{ node: 'new' }] });
    const { items } = (await mill.call('GET', `/api/tasks?processInstanceUuid=${id}`)).body;
    expect(items).toMatchObject([{ node: 'new' }]);
    expect((await post(`/api/tasks/${items[0].id}/complete`, {})).status).toBe(200);
    const status = await mill.call('GET', `/api/process/${id}/status`);
    expect(status.body).toMatchObject({ tokens: [{ node: 'second' }] });
    const unknown = await post(`/api/process/${id}/migrate`, { version: 9 });
    expect(problemDocument.parse(unknown.body).code).toBe('DEFINITION_NOT_FOUND');
  });

  it('does one operation to many instances, and says how far it is', async () => {
    await mill.deploy(twoTasks('many', 'first'));
    const ids = await Promise.all(Array.from({ length: 30 }, () => start('many')));
    const begun = await post('/api/batches', { operation: { kind: 'suspend' }, filter: { definition: 'many' } });
    expect(begun.status, JSON.stringify(begun.body)).toBe(201);
    let batch = begun.body;
    while (batch.state === 'RUNNING') batch = (await mill.call('GET', `/api/batches/${batch.id}`)).body;
    expect(batch).toMatchObject({ state: 'FINISHED', done: 30, failed: 0, partitions: { done: 3, all: 3 } });
    const { items } = (await mill.call('GET', '/api/process?definition=many&state=SUSPENDED')).body;
    expect(items).toHaveLength(30);

    const again = await post('/api/batches', {
      operation: { kind: 'suspend' },
      filter: { processInstanceUuids: ids.slice(0, 2) },
    });
    let second = again.body;
    while (second.state === 'RUNNING') second = (await mill.call('GET', `/api/batches/${second.id}`)).body;
    expect(second).toMatchObject({ done: 0, failed: 2, failures: [{ reason: 'INVALID_STATE' }, {}] });
    expect((await mill.call('GET', '/api/batches')).body.items).toMatchObject([{ id: second.id }, { id: batch.id }]);
    expect((await post('/api/batches', { operation: { kind: 'resume' }, filter: {} })).status).toBe(400);
    expect(problemDocument.parse((await mill.call('GET', '/api/batches/none')).body).code).toBe('BATCH_NOT_FOUND');
  });
});
