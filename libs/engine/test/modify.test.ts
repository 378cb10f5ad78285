import { describe, expect, it } from 'vitest';
import { Cluster } from './support/cluster.ts';
import {
  boundary,
  call,
  end,
  feel,
  inside,
  job,
  messageTrigger,
  model,
  parallel,
  start,
  subProcess,
  timerTrigger,
} from './support/model.ts';
import { path } from './support/story.ts';

const steps = model('p', { start, one: job('one'), two: job('two'), end }, ['start -> one -> two -> end']);
const nested = model(
  'p',
  {
    start,
    outer: subProcess(),
    ...inside('outer', { innerStart: start, first: job('first'), inner: subProcess(), innerEnd: end }),
    ...inside('inner', { deepStart: start, deep: job('deep'), deepEnd: end }),
    late: { ...boundary('inner', timerTrigger('duration', 'PT1H')), scope: 'outer' },
    lateEnd: { ...end, scope: 'outer' },
    end,
  },
  [
    'start -> outer -> end',
    'innerStart -> first -> inner -> innerEnd',
    'deepStart -> deep -> deepEnd',
    'late -> lateEnd',
  ],
);

function running(process = steps): { all: Cluster; instanceId: string } {
  const all = new Cluster().install(process);
  return { all, instanceId: all.start(process.id) };
}

