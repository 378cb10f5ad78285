import { describe, expect, it } from 'vitest';
import { VARIABLES_BYTES_MAX } from '../src/index.ts';
import { Cluster, NOON } from './support/cluster.ts';
import type { FormResource } from '@millrace/records';
import {
  end,
  expression,
  feel,
  map,
  model,
  publish,
  receive,
  script,
  start,
  times,
  userTask,
} from './support/model.ts';
import { story } from './support/story.ts';

const form = (digest: string, content = '{}'): FormResource => ({
  kind: 'form',
  name: 'ask.form',
  content,
  digest,
  formId: 'ask',
});
const formTask = (binding?: 'deployment') =>
  userTask({}, { form: { formId: 'ask', ...(binding && { binding }) } } as object);

describe('a user task', () => {
  const assignment = {
    assignee: expression('=owner'),
    candidateGroups: expression('=["clerks", "managers"]'),
    candidateUsers: expression('ann, bob'),
    dueDate: expression('=due'),
    priority: expression('70'),
  };
  const process = model('p', { start, approve: userTask(assignment), end }, ['start -> approve -> end']);

  function waiting(variables = {}): { cluster: Cluster; id: string; taskKey: string } {
    const cluster = new Cluster().install(process);
    const id = cluster.start('p', variables);
    return { cluster, id, taskKey: cluster.last('task.created').elementKey };
  }

  it('says who may do it, and what its action is called', () => {
    const { cluster } = waiting({ owner: 'eve', due: '2026-02-01T00:00:00Z' });
    expect(cluster.last('task.created')).toMatchObject({
      assignee: 'eve',
      candidateGroups: ['clerks', 'managers'],
      candidateUsers: ['ann', 'bob'],
      dueDate: '2026-02-01T00:00:00Z',
      priority: 70,
      action: 'complete',
    });
  });

  it('is claimed by one at a time', () => {
    const { cluster, taskKey } = waiting();
    expect(story(cluster.run({ kind: 'claimTask', taskKey, assignee: 'ann' }))).toEqual(['task.claimed approve']);
    expect(story(cluster.run({ kind: 'claimTask', taskKey, assignee: 'ann' }))).toEqual(['task.claimed approve']);
    expect(story(cluster.run({ kind: 'claimTask', taskKey, assignee: 'bob' }))).toEqual([
      'command.rejected claimTask INVALID_STATE',
    ]);
    expect(story(cluster.run({ kind: 'unclaimTask', taskKey }))).toEqual(['task.unclaimed approve']);
    expect(story(cluster.run({ kind: 'unclaimTask', taskKey }))).toEqual([
      'command.rejected unclaimTask INVALID_STATE',
    ]);
    expect(story(cluster.run({ kind: 'claimTask', taskKey, assignee: '' }))).toEqual([
      'command.rejected claimTask INVALID_ARGUMENT',
    ]);
  });

  it('is given to somebody, whoever has it, and taken away', () => {
    const { cluster, taskKey } = waiting();
    cluster.run({ kind: 'claimTask', taskKey, assignee: 'ann' });
    expect(story(cluster.run({ kind: 'updateTask', taskKey, changes: { assignee: 'bob' } }))).toEqual([
      'task.updated approve',
    ]);
    expect(story(cluster.run({ kind: 'claimTask', taskKey, assignee: 'ann' }))).toEqual([
      'command.rejected claimTask INVALID_STATE',
    ]);
    cluster.run({ kind: 'updateTask', taskKey, changes: { priority: 90 } });
    expect(cluster.rowsWith('bob')).toEqual([`task ${taskKey}`]);
    cluster.run({ kind: 'updateTask', taskKey, changes: { assignee: null } });
    expect(story(cluster.run({ kind: 'claimTask', taskKey, assignee: 'ann' }))).toEqual(['task.claimed approve']);
  });

  it.for([
    [{}, 'expected a change to the task'],
    [{ assignee: '' }, 'expected an assignee, or null for none'],
    [{ candidateGroups: ['clerks', ''] }, 'expected candidates to have names'],
    [{ priority: 1.5 }, 'expected the priority to be a whole number, found 1.5'],
  ] as const)('refuses the change %j', ([changes, message]) => {
    const { cluster, taskKey } = waiting();
    cluster.run({ kind: 'updateTask', taskKey, changes });
    expect(cluster.last('command.rejected')).toMatchObject({ reason: 'INVALID_ARGUMENT', message });
  });

  it('names the version of its form that was the latest when it was created', () => {
    const cluster = new Cluster().install(model('p', { start, ask: formTask(), end }, ['start -> ask -> end']));
    cluster.start('p');
    expect(cluster.last('task.created').form).toEqual({ formId: 'ask' });
    cluster.run({ kind: 'deploy', resources: [form('d1')] });
    cluster.start('p');
    cluster.run({ kind: 'deploy', resources: [form('d2')] });
    expect(cluster.last('task.created').form).toEqual({ formId: 'ask', version: 1 });
    cluster.start('p');
    expect(cluster.last('task.created').form).toEqual({ formId: 'ask', version: 2 });
  });

  it('names the version of its form that was deployed with its process, where it is bound to that', () => {
    const bound = model('p', { start, ask: formTask('deployment'), end }, ['start -> ask -> end']);
    const bpmn = {
      kind: 'bpmn',
      name: 'p.bpmn',
      content: '<xml/>',
      digest: 'p1',
      processes: [{ processId: 'p', model: bound }],
    } as const;
    const cluster = new Cluster();
    cluster.run({ kind: 'deploy', resources: [bpmn, form('d1')] });
    cluster.run({ kind: 'deploy', resources: [form('d2')] });
    cluster.start('p');
    expect(cluster.last('task.created').form).toEqual({ formId: 'ask', version: 1 });
    cluster.run({ kind: 'deploy', resources: [bpmn, form('d3')] });
    cluster.start('p');
    expect(cluster.last('task.created').form).toEqual({ formId: 'ask', version: 3 });
  });

  it('raises FORM_NOT_FOUND where the form it is bound to was not deployed with its process', () => {
    const bound = model('p', { start, ask: formTask('deployment'), end }, ['start -> ask -> end']);
    const cluster = new Cluster().install(bound);
    cluster.run({ kind: 'deploy', resources: [form('d1')] });
    cluster.start('p');
    expect(cluster.last('incident.raised')).toMatchObject({ reason: 'FORM_NOT_FOUND', elementId: 'ask' });
  });

  it('names the latest version of its form that has the version tag, where it is bound to one', () => {
    const tagged = userTask({}, { form: { formId: 'ask', binding: 'versionTag', versionTag: 'v1' } } as object);
    const cluster = new Cluster().install(model('p', { start, ask: tagged, end }, ['start -> ask -> end']));
    cluster.start('p');
    expect(cluster.last('incident.raised')).toMatchObject({
      reason: 'FORM_NOT_FOUND',
      message: 'expected the form "ask" to be deployed with the version tag "v1"',
    });
    cluster.run({ kind: 'deploy', resources: [form('d1', '{"versionTag":"v1"}')] });
    cluster.run({ kind: 'deploy', resources: [form('d2', '{"versionTag":"v1","more":1}')] });
    cluster.run({ kind: 'deploy', resources: [form('d3', '{"versionTag":"v2"}')] });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    expect(cluster.last('task.created').form).toEqual({ formId: 'ask', version: 2 });
  });

  it('says what is local to it: its inputs, and the item of its loop', () => {
    const task = userTask({}, { inputs: [map('=item * 2', 'twice')] });
    const each = times(task, { inputCollection: feel('items'), inputElement: 'item' });
    const cluster = new Cluster().install(model('p', { start, each, end }, ['start -> each -> end']));
    const id = cluster.start('p', { items: [7] });
    const { local = [], elementKey } = cluster.last('task.created');
    expect(local.at(-1)).toEqual({ scopeKey: elementKey, values: { item: 7, loopCounter: 1, twice: 14 } });
    expect(local.map(({ scopeKey }) => scopeKey)).not.toContain(id);
  });

  it('completes with variables, once', () => {
    const { cluster, id, taskKey } = waiting();
    cluster.run({ kind: 'completeTask', taskKey, variables: { approved: true } });
    expect(cluster.last('variables.changed').values).toEqual({ approved: true });
    expect(cluster.rowsWith(id)).toEqual([]);
    expect(story(cluster.run({ kind: 'completeTask', taskKey, variables: {} }))).toEqual([
      'command.rejected completeTask NOT_FOUND',
    ]);
  });

  it('completes through the action of its token', () => {
    const { cluster, id, taskKey: elementKey } = waiting();
    const ask = { kind: 'executeAction', instanceId: id, elementKey, variables: {} } as const;
    expect(story(cluster.run({ ...ask, action: 'approve' }))).toEqual(['command.rejected executeAction NOT_FOUND']);
    cluster.run({ ...ask, action: 'complete' });
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(story(cluster.run({ ...ask, action: 'complete' }))).toEqual(['command.rejected executeAction NOT_FOUND']);
  });

  it('refuses variables that do not fit, and stays', () => {
    const { cluster, taskKey } = waiting();
    const variables = { big: 'x'.repeat(VARIABLES_BYTES_MAX) };
    expect(story(cluster.run({ kind: 'completeTask', taskKey, variables }))).toEqual([
      'command.rejected completeTask TOO_LARGE',
    ]);
    cluster.run({ kind: 'completeTask', taskKey, variables: {} });
    expect(cluster.all('instance.completed')).toHaveLength(1);
  });
});

