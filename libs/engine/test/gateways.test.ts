import { describe, expect, it } from 'vitest';
import { HOPS_WITHOUT_WAIT_MAX } from '../src/index.ts';
import { Cluster } from './support/cluster.ts';
import { end, exclusive, job, model, parallel, pass, script, start, terminate } from './support/model.ts';
import { path, story } from './support/story.ts';

describe('an exclusive gateway', () => {
  const process = model('p', { start, which: exclusive, big: job('big'), small: job('small'), other: job('other') }, [
    'start -> which',
    'which -> big [amount > 100]',
    'which -> small [amount > 10]',
    'which -> other [default]',
  ]);

  it.for([
    [1000, 'big'],
    [50, 'small'],
    [1, 'other'],
  ] as const)('with amount %s takes the flow to %s', ([amount, type]) => {
    const cluster = new Cluster().install(process);
    cluster.start('p', { amount });
    expect(cluster.jobs().map((offered) => offered.type)).toEqual([type]);
  });

  it('raises an incident for a condition that is neither true nor false, and goes on when the variable is mended', () => {
    const cluster = new Cluster().install(process);
    const instanceId = cluster.start('p');
    expect(cluster.last('incident.raised')).toMatchObject({ elementId: 'which', reason: 'CONDITION_FAILED' });
    expect(cluster.last('incident.raised').message).toContain("Variable 'amount' not found, at character 1 of");
    const { incidentKey } = cluster.last('incident.raised');
    const again = cluster.run({ kind: 'resolveIncident', incidentKey });
    expect(story(again)).toEqual(['incident.resolved which', 'incident.raised which CONDITION_FAILED']);
    cluster.run({ kind: 'updateVariables', instanceId, variables: { amount: 20 } });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    expect(cluster.lastJob().type).toBe('small');
    cluster.completeJob();
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });

  it('raises NO_FLOW_TAKEN when no condition holds and there is no default', () => {
    const elements = { start, which: exclusive, a: end, b: end };
    const flows = ['start -> which', 'which -> a [x = 1]', 'which -> b [x = 2]'];
    const cluster = new Cluster().install(model('p', elements, flows));
    cluster.start('p', { x: 3 });
    expect(cluster.last('incident.raised')).toMatchObject({ elementId: 'which', reason: 'NO_FLOW_TAKEN' });
  });
});

describe('a parallel gateway', () => {
  const forkAndJoin = model(
    'p',
    { start, fork: parallel, a: job('a'), b: job('b'), join: parallel, after: job('after'), end },
    ['start -> fork', 'fork -> a -> join', 'fork -> b -> join', 'join -> after -> end'],
  );

  it('forks into all flows and joins when each has arrived', () => {
    const cluster = new Cluster().install(forkAndJoin);
    const id = cluster.start('p');
    const [a, b] = cluster.jobs();
    expect(path(cluster.completeJob({}, b))).toEqual(['element.completed b']);
    expect(path(cluster.completeJob({}, a))).toEqual([
      'element.completed a',
      'element.entered join',
      'element.completed join',
      'element.entered after',
    ]);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('counts several tokens on one flow: each goes with one of every other flow', () => {
    const twice = model(
      'p',
      { start, split: parallel, merge: exclusive, a: job('a'), b: job('b'), c: job('c'), join: parallel, end },
      [
        'start -> split',
        'split -> merge',
        'split -> a -> merge',
        'merge -> b',
        'split -> c',
        'b -> join',
        'c -> join',
        'join -> end',
      ],
    );
    const cluster = new Cluster().install(twice);
    const id = cluster.start('p');
    const jobOf = (type: string, nth = 0) => cluster.jobs().filter((offered) => offered.type === type)[nth];
    cluster.completeJob({}, jobOf('a'));
    cluster.completeJob({}, jobOf('b'));
    cluster.completeJob({}, jobOf('b', 1));
    expect(cluster.all('element.entered').filter(({ elementId }) => elementId === 'join')).toEqual([]);
    cluster.completeJob({}, jobOf('c'));
    expect(cluster.all('element.entered').filter(({ elementId }) => elementId === 'join')).toHaveLength(1);
    // One token is left over at the join: it waits, visibly, for a second one that will never come.
    expect(cluster.all('instance.completed')).toEqual([]);
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('forks at any element with several outgoing flows', () => {
    const process = model('p', { start, a: job('a'), b: job('b') }, ['start -> a', 'start -> b']);
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    for (const offered of cluster.jobs()) cluster.completeJob({}, offered);
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});

describe('a terminate end event', () => {
  it('ends the instance and closes what other tokens hold', () => {
    const elements = { start, fork: parallel, slow: job('slow'), fast: job('fast'), stop: terminate };
    const cluster = new Cluster().install(
      model('p', elements, ['start -> fork', 'fork -> slow', 'fork -> fast -> stop']),
    );
    const id = cluster.start('p');
    expect(story(cluster.completeJob())).toEqual([
      'job.completed fast',
      'element.completed fast',
      'flow.taken fast->stop',
      'element.entered stop',
      'element.completed stop',
      'job.cancelled slow',
      'element.terminated slow',
      'instance.terminated',
    ]);
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});

describe('a way without waiting', () => {
  const counting = model('p', { start, count: script('n + 1', 'n'), again: exclusive, end }, [
    'start -> count -> again',
    'again -> count [n < limit]',
    'again -> end [default]',
  ]);

  it('goes on in slices when it is long, so that others have their turn', () => {
    const cluster = new Cluster().install(counting);
    const id = cluster.start('p', { n: 0, limit: 1000 });
    expect(cluster.all('token.deferred').length).toBeGreaterThan(5);
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('joins what forked, also where one slice ends between the two', () => {
    const process = model(
      'p',
      {
        start,
        merge: exclusive,
        fork: parallel,
        a: pass,
        b: pass,
        c: pass,
        join: parallel,
        x: pass,
        count: script('n + 1', 'n'),
        again: exclusive,
        end,
      },
      [
        'start -> merge -> fork',
        'fork -> a -> join',
        'fork -> b -> join',
        'fork -> c -> join',
        'join -> x -> count -> again',
        'again -> merge [n < 300]',
        'again -> end [default]',
      ],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p', { n: 0 });
    expect(cluster.all('element.entered').filter(({ elementId }) => elementId === 'join')).toHaveLength(300);
    expect(cluster.all('token.deferred').length).toBeGreaterThan(5);
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('becomes an incident when it seems endless, and can be ended by mending the variables', () => {
    const cluster = new Cluster().install(counting);
    const id = cluster.start('p', { n: 0, limit: 1_000_000 });
    expect(cluster.last('incident.raised')).toMatchObject({ reason: 'ENDLESS_LOOP' });
    expect(cluster.all('element.entered').length).toBeLessThanOrEqual(HOPS_WITHOUT_WAIT_MAX + 2);
    cluster.run({ kind: 'updateVariables', instanceId: id, variables: { limit: 0 } });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('stops a loop that forks before its tokens are too many, and can be cancelled', { timeout: 120_000 }, () => {
    const bomb = model('p', { start, fork: parallel, a: pass, b: pass, merge: exclusive }, [
      'start -> merge -> fork',
      'fork -> a -> merge',
      'fork -> b -> merge',
    ]);
    const cluster = new Cluster().install(bomb);
    const id = cluster.start('p');
    expect(cluster.all('incident.raised').some(({ reason }) => reason === 'TOO_MANY_TOKENS')).toBe(true);
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    expect(cluster.all('instance.cancelled')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});
