import { listMessagesAnswer, type MessageEntry, messageAnswer, problemDocument } from '@millrace/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mill } from './support/mill.ts';
import { bpmn, waitsForMessage } from './support/models.ts';

const startsByMessage = bpmn(
  'claims',
  '<bpmn:startEvent id="reported"><bpmn:messageEventDefinition messageRef="m" /></bpmn:startEvent><bpmn:userTask id="check"><bpmn:extensionElements><zeebe:userTask /></bpmn:extensionElements></bpmn:userTask>',
  ['start -> end', 'reported -> check', 'check -> end'],
  '<bpmn:message id="m" name="claim" />',
);

const patient = { timeout: 20_000 };

describe('messages over REST', () => {
  let mill: Mill;
  beforeAll(async () => {
    mill = await Mill.start();
    await mill.deploy(waitsForMessage('ordered', 'paid'));
    await mill.deploy(startsByMessage);
  });
  afterAll(() => mill.end());

  const publish = async (message: object) =>
    messageAnswer.parse((await mill.call('POST', '/api/messages', message)).body);
  const list = async (state: MessageEntry['state'], correlationKey: string) => {
    const answer = await mill.call('GET', `/api/messages?state=${state}&name=paid&correlationKey=${correlationKey}`);
    return listMessagesAnswer.parse(answer.body).items;
  };
  const paid = (correlationKey: string, more = {}) => ({ name: 'paid', correlationKey, ...more });

  it('shows one that is buffered until somebody who subscribes later takes it', async () => {
    const { outcome } = await publish(paid('early', { timeToLive: 'PT10M', messageId: 'm-1' }));
    expect(outcome).toBe('BUFFERED');
    const [message] = await list('BUFFERED', 'early');
    expect(message).toMatchObject({ name: 'paid', correlationKey: 'early', messageId: 'm-1', state: 'BUFFERED' });
    expect(Date.parse(message?.expiresAt ?? '') - Date.parse(message?.publishedAt ?? '')).toBe(600_000);
    const started = await mill.call('POST', '/api/process/ordered/start?wait=completed', { order: 'early' });
    expect(started.body.state).toBe('FINISHED');
    await expect.poll(() => list('BUFFERED', 'early'), patient).toEqual([]);
    expect(await list('EXPIRED', 'early')).toEqual([]);
  });

  it('shows one that nobody has taken when its time is over', async () => {
    await publish(paid('late', { timeToLive: '1ms' }));
    await expect
      .poll(() => list('EXPIRED', 'late'), patient)
      .toMatchObject([{ state: 'EXPIRED', correlationKey: 'late' }]);
    expect(await list('BUFFERED', 'late')).toEqual([]);
  });

  it('shows one that was not to wait, and reached nobody', async () => {
    expect((await publish(paid('nobody'))).outcome).toBe('NOT_CORRELATED');
    const [message] = await list('EXPIRED', 'nobody');
    expect(message).toMatchObject({ state: 'EXPIRED' });
    expect(message?.expiresAt).toBeUndefined();
  });

  it('says that a suspended instance holds it, which takes it when it goes on', async () => {
    const { body } = await mill.call('POST', '/api/process/ordered/start', { order: 'paused' });
    const id = body.processInstanceUuid;
    await mill.call('POST', `/api/process/${id}/suspend`);
    const answer = await publish(paid('paused'));
    expect(answer).toMatchObject({ outcome: 'HELD', reached: [], heldBy: [{ processInstanceUuid: id }] });
    expect(await list('HELD', 'paused')).toHaveLength(1);
    await mill.call('POST', `/api/process/${id}/resume`);
    const state = async () => (await mill.call('GET', `/api/process/${id}/status`)).body.state;
    await expect.poll(state, patient).toBe('FINISHED');
    await expect.poll(() => list('HELD', 'paused'), patient).toEqual([]);
  });

  it('starts one instance at a time for a key, says which, and buffers the next', async () => {
    const first = await publish({ name: 'claim', correlationKey: 'c-1' });
    expect(first).toMatchObject({ outcome: 'CORRELATED', reached: [{ node: 'reported' }] });
    expect((await publish({ name: 'claim', correlationKey: 'c-1', timeToLive: '10m' })).outcome).toBe('BUFFERED');
    expect((await publish({ name: 'claim', correlationKey: 'c-2' })).outcome).toBe('CORRELATED');
    const id = first.reached[0]?.processInstanceUuid;
    const { items } = (await mill.call('GET', `/api/tasks?processInstanceUuid=${id}`)).body;
    await mill.call('POST', `/api/tasks/${items[0].id}/complete`, {});
    const tasks = async () => (await mill.call('GET', '/api/tasks?definition=claims')).body.items.length;
    await expect.poll(tasks, patient).toBe(2);
  });

  it('refuses a time to live that is none, and a list without a state', async () => {
    const refused = await mill.call('POST', '/api/messages', paid('x', { timeToLive: 'P1M' }));
    expect(problemDocument.parse(refused.body)).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
    expect((await mill.call('GET', '/api/messages')).status).toBe(400);
  });
});