describe('a script task', () => {
  it('stores what its expression gives', () => {
    const process = model('p', { start, add: script('a + b', 'sum'), end }, ['start -> add -> end']);
    const cluster = new Cluster().install(process);
    cluster.start('p', { a: 1, b: 2 });
    expect(cluster.last('variables.changed').values).toEqual({ sum: 3 });
  });

  it('raises an incident when the result does not fit, and computes it again when that is resolved', () => {
    const process = model('p', { start, copy: script('text', 'other'), end }, ['start -> copy -> end']);
    const cluster = new Cluster().install(process);
    const instanceId = cluster.start('p', { text: 'x'.repeat(500_000) });
    expect(cluster.last('incident.raised')).toMatchObject({ reason: 'VARIABLES_TOO_LARGE', retry: 'enter' });
    cluster.run({ kind: 'updateVariables', instanceId, variables: { text: 'short' } });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    expect(cluster.last('variables.changed').values).toEqual({ other: 'short' });
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });
});

describe('a send node', () => {
  it('publishes a record and goes on', () => {
    const action = {
      topic: expression('orders.{x}'),
      key: feel('orderId'),
      headers: [
        { name: 'tenant', value: expression('acme') },
        { name: 'none', value: feel('missing') },
      ],
      payload: feel('{ total: total }'),
    };
    const process = model('p', { start, send: publish(action), end }, ['start -> send -> end']);
    const cluster = new Cluster().install(process);
    const instanceId = cluster.start('p', { orderId: 'o1', total: 5 });
    expect(cluster.outputs).toMatchObject([
      { kind: 'publish', instanceId, topic: 'orders.{x}', key: 'o1', headers: { tenant: 'acme' }, value: { total: 5 } },
    ]);
    expect(cluster.last('record.published')).toMatchObject({ elementId: 'send', topic: 'orders.{x}' });
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });

  it('publishes all it sees under the instance id when the model says no more', () => {
    const process = model('p', { start, send: publish({ topic: expression('t') }), end }, ['start -> send -> end']);
    const cluster = new Cluster().install(process);
    const instanceId = cluster.start('p', { a: 1 });
    expect(cluster.outputs).toMatchObject([{ key: instanceId, value: { a: 1 }, headers: {} }]);
  });

  it('raises MESSAGE_TOO_LARGE for a value that no record may have', () => {
    const action = { topic: expression('t'), payload: feel('[text, text]') };
    const process = model('p', { start, send: publish(action), end }, ['start -> send -> end']);
    const cluster = new Cluster().install(process);
    cluster.start('p', { text: 'x'.repeat(400_000) });
    expect(cluster.last('incident.raised').reason).toBe('MESSAGE_TOO_LARGE');
    expect(cluster.outputs).toEqual([]);
  });
});

