import type { IHeaders } from 'kafkajs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { answer } from '../src/answer.ts';
import { BpmnError, type Job, JobFailure, type Plugin, adHocAnswer, definePlugin } from '../src/index.ts';

const instanceId = '01890000-0000-8000-8000-000000000001';
const now = Date.parse('2026-01-01T00:00:00Z');
const context = {
  signal: new AbortController().signal,
  now,
  spanId: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
  replyTopic: 'millrace.engine.receive.replies.v1',
};

const jobHeaders: IHeaders = {
  processInstanceUuid: Buffer.from(instanceId),
  destinationId: 'Check',
  'mr-job': 'j-1',
  'mr-attempt': '2',
  'mr-retries': '1',
  'mr-reply-topic': 'millrace.engine.receive.replies.v1',
  'mr-task-headers': '{"bureau":"north"}',
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
  jwt: 'kept as it is',
  repeated: ['a', Buffer.from('b')],
};

function credit(handler: (input: { customerId: string }, job: Job) => unknown): Plugin {
  return definePlugin({
    type: 'credit-check',
    input: z.object({ customerId: z.string(), address: z.object({ city: z.string() }).optional() }),
    output: z.object({ score: z.number() }),
    handler: handler as (input: { customerId: string }, job: Job) => { score: number },
  });
}

async function run(plugin: Plugin, input: unknown, headers: IHeaders = jobHeaders): ReturnType<typeof answer> {
  const value = typeof input === 'string' ? Buffer.from(input) : Buffer.from(JSON.stringify(input));
  return await answer(plugin, { value, headers }, context);
}

const works = credit(() => ({ score: 710 }));

