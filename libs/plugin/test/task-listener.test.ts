import type { IHeaders } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { answer } from '../src/answer.ts';
import { type TaskListenerDefinition, correct, defineTaskListener, deny } from '../src/index.ts';

const task = {
  taskKey: '0-1',
  action: 'complete',
  changedAttributes: [],
  assignee: 'ann',
  candidateGroups: ['clerks'],
  candidateUsers: [],
};

const jobHeaders: IHeaders = {
  processInstanceUuid: '01890000-0000-8000-8000-000000000001',
  destinationId: 'Review',
  'mr-job': 'j-1',
  'mr-attempt': '1',
  'mr-listener': 'completing',
  'mr-task': JSON.stringify(task),
};

async function run(handler: TaskListenerDefinition['handler'], headers = jobHeaders) {
  const context = { signal: new AbortController().signal, now: 0, spanId: new Uint8Array(8), replyTopic: 'replies' };
  const record = { value: Buffer.from('{"amount":5}'), headers };
  const reply = await answer(defineTaskListener({ type: 'check', handler }), record, context);
  if (reply.kind !== 'reply') throw new Error(reply.reason);
  return { outcome: reply.outcome, value: JSON.parse(reply.value), message: reply.message };
}

describe('a task listener', () => {
  it('sees the task as it will be, and what is visible to it', async () => {
    let seen: unknown;
    await run((found, { listener, variables }) => void (seen = { found, listener, variables }));
    expect(seen).toEqual({ found: task, listener: 'completing', variables: { amount: 5 } });
  });

  it('lets the change go on, refuses it, or corrects it', async () => {
    expect(await run(() => undefined)).toMatchObject({ outcome: 'completed', value: {} });
    expect(await run(async () => deny('no signature'))).toMatchObject({
      outcome: 'completed',
      value: { denied: true, deniedReason: 'no signature' },
    });
    expect(await run(() => correct({ assignee: null, priority: 3 }))).toMatchObject({
      value: { corrections: { assignee: null, priority: 3 } },
    });
  });

  it('brings no variables', async () => {
    const failed = await run((() => ({ approved: true })) as never);
    expect(failed).toMatchObject({ outcome: 'failed', message: expect.stringContaining('does not fit its schema') });
  });

  it('fails on a job that is no task listener\u2019s', async () => {
    const { 'mr-task': _task, ...without } = jobHeaders;
    expect(await run(() => undefined, without)).toMatchObject({
      outcome: 'failed',
      message: 'expected the job of Review to be a task listener\u2019s: "check" is one'.replaceAll('\u2019', "'"),
    });
    expect(await run(() => undefined, { ...jobHeaders, 'mr-task': 'no JSON' })).toMatchObject({ outcome: 'failed' });
  });
});
