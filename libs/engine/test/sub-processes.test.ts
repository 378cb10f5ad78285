import { describe, expect, it } from 'vitest';
import { TERMINATIONS_PER_STEP_MAX, VARIABLES_BYTES_MAX } from '../src/index.ts';
import { Cluster } from './support/cluster.ts';
import {
  boundary,
  catching,
  end,
  endWithError,
  errorTrigger,
  exclusive,
  inside,
  job,
  map,
  messageTrigger,
  model,
  parallel,
  pass,
  script,
  start,
  subProcess,
  terminate,
  timerTrigger,
  userTask,
} from './support/model.ts';
import { path, story } from './support/story.ts';

/** `start → sub(first → … ) → after → end`. */
function around(
  elements: Parameters<typeof inside>[1],
  flows: readonly string[],
  more: Parameters<typeof subProcess>[0] = {},
) {
  return { start, sub: subProcess(more), ...inside('sub', elements), after: job('after'), end, flows };
}
const outer = 'start -> sub -> after -> end';

function cluster(
  elements: Parameters<typeof inside>[1],
  flows: readonly string[],
  more: Parameters<typeof subProcess>[0] = {},
  beside: Parameters<typeof inside>[1] = {},
): Cluster {
  const { flows: own, ...all } = around(elements, flows, more);
  return new Cluster().install(model('p', { ...all, ...beside }, [outer, ...own]));
}

const work = { first: start, work: job('work'), done: end };
const workFlow = 'first -> work -> done';

describe('an embedded sub-process', () => {
  it('begins with its start event and goes on when its last token has ended', () => {
    const all = cluster({ first: start, fork: parallel, a: job('a'), b: job('b'), done: end }, [
      'first -> fork',
      'fork -> a -> done',
      'fork -> b',
    ]);
    const id = all.start('p');
    const [a, b] = all.jobs();
    all.completeJob({}, a);
    expect(all.jobs()).toHaveLength(2);
    expect(story(all.completeJob({}, b))).toEqual([
      'job.completed b',
      'element.completed b',
      'element.completed sub',
      'flow.taken sub->after',
      'element.entered after',
      'job.created after',
    ]);
    all.completeJob();
    expect(all.rowsWith(id)).toEqual([]);
  });

  it('nests to any depth', () => {
    const depth = 30;
    const elements: Record<string, object> = { start, end, ...inside('s0', { i0: start, o0: end }), s0: subProcess() };
    const flows = ['start -> s0 -> end'];
    for (let level = 1; level < depth; level += 1) {
      Object.assign(elements, inside(`s${level - 1}`, { [`s${level}`]: subProcess() }));
      Object.assign(elements, inside(`s${level}`, { [`i${level}`]: start, [`o${level}`]: end }));
      flows.push(`i${level - 1} -> s${level} -> o${level - 1}`);
    }
    Object.assign(elements, inside(`s${depth - 1}`, { work: job('work') }));
    flows.push(`i${depth - 1} -> work -> o${depth - 1}`);
    const all = new Cluster().install(model('p', elements as never, flows));
    const id = all.start('p');
    all.completeJob();
    expect(all.all('element.completed').filter(({ elementKind }) => elementKind === 'subProcess')).toHaveLength(depth);
    expect(all.rowsWith(id)).toEqual([]);
  });

  it('keeps what it maps in to itself, and gives back what it maps out', () => {
    const all = cluster(work, [workFlow], {
      inputs: [map('=order.price', 'price')],
      outputs: [map('=price + fee', 'total')],
    });
    const id = all.start('p', { order: { price: 5 } });
    all.completeJob({ price: 7, fee: 1 });
    expect(all.lastJob()).toMatchObject({ type: 'after', variables: { order: { price: 5 }, fee: 1, total: 8 } });
    expect(all.all('variables.changed').map(({ scopeKey, values }) => [scopeKey === id, values])).toEqual([
      [false, { price: 5 }],
      [false, { price: 7 }],
      [true, { fee: 1 }],
      [true, { total: 8 }],
    ]);
  });

  it('stands still when what it maps out does not fit, and goes on when that is mended', () => {
    const all = cluster(work, [workFlow], { outputs: [map('=big', 'copy')] });
    const instanceId = all.start('p', { big: 'x'.repeat(VARIABLES_BYTES_MAX / 2) });
    all.completeJob();
    const { incidentKey, ...incident } = all.last('incident.raised');
    expect(incident).toMatchObject({ elementId: 'sub', reason: 'VARIABLES_TOO_LARGE', retry: 'leave' });
    all.run({ kind: 'updateVariables', instanceId, variables: { big: 'small' } });
    all.run({ kind: 'resolveIncident', incidentKey });
    expect(all.lastJob()).toMatchObject({ type: 'after', variables: { copy: 'small' } });
  });

  it('that never waits in a loop is found out, through its border', () => {
    const elements = {
      start,
      again: exclusive,
      sub: subProcess(),
      ...inside('sub', { first: start, done: end }),
      end,
    };
    const flows = ['start -> again -> sub -> again', 'first -> done'];
    const all = new Cluster().install(model('p', elements, flows));
    const instanceId = all.start('p');
    expect(all.last('incident.raised').reason).toBe('ENDLESS_LOOP');
    all.run({ kind: 'cancelInstance', instanceId });
    expect(all.rowsWith(instanceId)).toEqual([]);
  });

  it('joins its own tokens only, however often it runs at the same time', () => {
    const elements = {
      start,
      fork: parallel,
      merge: pass,
      sub: subProcess(),
      ...inside('sub', { first: start, split: parallel, a: job('a'), b: job('b'), join: parallel, done: end }),
      end,
    };
    const flows = [
      'start -> fork',
      'fork -> x -> merge',
      'fork -> y -> merge',
      'merge -> sub -> end',
      'first -> split',
      'split -> a -> join',
      'split -> b -> join -> done',
    ];
    const all = new Cluster().install(model('p', { ...elements, x: pass, y: pass }, flows));
    const id = all.start('p');
    const [firstA, , , secondB] = all.jobs();
    all.completeJob({}, firstA);
    all.completeJob({}, secondB);
    expect(path(all.events).filter((line) => line === 'element.completed join')).toEqual([]);
    for (const job of all.jobs().slice(1, 3)) all.completeJob({}, job);
    expect(path(all.events).filter((line) => line === 'element.completed sub')).toHaveLength(2);
    expect(all.rowsWith(id)).toEqual([]);
  });
});

