import { describe, expect, it } from 'vitest';
import { VARIABLES_BYTES_MAX } from '../src/index.ts';
import { Cluster, NOON } from './support/cluster.ts';
import { end, expression, feel, model, publish, receive, script, start, userTask } from './support/model.ts';
import { story } from './support/story.ts';

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
