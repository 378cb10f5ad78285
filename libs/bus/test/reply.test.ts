import { describe, expect, it } from 'vitest';
import { type Header, type ReceivedRecord, jobRecord, readReply, topicsOf } from '../src/index.ts';

const instanceId = '0190f3c4-1111-8222-8333-444455556666';
const utf8 = new TextEncoder();

const job = jobRecord(topicsOf(), {
  jobKey: '3-17-1',
  type: 'credit-check',
  instanceId,
  elementId: 'CreditCheck',
  attempt: 2,
  retries: 3,
  definition: 'onboarding',
  definitionVersion: 4,
  variables: { amount: 10 },
});

/** A plugin's answer: the job's headers copied, and what it adds. */
function reply(
  value: string | Uint8Array | null,
  added: Record<string, string> = {},
  without: string[] = [],
): ReceivedRecord {
  const copied: Header[] = job.headers
    .filter(({ key }) => !without.includes(key))
    .map(({ key, value }) => ({ key, value: utf8.encode(value as string) }));
  for (const [key, text] of Object.entries(added)) copied.push({ key, value: utf8.encode(text) });
  return { key: null, value: typeof value === 'string' ? utf8.encode(value) : value, headers: copied };
}

const ofJob = { instanceId, jobKey: '3-17-1', attempt: 2, traceparent: undefined };

describe('a reply', () => {
  it.for([
    [
      'completes the job with its variables',
      reply('{"score":700}'),
      { kind: 'completion', ...ofJob, variables: { score: 700 } },
    ],
    [
      'completes without variables when the value is null',
      reply(null),
      { kind: 'completion', ...ofJob, variables: {} },
    ],
    ['completes without variables when the value is empty', reply(''), { kind: 'completion', ...ofJob, variables: {} }],
    [
      'to the job of an ad-hoc sub-process says what begins',
      reply('{"activateElements":[{"elementId":"a","variables":{"n":1}}],"variables":{"m":2}}', {
        'mr-result': 'adHocSubProcess',
      }),
      {
        kind: 'direction',
        ...ofJob,
        answer: { activateElements: [{ elementId: 'a', variables: { n: 1 } }], variables: { m: 2 } },
      },
    ],
    [
      'to the job of an ad-hoc sub-process fails when it says something else',
      reply('{"activateElements":["a"]}', { 'mr-result': 'adHocSubProcess' }),
      {
        kind: 'failure',
        ...ofJob,
        message: expect.stringContaining('found activateElements.0') as string,
        retryAfterMs: undefined,
      },
    ],
    [
      'throws a BPMN error when it has a code',
      reply('{"why":"x"}', { 'mr-error-code': 'DENIED', 'mr-error-message': 'no' }),
      { kind: 'bpmnError', ...ofJob, code: 'DENIED', message: 'no', variables: { why: 'x' } },
    ],
    [
      'fails when it has a message alone, and its value is not read',
      reply('not json', { 'mr-error-message': 'timeout', 'mr-retry-after': '1500' }),
      { kind: 'failure', ...ofJob, message: 'timeout', retryAfterMs: 1500 },
    ],
    [
      'without mr-job is a FlowX reply of any JSON',
      reply('[1]', {}, ['mr-job']),
      { kind: 'flowx', instanceId, value: [1], traceparent: undefined },
    ],
    [
      'without mr-job and without a value is a FlowX reply of null',
      reply(null, {}, ['mr-job']),
      { kind: 'flowx', instanceId, value: null, traceparent: undefined },
    ],
    [
      'without mr-job may be the callback of an action, at the token that it names',
      reply('{}', { callbacksForAction: 'send', 'mr-token': '3-17-2' }, ['mr-job']),
      {
        kind: 'flowx',
        instanceId,
        value: {},
        callback: { action: 'send', elementId: 'CreditCheck', elementKey: '3-17-2' },
        traceparent: undefined,
      },
    ],
  ] as const)('%s', ([, record, expected]) => {
    expect(readReply(record)).toEqual(expected);
  });

  it('counts the last of repeated headers', () => {
    expect(readReply(reply('{}', { 'mr-attempt': '3' }))).toMatchObject({ kind: 'completion', attempt: 3 });
  });

  it.for([
    ['lacks the instance', reply('{}', {}, ['processInstanceUuid']), 'HEADER_MISSING'],
    ['names no UUID', reply('{}', { processInstanceUuid: 'x' }), 'HEADER_MALFORMED'],
    ['lacks the attempt', reply('{}', {}, ['mr-attempt']), 'HEADER_MISSING'],
    ['has an attempt that is no number', reply('{}', { 'mr-attempt': '1e3' }), 'HEADER_MALFORMED'],
    ['has an empty error code', reply('{}', { 'mr-error-code': '' }), 'HEADER_MALFORMED'],
    [
      'has a retry delay that is no number',
      reply('{}', { 'mr-error-message': 'm', 'mr-retry-after': 'soon' }),
      'HEADER_MALFORMED',
    ],
    ['is not JSON', reply('{'), 'NOT_JSON'],
    ['is not UTF-8', reply(Uint8Array.of(0x22, 0xff, 0x22)), 'NOT_UTF8'],
    ['completes with a list', reply('[1]'), 'WRONG_SHAPE'],
    ['has a number JSON would round', reply('{"account":12345678901234567890}'), 'NUMBER_WOULD_ROUND'],
    ['is too large', reply(`{"a":"${'x'.repeat(800_000)}"}`), 'VALUE_TOO_LARGE'],
  ] as const)('is unusable when it %s', ([, record, reason]) => {
    expect(readReply(record)).toMatchObject({ kind: 'unusable', reason });
  });

  it('cuts an error message of megabytes', () => {
    const read = readReply(reply(null, { 'mr-error-message': 'x'.repeat(1_000_000) }));
    expect(read).toMatchObject({ kind: 'failure' });
    expect(JSON.stringify(read).length).toBeLessThan(10_000);
  });
});
