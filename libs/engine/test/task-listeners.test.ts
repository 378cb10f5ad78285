import { describe, expect, it } from 'vitest';
import { TERMINATIONS_PER_STEP_MAX } from '../src/index.ts';
import { Cluster } from './support/cluster.ts';
import {
  boundary,
  call,
  end,
  expression,
  feel,
  heard,
  heardTask,
  job,
  model,
  parallel,
  start,
  subProcess,
  terminate,
  timerTrigger,
  times,
  userTask,
} from './support/model.ts';
import { path, story } from './support/story.ts';

type Types = Parameters<typeof heardTask>[1];

const review = (types: Types, assignment: Parameters<typeof userTask>[0] = {}) =>
  model('p', { start, review: heardTask(userTask(assignment), types), end }, ['start -> review -> end']);

function running(types: Types, assignment: Parameters<typeof userTask>[0] = {}, variables = {}) {
  const cluster = new Cluster().install(review(types, assignment));
  const id = cluster.start('p', variables);
  return { cluster, id, taskKey: cluster.last('element.entered').elementKey };
}

describe('listeners of a task', () => {
  it('are asked before it is created, and correct what the model says', () => {
    const { cluster, taskKey } = running(
      { creating: ['a', 'b'] },
      { candidateGroups: expression('clerks'), priority: expression('5') },
      { x: 1 },
    );
    expect(cluster.all('task.created')).toEqual([]);
    expect(cluster.lastJob()).toMatchObject({
      type: 'a',
      listener: 'creating',
      variables: { x: 1 },
      task: { taskKey, action: 'create', candidateGroups: ['clerks'], priority: 5, changedAttributes: [] },
    });
    cluster.completeJob({ corrections: { assignee: 'ann', priority: 9 } });
    // Who comes later sees it, and may correct it again.
    expect(cluster.lastJob()).toMatchObject({
      type: 'b',
      task: { assignee: 'ann', priority: 9, changedAttributes: ['assignee', 'priority'] },
    });
    cluster.completeJob({ corrections: { priority: 5, dueDate: '2026-02-01T00:00:00Z' } });
    expect(cluster.last('task.created')).toMatchObject({
      assignee: 'ann',
      priority: 5,
      dueDate: '2026-02-01T00:00:00Z',
      candidateGroups: ['clerks'],
    });
    cluster.run({ kind: 'completeTask', taskKey, variables: {} });
    expect(cluster.rowsWith(taskKey)).toEqual([]);
  });

  it('are asked about the assignee whom the model names, after the creation', () => {
    const { cluster, taskKey } = running({ assigning: ['a'] }, { assignee: expression('ann') });
    expect(cluster.last('task.created').assignee).toBe(undefined);
    expect(cluster.lastJob()).toMatchObject({
      type: 'a',
      task: { assignee: 'ann', action: 'assign', changedAttributes: ['assignee'] },
    });
    cluster.completeJob({ corrections: { assignee: 'bob' } });
    expect(cluster.last('task.updated').changes).toEqual({ assignee: 'bob' });
    expect(cluster.rowsWith('bob').toSorted()).toEqual([
      `element ${cluster.last('task.updated').instanceId}/${taskKey}`,
      `task ${taskKey}`,
    ]);
    const denied = running({ assigning: ['a'] }, { assignee: expression('ann') });
    denied.cluster.completeJob({ denied: true, deniedReason: 'on leave' });
    expect(denied.cluster.last('task.denied')).toMatchObject({ action: 'assign', reason: 'on leave' });
    expect(story(denied.cluster.run({ kind: 'claimTask', taskKey: denied.taskKey, assignee: 'bob' }))).toEqual([
      'listener.called review',
      'job.created review',
    ]);
  });

  it.for([
    ['claim', { kind: 'claimTask', assignee: 'ann' }, 'assigning', 'task.claimed', { assignee: 'ann' }],
    [
      'assign',
      { kind: 'updateTask', changes: { assignee: 'ann' } },
      'assigning',
      'task.updated',
      { changes: { assignee: 'ann' } },
    ],
    [
      'update',
      { kind: 'updateTask', changes: { priority: 7 } },
      'updating',
      'task.updated',
      { changes: { priority: 7 } },
    ],
    ['complete', { kind: 'completeTask', variables: { ok: true } }, 'completing', 'task.completed', {}],
  ] as const)(
    'a %s shows nothing before they have answered, and who asked is told then',
    ([action, command, on, kind, found]) => {
      const { cluster, taskKey } = running({ [on]: ['a', 'b'] });
      cluster.run({ ...command, taskKey, requestId: 'r1' });
      expect(cluster.lastJob()).toMatchObject({ listener: on, task: { action } });
      cluster.completeJob();
      expect(cluster.events.filter((event) => event.kind === kind)).toEqual([]);
      // Meanwhile the task takes no other change.
      cluster.run({ kind: 'completeTask', taskKey, variables: {} });
      expect(cluster.last('command.rejected')).toMatchObject({
        reason: 'INVALID_STATE',
        message: `task ${taskKey} waits for the listeners of ${on}`,
      });
      cluster.completeJob();
      expect(cluster.last(kind)).toMatchObject({ ...found, requestId: 'r1' });
      expect(cluster.all('instance.completed')).toHaveLength(action === 'complete' ? 1 : 0);
    },
  );

  it('that refuse leave the task as it was, and say why to who asked', () => {
    const { cluster, taskKey, id } = running({ completing: ['a', 'b'] });
    cluster.run({ kind: 'completeTask', taskKey, variables: { ok: true }, requestId: 'r1' });
    cluster.completeJob({ corrections: { priority: 1 } });
    expect(story(cluster.completeJob({ denied: true, deniedReason: 'no signature' }))).toEqual([
      'job.completed review',
      'task.denied review',
    ]);
    expect(cluster.last('task.denied')).toMatchObject({ action: 'complete', reason: 'no signature', requestId: 'r1' });
    expect(cluster.all('task.updated')).toEqual([]);
    expect(cluster.all('variables.changed')).toEqual([]);
    cluster.run({ kind: 'completeTask', taskKey, variables: { ok: 2 } });
    cluster.completeJob();
    cluster.completeJob();
    expect(cluster.last('variables.changed')).toMatchObject({ values: { ok: 2 } });
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('of both are asked when a change gives the task to somebody and changes more of it', () => {
    const { cluster, taskKey } = running({ assigning: ['a'], updating: ['u'] });
    cluster.run({ kind: 'updateTask', taskKey, changes: { assignee: 'ann', priority: 3 }, requestId: 'r1' });
    cluster.completeJob({ corrections: { priority: 4 } });
    expect(cluster.lastJob()).toMatchObject({
      type: 'u',
      listener: 'updating',
      task: { assignee: 'ann', priority: 4 },
    });
    cluster.completeJob();
    expect(cluster.last('task.updated')).toMatchObject({ changes: { assignee: 'ann', priority: 4 }, requestId: 'r1' });
  });

  it('see what the task has become by changes that nobody listens to', () => {
    const { cluster, taskKey } = running({ completing: ['a'] });
    cluster.run({ kind: 'claimTask', taskKey, assignee: 'ann' });
    cluster.run({ kind: 'updateTask', taskKey, changes: { candidateUsers: ['eve'], dueDate: null } });
    cluster.run({ kind: 'completeTask', taskKey, variables: {} });
    expect(cluster.lastJob().task).toMatchObject({ assignee: 'ann', candidateUsers: ['eve'], changedAttributes: [] });
    cluster.completeJob({ corrections: { assignee: null } });
    expect(story(cluster.events).slice(-9, -4)).toEqual([
      'listeners.done review',
      'task.updated review',
      'task.completed review',
      'task.noted review',
      'element.completed review',
    ]);
  });

  it('come after the listeners of its start, and before those of its end', () => {
    const task = heard(heardTask(userTask(), { creating: ['b'], completing: ['c'] }), { start: ['a'], end: ['d'] });
    const cluster = new Cluster().install(model('p', { start, task, end }, ['start -> task -> end']));
    const id = cluster.start('p');
    cluster.completeJob();
    cluster.completeJob();
    cluster.run({ kind: 'completeTask', taskKey: cluster.last('task.created').elementKey, variables: {} });
    cluster.completeJob();
    cluster.completeJob();
    expect(cluster.jobs().map(({ type }) => type)).toEqual(['a', 'b', 'c', 'd']);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it.for([
    [{ ok: true }, 'no more than denied, deniedReason and corrections, found "ok": it brings no variables'],
    [{ denied: 'yes' }, 'denied as true or false'],
    [{ denied: true, deniedReason: 1 }, 'deniedReason as a text'],
    [{ corrections: [] }, 'corrections as an object'],
    [{ denied: true, corrections: { priority: 1 } }, 'either denied or corrections, found both'],
    [{ corrections: { state: 'x' } }, 'corrections of assignee, candidateGroups'],
    [{ corrections: { priority: 'high' } }, 'a correction of priority that is a number or null, found "high"'],
    [{ corrections: { candidateUsers: ['a', 1] } }, 'a correction of candidateUsers that is a list of texts'],
    [{ corrections: { priority: 1.5 } }, 'expected the priority to be a whole number'],
    [{ corrections: { assignee: '' } }, 'expected an assignee, or null for none'],
  ] as const)('that answer %j have failed', ([answer, words]) => {
    const { cluster, taskKey } = running({ completing: ['a'] });
    cluster.run({ kind: 'completeTask', taskKey, variables: {} });
    cluster.completeJob(answer);
    expect(cluster.last('job.failed')).toMatchObject({ retries: 2, message: expect.stringContaining(words) });
    cluster.pass(60_000);
    cluster.completeJob();
    expect(cluster.all('instance.completed')).toHaveLength(1);
  });

  it('cannot refuse a creation, nor correct there whom the model names', () => {
    const { cluster } = running({ creating: ['a'] }, { assignee: expression('ann') });
    cluster.completeJob({ denied: true });
    expect(cluster.last('job.failed').message).toContain('no denial: creating cannot be denied');
    cluster.pass(60_000);
    cluster.completeJob({ corrections: { assignee: 'bob' } });
    expect(cluster.last('job.failed').message).toContain('the model gives one');
    cluster.pass(60_000);
    cluster.completeJob({ corrections: { priority: 1 } });
    expect(cluster.last('task.created')).toMatchObject({ assignee: 'ann', priority: 1 });
  });

  it('whose type cannot be evaluated are an incident, and then the whole change is asked about again', () => {
    const { cluster, taskKey, id } = running({ completing: ['a', '=which'] });
    cluster.run({ kind: 'completeTask', taskKey, variables: { ok: 1 }, requestId: 'r1' });
    cluster.completeJob({ corrections: { priority: 1 } });
    expect(cluster.last('incident.raised').reason).toBe('EXPRESSION_FAILED');
    cluster.run({ kind: 'updateVariables', instanceId: id, variables: { which: 'b' } });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    expect(cluster.lastJob()).toMatchObject({ type: 'a', task: { changedAttributes: [] } });
    cluster.completeJob();
    cluster.completeJob();
    expect(cluster.last('task.completed').requestId).toBe('r1');
    expect(cluster.all('task.updated')).toEqual([]);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('that fail for good are an incident, whose resolving asks that one again', () => {
    const { cluster, taskKey } = running({ completing: ['a', 'b'] });
    cluster.run({ kind: 'completeTask', taskKey, variables: {} });
    cluster.completeJob();
    cluster.failJob('no', { retries: 0 });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    expect(cluster.lastJob()).toMatchObject({
      type: 'b',
      attempt: 2,
      listener: 'completing',
      task: { action: 'complete' },
    });
    cluster.completeJob();
    expect(cluster.all('instance.completed')).toHaveLength(1);
  });
});

describe('the end of a task that others listen to', () => {
  it('by a boundary event waits for them, and its token goes on then', () => {
    const process = model(
      'p',
      {
        start,
        review: heardTask(userTask(), { completing: ['never'], canceling: ['a', 'b'] }),
        late: boundary('review', timerTrigger('duration', 'PT1S')),
        end,
      },
      ['start -> review -> end', 'late -> end'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    const { elementKey: taskKey } = cluster.last('task.created');
    cluster.run({ kind: 'completeTask', taskKey, variables: {}, requestId: 'r1' });
    // Who wanted to complete it is told that this will not be.
    expect(story(cluster.pass(1_000))).toEqual([
      'timer.fired boundary',
      'job.cancelled review',
      'task.denied review',
      'task.cancelled review',
      'listener.called review',
      'job.created review',
      'scope.closing',
    ]);
    expect(cluster.last('task.denied')).toMatchObject({ requestId: 'r1', reason: 'the task has ended meanwhile' });
    expect(cluster.lastJob()).toMatchObject({ type: 'a', listener: 'canceling', task: { action: 'cancel' } });
    cluster.completeJob();
    expect(path(cluster.completeJob())).toEqual([
      'element.terminated review',
      'element.entered late',
      'element.completed late',
      'element.entered end',
      'element.completed end',
      'instance.completed',
    ]);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('by a cancellation of the instance waits for them; all else is gone by then', () => {
    const { cluster, id } = running({ canceling: ['a'] });
    cluster.run({ kind: 'cancelInstance', instanceId: id, reason: 'enough' });
    expect(cluster.all('instance.cancelled')).toEqual([]);
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    expect(cluster.last('command.rejected').reason).toBe('INVALID_STATE');
    cluster.completeJob();
    expect(cluster.last('instance.cancelled').reason).toBe('enough');
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('waits also through back-off, time-out and incident', () => {
    const { cluster, id } = running({ canceling: ['=which'] }, {}, { which: 1 });
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    expect(cluster.last('incident.raised')).toMatchObject({ reason: 'EXPRESSION_FAILED', retry: 'listen' });
    const other = running({ canceling: ['a'] });
    other.cluster.run({ kind: 'cancelInstance', instanceId: other.id });
    other.cluster.failJob('no');
    other.cluster.pass(60_000);
    expect(other.cluster.lastJob()).toMatchObject({ attempt: 2 });
    other.cluster.failJob('no', { retries: 0 });
    other.cluster.run({ kind: 'resolveIncident', incidentKey: other.cluster.last('incident.raised').incidentKey });
    other.cluster.completeJob({ denied: true });
    expect(other.cluster.last('job.failed').message).toContain('canceling cannot be denied');
    other.cluster.pass(60_000);
    other.cluster.completeJob();
    expect(other.cluster.all('instance.cancelled')).toHaveLength(1);
    expect(other.cluster.rowsWith(other.id)).toEqual([]);
  });

  it('by the end of what is around it, in a called instance too, lets that end when the last has answered', () => {
    const child = {
      ...model(
        'child',
        {
          start,
          sub: subProcess(),
          s: { ...start, scope: 'sub' },
          each: { ...times(heardTask(userTask(), { canceling: ['a'] }), { cardinality: feel('3') }), scope: 'sub' },
        },
        ['start -> sub', 's -> each'],
      ),
    };
    const parent = model('p', { start, f: parallel, calls: call('child'), work: job('work'), over: terminate }, [
      'start -> f',
      'f -> calls',
      'f -> work -> over',
    ]);
    const cluster = new Cluster().install(child).install(parent);
    const id = cluster.start('p');
    cluster.completeJob();
    expect(cluster.all('instance.terminated')).toHaveLength(1);
    const asked = cluster.jobs().filter(({ listener }) => listener === 'canceling');
    expect(asked).toHaveLength(3);
    for (const offered of asked) {
      expect(cluster.all('instance.cancelled')).toEqual([]);
      cluster.completeJob({}, offered);
    }
    expect(cluster.all('instance.cancelled')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('is asked about in slices when there are many', () => {
    const many = TERMINATIONS_PER_STEP_MAX + 20;
    const each = times(heardTask(userTask(), { canceling: ['a'] }), { cardinality: feel(String(many)) });
    const cluster = new Cluster().install(model('p', { start, each, end }, ['start -> each -> end']));
    const id = cluster.start('p');
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    for (let at = 0; at < cluster.jobs().length; at += 1) {
      const { instanceId, jobKey } = cluster.jobs()[at] ?? {};
      cluster.send({ kind: 'completeJob', instanceId: instanceId ?? '', jobKey: jobKey ?? '', variables: {} });
      if (at % 100 === 0 || at + 1 === cluster.jobs().length) cluster.settle();
    }
    expect(cluster.jobs()).toHaveLength(many);
    expect(cluster.all('instance.cancelled')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('is not asked about when it is done', () => {
    const task = heardTask(userTask(), { canceling: ['a'] });
    const process = model(
      'p',
      { start, task: { ...task, outputs: [{ source: feel('missing.value.x + 1'), target: ['y'] }] } as never, end },
      ['start -> task', 'task -> end [y > 1]'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    cluster.run({ kind: 'completeTask', taskKey: cluster.last('task.created').elementKey, variables: {} });
    expect(cluster.all('incident.raised')).toHaveLength(1);
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    expect(cluster.jobs()).toEqual([]);
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});
