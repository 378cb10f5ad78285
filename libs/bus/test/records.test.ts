import { listenedTask } from '@millrace/contract';
import { describe, expect, it } from 'vitest';
import {
  type ReceivedRecord,
  childTraceparent,
  cloudEventHeaders,
  deadLetter,
  jobRecord,
  operationsReply,
  parseTraceparent,
  readMessageEvent,
  readOperations,
  readStart,
  topicsOf,
} from '../src/index.ts';

const utf8 = new TextEncoder();
const topics = topicsOf();

function record(value: unknown, headers: Record<string, string> = {}): ReceivedRecord {
  return {
    key: utf8.encode('key'),
    value: utf8.encode(typeof value === 'string' ? value : JSON.stringify(value)),
    headers: Object.entries(headers).map(([key, text]) => ({ key, value: utf8.encode(text) })),
  };
}

describe('a job record', () => {
  it('of a listener says for which event it asks, and what is about to happen to the task', () => {
    const task = {
      taskKey: '0-1',
      action: 'claim',
      changedAttributes: ['assignee'],
      candidateGroups: [],
      candidateUsers: [],
    };
    const { headers } = jobRecord(topics, {
      jobKey: '0-1-2',
      type: 'audit',
      instanceId: 'i',
      elementId: 'Task',
      attempt: 1,
      retries: 3,
      definition: 'p',
      definitionVersion: 2,
      variables: {},
      listener: 'assigning',
      task,
    });
    const text = (name: string): unknown => headers.find(({ key }) => key === name)?.value;
    expect(text('mr-listener')).toBe('assigning');
    expect(listenedTask.parse(JSON.parse(String(text('mr-task'))))).toEqual(task);
  });

  it('says everything a plugin needs in its headers', () => {
    const job = jobRecord(topics, {
      jobKey: '0-1-2',
      type: 'a b',
      instanceId: 'i',
      elementId: 'Task',
      attempt: 1,
      retries: 3,
      deadline: 1_700_000_000_000,
      definition: 'p',
      definitionVersion: 2,
      variables: { x: 1 },
      taskHeaders: { template: 'welcome' },
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    });
    expect({ ...job, headers: Object.fromEntries(job.headers.map(({ key, value }) => [key, value])) }).toEqual({
      topic: 'millrace.plugin.a-b.v1',
      key: 'i',
      value: '{"x":1}',
      headers: {
        processInstanceUuid: 'i',
        processInstanceId: 'i',
        destinationId: 'Task',
        'mr-job': '0-1-2',
        'mr-type': 'a b',
        'mr-attempt': '1',
        'mr-retries': '3',
        'mr-deadline': '1700000000000',
        'mr-reply-topic': 'millrace.engine.receive.replies.v1',
        'mr-definition': 'p',
        'mr-definition-version': '2',
        'mr-task-headers': '{"template":"welcome"}',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      },
    });
  });
});

describe('a start record', () => {
  it.for([
    ['of FlowX 4.6', record({ a: 1 }, { 'Fx-ProcessName': 'p' }), { a: 1 }],
    ['of FlowX 4.6 without a body', { ...record('', { 'Fx-ProcessName': 'p' }), value: null }, {}],
    ['of FlowX 3 with params', record({ processName: 'p', params: { a: 1 } }), { a: 1 }],
    ['of FlowX 3 with its parameters beside the name', record({ processName: 'p', a: 1 }), { a: 1 }],
  ] as const)('%s names process and parameters', ([, input, variables]) => {
    expect(readStart(input)).toEqual({ kind: 'start', processName: 'p', variables, traceparent: undefined });
  });

  it.for([
    ['no process name', record({ a: 1 }), 'WRONG_SHAPE'],
    ['params that are a list', record({ processName: 'p', params: [] }), 'WRONG_SHAPE'],
    ['no JSON', record('p'), 'NOT_JSON'],
  ] as const)('with %s is unusable', ([, input, reason]) => {
    expect(readStart(input)).toMatchObject({ kind: 'unusable', reason });
  });
});

