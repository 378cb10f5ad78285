import { describe, expect, it } from 'vitest';
import { Cluster } from './support/cluster.ts';
import {
  boundary,
  complex,
  end,
  exclusive,
  inside,
  job,
  messageTrigger,
  model,
  parallel,
  pass,
  receive,
  start,
  subProcess,
} from './support/model.ts';
import { path } from './support/story.ts';

function finish(cluster: Cluster, type: string, nth = 0): string[] {
  const offered = cluster.jobs().filter((candidate) => candidate.type === type)[nth];
  return path(cluster.completeJob({}, offered));
}

/** Three jobs at once before a gateway that asks for `condition`. */
function threeBefore(condition: string, outOf: readonly string[] = ['join -> done']) {
  const jobs = { a: job('a'), b: job('b'), c: job('c') };
  return model(
    'p',
    { start, fork: parallel, ...jobs, join: complex(condition), done: job('done'), late: job('late') },
    ['start -> fork', 'fork -> a -> join', 'fork -> b -> join', 'fork -> c -> join', ...outOf],
  );
}

describe('a complex gateway that joins', () => {
  it('goes on when enough tokens have come, and takes the others out of the way', () => {
    const cluster = new Cluster().install(threeBefore('activationCount >= 2'));
    const instanceId = cluster.start('p');
    expect(finish(cluster, 'b')).toEqual(['element.completed b']);
    expect(finish(cluster, 'a')).toEqual([
      'element.completed a',
      'element.entered join',
      'element.completed join',
      'element.entered done',
    ]);
    expect(finish(cluster, 'c')).toEqual(['element.completed c', 'element.entered join', 'element.completed join']);
    expect(finish(cluster, 'done')).toEqual(['element.completed done', 'instance.completed']);
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });

  it('asks the conditions of its flows in both phases, and says which one it is', () => {
    const flows = ['join -> done [waitingForStart and n = 1]', 'join -> late [not(waitingForStart)]'];
    const cluster = new Cluster().install(threeBefore('activationCount >= 1', flows));
    cluster.start('p', { n: 1 });
    expect(finish(cluster, 'a').slice(-1)).toEqual(['element.entered done']);
    finish(cluster, 'b');
    expect(finish(cluster, 'c').slice(-3)).toEqual([
      'element.entered join',
      'element.completed join',
      'element.entered late',
    ]);
  });

  it('has a token of its reset for the scope that would be over otherwise', () => {
    const flows = ['join -> ended [waitingForStart]', 'join -> late [not(waitingForStart)]'];
    const process = threeBefore('activationCount >= 3', flows);
    const ended = { ...process.elements['done'], id: 'ended', kind: 'task', incoming: ['join->ended'] } as never;
    const cluster = new Cluster().install({ ...process, elements: { ...process.elements, ended } });
    cluster.start('p');
    for (const type of ['a', 'b', 'c']) finish(cluster, type);
    expect(cluster.jobs().map(({ type }) => type)).toContain('late');
    expect(finish(cluster, 'late')).toEqual(['element.completed late', 'instance.completed']);
  });

  it('counts incoming flows, or the tokens of each', () => {
    const cluster = new Cluster().install(threeBefore('get value(activationCounts, "c->join") >= 1'));
    cluster.start('p');
    expect(finish(cluster, 'a')).toEqual(['element.completed a']);
    expect(finish(cluster, 'b')).toEqual(['element.completed b']);
    expect(finish(cluster, 'c')).toContain('element.entered done');
  });

  it('asks its condition again when a variable that it sees has changed', () => {
    const cluster = new Cluster().install(threeBefore('activationCount >= enough'));
    const instanceId = cluster.start('p');
    expect(finish(cluster, 'a')).toEqual(['element.completed a']);
    expect(path(cluster.run({ kind: 'updateVariables', instanceId, variables: { enough: 1 } }))).toEqual([
      'element.entered join',
      'element.completed join',
      'element.entered done',
    ]);
  });

  it('raises an incident when no flow can be taken at its activation, and none at its reset', () => {
    const cluster = new Cluster().install(threeBefore('activationCount >= 1', ['join -> done [n = 1]']));
    const instanceId = cluster.start('p', { n: 0 });
    finish(cluster, 'a');
    const { incidentKey, reason } = cluster.last('incident.raised');
    expect(reason).toBe('NO_FLOW_TAKEN');
    cluster.run({ kind: 'updateVariables', instanceId, variables: { n: 1 } });
    expect(path(cluster.run({ kind: 'resolveIncident', incidentKey }))).toContain('element.entered done');
    cluster.run({ kind: 'updateVariables', instanceId, variables: { n: 0 } });
    finish(cluster, 'b');
    expect(finish(cluster, 'c').slice(-1)).toEqual(['element.completed join']);
    expect(cluster.all('incident.raised')).toHaveLength(1);
  });

  it('holds back the tokens of the next round until it has been reset', () => {
    const process = model(
      'p',
      {
        start,
        again: exclusive,
        fork: parallel,
        a: job('a'),
        b: job('b'),
        join: complex('activationCount >= 1'),
        done: job('done'),
      },
      ['start -> again -> fork', 'fork -> a -> join', 'fork -> b -> join', 'join -> done -> again'],
    );
    const cluster = new Cluster().install(process);
    cluster.start('p');
    finish(cluster, 'a');
    finish(cluster, 'done');
    // The first a of the second round comes while b of the first is still expected.
    expect(finish(cluster, 'a', 1)).toEqual(['element.completed a']);
    expect(finish(cluster, 'b')).toEqual([
      'element.completed b',
      'element.entered join',
      'element.completed join',
      'element.entered join',
      'element.completed join',
      'element.entered done',
    ]);
  });

  it('forgets that it was activated when its scope is left', () => {
    const elements = inside('sub', {
      s: start,
      fork: parallel,
      a: job('a'),
      b: job('b'),
      join: complex('activationCount >= 1'),
      e: end,
    });
    const out = boundary('sub', messageTrigger('stop', '=key'));
    const process = model(
      'p',
      { start, sub: subProcess(), ...elements, out, gone: pass, wait: receive(messageTrigger('more', '=key')) },
      ['start -> sub', 's -> fork', 'fork -> a -> join', 'fork -> b -> join -> e', 'out -> gone -> wait'],
    );
    const cluster = new Cluster().install(process);
    const instanceId = cluster.start('p', { key: 'k' });
    finish(cluster, 'a');
    expect(cluster.rowsWith(instanceId).filter((row) => row.startsWith('gatewayPhase'))).toHaveLength(1);
    cluster.run({ kind: 'publishMessage', name: 'stop', correlationKey: 'k', ttlMs: 0, variables: {} });
    expect(cluster.rowsWith(instanceId).filter((row) => row.startsWith('gatewayPhase'))).toEqual([]);
  });
});

describe('a complex gateway that only splits', () => {
  it('takes each flow whose condition holds, once', () => {
    const process = model('p', { start, which: { kind: 'complexGateway' }, a: job('a'), b: job('b'), c: job('c') }, [
      'start -> which',
      'which -> a [n > 0]',
      'which -> b [n > 1]',
      'which -> c [default]',
    ]);
    const cluster = new Cluster().install(process);
    cluster.start('p', { n: 2 });
    expect(cluster.jobs().map(({ type }) => type)).toEqual(['a', 'b']);
    cluster.start('p', { n: 0 });
    expect(cluster.jobs().map(({ type }) => type)).toEqual(['a', 'b', 'c']);
  });
});
