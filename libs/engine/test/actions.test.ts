import { describe, expect, it } from 'vitest';
import type { ExecutableProcess } from '@millrace/bpmn';
import { VARIABLES_BYTES_MAX } from '../src/index.ts';
import { type ActionSpec, acting } from './support/action-model.ts';
import { Cluster } from './support/cluster.ts';
import {
  type Spec,
  boundary,
  call,
  end,
  errorTrigger,
  expression,
  feel,
  job,
  map,
  messageTrigger,
  model,
  pass,
  publish,
  receive,
  script,
  start,
  subProcess,
  timerTrigger,
  times,
  userTask,
} from './support/model.ts';
import { path, story } from './support/story.ts';

function processOf(spec: Spec, ...actions: readonly ActionSpec[]): ExecutableProcess {
  return model('p', { start, a: acting(spec, ...actions), end }, ['start -> a -> end']);
}

function waiting(spec: Spec, ...actions: readonly ActionSpec[]) {
  const cluster = new Cluster().install(processOf(spec, ...actions));
  const id = cluster.start('p', { key: 'k' });
  const elementKey = cluster.last('actions.opened').elementKey;
  const act = (action: string, variables = {}) =>
    story(cluster.run({ kind: 'executeAction', instanceId: id, elementKey, action, variables }));
  const isOver = () => cluster.all('instance.completed').length === 1 && cluster.rowsWith(id).length === 0;
  return { cluster, id, elementKey, act, isOver };
}

const manual = { isManual: true } as const;
const optional = { isOptional: true } as const;
const repeatable = { isRepeatable: true } as const;

