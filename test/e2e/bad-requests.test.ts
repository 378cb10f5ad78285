/** What users send by mistake: each mistake has a status and a code, says what was expected, and harms nobody else. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, RunningServer } from './running-server.ts';

const nobody = '00000000-0000-8000-8000-000000000000';
const xml = 'application/xml';
const bpmn = (process: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" id="model">${process}</bpmn:definitions>`;

describe('a bad request', () => {
  let server: RunningServer;

  beforeAll(async () => {
    server = await RunningServer.start(['--demo', 'false', '--fsync', 'never']);
    const model = await readFile(new URL('signature.bpmn', import.meta.url), 'utf8');
    expect(await server.post('/api/definitions', model, xml)).toMatchObject({ status: 201 });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  // Whatever came before, the next user is served.
  afterEach(async () => {
    const id = await server.startInstance('signature', { amount: 7 });
    expect((await server.untilAt(id, 'Sign')).variables).toEqual({ amount: 7 });
  });

  it.for([
    ['text', 'this is a model'],
    ['a tag that nobody closes', bpmn('<bpmn:process id="open">').replace('</bpmn:definitions>', '')],
    ['nothing', ' '],
  ] as const)('refuses a model that is not XML: %s', async ([, model]) => {
    const answer = await server.post('/api/definitions', model, xml);
    expect(answer).toMatchObject({ status: 400, body: { code: 'NOT_XML', issues: [{ severity: 'error' }] } });
    expect(answer.body['detail']).toContain('expected BPMN 2.0 as XML');
  });

  it('refuses a model without an executable process', async () => {
    const model = bpmn('<bpmn:process id="drawing" isExecutable="false"><bpmn:startEvent id="s" /></bpmn:process>');
    expect(await server.post('/api/definitions', model, xml)).toMatchObject({
      status: 400,
      body: {
        code: 'DEPLOYMENT_REFUSED',
        detail: expect.stringContaining('expected a process with isExecutable="true", found none'),
      },
    });
  });

  it('lists both of two problems at once, each with its element', async () => {
    const model = bpmn(`<bpmn:process id="two-problems" isExecutable="true">
      <bpmn:startEvent id="Begin" /><bpmn:serviceTask id="Typeless" /><bpmn:choreographyTask id="Complex" />
      <bpmn:sequenceFlow id="f1" sourceRef="Begin" targetRef="Typeless" />
      <bpmn:sequenceFlow id="f2" sourceRef="Typeless" targetRef="Complex" />
    </bpmn:process>`);
    expect(await server.post('/api/definitions', model, xml)).toMatchObject({
      status: 400,
      body: {
        code: 'DEPLOYMENT_REFUSED',
        issues: [
          { elementId: 'Typeless', message: expect.stringContaining('zeebe:taskDefinition') },
          { elementId: 'Complex', message: expect.stringContaining('not supported yet') },
        ],
      },
    });
    expect(await server.get('/api/definitions/two-problems')).toMatchObject({ status: 404 });
  });

  it.for([
    ['POST', '/api/process/no-such-process/start', 'DEFINITION_NOT_FOUND', 'process "no-such-process"'],
    ['GET', '/api/definitions/no-such-process', 'DEFINITION_NOT_FOUND', 'no-such-process'],
    ['GET', `/api/process/${nobody}/status`, 'INSTANCE_NOT_FOUND', `instance ${nobody}`],
    ['GET', `/api/process/${nobody}/events`, 'INSTANCE_NOT_FOUND', `instance ${nobody}`],
    ['POST', `/api/process/${nobody}/cancel`, 'INSTANCE_NOT_FOUND', `instance ${nobody}`],
    ['GET', '/api/tasks/no-such-task', 'TASK_NOT_FOUND', 'task no-such-task'],
    ['POST', '/api/tasks/no-such-task/complete', 'TASK_NOT_FOUND', 'task no-such-task'],
    ['POST', '/api/tasks/0-00000000ffff-0001/complete', 'TASK_NOT_FOUND', 'task 0-00000000ffff-0001'],
    ['POST', '/api/incidents/no-such-incident/resolve', 'INCIDENT_NOT_FOUND', 'incident no-such-incident'],
    ['GET', '/api/no-such-call', 'ROUTE_NOT_FOUND', '/api/no-such-call'],
  ] as const)('says 404 to %s %s', async ([method, path, code, named]) => {
    const answer = await (method === 'GET' ? server.get(path) : server.post(path));
    expect(answer).toMatchObject({ status: 404, body: { code, detail: expect.stringContaining(named) } });
  });

  it.for([
    ['is not JSON', '{"amount":', 'NOT_JSON', 'expected JSON'],
    ['is no object', '[7]', 'INVALID_REQUEST', 'body: expected a JSON object'],
    [
      'has a number that would be rounded',
      '{"iban":12345678901234567890}',
      'NUMBER_WOULD_ROUND',
      '12345678901234567890',
    ],
    ['has a key that changes prototypes', '{"__proto__":{"isAdmin":true}}', 'FORBIDDEN_KEY', '__proto__'],
    ['is nested too deep', '{"a":'.repeat(200) + '1' + '}'.repeat(200), 'JSON_TOO_DEEP', '100'],
  ] as const)('refuses a body that %s', async ([, body, code, named]) => {
    expect(await server.post('/api/process/signature/start', body)).toMatchObject({
      status: 400,
      body: { code, detail: expect.stringContaining(named) },
    });
  });

  it('says which field does not fit its schema', async () => {
    expect(await server.post('/api/messages', { name: 7, correlationKey: 'k' })).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST', issues: [{ path: 'body/name' }] },
    });
  });

  it.for([
    ['POST', '/api/messages', { name: 'm', timeToLve: '10m' }, 'expected only name, correlationKey', 'timeToLve'],
    ['POST', '/api/process/signature/start?versoin=1', {}, 'expected only version, versionTag', 'versoin'],
    ['GET', '/api/process?definiton=signature', undefined, 'expected only limit, cursor, definition', 'definiton'],
  ] as const)(
    'names a mistyped field instead of leaving it out: %s %s',
    async ([method, path, body, expected, found]) => {
      const answer = await (method === 'GET' ? server.get(path) : server.post(path, body));
      expect(answer).toMatchObject({
        status: 400,
        body: { code: 'INVALID_REQUEST', detail: expect.stringMatching(new RegExp(`${expected}.*found ${found}`)) },
      });
    },
  );

  it('refuses another media type', async () => {
    expect(await server.post('/api/process/signature/start', 'amount: 7', 'text/plain')).toMatchObject({
      status: 415,
      body: { code: 'UNSUPPORTED_MEDIA_TYPE' },
    });
  });

  it('names the limit of a body that is too large', async () => {
    const body = JSON.stringify({ text: 'x'.repeat(4 * 1024 * 1024) });
    expect(await postUnread(`${server.process.url}/api/process/signature/start`, body)).toMatchObject({
      status: 413,
      body: { code: 'BODY_TOO_LARGE', limit: 4_194_304, detail: expect.stringContaining('4194304') },
    });
  });

  it('names the limit of variables that are too large, at the start and when a task is completed', async () => {
    const tooLarge = { status: 413, body: { code: 'VARIABLES_TOO_LARGE', limit: 786_432 } };
    const body = { text: 'x'.repeat(768 * 1024) };
    expect(await server.post('/api/process/signature/start', body)).toMatchObject(tooLarge);

    // Each fits by itself; together they are beyond what an instance may hold.
    const half = 'x'.repeat(500 * 1024);
    const id = await server.startInstance('signature', { amount: 1, first: half });
    await server.untilAt(id, 'Sign');
    const { body: tasks } = await server.get(`/api/tasks?processInstanceUuid=${id}`);
    const [task] = tasks['items'] as { id: string }[];
    expect(await server.post(`/api/tasks/${task?.id}/complete`, { second: half })).toMatchObject(tooLarge);
    expect(await server.post(`/api/tasks/${task?.id}/complete`, { second: 'short' })).toMatchObject({ status: 200 });
    expect(await server.untilAt(id, 'Archive')).toMatchObject({ incidents: [] });
  });
});

/** The server answers by the announced length, before the body has come: the answer counts, not that sending stops. */
async function postUnread(url: string, body: string): Promise<Answer> {
  const sending = request(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
  });
  sending.flushHeaders();
  const [response] = (await once(sending, 'response')) as [IncomingMessage];
  const answer = { status: response.statusCode ?? 0, body: (await json(response)) as Answer['body'] };
  sending.destroy();
  return answer;
}
