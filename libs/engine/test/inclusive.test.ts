import { describe, expect, it } from 'vitest';
import { Cluster } from './support/cluster.ts';
import {
  boundary,
  end,
  errorTrigger,
  exclusive,
  inclusive,
  job,
  model,
  parallel,
  pass,
  script,
  start,
  timerTrigger,
} from './support/model.ts';
import { path } from './support/story.ts';

function finish(cluster: Cluster, type: string, nth = 0): string[] {
  const offered = cluster.jobs().filter((candidate) => candidate.type === type)[nth];
  return path(cluster.completeJob({}, offered));
}

function entries(cluster: Cluster, elementId: string): number {
  return cluster.all('element.entered').filter((event) => event.elementId === elementId).length;
}

describe('an inclusive gateway that splits', () => {
  const process = model('p', { start, which: inclusive, big: job('big'), red: job('red'), other: job('other') }, [
    'start -> which',
    'which -> big [size > 10]',
    'which -> red [color = "red"]',
    'which -> other [default]',
  ]);

  it.for([
    [20, 'red', ['big', 'red']],
    [1, 'red', ['red']],
    [20, 'blue', ['big']],
    [1, 'blue', ['other']],
  ] as const)(
    'with size %s and color %s takes every flow whose condition holds, or else the default',
    ([size, color, types]) => {
      const cluster = new Cluster().install(process);
      cluster.start('p', { size, color });
      expect(cluster.jobs().map(({ type }) => type)).toEqual(types);
    },
  );

  it('raises an incident when no condition holds and there is no default', () => {
    const bare = model('p', { start, which: inclusive, a: end, b: end }, [
      'start -> which',
      'which -> a [x = 1]',
      'which -> b [x = 2]',
    ]);
    const cluster = new Cluster().install(bare);
    const instanceId = cluster.start('p', { x: 3 });
    expect(cluster.last('incident.raised')).toMatchObject({ elementId: 'which', reason: 'NO_FLOW_TAKEN' });
    cluster.run({ kind: 'updateVariables', instanceId, variables: { x: 2 } });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    expect(path(cluster.events).slice(-2)).toEqual(['element.completed b', 'instance.completed']);
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });
});