describe('a message event', () => {
  it('names message, key and data', () => {
    expect(readMessageEvent(record({ messageName: 'signed', correlationKey: 42, data: { by: 'x' } }))).toEqual({
      kind: 'message',
      name: 'signed',
      correlationKey: '42',
      variables: { by: 'x' },
      traceparent: undefined,
    });
  });

  it('without a name is unusable, and the reason says which field', () => {
    expect(readMessageEvent(record({ correlationKey: 'k' }))).toMatchObject({
      reason: 'WRONG_SHAPE',
      message: expect.stringContaining('messageName'),
    });
  });
});

describe('operations', () => {
  it('come single and in bulk, with the topic to answer on', () => {
    const single = record({ operationType: 'TERMINATE', processInstanceUuid: 'i' }, { callbackTopic: 'back' });
    expect(readOperations(single)).toMatchObject({
      operations: [{ operationType: 'TERMINATE' }],
      callbackTopic: 'back',
    });
    const bulk = record({ operations: [{ operationType: 'HOLD' }, { operationType: 'UNHOLD' }] });
    expect(readOperations(bulk)).toMatchObject({
      operations: [{ operationType: 'HOLD' }, { operationType: 'UNHOLD' }],
    });
  });

  it('of an unknown type are unusable', () => {
    expect(readOperations(record({ operationType: 'EXPLODE' }))).toMatchObject({ reason: 'WRONG_SHAPE' });
  });

  it('are answered with the headers of the request and what became of each', () => {
    const request = record({}, { requestID: '7' });
    const operation = { operationType: 'HOLD', processInstanceUuid: 'i' } as const;
    expect(operationsReply('back', request, [{ operation, error: 'not yet' }])).toEqual({
      topic: 'back',
      key: request.key,
      headers: request.headers,
      value: '{"results":[{"processInstanceUuid":"i","operationType":"HOLD","success":false,"error":"not yet"}]}',
    });
  });
});

describe('a dead letter', () => {
  it('keeps key, value and headers as they came and adds reason and source', () => {
    const original: ReceivedRecord = {
      key: Uint8Array.of(0xff),
      value: Uint8Array.of(0xfe),
      headers: [{ key: 'h', value: Uint8Array.of(0xfd) }],
    };
    const letter = deadLetter(
      topics,
      original,
      { topic: 't', partition: 3, offset: 9 },
      { reason: 'NOT_JSON', message: 'why' },
    );
    expect(letter.key).toBe(original.key);
    expect(letter.value).toBe(original.value);
    expect(letter.headers).toEqual([
      original.headers[0],
      { key: 'mr-dead-reason', value: 'NOT_JSON' },
      { key: 'mr-dead-message', value: 'why' },
      { key: 'mr-dead-topic', value: 't' },
      { key: 'mr-dead-partition', value: '3' },
      { key: 'mr-dead-offset', value: '9' },
    ]);
  });
});

describe('trace context', () => {
  const valid = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

  it('passes on as the same trace with another parent', () => {
    const parent = parseTraceparent(valid);
    expect(parent).toBeDefined();
    expect(childTraceparent(parent!, Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7))).toBe(
      '00-0af7651916cd43dd8448eb211c80319c-0001020304050607-01',
    );
  });

  it.for([
    undefined,
    '',
    'garbage',
    `ff${valid.slice(2)}`,
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    '00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01',
  ])('ignores %s', (text) => {
    expect(parseTraceparent(text)).toBeUndefined();
  });
});

describe('an event', () => {
  it('is a CloudEvent in binary mode', () => {
    expect(
      Object.fromEntries(
        cloudEventHeaders({ id: 'i:7', type: 't', source: '/millrace/p/0', subject: 'i', timeMs: 0 }).map((header) => [
          header.key,
          header.value,
        ]),
      ),
    ).toEqual({
      ce_specversion: '1.0',
      ce_id: 'i:7',
      ce_type: 't',
      ce_source: '/millrace/p/0',
      ce_subject: 'i',
      ce_time: '1970-01-01T00:00:00.000Z',
      'content-type': 'application/json',
    });
  });
});