describe('a receive node on a topic', () => {
  const trigger = {
    kind: 'reply',
    topic: 'engine.receive.crm',
    keyName: 'answer',
    timeout: expression('PT1H'),
  } as const;
  const process = model('p', { start, wait: receive(trigger), end }, ['start -> wait -> end']);
  const reply = (instanceId: string, value: unknown = { ok: true }) =>
    ({ kind: 'receiveReply', instanceId, topic: 'engine.receive.crm', value }) as const;

  it('takes one record, under its key name', () => {
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    expect(story(cluster.run(reply(id))).slice(0, 3)).toEqual([
      'receive.matched wait',
      'variables.changed {"answer":{"ok":true}}',
      'timer.cancelled receiveTimeout',
    ]);
    expect(cluster.rowsWith(id)).toEqual([]);
    expect(story(cluster.run(reply(id)))).toEqual(['command.rejected receiveReply NOT_FOUND']);
  });

  it('refuses a record on a topic that nobody waits on, which becomes a dead letter', () => {
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    const source = { topic: 'engine.receive.other', partition: 3, offset: 9 };
    cluster.run({ kind: 'receiveReply', instanceId: id, topic: 'engine.receive.other', value: 1, source });
    expect(cluster.last('command.rejected').reason).toBe('NO_MATCH');
    expect(cluster.outputs).toMatchObject([{ kind: 'deadLetter', source, rejection: { reason: 'NO_MATCH' } }]);
  });

  it('becomes an incident when the timeout passes; a late record still counts', () => {
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    cluster.pass(3_600_000);
    expect(cluster.last('incident.raised').reason).toBe('REPLY_NOT_RECEIVED');
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    expect(cluster.last('timer.scheduled').dueAt).toBe(NOON + 2 * 3_600_000);
    cluster.pass(3_600_000);
    cluster.run(reply(id));
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('does not take what does not fit, says so, and waits on', () => {
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    cluster.run(reply(id, 'x'.repeat(VARIABLES_BYTES_MAX)));
    expect(cluster.last('incident.raised').reason).toBe('VARIABLES_TOO_LARGE');
    cluster.run(reply(id));
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});