describe('actions of a node', () => {
  it('are executed by themselves, and then the node goes on', () => {
    const { cluster, isOver } = waiting(
      pass,
      { name: 'x', does: script('1', 'x') },
      { name: 'y', does: script('2', 'y') },
    );
    expect(isOver()).toBe(true);
    expect(story(cluster.events.filter(({ kind }) => kind.startsWith('action')))).toEqual([
      'actions.opened a',
      'action.started a x',
      'action.executed a x',
      'action.started a y',
      'action.executed a y',
    ]);
  });

  it('keep the node until a job is done', () => {
    const { cluster, isOver } = waiting(pass, { name: 'x', does: job('work') });
    expect(cluster.lastJob()).toMatchObject({ type: 'work', elementId: 'a' });
    cluster.completeJob({ done: true });
    expect(isOver()).toBe(true);
  });

  it('begin in their order, each when those that are waited for before it are through', () => {
    const { cluster, isOver } = waiting(
      pass,
      { name: 'late', does: job('late'), order: 2 },
      { name: 'early', does: job('early'), order: 1 },
      { name: 'beside', does: job('beside'), order: 1, ...optional },
    );
    expect(cluster.jobs().map(({ type }) => type)).toEqual(['early', 'beside']);
    cluster.completeJob({}, cluster.jobs()[0]);
    expect(cluster.lastJob().type).toBe('late');
    cluster.completeJob();
    expect(isOver()).toBe(true);
    expect(cluster.all('job.cancelled')).toMatchObject([{ elementId: 'a:beside' }]);
  });

  it('that are manual wait for somebody', () => {
    const { act, isOver, cluster } = waiting(pass, { name: 'approve', ...manual });
    expect(isOver()).toBe(false);
    expect(act('approve', { approved: true })).toEqual([
      'variables.changed {"approved":true}',
      'element.entered a:approve',
      'action.started a approve',
      'element.completed a:approve',
      'action.executed a approve',
      'element.completed a',
      'flow.taken a->end',
      'element.entered end',
      'element.completed end',
      'instance.completed',
    ]);
    expect(cluster.last('variables.changed').scopeKey).toBe(cluster.last('instance.completed').instanceId);
    expect(isOver()).toBe(true);
  });

  it('that are optional are there as long as the node is', () => {
    const { act, isOver } = waiting(
      pass,
      { name: 'note', ...manual, ...optional, ...repeatable },
      { name: 'go', ...manual },
    );
    act('note');
    act('note');
    expect(isOver()).toBe(false);
    act('go');
    expect(isOver()).toBe(true);
  });

  it('that do not repeat are executed once', () => {
    const { act } = waiting(pass, { name: 'once', ...manual, does: job('work') }, { name: 'go', ...manual });
    act('once');
    expect(act('once')).toEqual(['command.rejected executeAction EXECUTED_ALREADY']);
  });

  it('are refused by what they are: unknown, automatic, before their parent, not allowed', () => {
    const { act, cluster, elementKey } = waiting(
      pass,
      { name: 'self', does: job('work') },
      { name: 'send', ...manual },
      { name: 'again', ...manual, parent: 'send' },
      { name: 'big', ...manual, condition: 'amount > 100' },
    );
    expect(act('nothing')).toEqual(['command.rejected executeAction NOT_FOUND']);
    expect(act('complete')).toEqual(['command.rejected executeAction NOT_FOUND']);
    expect(act('self')).toEqual(['command.rejected executeAction NOT_MANUAL']);
    expect(act('again')).toEqual(['command.rejected executeAction PARENT_NOT_EXECUTED']);
    expect(act('big')).toEqual(['command.rejected executeAction NOT_ALLOWED']);
    cluster.run({
      kind: 'updateVariables',
      instanceId: cluster.last('actions.opened').instanceId,
      variables: { amount: 1 },
    });
    expect(act('big')).toEqual(['command.rejected executeAction NOT_ALLOWED']);
    expect(act('send', { x: 'x'.repeat(VARIABLES_BYTES_MAX) })).toEqual(['command.rejected executeAction TOO_LARGE']);
    const elsewhere = { instanceId: cluster.last('actions.opened').instanceId, elementKey: `${elementKey}9` };
    expect(story(cluster.run({ kind: 'executeAction', ...elsewhere, action: 'send', variables: {} }))).toEqual([
      'command.rejected executeAction NOT_FOUND',
    ]);
  });

  it('that follow a parent are due each time that it has been executed', () => {
    const { act, cluster, isOver } = waiting(
      pass,
      { name: 'send', ...manual, ...repeatable, does: job('send') },
      { name: 'log', parent: 'send', ...repeatable, does: job('log') },
      { name: 'first', parent: 'send', does: job('first') },
      { name: 'go', ...manual },
    );
    act('send');
    expect(cluster.jobs().map(({ type }) => type)).toEqual(['send']);
    cluster.completeJob();
    expect(cluster.jobs().map(({ type }) => type)).toEqual(['send', 'log', 'first']);
    act('send');
    cluster.completeJob({}, cluster.lastJob());
    expect(cluster.jobs().map(({ type }) => type)).toEqual(['send', 'log', 'first', 'send', 'log']);
    act('go');
    expect(isOver()).toBe(false);
    for (const each of cluster.jobs()) cluster.completeJob({}, each);
    expect(isOver()).toBe(true);
  });

  it('of a parent that nobody executes are not waited for', () => {
    const { act, isOver } = waiting(
      pass,
      { name: 'reject', ...manual, ...optional },
      { name: 'why', ...manual, parent: 'reject' },
      { name: 'accept', ...manual },
    );
    act('accept');
    expect(isOver()).toBe(true);
  });

  it('of a parent that somebody has executed are waited for', () => {
    const { act, isOver } = waiting(
      pass,
      { name: 'reject', ...manual, ...optional },
      { name: 'why', ...manual, parent: 'reject' },
      { name: 'accept', ...manual },
    );
    act('reject');
    act('accept');
    expect(isOver()).toBe(false);
    act('why');
    expect(isOver()).toBe(true);
  });

  it('whose condition does not hold are left out', () => {
    const { isOver, cluster } = waiting(pass, { name: 'x', does: job('work'), condition: 'key = "other"' });
    expect(isOver()).toBe(true);
    expect(cluster.all('action.skipped')).toMatchObject([{ action: 'x' }]);
    expect(cluster.jobs()).toEqual([]);
  });

  it('wait for their time', () => {
    const { isOver, cluster, id } = waiting(pass, {
      name: 'x',
      does: script('1', 'x'),
      timer: { timer: 'duration', expression: expression('PT1M') },
    });
    expect(cluster.last('timer.scheduled').purpose).toMatchObject({ kind: 'action', elementId: 'a:x' });
    cluster.run({ kind: 'suspendInstance', instanceId: id });
    cluster.pass(120_000);
    expect(isOver()).toBe(false);
    cluster.run({ kind: 'resumeInstance', instanceId: id });
    cluster.pass(0);
    expect(isOver()).toBe(true);
  });

  it('with a cycle are executed each time that it comes round, while the node is there', () => {
    const { act, cluster, isOver } = waiting(
      pass,
      {
        name: 'remind',
        ...optional,
        does: publish({ topic: expression('reminders') }),
        timer: { timer: 'cycle', expression: expression('R3/PT1H') },
      },
      { name: 'go', ...manual },
    );
    cluster.pass(2.5 * 3_600_000);
    expect(cluster.all('record.published')).toHaveLength(2);
    cluster.pass(10 * 3_600_000);
    expect(cluster.all('record.published')).toHaveLength(3);
    act('go');
    expect(isOver()).toBe(true);
  });

  it('whose timer cannot be read stand still with an incident of their own', () => {
    const { cluster, id, isOver } = waiting(
      pass,
      { name: 'x', timer: { timer: 'duration', expression: expression('=wait') } },
      { name: 'y', does: job('work') },
    );
    expect(cluster.last('incident.raised')).toMatchObject({
      elementId: 'a:x',
      reason: 'TIMER_INVALID',
      retry: 'enter',
    });
    cluster.completeJob();
    cluster.run({ kind: 'updateVariables', instanceId: id, variables: { wait: 'PT1S' } });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    cluster.pass(1_000);
    expect(isOver()).toBe(true);
  });

  it('that fail are retried, then stand still with an incident, and go on when it is resolved', () => {
    const { cluster, isOver } = waiting(pass, { name: 'x', does: job('work', { retries: '2' }) });
    cluster.failJob();
    cluster.pass(60_000);
    cluster.failJob();
    expect(cluster.last('incident.raised')).toMatchObject({ elementId: 'a:x', reason: 'JOB_RETRIES_EXHAUSTED' });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    cluster.completeJob();
    expect(isOver()).toBe(true);
  });

  it('throw errors that the boundary events of the node catch', () => {
    const process = model(
      'p',
      {
        start,
        a: acting(pass, { name: 'x', does: job('work') }, { name: 'y', ...manual }),
        caught: boundary('a', errorTrigger('E')),
        end,
        other: end,
      },
      ['start -> a -> end', 'caught -> other'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    const { instanceId, jobKey, attempt } = cluster.lastJob();
    cluster.run({ kind: 'throwJobError', instanceId, jobKey, attempt, code: 'E' });
    expect(path(cluster.events).slice(-4)).toEqual([
      'element.completed caught',
      'element.entered other',
      'element.completed other',
      'instance.completed',
    ]);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('end with a boundary event that interrupts the node', () => {
    const process = model(
      'p',
      {
        start,
        a: acting(pass, { name: 'x', does: job('work') }, { name: 'y', ...manual }),
        late: boundary('a', timerTrigger('duration', 'PT1H')),
        end,
        other: end,
      },
      ['start -> a -> end', 'late -> other'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    cluster.pass(3_600_000);
    expect(cluster.all('job.cancelled')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('start an instance of another process, and wait for its end', () => {
    const cluster = new Cluster()
      .install(processOf(pass, { name: 'x', does: call('q') }))
      .install(model('q', { start, w: job('inner'), end }, ['start -> w -> end']));
    const id = cluster.start('p');
    expect(cluster.lastJob().type).toBe('inner');
    cluster.completeJob({ result: 1 });
    expect(cluster.rowsWith(id)).toEqual([]);
    expect(cluster.all('instance.completed')).toHaveLength(2);
  });

  it('are there for each time that the node is done', () => {
    const cluster = new Cluster().install(
      processOf(times(pass, { cardinality: feel('2') }), { name: 'x', ...manual, outputs: [] } as ActionSpec),
    );
    const id = cluster.start('p');
    const [one, two] = cluster.all('actions.opened').map(({ elementKey }) => elementKey);
    const act = (elementKey = '') =>
      story(cluster.run({ kind: 'executeAction', instanceId: id, elementKey, action: 'x', variables: {} }));
    const body = cluster.all('loop.started')[0]?.elementKey;
    expect(act(body)).toEqual(['command.rejected executeAction NOT_FOUND']);
    act(one);
    act(two);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('are bounded in number', () => {
    const { act } = waiting(pass, { name: 'x', ...manual, ...repeatable, does: job('work') });
    for (let count = 0; count < 100; count += 1) act('x');
    expect(act('x')).toEqual(['command.rejected executeAction LIMIT_REACHED']);
  });

  it('are not executed while the instance is suspended', () => {
    const { act, cluster, id } = waiting(pass, { name: 'x', ...manual });
    cluster.run({ kind: 'suspendInstance', instanceId: id });
    expect(act('x')).toEqual(['command.rejected executeAction INVALID_STATE']);
  });

  it('end with the instance', () => {
    const { cluster, id } = waiting(
      userTask(),
      { name: 'x', does: job('work') },
      { name: 'later', timer: { timer: 'duration', expression: expression('PT1M') } },
      { name: 'y', ...manual },
    );
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('taken away by an operator are not waited for', () => {
    const { cluster, id, isOver } = waiting(pass, { name: 'x', does: job('work') }, { name: 'y', does: job('more') });
    cluster.run({ kind: 'modifyInstance', instanceId: id, activate: [], terminate: [{ elementId: 'a:x' }] });
    expect(cluster.last('action.cancelled')).toMatchObject({ elementId: 'a', action: 'x' });
    expect(isOver()).toBe(false);
    cluster.completeJob();
    expect(isOver()).toBe(true);
  });

  it('are not begun by an operator without their node', () => {
    const { cluster, id } = waiting(pass, { name: 'x', ...manual });
    expect(
      story(cluster.run({ kind: 'modifyInstance', instanceId: id, activate: [{ elementId: 'a:x' }], terminate: [] })),
    ).toEqual(['command.rejected modifyInstance INVALID_ARGUMENT']);
  });

  it('see what the node sees, and their results go where those are known', () => {
    const inputs = [map('=key', 'local')];
    const { cluster, isOver } = waiting(
      { ...pass, inputs, outputs: [map('=found', 'kept')] },
      {
        name: 'x',
        does: job('work', { outputs: [map('=result', 'found')] }),
      },
    );
    expect(cluster.lastJob().variables).toMatchObject({ local: 'k' });
    cluster.completeJob({ result: 7 });
    expect(isOver()).toBe(true);
    expect(cluster.all('variables.changed').map(({ values }) => values)).toContainEqual({ kept: 7 });
  });
});

describe('a user task with actions', () => {
  it('is completed by its mandatory manual actions, and by nothing else', () => {
    const { act, cluster, isOver, elementKey } = waiting(
      userTask(),
      { name: 'x', ...manual },
      { name: 'y', ...manual },
    );
    expect(act('complete')).toEqual(['command.rejected executeAction INVALID_STATE']);
    expect(story(cluster.run({ kind: 'completeTask', taskKey: elementKey, variables: {} }))).toEqual([
      'command.rejected completeTask INVALID_STATE',
    ]);
    act('x');
    expect(act('y')).toContain('task.completed a');
    expect(isOver()).toBe(true);
  });

  it('is completed as others are when its manual actions are optional', () => {
    const { act, cluster, isOver } = waiting(userTask(), { name: 'x', ...manual, ...optional });
    act('x');
    expect(isOver()).toBe(false);
    act('complete', { done: true });
    expect(isOver()).toBe(true);
    expect(cluster.last('actions.opened').completesByActions).toBeUndefined();
  });

  it('that is completed stays until its automatic actions are through, with the result', () => {
    const { act, cluster, isOver } = waiting(userTask(), { name: 'x', does: job('work') });
    expect(act('complete', { done: true })).toEqual([
      'task.completed a',
      'variables.changed {"done":true}',
      'actions.awaited a',
    ]);
    expect(isOver()).toBe(false);
    cluster.completeJob();
    expect(isOver()).toBe(true);
  });
});

describe('a receive task with actions', () => {
  const answer = { kind: 'reply', topic: 'engine.receive.x', keyName: 'answer' } as const;

  it('waits for its record and for its actions, whichever comes first', () => {
    for (const order of ['record', 'action']) {
      const { cluster, id, isOver } = waiting(receive(answer), { name: 'x', does: job('work') });
      const reply = () => cluster.run({ kind: 'receiveReply', instanceId: id, topic: 'engine.receive.x', value: 5 });
      if (order === 'record') reply();
      cluster.completeJob();
      if (order === 'action') reply();
      expect(isOver()).toBe(true);
      expect(cluster.all('variables.changed').map(({ values }) => values)).toContainEqual({ answer: 5 });
    }
  });

  it('takes a message, too', () => {
    const { cluster, isOver, act } = waiting(receive(messageTrigger('go', '=key')), { name: 'x', ...manual });
    cluster.run({ kind: 'publishMessage', name: 'go', correlationKey: 'k', ttlMs: 0, variables: { news: 1 } });
    expect(cluster.last('actions.awaited')).toMatchObject({ elementId: 'a' });
    act('x');
    expect(isOver()).toBe(true);
  });
});

describe('a callback', () => {
  const send = { name: 'send', does: publish({ topic: expression('out') }) };
  const reply = (cluster: Cluster, instanceId: string, more: object, value: unknown = { score: 5 }) =>
    story(cluster.run({ kind: 'receiveReply', instanceId, topic: 'engine.receive.any', value, ...more }));

  it('runs when the reply to what its parent has published comes, and sees what it brought', () => {
    const { cluster, id, isOver, elementKey } = waiting(pass, send, {
      name: 'check',
      parent: 'send',
      callback: {},
      does: script('score * 2', 'double'),
    });
    expect(cluster.outputs.filter(({ kind }) => kind === 'publish')).toMatchObject([
      { topic: 'out', elementId: 'a', callbacksForAction: 'send', tokenKey: elementKey },
    ]);
    expect(reply(cluster, id, { callbackFor: 'other' })).toEqual(['command.rejected receiveReply NO_MATCH']);
    expect(reply(cluster, id, {})).toEqual(['command.rejected receiveReply NO_MATCH']);
    expect(reply(cluster, id, { callbackFor: 'send', elementId: 'a', elementKey: 'x' })).toEqual([
      'command.rejected receiveReply NO_MATCH',
    ]);
    expect(reply(cluster, id, { callbackFor: 'send', elementId: 'a', elementKey })).toContain(
      'action.executed a check',
    );
    expect(isOver()).toBe(true);
    const known = cluster.all('variables.changed').filter(({ scopeKey }) => scopeKey === id);
    expect(known.map(({ values }) => values)).toEqual([{ double: 10 }]);
  });

  it('puts the reply into the variable that it names', () => {
    const { cluster, id, isOver } = waiting(pass, send, { name: 'check', parent: 'send', callback: { key: 'got' } });
    reply(cluster, id, { callbackFor: 'send' });
    expect(isOver()).toBe(true);
    expect(cluster.last('variables.changed')).toMatchObject({ scopeKey: id, values: { got: { score: 5 } } });
  });

  it('takes one reply for each record, and no more', () => {
    const { cluster, id, act } = waiting(
      pass,
      { ...send, ...manual, ...repeatable },
      { name: 'check', parent: 'send', callback: { key: 'got' }, ...repeatable },
      { name: 'go', ...manual },
    );
    act('send');
    act('send');
    expect(reply(cluster, id, { callbackFor: 'send' })).toContain('action.executed a check');
    expect(reply(cluster, id, { callbackFor: 'send' })).toContain('action.executed a check');
    expect(reply(cluster, id, { callbackFor: 'send' })).toEqual(['command.rejected receiveReply NO_MATCH']);
  });

  it('that waits too long becomes an incident, and waits again', () => {
    const { cluster, id, isOver } = waiting(pass, send, {
      name: 'check',
      parent: 'send',
      callback: { timeout: expression('PT1M') },
    });
    cluster.pass(60_000);
    expect(cluster.last('incident.raised')).toMatchObject({ elementId: 'a:check', reason: 'REPLY_NOT_RECEIVED' });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    cluster.pass(60_000);
    expect(cluster.all('incident.raised')).toHaveLength(2);
    reply(cluster, id, { callbackFor: 'send' });
    expect(isOver()).toBe(true);
  });

  it('of a job follows its completion', () => {
    const { cluster, isOver } = waiting(
      pass,
      { name: 'ask', does: job('ask') },
      { name: 'check', parent: 'ask', callback: {}, does: script('score * 2', 'double') },
    );
    expect(cluster.lastJob().callbacksForAction).toBe('ask');
    cluster.completeJob({ score: 4 });
    expect(isOver()).toBe(true);
    expect(cluster.last('variables.changed').values).toEqual({ double: 8 });
  });

  it('is held while the instance is suspended', () => {
    const { cluster, id, isOver } = waiting(pass, send, { name: 'check', parent: 'send', callback: {} });
    cluster.run({ kind: 'suspendInstance', instanceId: id });
    expect(reply(cluster, id, { callbackFor: 'send' })).toEqual(['input.held']);
    cluster.run({ kind: 'resumeInstance', instanceId: id });
    expect(isOver()).toBe(true);
  });
});

describe('a migration of a node with actions', () => {
  const before = [
    { name: 'work', does: job('work') },
    { name: 'note', ...manual, ...optional, does: job('note') },
    { name: 'go', ...manual },
  ];
  const targets = (...actions: readonly ActionSpec[]) =>
    model('p', { start, b: acting(pass, ...actions), end }, ['start -> b -> end']);
  const migrated = (target: ExecutableProcess) => {
    const found = waiting(pass, ...before);
    found.act('note');
    found.cluster.install(target, 2);
    const events = found.cluster.run({
      kind: 'migrateInstance',
      instanceId: found.id,
      definitionVersion: 2,
      mapping: { a: 'b' },
    });
    return { ...found, events: story(events) };
  };

  it('goes on with what is executed, under its new name', () => {
    const { act, cluster, isOver } = migrated(targets(...before));
    cluster.completeJob({}, cluster.jobs()[0]);
    cluster.completeJob({}, cluster.jobs()[1]);
    expect(cluster.last('action.executed')).toMatchObject({ elementId: 'b', action: 'note' });
    act('go');
    expect(isOver()).toBe(true);
  });

  it('ends what is optional and not there any more', () => {
    const { act, cluster, events, isOver } = migrated(targets(...before.filter(({ name }) => name !== 'note')));
    expect(events).toContain('action.cancelled a note');
    cluster.completeJob({}, cluster.jobs()[0]);
    act('go');
    expect(isOver()).toBe(true);
  });

  it('is refused when the node would wait for something else', () => {
    const { events } = migrated(targets(...before, { name: 'more', ...manual }));
    expect(events).toEqual(['command.rejected migrateInstance INVALID_ARGUMENT']);
  });
});

describe('a node with actions in a sub-process', () => {
  it('ends with it', () => {
    const process = model(
      'p',
      {
        start,
        s: subProcess(),
        s1: { ...start, scope: 's' },
        a: { ...acting(pass, { name: 'x', does: job('work') }), scope: 's' },
        s2: { ...end, scope: 's' },
        late: boundary('s', timerTrigger('duration', 'PT1H')),
        end,
        other: end,
      },
      ['start -> s -> end', 's1 -> a -> s2', 'late -> other'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    cluster.pass(3_600_000);
    expect(cluster.rowsWith(id)).toEqual([]);
    expect(cluster.all('job.cancelled')).toHaveLength(1);
  });
});