describe('an inclusive gateway that joins', () => {
  const splitAndJoin = model(
    'p',
    { start, split: inclusive, a: job('a'), b: job('b'), c: job('c'), join: inclusive, after: job('after'), end },
    [
      'start -> split',
      'split -> a [list contains(take, "a")]',
      'split -> b [list contains(take, "b")]',
      'split -> c [default]',
      'a -> join',
      'b -> join',
      'c -> join',
      'join -> after -> end',
    ],
  );

  it.for([[['a', 'b']], [['a']], [['b']], [['c']]] as const)(
    'waits for those of its flows that were taken: %s',
    ([take]) => {
      const cluster = new Cluster().install(splitAndJoin);
      const id = cluster.start('p', { take });
      for (const [index, type] of take.entries()) {
        expect(entries(cluster, 'join')).toBe(0);
        finish(cluster, type);
        expect(entries(cluster, 'join')).toBe(index + 1 === take.length ? 1 : 0);
      }
      expect(cluster.last('element.entered').elementId).toBe('after');
      cluster.completeJob();
      expect(cluster.rowsWith(id)).toEqual([]);
    },
  );

  it('no longer waits for a token that went another way', () => {
    const process = model(
      'p',
      { start, fork: parallel, a: job('a'), b: job('b'), turn: exclusive, join: inclusive, away: end, end },
      [
        'start -> fork',
        'fork -> a -> join',
        'fork -> b -> turn',
        'turn -> join [go]',
        'turn -> away [default]',
        'join -> end',
      ],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p', { go: false });
    expect(finish(cluster, 'a')).toEqual(['element.completed a']);
    expect(finish(cluster, 'b')).toEqual([
      'element.completed b',
      'element.entered turn',
      'element.completed turn',
      'element.entered away',
      'element.completed away',
      'element.entered join',
      'element.completed join',
      'element.entered end',
      'element.completed end',
      'instance.completed',
    ]);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('no longer waits for a token that an interrupting boundary event took away', () => {
    const process = model(
      'p',
      {
        start,
        fork: parallel,
        a: job('a'),
        b: job('b'),
        late: boundary('b', timerTrigger('duration', 'PT1M')),
        gone: end,
        join: inclusive,
        end,
      },
      ['start -> fork', 'fork -> a -> join', 'fork -> b -> join', 'late -> gone', 'join -> end'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    finish(cluster, 'a');
    expect(entries(cluster, 'join')).toBe(0);
    cluster.pass(60_000);
    expect(entries(cluster, 'join')).toBe(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('waits for a token that could come by a boundary event alone', () => {
    const process = model(
      'p',
      {
        start,
        fork: parallel,
        a: job('a'),
        b: job('b'),
        failed: boundary('b', errorTrigger('E')),
        join: inclusive,
        gone: end,
        end,
      },
      ['start -> fork', 'fork -> a -> join', 'fork -> b -> gone', 'failed -> join', 'join -> end'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    finish(cluster, 'a');
    expect(entries(cluster, 'join')).toBe(0);
    const offered = cluster.jobs().find(({ type }) => type === 'b');
    if (offered === undefined) throw new Error('expected the job b');
    const { instanceId, jobKey, attempt } = offered;
    cluster.run({ kind: 'throwJobError', instanceId, jobKey, attempt, code: 'E' });
    expect(cluster.last('element.entered').elementId).toBe('end');
    expect(entries(cluster, 'join')).toBe(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('in a loop waits for the round that is under way, and not for the next one', () => {
    const process = model('p', { start, join: inclusive, a: job('a'), again: exclusive, end }, [
      'start -> join -> a -> again',
      'again -> join [n < 3]',
      'again -> end [default]',
    ]);
    const cluster = new Cluster().install(process);
    const id = cluster.start('p', { n: 0 });
    for (const n of [1, 2, 3]) {
      expect(entries(cluster, 'join')).toBe(n);
      cluster.completeJob({ n });
    }
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('lets a token on a flow that has one already come later: it counts for the next time', () => {
    // Two tokens can come on the same flow: the second does not hold the first up (§13.4.3 iv–vi).
    const process = model(
      'p',
      { start, fork: parallel, merge: exclusive, a: job('a'), b: job('b'), other: job('other'), join: inclusive, end },
      [
        'start -> fork',
        'fork -> a -> merge',
        'fork -> b -> merge',
        'fork -> other -> join',
        'merge -> join',
        'join -> end',
      ],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    finish(cluster, 'other');
    finish(cluster, 'a');
    expect(entries(cluster, 'join')).toBe(1);
    finish(cluster, 'b');
    expect(entries(cluster, 'join')).toBe(2);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('joins in a graph that nests nothing', () => {
    // Each of two splits feeds both joins (workflow pattern 38, general synchronizing merge).
    const process = model(
      'p',
      {
        start,
        fork: parallel,
        s1: inclusive,
        s2: inclusive,
        a: job('a'),
        b: job('b'),
        c: job('c'),
        d: job('d'),
        j1: inclusive,
        j2: inclusive,
        end,
      },
      [
        'start -> fork',
        'fork -> s1',
        'fork -> s2',
        's1 -> a [true]',
        's1 -> b [x]',
        's2 -> c [y]',
        's2 -> d [true]',
        'a -> j1',
        'c -> j1',
        'b -> j2',
        'd -> j2',
        'j1 -> end',
        'j2 -> end',
      ],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p', { x: true, y: false });
    finish(cluster, 'a');
    expect([entries(cluster, 'j1'), entries(cluster, 'j2')]).toEqual([1, 0]);
    finish(cluster, 'd');
    expect(entries(cluster, 'j2')).toBe(0);
    finish(cluster, 'b');
    expect(entries(cluster, 'j2')).toBe(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('waits for a token that stands still in an incident, and goes on when that is over', () => {
    const process = model('p', { start, fork: parallel, a: pass, b: job('=type'), join: inclusive, end }, [
      'start -> fork',
      'fork -> a -> join',
      'fork -> b -> join',
      'join -> end',
    ]);
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    expect(entries(cluster, 'join')).toBe(0);
    cluster.run({ kind: 'updateVariables', instanceId: id, variables: { type: 'b' } });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    cluster.completeJob();
    expect(entries(cluster, 'join')).toBe(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('joins in a way so long that it goes on in slices, and an endless one is found', () => {
    const process = model(
      'p',
      {
        start,
        merge: exclusive,
        split: inclusive,
        a: pass,
        b: pass,
        join: inclusive,
        count: script('n + 1', 'n'),
        again: exclusive,
        end,
      },
      [
        'start -> merge -> split',
        'split -> a [true]',
        'split -> b [modulo(n, 2) = 0]',
        'a -> join',
        'b -> join',
        'join -> count -> again',
        'again -> merge [n < limit]',
        'again -> end [default]',
      ],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p', { n: 0, limit: 300 });
    expect(entries(cluster, 'join')).toBe(300);
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
    cluster.start('p', { n: 0, limit: 1_000_000 });
    expect(cluster.last('incident.raised')).toMatchObject({ reason: 'ENDLESS_LOOP' });
  });
});

describe('a conditional flow out of an activity', () => {
  const process = model(
    'p',
    { start, a: job('a'), big: job('big'), red: job('red'), always: job('always'), other: job('other') },
    ['start -> a', 'a -> big [size > 10]', 'a -> red [color = "red"]', 'a -> always', 'a -> other [default]'],
  );

  it.for([
    [20, 'red', ['big', 'red', 'always']],
    [1, 'blue', ['always', 'other']],
  ] as const)('is taken when it holds: size %s, color %s', ([size, color, types]) => {
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    cluster.completeJob({ size, color });
    expect(cluster.jobs().map(({ type }) => type)).toEqual(['a', ...types]);
    for (const offered of cluster.jobs().slice(1)) cluster.completeJob({}, offered);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('that cannot be evaluated is an incident which keeps the result of the activity', () => {
    const bare = model('p', { start, a: job('a'), next: job('next') }, ['start -> a', 'a -> next [size > limit]']);
    const cluster = new Cluster().install(bare);
    const id = cluster.start('p');
    cluster.completeJob({ size: 20 });
    expect(cluster.last('incident.raised')).toMatchObject({ elementId: 'a', reason: 'CONDITION_FAILED' });
    cluster.run({ kind: 'updateVariables', instanceId: id, variables: { limit: 10 } });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    expect(cluster.lastJob()).toMatchObject({ type: 'next', variables: { size: 20, limit: 10 } });
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});
