import { describe, expect, it } from 'vitest';
import type { Variables } from '@millrace/records';
import { HOPS_WITHOUT_WAIT_MAX, REMEMBERED_MS, SIGNALS_PER_STEP_MAX, SIGNAL_REACHED_MAX } from '../src/index.ts';
import { Cluster } from './support/cluster.ts';
import {
  boundary,
  catching,
  end,
  endWithSignal,
  exclusive,
  firstEvent,
  job,
  map,
  messageTrigger,
  model,
  pass,
  signalTrigger,
  start,
  startBy,
  throwing,
} from './support/model.ts';
import { path, story } from './support/story.ts';

const hearing = model('hearing', { start, hear: catching(signalTrigger('alarm')), work: job('work') }, [
  'start -> hear -> work',
]);

const broadcast = (name: string, more: object = {}) =>
  ({ kind: 'broadcastSignal', name, variables: {}, ...more }) as const;

describe('a signal', () => {
  it('reaches whoever waits for it, on every partition, and brings its variables', () => {
    const cluster = new Cluster(4).install(hearing);
    const ids = Array.from({ length: 6 }, () => cluster.start('hearing'));
    const happened = cluster.run(broadcast('alarm', { variables: { loud: true }, requestId: 'r1' }));
    expect(cluster.jobs().map(({ variables }) => variables)).toEqual(ids.map(() => ({ loud: true })));
    const settled = happened.find(({ kind }) => kind === 'signal.settled');
    expect(settled).toMatchObject({ requestId: 'r1', count: 6 });
    expect(
      cluster
        .last('signal.settled')
        .reached.map(({ instanceId }) => instanceId)
        .toSorted(),
    ).toEqual(ids.toSorted());
    for (const offered of cluster.jobs()) cluster.completeJob({}, offered);
    expect(cluster.rowsWith('').filter((row) => !row.startsWith('definition'))).toEqual([]);
  });

  it('reaches nobody who does not wait for its name', () => {
    const cluster = new Cluster(2).install(hearing);
    cluster.start('hearing');
    cluster.run(broadcast('other'));
    expect(cluster.last('signal.settled')).toMatchObject({ count: 0, reached: [] });
    expect(cluster.jobs()).toEqual([]);
  });

  it('with an id happens once: a second time is answered as the first was, until the id is forgotten', () => {
    const cluster = new Cluster(2).install(hearing);
    const first = cluster.start('hearing');
    cluster.run(broadcast('alarm', { signalId: 's/1', requestId: 'r1' }));
    cluster.start('hearing');
    const again = cluster.run(broadcast('alarm', { signalId: 's/1', requestId: 'r2' }));
    expect(again).toHaveLength(1);
    expect(again[0]).toMatchObject({
      kind: 'signal.settled',
      requestId: 'r2',
      count: 1,
      reached: [{ instanceId: first }],
    });
    cluster.pass(REMEMBERED_MS);
    cluster.run(broadcast('alarm', { signalId: 's/1' }));
    expect(cluster.jobs()).toHaveLength(2);
  });

  it('with an id that is still on its way is refused', () => {
    const cluster = new Cluster(2).install(hearing);
    cluster.send(broadcast('alarm', { signalId: 's' }));
    cluster.send(broadcast('alarm', { signalId: 's' }));
    cluster.settle();
    expect(cluster.last('command.rejected')).toMatchObject({ commandKind: 'broadcastSignal', reason: 'INVALID_STATE' });
  });

  it.for([
    ['no name', broadcast(''), 'INVALID_ARGUMENT'],
    ['a name too long', broadcast('x'.repeat(201)), 'INVALID_ARGUMENT'],
    ['an empty id', broadcast('a', { signalId: '' }), 'INVALID_ARGUMENT'],
    ['too many variables', broadcast('a', { variables: { big: 'x'.repeat(800_000) } }), 'TOO_LARGE'],
  ] as const)('is refused with %s', ([, ask, reason]) => {
    const cluster = new Cluster();
    cluster.run(ask);
    expect(cluster.last('command.rejected').reason).toBe(reason);
  });

  it('wakes many in slices, each once, also who comes to wait again meanwhile', () => {
    const round = model('round', { start, merge: exclusive, hear: catching(signalTrigger('alarm')), note: pass }, [
      'start -> merge -> hear -> note -> merge',
    ]);
    const cluster = new Cluster().install(round);
    const many = SIGNALS_PER_STEP_MAX * 2 + 7;
    for (let count = 0; count < many; count += 1) cluster.launch('round');
    cluster.settle();
    cluster.run(broadcast('alarm'));
    expect(cluster.all('signalWait.triggered')).toHaveLength(many);
    expect(cluster.all('signal.delivered').map(({ count }) => count)).toEqual([50, 100, many]);
    const { count, reached } = cluster.last('signal.settled');
    expect([count, reached.length]).toEqual([many, SIGNAL_REACHED_MAX]);
    cluster.run(broadcast('alarm'));
    expect(cluster.all('signalWait.triggered')).toHaveLength(2 * many);
  });

  it('that does not fit into an instance is an incident there, which waits on', () => {
    const cluster = new Cluster().install(hearing);
    const id = cluster.start('hearing', { big: 'x'.repeat(500_000) });
    cluster.run(broadcast('alarm', { variables: { more: 'x'.repeat(500_000) } }));
    expect(cluster.last('incident.raised')).toMatchObject({ instanceId: id, reason: 'VARIABLES_TOO_LARGE' });
    expect(cluster.last('signal.settled').count).toBe(0);
    cluster.run(broadcast('alarm'));
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});

describe('a signal event', () => {
  it('is thrown with what its input mappings give, and goes on at once', () => {
    const process = model('p', { start, shout: throwing('=signalName', { inputs: [map('=x', 'loud')] }), end }, [
      'start -> shout -> end',
    ]);
    const cluster = new Cluster(3).install(process).install(hearing);
    cluster.start('hearing');
    cluster.start('hearing');
    const id = cluster.start('p', { signalName: 'alarm', x: 7 });
    expect(cluster.last('signal.thrown')).toMatchObject({ instanceId: id, elementId: 'shout', name: 'alarm' });
    expect(cluster.jobs().map(({ variables }) => variables)).toEqual([{ loud: 7 }, { loud: 7 }]);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('whose name is no text is an incident', () => {
    const process = model('p', { start, shout: throwing('=7'), hear: catching(signalTrigger('=8')), end }, [
      'start -> shout -> end',
      'start -> hear -> end',
    ]);
    const cluster = new Cluster().install(process);
    cluster.start('p');
    expect(cluster.all('incident.raised').map(({ elementId, reason }) => [elementId, reason])).toEqual([
      ['shout', 'EXPRESSION_FAILED'],
      ['hear', 'EXPRESSION_FAILED'],
    ]);
  });

  it('at an end throws as well', () => {
    const process = model('p', { start, shout: endWithSignal('alarm') }, ['start -> shout']);
    const cluster = new Cluster().install(process).install(hearing);
    cluster.start('hearing');
    cluster.start('p');
    expect(cluster.lastJob().type).toBe('work');
  });

  it('at a start begins an instance of every process that has one, of its latest version', () => {
    const listens = (id: string) =>
      model(id, { heard: startBy(signalTrigger('="al" + "arm"')), work: job(id) }, ['heard -> work']);
    const cluster = new Cluster(3);
    cluster.deploy(listens('a'));
    cluster.deploy(listens('a'), 'd2');
    cluster.deploy(listens('b'));
    cluster.run(broadcast('alarm', { variables: { n: 1 } }));
    expect(cluster.last('signal.settled').reached.map(({ processId }) => processId)).toEqual(['a', 'b']);
    const started = cluster.all('instance.started');
    expect(started.map(({ definitionKey, variables }) => [definitionKey, variables])).toEqual(
      expect.arrayContaining([
        ['a:2', { n: 1 }],
        ['b:1', { n: 1 }],
      ]),
    );
    expect(started).toHaveLength(2);
    expect(cluster.jobs()).toHaveLength(2);
  });

  it('at a start whose name depends on variables cannot be deployed', () => {
    const cluster = new Cluster();
    cluster.deploy(model('p', { heard: startBy(signalTrigger('=unknown')), end }, ['heard -> end']));
    expect(cluster.last('command.rejected')).toMatchObject({ commandKind: 'deploy', reason: 'INVALID_ARGUMENT' });
    expect(cluster.last('command.rejected').message).toContain('start event "heard"');
  });

  const guarded = (interrupting: boolean) =>
    model(
      'p',
      {
        start,
        work: job('work'),
        heard: boundary('work', signalTrigger('alarm'), interrupting, { outputs: [map('=loud', 'volume')] }),
        after: job('after'),
      },
      ['start -> work', 'heard -> after'],
    );

  it('at a boundary interrupts the activity', () => {
    const cluster = new Cluster().install(guarded(true));
    const id = cluster.start('p');
    expect(path(cluster.run(broadcast('alarm', { variables: { loud: 3 } })))).toEqual([
      'element.terminated work',
      'element.entered heard',
      'element.completed heard',
      'element.entered after',
    ]);
    expect(cluster.lastJob().variables).toEqual({ volume: 3 });
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('at a boundary that does not interrupt is heard every time, until the activity is over', () => {
    const cluster = new Cluster().install(guarded(false));
    const id = cluster.start('p');
    for (const loud of [1, 2]) cluster.run(broadcast('alarm', { variables: { loud } as Variables }));
    const [work, ...after] = cluster.jobs();
    expect(after.map(({ variables }) => variables)).toEqual([{ volume: 1 }, { volume: 2 }]);
    cluster.completeJob({}, work);
    cluster.run(broadcast('alarm'));
    expect(cluster.jobs()).toHaveLength(3);
    for (const offered of after) cluster.completeJob({}, offered);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('behind an event-based gateway takes the token', () => {
    const process = model(
      'p',
      {
        start,
        wait: firstEvent,
        hear: catching(signalTrigger('alarm')),
        told: catching(messageTrigger('m', 'k')),
        end,
      },
      ['start -> wait', 'wait -> hear -> end', 'wait -> told -> end'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    expect(story(cluster.run(broadcast('alarm')))).toContain('element.completed hear');
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('is heard once by an instance that throws what it waits for', () => {
    const process = model(
      'p',
      { start, shout: throwing('alarm'), merge: exclusive, hear: catching(signalTrigger('alarm')), note: job('note') },
      ['start -> shout', 'start -> merge -> hear -> note -> merge'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    expect(cluster.jobs()).toHaveLength(1);
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('that is thrown round in a ring is found, as any way is that never waits for anything', () => {
    const ring = model(
      'ring',
      { start, fork: exclusive, hear: catching(signalTrigger('alarm')), shout: throwing('alarm') },
      ['start -> fork -> hear -> shout -> fork'],
    );
    const cluster = new Cluster().install(ring);
    const id = cluster.start('ring');
    cluster.run(broadcast('alarm'));
    expect(cluster.all('signal.thrown').length).toBeLessThan(HOPS_WITHOUT_WAIT_MAX);
    expect(cluster.last('incident.raised')).toMatchObject({ instanceId: id, reason: 'ENDLESS_LOOP' });
  });
});