describe('a terminate end event in a sub-process', () => {
  it('ends the sub-process alone, and the way behind it goes on', () => {
    const all = cluster(
      { first: start, fork: parallel, wait: userTask(), again: parallel, work: job('work'), stop: terminate },
      ['first -> fork', 'fork -> wait', 'fork -> work -> stop', 'fork -> again'],
    );
    const id = all.start('p');
    expect(path(all.completeJob())).toEqual([
      'element.completed work',
      'element.entered stop',
      'element.completed stop',
      'element.terminated wait',
      'element.completed sub',
      'element.entered after',
    ]);
    all.completeJob();
    expect(all.last('instance.completed').instanceId).toBe(id);
    expect(all.rowsWith(id)).toEqual([]);
  });

  it('takes the tokens with it that have not moved yet, and those that wait at a join', () => {
    const all = cluster(
      { first: start, fork: parallel, join: parallel, a: job('a'), stop: terminate, late: job('late') },
      ['first -> fork', 'fork -> join', 'fork -> stop', 'fork -> late', 'a -> join', 'late -> a'],
    );
    const id = all.start('p');
    expect(all.jobs().map(({ type }) => type)).toEqual(['after']);
    all.completeJob();
    expect(all.rowsWith(id)).toEqual([]);
  });
});

describe('a boundary event of a sub-process', () => {
  it.for([
    ['a timer', timerTrigger('duration', 'PT1H'), (all: Cluster) => all.pass(3_600_000)],
    [
      'a message',
      messageTrigger('stop', '=key'),
      (all: Cluster) => all.run({ kind: 'publishMessage', name: 'stop', correlationKey: 'k', ttlMs: 0, variables: {} }),
    ],
  ] as const)('ends all that is in it, innermost first: %s', ([, trigger, fire]) => {
    const all = cluster(
      { first: start, inner: subProcess(), done: end, ...inside('inner', { second: start, work: job('work') }) },
      ['first -> inner -> done', 'second -> work'],
      {},
      { stopped: boundary('sub', trigger), instead: job('instead') },
    );
    const id = all.start('p', { key: 'k' });
    expect(path(fire(all)).slice(0, 4)).toEqual([
      'element.terminated work',
      'element.terminated inner',
      'element.terminated sub',
      'element.entered stopped',
    ]);
    expect(all.rowsWith(id)).toEqual([]);
  });

  it('that does not interrupt leaves it running', () => {
    const all = cluster(work, [workFlow], {}, { late: boundary('sub', timerTrigger('duration', 'PT1H'), false) });
    const id = all.start('p');
    expect(path(all.pass(3_600_000))).toEqual(['element.entered late', 'element.completed late']);
    all.completeJob();
    all.completeJob();
    expect(all.rowsWith(id)).toEqual([]);
  });

  it('catches the errors that nobody inside does', () => {
    const caught = boundary('sub', errorTrigger('NO'));
    const all = cluster(work, [workFlow], {}, { caught });
    const instanceId = all.start('p');
    const { jobKey } = all.lastJob();
    expect(path(all.run({ kind: 'throwJobError', instanceId, jobKey, attempt: 1, code: 'NO' }))).toEqual([
      'element.terminated work',
      'element.terminated sub',
      'element.entered caught',
      'element.completed caught',
      'instance.completed',
    ]);
    expect(all.last('job.errorThrown').caughtBy).toBe('caught');
    expect(all.rowsWith(instanceId)).toEqual([]);
  });

  it('catches an error end event, whichever is nearest', () => {
    const elements = {
      start,
      sub: subProcess(),
      outer: boundary('sub', errorTrigger('NO')),
      ...inside('sub', { first: start, inner: subProcess(), near: boundary('inner', errorTrigger()), done: end }),
      ...inside('inner', { second: start, fail: endWithError('NO') }),
      end,
    };
    const flows = ['start -> sub -> end', 'first -> inner', 'near -> done', 'second -> fail'];
    const all = new Cluster().install(model('p', elements, flows));
    const id = all.start('p');
    expect(path(all.events)).not.toContain('element.entered outer');
    expect(path(all.events)).toContain('element.entered near');
    expect(all.rowsWith(id)).toEqual([]);
  });
});

