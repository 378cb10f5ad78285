import {
  conditionsAnswer,
  deploymentAnswer,
  historyAnswer,
  instanceStatus,
  limits,
  listIncidentsAnswer,
  listInstancesAnswer,
  listTasksAnswer,
  messageAnswer,
  problemDocument,
  signalAnswer,
  startAnswer,
} from '@millrace/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Mill } from './support/mill.ts';
import {
  bpmn,
  oneTask,
  passThrough,
  startsByCondition,
  userTask,
  waitsForMessage,
  waitsForSignal,
} from './support/models.ts';

const NOBODY = '0000aaaa-bbbb-8ccc-8ddd-0123456789ab';

describe('REST', () => {
  let mill: Mill;
  beforeAll(async () => {
    mill = await Mill.start();
    await mill.deploy(passThrough('straight'));
    await mill.deploy(userTask('reviewed'));
    await mill.deploy(waitsForMessage('ordered', 'paid'));
    await mill.deploy(waitsForSignal('alarmed', 'alarm'));
    await mill.deploy(startsByCondition('overheated', 'temperature > 80'));
    await mill.deploy(oneTask('worked', 'adder'));
    await mill.deploy(oneTask('failing', 'breaker', 'retries="1"'));
    await mill.plugin('adder', ({ a, b }) => ({ output: { sum: Number(a) + Number(b) } }));
    await mill.plugin('breaker', ({ isMended }) =>
      isMended === true ? { output: { done: true } } : { message: 'the lever broke' },
    );
  });
  afterAll(() => mill.end());

  const start = async (name: string, variables: object = {}, query = ''): Promise<string> => {
    const { status, body } = await mill.call('POST', `/api/process/${name}/start${query}`, variables);
    expect(status, JSON.stringify(body)).toBe(200);
    return startAnswer.parse(body).processInstanceUuid;
  };
  const problem = async (
    answer: Promise<{ status: number; body: unknown }>,
  ): Promise<{ status: number; code: string; detail: string }> => {
    const { status, body } = await answer;
    const document = problemDocument.parse(body);
    expect(document.status).toBe(status);
    return document;
  };

  describe('definitions', () => {
    it('deploys a model, says its version, and gives it back as it was', async () => {
      const xml = passThrough('versions');
      const first = await mill.call('POST', '/api/definitions', xml);
      expect(first.status).toBe(201);
      expect(deploymentAnswer.parse(first.body).definitions).toMatchObject([
        { name: 'versions', version: 1, isNew: true },
      ]);
      const again = await mill.call('POST', '/api/definitions', xml);
      expect(again.body.definitions).toMatchObject([{ name: 'versions', version: 1, isNew: false }]);
      const changed = await mill.call('POST', '/api/definitions', xml.replace('id="pass"', 'id="pass" name="changed"'));
      expect(changed.body.definitions).toMatchObject([{ name: 'versions', version: 2, isNew: true }]);

      expect((await mill.call('GET', '/api/definitions/versions')).body.versions).toMatchObject([
        { version: 2 },
        { version: 1 },
      ]);
      expect((await mill.call('GET', '/api/definitions/versions/xml?version=1')).body).toBe(xml);
      const { items } = (await mill.call('GET', '/api/definitions')).body;
      expect(items.filter(({ name }: { name: string }) => name === 'versions')).toMatchObject([{ version: 2 }]);
    });

    it('takes several files as form data', async () => {
      const form = new FormData();
      form.append('files', new Blob([passThrough('form-a')]), 'a.bpmn');
      form.append('files', new Blob([passThrough('form-b')]), 'b.bpmn');
      const answer = await fetch(`${mill.served.url}/api/definitions`, { method: 'POST', body: form });
      expect(answer.status).toBe(201);
      expect(deploymentAnswer.parse(await answer.json()).definitions.map(({ name }) => name)).toEqual([
        'form-a',
        'form-b',
      ]);
    });

    it('lists every problem of every file with its element, and deploys nothing', async () => {
      const form = new FormData();
      form.append('files', new Blob([passThrough('innocent')]), 'good.bpmn');
      const bad = bpmn('bad', '<bpmn:choreographyTask id="or" /><bpmn:serviceTask id="untyped" />', [
        'start -> or',
        'or -> untyped',
        'untyped -> end',
      ]);
      form.append('files', new Blob([bad]), 'bad.bpmn');
      const answer = await fetch(`${mill.served.url}/api/definitions`, { method: 'POST', body: form });
      expect(answer.status).toBe(400);
      const document = problemDocument.parse(await answer.json());
      expect(document.code).toBe('DEPLOYMENT_REFUSED');
      expect(document.issues?.map(({ file, elementId }) => [file, elementId])).toEqual(
        expect.arrayContaining([
          ['bad.bpmn', 'or'],
          ['bad.bpmn', 'untyped'],
        ]),
      );
      expect((await mill.call('GET', '/api/definitions/innocent')).status).toBe(404);
    });

    it('refuses two job types that would share a topic', async () => {
      await mill.deploy(oneTask('collider-one', 'send mail'));
      const refused = await mill.call('POST', '/api/definitions', oneTask('collider-two', 'send/mail'));
      expect(refused.body).toMatchObject({
        code: 'DEPLOYMENT_REFUSED',
        issues: [
          { elementId: 'work', rule: 'job-type' },
          { elementId: 'work', rule: 'no-plugin', severity: 'warning' },
        ],
      });
    });

    it.for([
      ['what is not XML', 'nonsense', 'NOT_XML'],
      ['XML without an executable process', passThrough('p').replace('isExecutable="true"', ''), 'DEPLOYMENT_REFUSED'],
    ] as const)('refuses %s', async ([, xml, code]) => {
      expect(await problem(mill.call('POST', '/api/definitions', xml))).toMatchObject({ status: 400, code });
    });

    it('refuses a deployment in JSON, saying what it takes', async () => {
      const answer = await problem(mill.call('POST', '/api/definitions', { a: 1 }));
      expect(answer).toMatchObject({ status: 415, code: 'UNSUPPORTED_MEDIA_TYPE' });
    });
  });

  describe('start', () => {
    it('answers with the instance and where its tokens are', async () => {
      const { body } = await mill.call('POST', '/api/process/reviewed/start?businessKey=b-1', { a: 1 });
      expect(startAnswer.parse(body)).toMatchObject({
        definition: 'reviewed',
        version: 1,
        businessKey: 'b-1',
        state: 'STARTED',
        tokens: [
          {
            node: 'review',
            nodeName: 'Review it',
            nodeType: 'userTask',
            status: 'WAITING_USER',
            actions: ['complete'],
          },
        ],
      });
    });

    it('starts without a body', async () => {
      expect((await mill.call('POST', '/api/process/straight/start')).body).toMatchObject({
        state: 'FINISHED',
        tokens: [],
      });
    });

    it('waits for the end when asked to, and answers with the result', async () => {
      const { body } = await mill.call('POST', '/api/process/worked/start?wait=completed&timeout=20s', { a: 2, b: 3 });
      expect(startAnswer.parse(body)).toMatchObject({ state: 'FINISHED', variables: { a: 2, b: 3, sum: 5 } });
    });

    it('says 504 and which instance when the end does not come in time', async () => {
      const answer = await problem(mill.call('POST', '/api/process/reviewed/start?wait=completed&timeout=50ms', {}));
      expect(answer).toMatchObject({ status: 504, code: 'COMPLETION_TIMED_OUT', state: 'STARTED', retriable: true });
      const { processInstanceUuid } = answer as unknown as { processInstanceUuid: string };
      expect((await mill.call('GET', `/api/process/${processInstanceUuid}/status`)).body.state).toBe('STARTED');
    });

    it('returns the same instance for the same Idempotency-Key, also when asked at the same time and after the end', async () => {
      const key = { 'idempotency-key': 'order-17' };
      const answers = await Promise.all(
        [1, 2, 3].map(() => mill.call('POST', '/api/process/straight/start', { n: 1 }, key)),
      );
      const ids = new Set(answers.map(({ body }) => startAnswer.parse(body).processInstanceUuid));
      expect(ids.size).toBe(1);
      const later = await mill.call('POST', '/api/process/straight/start?wait=completed', { n: 2 }, key);
      expect(later.body).toMatchObject({ processInstanceUuid: [...ids][0], variables: { n: 1 } });
      const other = await mill.call('POST', '/api/process/reviewed/start', {}, key);
      expect(other.body.processInstanceUuid).not.toBe([...ids][0]);
    });

    it('starts with the values of another instance', async () => {
      const from = await start('straight', { a: 1, b: 2, c: 3 });
      const body = { paramsToCopy: ['a', 'b'], withoutParams: ['b'], variables: { d: 4 } };
      const answer = await mill.call('POST', `/api/process/straight/start/inheritFrom/${from}?wait=completed`, body);
      expect(answer.body.variables).toEqual({ a: 1, d: 4 });
    });

    it.for([
      ['an unknown process', '/api/process/nothing/start', {}, 404, 'DEFINITION_NOT_FOUND'],
      ['an unknown version', '/api/process/straight/start?version=99', {}, 404, 'DEFINITION_NOT_FOUND'],
      ['a version that is no number', '/api/process/straight/start?version=new', {}, 400, 'INVALID_REQUEST'],
      ['a timeout without a unit', '/api/process/straight/start?wait=completed&timeout=5', {}, 400, 'INVALID_REQUEST'],
      ['a body that is no object', '/api/process/straight/start', [1], 400, 'INVALID_REQUEST'],
      [
        'variables beyond the limit',
        '/api/process/straight/start',
        { a: 'x'.repeat(limits.variablesBytesMax) },
        413,
        'VARIABLES_TOO_LARGE',
      ],
      [
        'a body beyond the limit',
        '/api/process/straight/start',
        { a: 'x'.repeat(limits.bodyBytesMax) },
        413,
        'BODY_TOO_LARGE',
      ],
      [
        'values of an unknown instance',
        `/api/process/straight/start/inheritFrom/${NOBODY}`,
        {},
        404,
        'INSTANCE_NOT_FOUND',
      ],
    ] as const)('refuses %s', async ([, path, body, status, code]) => {
      expect(await problem(mill.call('POST', path, body))).toMatchObject({ status, code });
    });

    it('refuses a number that JSON would round, naming it', async () => {
      const response = await fetch(`${mill.served.url}/api/process/straight/start`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '{"account": {"number": 12345678901234567890}}',
      });
      expect(response.status).toBe(400);
      const document = problemDocument.parse(await response.json());
      expect(document).toMatchObject({ code: 'NUMBER_WOULD_ROUND', issues: [{ path: 'body/account/number' }] });
      expect(document.detail).toContain('12345678901234567890');
    });
  });

  describe('instances', () => {
    it('shows state, tokens and variables, and the caller reads what it has just written', async () => {
      const id = await start('reviewed', { a: 1 });
      const changed = await mill.call('PATCH', `/api/process/${id}/variables`, { b: { c: 2 } });
      expect(instanceStatus.parse(changed.body)).toMatchObject({ state: 'STARTED', variables: { a: 1, b: { c: 2 } } });
      expect((await mill.call('GET', `/api/process/${id}/status`)).body).toEqual(changed.body);
    });

    it('lists by business key, definition and state, page by page', async () => {
      const ids: string[] = [];
      for (let n = 0; n < 5; n += 1)
        ids.push(await start(n % 2 === 0 ? 'reviewed' : 'straight', {}, '?businessKey=pages'));
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const query = `businessKey=pages&limit=2${cursor === undefined ? '' : `&cursor=${cursor}`}`;
        const page = listInstancesAnswer.parse((await mill.call('GET', `/api/process?${query}`)).body);
        expect(page.items.length).toBeLessThanOrEqual(2);
        seen.push(...page.items.map(({ processInstanceUuid }) => processInstanceUuid));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect([...seen].sort()).toEqual([...ids].sort());
      const running = await mill.call('GET', '/api/process?businessKey=pages&state=STARTED&definition=reviewed');
      expect(running.body.items.length).toBe(3);
    });

    it('executes the action of a token', async () => {
      const { body } = await mill.call('POST', '/api/process/reviewed/start', {});
      const { processInstanceUuid: id, tokens } = startAnswer.parse(body);
      const action = (name: string, token = tokens[0]?.id ?? '') =>
        `/api/process/${id}/token/${token}/action/${name}/execute`;
      expect(await problem(mill.call('POST', action('jump'), {}))).toMatchObject({
        status: 404,
        code: 'ACTION_NOT_FOUND',
      });
      expect(await problem(mill.call('POST', action('complete', '0-000000000001-0001'), {}))).toMatchObject({
        status: 404,
        code: 'TOKEN_NOT_FOUND',
      });
      const done = await mill.call('POST', action('complete'), { isFine: true });
      expect(done.body).toMatchObject({ state: 'FINISHED', tokens: [] });
      expect(await problem(mill.call('POST', action('complete'), {}))).toMatchObject({
        status: 409,
        code: 'INSTANCE_NOT_RUNNING',
      });
    });

    it('cancels, once', async () => {
      const id = await start('reviewed');
      const cancelled = await mill.call('POST', `/api/process/${id}/cancel`, { reason: 'a test' });
      expect(instanceStatus.parse(cancelled.body)).toMatchObject({ state: 'CANCELLED', tokens: [] });
      expect(await problem(mill.call('POST', `/api/process/${id}/cancel`))).toMatchObject({
        status: 409,
        code: 'INSTANCE_NOT_RUNNING',
        state: 'CANCELLED',
      });
    });

    it('tells the history, in order, in pages', async () => {
      const id = await start('straight', { a: 1 });
      const whole = historyAnswer.parse((await mill.call('GET', `/api/process/${id}/events`)).body);
      const types = whole.items.map(({ type }) => type);
      expect(types[0]).toBe('instance.started');
      expect(types).toContain('instance.completed');
      expect(whole.items.every(({ processInstanceUuid }) => processInstanceUuid === id)).toBe(true);
      const paged: unknown[] = [];
      let cursor = '';
      do {
        const page = historyAnswer.parse((await mill.call('GET', `/api/process/${id}/events?limit=2${cursor}`)).body);
        paged.push(...page.items);
        cursor = page.nextCursor === undefined ? '' : `&cursor=${page.nextCursor}`;
      } while (cursor !== '');
      expect(paged).toEqual(whole.items);
    });

    it.for([
      ['GET', '/status', undefined],
      ['GET', '/events', undefined],
      ['POST', '/cancel', undefined],
      ['PATCH', '/variables', { a: 1 }],
      ['POST', '/token/0-000000000001-0001/action/complete/execute', {}],
    ] as const)('answers %s …%s of an unknown instance with 404', async ([method, path, body]) => {
      for (const id of [NOBODY, 'ffffaaaa-bbbb-8ccc-8ddd-0123456789ab']) {
        const answer = await problem(mill.call(method, `/api/process/${id}${path}`, body));
        expect(answer).toMatchObject({ status: 404, code: 'INSTANCE_NOT_FOUND' });
      }
    });

    it('refuses an id that is no UUID and a cursor that is none', async () => {
      expect((await problem(mill.call('GET', '/api/process/17/status'))).code).toBe('INVALID_REQUEST');
      expect((await problem(mill.call('GET', '/api/process?cursor=17'))).code).toBe('INVALID_CURSOR');
    });
  });

  describe('tasks', () => {
    it('are listed, claimed, given back and completed', async () => {
      const id = await start('reviewed', { n: 1 });
      const list = listTasksAnswer.parse((await mill.call('GET', `/api/tasks?processInstanceUuid=${id}`)).body);
      expect(list.items).toMatchObject([
        { node: 'review', name: 'Review it', state: 'CREATED', candidateGroups: ['clerks'] },
      ]);
      const path = `/api/tasks/${list.items[0]?.id}`;
      expect((await mill.call('POST', `${path}/claim`, { assignee: 'ada' })).body).toMatchObject({
        state: 'CLAIMED',
        assignee: 'ada',
      });
      expect(await problem(mill.call('POST', `${path}/claim`, { assignee: 'bob' }))).toMatchObject({
        status: 409,
        code: 'TASK_CLAIMED',
      });
      expect((await mill.call('POST', `${path}/unclaim`)).body).toMatchObject({ state: 'CREATED' });
      expect((await mill.call('POST', `${path}/complete`, { isFine: true })).body).toMatchObject({
        state: 'COMPLETED',
      });
      expect((await mill.call('GET', `/api/process/${id}/status`)).body).toMatchObject({
        state: 'FINISHED',
        variables: { n: 1, isFine: true },
      });
      expect(await problem(mill.call('POST', `${path}/complete`, {}))).toMatchObject({
        status: 409,
        code: 'TASK_NOT_OPEN',
      });
      expect((await mill.call('GET', `/api/tasks?processInstanceUuid=${id}`)).body.items).toEqual([]);
    });

    it.for(['0-000000999999-0001', '77-000000000001-0001', 'nonsense'])('answers 404 for task %s', async (id) => {
      const answer = await problem(mill.call('POST', `/api/tasks/${id}/complete`, {}));
      expect(answer).toMatchObject({ status: 404, code: 'TASK_NOT_FOUND' });
    });
  });

  describe('messages', () => {
    it('say whom they reached', async () => {
      const id = await start('ordered', { order: 'o-1' });
      const { body } = await mill.call('POST', '/api/messages', {
        name: 'paid',
        correlationKey: 'o-1',
        variables: { amount: 5 },
      });
      expect(messageAnswer.parse(body)).toEqual({
        name: 'paid',
        correlationKey: 'o-1',
        outcome: 'CORRELATED',
        reached: [{ processInstanceUuid: id, node: 'wait' }],
      });
    });

    it('say that they reached nobody, or wait when they may', async () => {
      const message = { name: 'paid', correlationKey: 'nobody' };
      expect((await mill.call('POST', '/api/messages', message)).body).toMatchObject({
        outcome: 'NOT_CORRELATED',
        reached: [],
      });
      const waiting = { ...message, timeToLive: '10m', messageId: 'm-1' };
      expect((await mill.call('POST', '/api/messages', waiting)).body.outcome).toBe('BUFFERED');
      expect((await mill.call('POST', '/api/messages', waiting)).body.outcome).toBe('DUPLICATE');
    });
  });

  describe('signals', () => {
    it('say whom they reached on every partition, and do nothing a second time', async () => {
      const waiting = [await start('alarmed'), await start('alarmed'), await start('alarmed')];
      const signal = { name: 'alarm', signalId: 's-1', variables: { loud: true } };
      const first = signalAnswer.parse((await mill.call('POST', '/api/signals', signal)).body);
      expect(first.count).toBe(3);
      expect(new Set(first.reached)).toEqual(new Set(waiting.map((id) => ({ processInstanceUuid: id, node: 'hear' }))));
      expect(signalAnswer.parse((await mill.call('POST', '/api/signals', signal)).body)).toEqual(first);
      for (const id of waiting) {
        const status = instanceStatus.parse((await mill.call('GET', `/api/process/${id}/status`)).body);
        expect(status).toMatchObject({ state: 'FINISHED', variables: { loud: true } });
      }
    });

    it('say that they reached nobody', async () => {
      const { body } = await mill.call('POST', '/api/signals', { name: 'unheard' });
      expect(signalAnswer.parse(body)).toEqual({ name: 'unheard', count: 0, reached: [] });
    });
  });

  describe('conditions', () => {
    it('start each process whose condition holds', async () => {
      const evaluate = async (variables: object) =>
        conditionsAnswer.parse((await mill.call('POST', '/api/conditions/evaluate', { variables })).body).started;
      expect(await evaluate({ temperature: 20 })).toEqual([]);
      const [started] = await evaluate({ temperature: 90 });
      expect(started).toMatchObject({ definition: 'overheated', node: 'hot' });
      await eventually(async () => {
        const { body } = await mill.call('GET', `/api/process/${started?.processInstanceUuid}/status`);
        return body.state === 'FINISHED' ? body : undefined;
      });
    });
  });

  describe('incidents', () => {
    it('say what is stuck, and go on when it is mended', async () => {
      const id = await start('failing');
      const open = await eventually(async () => {
        const { items } = listIncidentsAnswer.parse(
          (await mill.call('GET', `/api/incidents?processInstanceUuid=${id}`)).body,
        );
        return items[0];
      });
      expect(open).toMatchObject({ kind: 'JOB_RETRIES_EXHAUSTED', node: 'work' });
      expect(open.message).toContain('the lever broke');
      const stuck = instanceStatus.parse((await mill.call('GET', `/api/process/${id}/status`)).body);
      expect(stuck).toMatchObject({ tokens: [{ node: 'work', status: 'INCIDENT' }], incidents: [{ id: open.id }] });

      const path = `/api/incidents/${open.id}/resolve`;
      const resolved = await mill.call('POST', path, { variables: { isMended: true }, retries: 2 });
      expect(resolved.body).toMatchObject({ id: open.id, resolvedAt: expect.any(String) });
      await eventually(async () => {
        const { body } = await mill.call('GET', `/api/process/${id}/status`);
        return body.state === 'FINISHED' ? body : undefined;
      });
      expect(await problem(mill.call('POST', path))).toMatchObject({ status: 409, code: 'INCIDENT_RESOLVED' });
    });

    it('answers 404 for an unknown one', async () => {
      expect(await problem(mill.call('POST', '/api/incidents/0-000000999999-0001/resolve'))).toMatchObject({
        status: 404,
        code: 'INCIDENT_NOT_FOUND',
      });
    });
  });

  describe('operations', () => {
    it('tells that it lives and is ready', async () => {
      expect((await mill.call('GET', '/health/live')).body).toEqual({ status: 'up' });
      expect((await mill.call('GET', '/health/ready')).body).toMatchObject({ status: 'ready' });
    });

    it('counts for Prometheus', async () => {
      await start('straight');
      expect((await mill.call('GET', '/metrics')).body).toMatch(
        /millrace_events_total\{kind="instance.started"\} [1-9]/,
      );
    });

    it('describes every call in an OpenAPI document with its problems, and shows it on a page', async () => {
      const { body } = await mill.call('GET', '/openapi.json');
      expect(body.openapi).toBe('3.1.0');
      for (const [path, methods] of Object.entries(
        body.paths as Record<string, Record<string, { responses: object }>>,
      )) {
        if (!path.startsWith('/api')) continue;
        for (const { responses } of Object.values(methods)) {
          expect(Object.keys(responses), path).toContain('4XX');
        }
      }
      const deployment = body.paths['/api/definitions'].post.requestBody.content;
      expect(Object.keys(deployment)).toEqual(['multipart/form-data', 'application/xml']);
      expect(Object.keys(body.components.schemas).filter((name) => name.endsWith('Input'))).toEqual([]);
      expect(Object.keys(body.paths)).toEqual(
        expect.arrayContaining(['/api/process/{name}/start', '/api/process/{uuid}/events']),
      );
      const page = await mill.call('GET', '/docs');
      expect(page.status).toBe(200);
      expect(page.body).toContain('swagger-ui');
    });
  });
});

/** Until it gives something; the time limit of the test is the limit of this. */
async function eventually<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
  }
}
