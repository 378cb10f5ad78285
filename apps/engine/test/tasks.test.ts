import { listTasksAnswer, problemDocument, startAnswer, type TaskAnswer, taskAnswer } from '@millrace/contract';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { form } from './support/decisions.ts';
import { Mill } from './support/mill.ts';
import { bpmn } from './support/models.ts';

const described = bpmn(
  'described',
  `<bpmn:userTask id="approve" name="Approve it"><bpmn:extensionElements><zeebe:userTask />
     <zeebe:assignmentDefinition candidateGroups="clerks" candidateUsers="ann, bob" />
     <zeebe:taskSchedule dueDate="=due" followUpDate="2026-01-02T00:00:00Z" />
     <zeebe:priorityDefinition priority="=urgency" />
     <zeebe:formDefinition formId="approval" />
     <zeebe:taskHeaders><zeebe:header key="icon" value="stamp" /></zeebe:taskHeaders>
     <zeebe:ioMapping><zeebe:input source="=amount * 2" target="twice" /></zeebe:ioMapping>
   </bpmn:extensionElements></bpmn:userTask>`,
  ['start -> approve', 'approve -> end'],
);

const listened = bpmn(
  'listened',
  `<bpmn:userTask id="approve"><bpmn:extensionElements><zeebe:userTask />
     <zeebe:taskListeners>
       <zeebe:taskListener eventType="completing" type="check-result" />
       <zeebe:taskListener eventType="assigning" type="check-assignee" />
     </zeebe:taskListeners>
     <zeebe:executionListeners><zeebe:executionListener eventType="end" type="archive" /></zeebe:executionListeners>
   </bpmn:extensionElements></bpmn:userTask>`,
  ['start -> approve', 'approve -> end'],
);

const each = bpmn(
  'each',
  `<bpmn:userTask id="ask"><bpmn:extensionElements><zeebe:userTask /></bpmn:extensionElements>
     <bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>
       <zeebe:loopCharacteristics inputCollection="=reviewers" inputElement="reviewer" />
     </bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics></bpmn:userTask>`,
  ['start -> ask', 'ask -> end'],
);