describe('a sub-process with more in it than one step may close', () => {
  const count = TERMINATIONS_PER_STEP_MAX + 200;
  const crowd = (): Cluster => {
    const elements = {
      start,
      fork: parallel,
      sub: subProcess(),
      late: boundary('sub', timerTrigger('duration', 'PT1H')),
      ...inside('sub', {
        first: start,
        again: exclusive,
        split: parallel,
        count: script('if n = null then 1 else n + 1', 'n'),
        wait: userTask(),
        ready: catching(messageTrigger('go', '=key')),
      }),
      end,
    };
    const flows = [
      'start -> fork',
      'fork -> sub -> end',
      'first -> again -> split',
      'split -> wait',
      'split -> count -> more',
      `more -> again [n < ${count}]`,
      'more -> ready [default]',
    ];
    return new Cluster().install(model('p', { ...elements, ...inside('sub', { more: exclusive }) }, flows));
  };

  it('is closed in slices, nothing in it moves meanwhile, and then the event goes on', () => {
    const all = crowd();
    const instanceId = all.start('p', { key: 'k' });
    const { elementKey: taskKey } = all.last('task.created');
    all.now += 3_600_000;
    all.fireDue();
    expect(all.last('scope.closing').next).toMatchObject({ kind: 'boundary', boundaryId: 'late' });
    expect(all.all('element.terminated')).toHaveLength(TERMINATIONS_PER_STEP_MAX);
    const next = all.takeQueued(0);
    all.send({ kind: 'completeTask', taskKey, variables: {} });
    all.putQueued(0, next);
    all.stepOnce();
    expect(all.last('command.rejected')).toMatchObject({ commandKind: 'completeTask', reason: 'INVALID_STATE' });
    all.settle();
    expect(path(all.events).slice(-4)).toEqual([
      'element.terminated sub',
      'element.entered late',
      'element.completed late',
      'instance.completed',
    ]);
    expect(all.rowsWith(instanceId)).toEqual([]);
  });

  it('can be cancelled in the middle of it', () => {
    const all = crowd();
    const instanceId = all.start('p', { key: 'k' });
    all.now += 3_600_000;
    all.fireDue();
    const next = all.takeQueued(0);
    all.send({ kind: 'cancelInstance', instanceId });
    all.putQueued(0, next);
    all.settle();
    expect(path(all.events)).not.toContain('element.entered late');
    expect(all.rowsWith(instanceId)).toEqual([]);
  });
});