describe('a modification', () => {
  it('moves a token: the new one comes first, so that the instance does not end in between', () => {
    const { all, instanceId } = running();
    const { elementKey } = all.lastJob();
    const activate = [{ elementId: 'two', variables: { by: 'hand' } }];
    const events = all.run({
      kind: 'modifyInstance',
      instanceId,
      activate,
      terminate: [{ elementKey }],
      requestId: 'm',
    });
    expect(events[0]).toMatchObject({ kind: 'instance.modified', requestId: 'm' });
    expect(path(events)).toEqual(['element.entered two', 'element.terminated one']);
    expect(all.lastJob()).toMatchObject({ type: 'two', variables: { by: 'hand' } });
    all.completeJob();
    expect(all.all('instance.completed')).toHaveLength(1);
    expect(all.rowsWith('')).toEqual([]);
  });

  it('terminates all tokens at an element, and cancels an instance that has none left', () => {
    const forked = model('p', { start, fork: parallel, work: job('w'), end }, ['start -> fork', 'fork -> work -> end']);
    const { all, instanceId } = running(forked);
    all.run({ kind: 'modifyInstance', instanceId, activate: [{ elementId: 'work' }], terminate: [] });
    all.run({ kind: 'modifyInstance', instanceId, activate: [], terminate: [{ elementId: 'work' }] });
    expect(all.last('instance.cancelled').reason).toBe('nothing was left to do');
    expect(all.rowsWith('')).toEqual([]);
  });

  it('refuses to take the last token of an instance that another has called and waits for', () => {
    const inner = { start, sub: subProcess(), end, ...inside('sub', { s: start, work: job('w') }) };
    const called = model('child', inner, ['start -> sub -> end', 's -> work']);
    const all = new Cluster()
      .install(called)
      .install(model('p', { start, ask: call('child'), end }, ['start -> ask -> end']));
    all.start('p');
    const { instanceId } = all.lastJob();
    for (const elementId of ['work', 'sub']) {
      all.run({ kind: 'modifyInstance', instanceId, activate: [], terminate: [{ elementId }] });
      expect(all.last('command.rejected')).toMatchObject({ reason: 'INVALID_STATE' });
      expect(all.last('command.rejected').message).toContain('which called it');
    }
    const activate = [{ elementId: 'end' }];
    all.run({ kind: 'modifyInstance', instanceId, activate, terminate: [{ elementId: 'sub' }] });
    expect(path(all.events).slice(-3)).toEqual(['element.entered end', 'element.completed end', 'instance.completed']);
    expect(all.rowsWith('')).toEqual([]);
  });

  it('opens the scopes around an element that do not run, with their boundary events, and no first token', () => {
    const { all, instanceId } = running(nested);
    const { elementKey } = all.lastJob();
    all.run({ kind: 'modifyInstance', instanceId, activate: [{ elementId: 'deep' }], terminate: [{ elementKey }] });
    const entered = path(all.events).filter((line) => line.startsWith('element.entered'));
    expect(entered.slice(-2)).toEqual(['element.entered inner', 'element.entered deep']);
    expect(entered).not.toContain('element.entered deepStart');
    expect(all.last('timer.scheduled').purpose).toMatchObject({ boundaryId: 'late' });
    all.completeJob();
    expect(all.all('instance.completed')).toHaveLength(1);
    expect(all.rowsWith('')).toEqual([]);
  });

  it('takes scopes away with the last that they held', () => {
    const { all, instanceId } = running(nested);
    all.completeJob();
    const { elementKey } = all.lastJob();
    all.run({ kind: 'modifyInstance', instanceId, activate: [], terminate: [{ elementKey }] });
    expect(path(all.events).slice(-4)).toEqual([
      'element.terminated deep',
      'element.terminated inner',
      'element.terminated outer',
      'instance.cancelled',
    ]);
    expect(all.rowsWith('')).toEqual([]);
  });

  it.for([true, false])('takes an iteration away, and the others go on (sequential: %s)', (isSequential) => {
    const loop = {
      kind: 'multiInstance' as const,
      isSequential,
      inputCollection: feel('[1, 2, 3]'),
      inputElement: 'n',
    };
    const many = model('p', { start, task: { ...job('w'), loop }, end }, ['start -> task -> end']);
    const { all, instanceId } = running(many);
    all.run({
      kind: 'modifyInstance',
      instanceId,
      activate: [],
      terminate: [{ elementKey: all.lastJob().elementKey }],
    });
    const open = new Set(all.jobs().map(({ jobKey }) => jobKey));
    for (const { jobKey } of all.all('job.cancelled')) open.delete(jobKey);
    for (const jobKey of open) all.run({ kind: 'completeJob', instanceId, jobKey, variables: {} });
    if (isSequential) all.completeJob();
    expect(all.all('instance.completed')).toHaveLength(1);
    expect(all.rowsWith('')).toEqual([]);
  });

  it('asks which of several running scopes is meant', () => {
    const { all, instanceId } = running(nested);
    const outer = all.all('element.entered').find(({ elementId }) => elementId === 'outer');
    all.run({ kind: 'modifyInstance', instanceId, activate: [{ elementId: 'outer' }], terminate: [] });
    const activate = [{ elementId: 'inner' }];
    expect(all.run({ kind: 'modifyInstance', instanceId, activate, terminate: [] })).toMatchObject([
      { kind: 'command.rejected', reason: 'INVALID_ARGUMENT' },
    ]);
    const named = [{ elementId: 'inner', scopeKey: outer?.elementKey ?? '' }];
    all.run({ kind: 'modifyInstance', instanceId, activate: named, terminate: [] });
    expect(all.last('job.created').elementId).toBe('deep');
  });

  it.for([
    ['nothing to do', { activate: [], terminate: [] }, 'INVALID_ARGUMENT'],
    ['an element that is not there', { activate: [{ elementId: 'nope' }], terminate: [] }, 'INVALID_ARGUMENT'],
    ['a start event', { activate: [{ elementId: 'start' }], terminate: [] }, 'INVALID_ARGUMENT'],
    ['a token that is not there', { activate: [], terminate: [{ elementKey: '0-1' }] }, 'NOT_FOUND'],
    ['an element without tokens', { activate: [], terminate: [{ elementId: 'two' }] }, 'NOT_FOUND'],
  ] as const)('is refused for %s, and changes nothing', ([, ask, reason]) => {
    const { all, instanceId } = running();
    expect(all.run({ kind: 'modifyInstance', instanceId, ...ask })).toMatchObject([{ reason }]);
    all.completeJob();
    all.completeJob();
    expect(all.all('instance.completed')).toHaveLength(1);
  });

  it('is refused whole when a scope to be opened fails, such as for the key of its boundary message', () => {
    const failing = model(
      'p',
      {
        start,
        work: job('w'),
        sub: subProcess(),
        ...inside('sub', { subStart: start, task: job('t'), subEnd: end }),
        cancel: boundary('sub', messageTrigger('stop', '=missing')),
        end,
      },
      ['start -> work -> sub -> end', 'subStart -> task -> subEnd', 'cancel -> end'],
    );
    const { all, instanceId } = running(failing);
    const refused = all.run({ kind: 'modifyInstance', instanceId, activate: [{ elementId: 'task' }], terminate: [] });
    expect(refused).toMatchObject([{ kind: 'command.rejected', reason: 'INVALID_STATE' }]);
    expect(all.all('incident.raised')).toEqual([]);
  });
});