describe('user tasks over REST', () => {
  let mill: Mill;
  beforeAll(async () => {
    mill = await Mill.start();
    const data = new FormData();
    data.append('files', new Blob([described]), 'described.bpmn');
    data.append('files', new Blob([form('approval')]), 'approval.form');
    expect((await fetch(`${mill.served.url}/api/definitions`, { method: 'POST', body: data })).status).toBe(201);
    await mill.deploy(each);
  });
  afterAll(() => mill.end());

  const list = async (query: string) =>
    listTasksAnswer.parse((await mill.call('GET', `/api/tasks?${query}`)).body).items;
  const start = async (name: string, variables: object): Promise<string> =>
    startAnswer.parse((await mill.call('POST', `/api/process/${name}/start`, variables)).body).processInstanceUuid;
  const task = async (variables: object = {}): Promise<TaskAnswer> => {
    const id = await start('described', { due: '2026-02-01T00:00:00+01:00', urgency: 70, amount: 4, ...variables });
    const [first] = await list(`processInstanceUuid=${id}`);
    return taskAnswer.parse((await mill.call('GET', `/api/tasks/${first?.id}`)).body);
  };

  it('shows everything that a person needs to do one', async () => {
    expect(await task()).toMatchObject({
      name: 'Approve it',
      candidateGroups: ['clerks'],
      candidateUsers: ['ann', 'bob'],
      dueDate: '2026-02-01T00:00:00+01:00',
      followUpDate: '2026-01-02T00:00:00Z',
      priority: 70,
      formId: 'approval',
      form: { id: 'approval', version: 1 },
      headers: { icon: 'stamp' },
      variables: { amount: 4, twice: 8 },
    });
  });

  it('is told what listeners have made of a change: done, corrected or refused', async () => {
    await mill.deploy(listened);
    await mill.plugin('check-assignee', () => ({ output: { corrections: { priority: 9 } } }));
    await mill.plugin('check-result', ({ strict }) =>
      strict === true ? { output: { denied: true, deniedReason: 'no signature' } } : { output: {} },
    );
    await mill.plugin('archive', () => ({ output: { archived: true } }));
    const id = await start('listened', { strict: true });
    const [open] = await list(`processInstanceUuid=${id}`);
    const claimed = await mill.call('POST', `/api/tasks/${open?.id}/claim`, { assignee: 'ann' });
    expect(claimed).toMatchObject({ status: 200, body: { state: 'CLAIMED', assignee: 'ann', priority: 9 } });
    const refused = await mill.call('POST', `/api/tasks/${open?.id}/complete`, { approved: true });
    expect(problemDocument.parse(refused.body)).toMatchObject({
      status: 409,
      code: 'TASK_DENIED',
      detail: 'no signature',
      processInstanceUuid: id,
    });
    expect(await list(`processInstanceUuid=${id}`)).toMatchObject([{ state: 'CLAIMED', assignee: 'ann' }]);
    await mill.runtime.sender.send({
      kind: 'updateVariables',
      version: 1,
      instanceId: id,
      variables: { strict: false },
    });
    const path = `/api/process/${id}/token/${open?.id}/action/complete/execute`;
    const end = mill.projection.waiters.forEnd(id, 20_000);
    expect((await mill.call('POST', path, { approved: true })).status).toBe(200);
    expect((await end.event).event.kind).toBe('instance.completed');
    expect((await mill.call('GET', `/api/process/${id}/status`)).body).toMatchObject({
      state: 'FINISHED',
      variables: { approved: true, archived: true },
    });
  });

  it('shows each task of a loop its own item', async () => {
    const id = await start('each', { reviewers: ['ann', 'bob'] });
    const items = await list(`processInstanceUuid=${id}`);
    const answers = await Promise.all(
      items.map(async ({ id: key }) => (await mill.call('GET', `/api/tasks/${key}`)).body),
    );
    expect(new Set(answers.map(({ variables }) => variables.reviewer))).toEqual(new Set(['ann', 'bob']));
  });

  it('gives a task to somebody else, whom a claim does not take it from', async () => {
    const { id } = await task();
    await mill.call('POST', `/api/tasks/${id}/claim`, { assignee: 'ann' });
    const assigned = await mill.call('POST', `/api/tasks/${id}/assign`, { assignee: 'bob' });
    expect(assigned.body).toMatchObject({ state: 'CLAIMED', assignee: 'bob' });
    const claimed = await mill.call('POST', `/api/tasks/${id}/claim`, { assignee: 'ann' });
    expect(problemDocument.parse(claimed.body)).toMatchObject({ status: 409, code: 'TASK_CLAIMED' });
  });

  it('changes what is named, takes away what is null, and leaves the rest', async () => {
    const before = await task();
    const path = `/api/tasks/${before.id}`;
    const changes = { assignee: 'eve', candidateUsers: ['eve'], priority: null, dueDate: '2026-03-01T00:00:00Z' };
    const { priority: _, ...rest } = before;
    const expected = { ...rest, ...changes, state: 'CLAIMED' };
    const { priority: __, ...shown } = expected;
    expect((await mill.call('PATCH', path, changes)).body).toEqual(shown);
    const freed = await mill.call('PATCH', path, { assignee: null, priority: 5 });
    expect(freed.body).toMatchObject({ state: 'CREATED', priority: 5, candidateUsers: ['eve'] });
    expect(freed.body.assignee).toBeUndefined();
  });

  it.for([
    [{}, 'at least one change'],
    [{ dueDate: 'tomorrow' }, 'dueDate'],
    [{ owner: 'ann' }, 'owner'],
    [{ priority: -1 }, 'priority'],
  ] as const)('refuses the change %j', async ([changes, named]) => {
    const { id } = await task();
    const refused = problemDocument.parse((await mill.call('PATCH', `/api/tasks/${id}`, changes)).body);
    expect(refused).toMatchObject({ status: 400, code: 'INVALID_REQUEST' });
    expect(JSON.stringify(refused)).toContain(named);
  });

  it('refuses to change what is done', async () => {
    const { id } = await task();
    await mill.call('POST', `/api/tasks/${id}/complete`, {});
    const refused = await mill.call('PATCH', `/api/tasks/${id}`, { priority: 1 });
    expect(problemDocument.parse(refused.body)).toMatchObject({ status: 409, code: 'TASK_NOT_OPEN' });
  });

  it('finds tasks by candidate, state, dates and priority', async () => {
    const early = await task({ due: '2031-01-01T00:00:00Z', urgency: 1_001 });
    const late = await task({ due: '2032-01-01T00:00:00Z', urgency: 1_002 });
    await mill.call('PATCH', `/api/tasks/${late.id}`, { assignee: 'zoe', candidateUsers: ['zoe'] });
    const found = async (query: string) => (await list(query)).map(({ id }) => id);
    expect(await found('candidateUser=zoe')).toEqual([late.id]);
    expect(await found('state=CLAIMED&candidateUser=zoe')).toEqual([late.id]);
    expect(await found('state=CREATED&candidateUser=zoe')).toEqual([]);
    expect(await found('dueFrom=2031-01-01T00:00:00Z&dueBefore=2032-01-01T00:00:00Z')).toEqual([early.id]);
    expect(await found('dueFrom=2031-01-01T00:00:00Z')).toEqual([early.id, late.id]);
    expect(await found('priorityFrom=1001')).toEqual([early.id, late.id]);
    expect(await found('priorityFrom=1001&priorityTo=1001')).toEqual([early.id]);
    expect(await found('followUpBefore=2026-01-02T00:00:00Z')).toEqual([]);
    expect((await mill.call('GET', '/api/tasks?dueBefore=soon')).status).toBe(400);
  });
});