describe('answer', () => {
  it('A1: answers to the topic that the job names, with its headers and the instance as key', async () => {
    expect(await run(works, { customerId: 'c-1' })).toEqual({
      kind: 'reply',
      outcome: 'completed',
      topic: 'millrace.engine.receive.replies.v1',
      key: instanceId,
      value: '{"score":710}',
      headers: {
        ...jobHeaders,
        traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-0102030405060708-01',
      },
    });
  });

  it('says what an ad-hoc sub-process begins, in the words of the bus', async () => {
    const agent = definePlugin({
      type: 'agent',
      input: z.object({}),
      output: adHocAnswer,
      handler: (_input, job) =>
        job.isAdHoc ? { activateElements: [{ elementId: 'look-up', variables: { n: 1 } }] } : {},
    });
    const reply = await run(agent, {}, { ...jobHeaders, 'mr-result': 'adHocSubProcess' });
    expect(reply).toMatchObject({
      outcome: 'completed',
      value: '{"activateElements":[{"elementId":"look-up","variables":{"n":1}}]}',
      headers: { 'mr-result': 'adHocSubProcess' },
    });
  });

  it('tells the handler which job it is', async () => {
    let seen: Job | undefined;
    await run(
      credit((_input, job) => {
        seen = job;
        return { score: 1 };
      }),
      { customerId: 'c-1' },
    );
    expect(seen).toMatchObject({
      key: 'j-1',
      type: 'credit-check',
      instanceId,
      elementId: 'Check',
      attempt: 2,
      retries: 1,
      deadline: undefined,
      taskHeaders: { bureau: 'north' },
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-0102030405060708-01',
    });
  });

  it('answers a BPMN error with code, message and variables', async () => {
    const plugin = credit(() => {
      throw new BpmnError('UNKNOWN_CUSTOMER', 'nobody is called c-1', { customerId: 'c-1' });
    });
    expect(await run(plugin, { customerId: 'c-1' })).toMatchObject({
      outcome: 'bpmnError',
      value: '{"customerId":"c-1"}',
      headers: { 'mr-error-code': 'UNKNOWN_CUSTOMER', 'mr-error-message': 'nobody is called c-1', 'mr-job': 'j-1' },
    });
  });

  it('answers a BPMN error whose variables are no JSON without them', async () => {
    const plugin = credit(() => {
      throw new BpmnError('ODD', '', { amount: 10n });
    });
    expect(await run(plugin, { customerId: 'c-1' })).toMatchObject({ outcome: 'bpmnError', value: '{}' });
  });

  it('answers a failure that says when to try again', async () => {
    const plugin = credit(() => {
      throw new JobFailure('the bureau is closed', { retryAfterMs: 5_000 });
    });
    const reply = await run(plugin, { customerId: 'c-1' });
    expect(reply).toMatchObject({
      outcome: 'failed',
      headers: { 'mr-error-message': 'the bureau is closed', 'mr-retry-after': '5000' },
    });
    expect(reply).not.toHaveProperty('headers.mr-error-code');
  });

  it.for<[string, unknown, string]>([
    ['an error', new Error('connection refused'), 'connection refused'],
    ['a text', 'plain text', 'plain text'],
    ['an error without a message', new Error(), 'the handler failed without saying why'],
    ['a very long message', new Error('x'.repeat(10_000)), `${'x'.repeat(4_000)}…`],
  ])('A2: answers %s that a handler throws as a failure', async ([, thrown, message]) => {
    const plugin = credit(() => {
      throw thrown;
    });
    expect(await run(plugin, { customerId: 'c-1' })).toMatchObject({
      outcome: 'failed',
      headers: { 'mr-error-message': message },
    });
  });

  it('fails a job whose input does not fit, naming each variable', async () => {
    const reply = await run(works, { customerId: 7, address: {} });
    expect(reply).toMatchObject({
      outcome: 'failed',
      headers: {
        'mr-error-message': [
          'the input of credit-check does not fit its schema:',
          'customerId: Invalid input: expected string, received number',
          'address.city: Invalid input: expected string, received undefined',
        ].join('\n'),
      },
    });
  });

  it.for([
    ['not json', 'cannot be read'],
    ['[1]', 'expected a JSON object'],
    ['{"customerId":"c","n":12345678901234567890}', 'cannot be read'],
  ])('fails a job whose input is %s', async ([input = '', words]) => {
    expect(await run(works, input)).toMatchObject({
      outcome: 'failed',
      headers: { 'mr-error-message': expect.stringContaining(words ?? '') },
    });
  });

  it('fails a job whose output does not fit, or is too large', async () => {
    const message = async (plugin: Plugin): Promise<unknown> => {
      const reply = await run(plugin, { customerId: 'c-1' });
      return reply.kind === 'reply' ? reply.headers['mr-error-message'] : reply;
    };
    expect(await message(credit(() => ({ score: 'high' })))).toContain('the output of credit-check does not fit');
    const large = definePlugin({
      type: 'large',
      input: z.object({}),
      output: z.object({ text: z.string() }),
      handler: () => ({ text: 'x'.repeat(800 * 1024) }),
    });
    expect(await message(large)).toContain('expected an output of at most 786432 bytes');
  });

  it('completes with nothing when the handler gives nothing', async () => {
    const silent = definePlugin({ type: 'notify', input: z.object({}), output: z.object({}), handler: () => ({}) });
    expect(await run(silent, {})).toMatchObject({ outcome: 'completed', value: '{}' });
  });

  it('A2: skips a job past its deadline without running it', async () => {
    const plugin = credit(() => {
      throw new Error('expected not to run');
    });
    const late = { ...jobHeaders, 'mr-deadline': String(now - 250) };
    expect(await run(plugin, { customerId: 'c-1' }, late)).toEqual({
      kind: 'skipped',
      reason: 'its deadline was 250 ms ago',
    });
    expect(await run(works, { customerId: 'c-1' }, { ...late, 'mr-deadline': String(now + 1) })).toMatchObject({
      outcome: 'completed',
    });
  });

  it('answers a record of a send node, which has no job, to where replies go', async () => {
    const published = { processInstanceUuid: instanceId };
    expect(await run(works, { customerId: 'c-1' }, published)).toMatchObject({
      outcome: 'completed',
      topic: context.replyTopic,
      headers: published,
    });
  });

  it('skips a record that nobody can be answered for', async () => {
    expect(await run(works, {}, {})).toMatchObject({ kind: 'skipped' });
  });
});
