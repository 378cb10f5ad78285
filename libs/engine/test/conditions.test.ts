import { describe, expect, it } from 'vitest';
import { CONDITIONS_PER_STEP_MAX } from '../src/index.ts';
import { Cluster } from './support/cluster.ts';
import {
  boundary,
  catching,
  conditionTrigger,
  end,
  exclusive,
  feel,
  firstEvent,
  job,
  map,
  model,
  parallel,
  script,
  start,
  startBy,
  subProcess,
  timerTrigger,
  times,
  userTask,
} from './support/model.ts';
import { path } from './support/story.ts';

const types = (cluster: Cluster): string[] => cluster.jobs().map(({ type }) => type);
const change = (instanceId: string, variables: object) =>
  ({ kind: 'updateVariables', instanceId, variables: { ...variables } }) as const;

describe('a conditional catch event', () => {
  const process = model('p', { start, until: catching(conditionTrigger('x > 10')), end }, ['start -> until -> end']);

  it('waits until its condition turns true', () => {
    const cluster = new Cluster().install(process);
    const id = cluster.start('p', { x: 1 });
    expect(path(cluster.run(change(id, { x: 10 })))).toEqual([]);
    expect(path(cluster.run(change(id, { x: 11 })))).toEqual([
      'element.completed until',
      'element.entered end',
      'element.completed end',
      'instance.completed',
    ]);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('does not wait when the condition holds already', () => {
    const cluster = new Cluster().install(process);
    const id = cluster.start('p', { x: 99 });
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('waits for variables that are yet to come', () => {
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    expect(cluster.all('incident.raised')).toEqual([]);
    cluster.run(change(id, { x: 'text' }));
    cluster.run(change(id, { x: 11 }));
    expect(cluster.all('instance.completed')).toHaveLength(1);
  });

  it('hears what the result of a job changes', () => {
    const beside = model('p', { start, until: catching(conditionTrigger('x > 10')), work: job('work'), end }, [
      'start -> until -> end',
      'start -> work -> end',
    ]);
    const cluster = new Cluster().install(beside);
    const id = cluster.start('p');
    cluster.completeJob({ x: 20 });
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('sees a change before the next token moves, also one that is soon undone', () => {
    const flicker = model(
      'p',
      {
        start,
        fork: parallel,
        until: catching(conditionTrigger('x > 10')),
        up: script('20', 'x'),
        down: script('0', 'x'),
        end,
      },
      ['start -> fork', 'fork -> until -> end', 'fork -> up -> down -> end'],
    );
    const cluster = new Cluster().install(flicker);
    cluster.start('p');
    expect(cluster.all('condition.triggered')).toHaveLength(1);
    expect(cluster.all('instance.completed')).toHaveLength(1);
  });

  it('that has a filter is not asked about other variables', () => {
    const filtered = model('p', { start, until: catching(conditionTrigger('x + y > 10', 'x')), end }, [
      'start -> until -> end',
    ]);
    const cluster = new Cluster().install(filtered);
    const id = cluster.start('p', { x: 1, y: 1 });
    cluster.run(change(id, { y: 20 }));
    expect(cluster.all('condition.triggered')).toEqual([]);
    cluster.run(change(id, { x: 1 }));
    expect(cluster.all('instance.completed')).toHaveLength(1);
  });

  it('that only hears of new variables is not asked when one changes that was there', () => {
    const trigger = { ...conditionTrigger('x > 10 or y > 10'), variableEvents: 'create' } as const;
    const cluster = new Cluster().install(
      model('p', { start, until: catching(trigger), end }, ['start -> until -> end']),
    );
    const id = cluster.start('p', { x: 1 });
    cluster.run(change(id, { x: 11 }));
    expect(cluster.all('condition.triggered')).toEqual([]);
    cluster.run(change(id, { y: 1 }));
    expect(cluster.all('instance.completed')).toHaveLength(1);
  });

  it('that only hears of changed variables is not asked when one is new, also not in the step that began it', () => {
    const trigger = { ...conditionTrigger('y > 10', 'y'), variableEvents: 'update' } as const;
    const cluster = new Cluster().install(
      model(
        'p',
        { start, both: parallel, until: catching(trigger), set: script('11', 'y'), again: job('again'), end },
        ['start -> both', 'both -> until', 'until -> end', 'both -> set', 'set -> again'],
      ),
    );
    cluster.start('p');
    expect(cluster.all('condition.triggered')).toEqual([]);
    cluster.completeJob({ y: 12 });
    expect(cluster.all('condition.triggered')).toHaveLength(1);
    expect(cluster.all('instance.completed')).toHaveLength(1);
  });

  it('behind an event-based gateway takes the token', () => {
    const race = model(
      'p',
      {
        start,
        wait: firstEvent,
        until: catching(conditionTrigger('x')),
        late: catching(timerTrigger('duration', 'PT1H')),
        a: job('a'),
        b: job('b'),
      },
      ['start -> wait', 'wait -> until -> a', 'wait -> late -> b'],
    );
    const cluster = new Cluster().install(race);
    const id = cluster.start('p');
    cluster.run(change(id, { x: true }));
    expect(types(cluster)).toEqual(['a']);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('is not asked while the instance is suspended, but when it is resumed', () => {
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    cluster.run({ kind: 'suspendInstance', instanceId: id });
    cluster.run(change(id, { x: 11 }));
    expect(cluster.all('condition.triggered')).toEqual([]);
    cluster.run({ kind: 'resumeInstance', instanceId: id });
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});

describe('a conditional boundary event', () => {
  const guarded = (interrupting: boolean, condition = 'x > 10') =>
    model(
      'p',
      {
        start,
        work: job('work'),
        met: boundary('work', conditionTrigger(condition), interrupting),
        after: job('after'),
      },
      ['start -> work', 'met -> after'],
    );

  it('interrupts its activity', () => {
    const cluster = new Cluster().install(guarded(true));
    const id = cluster.start('p');
    expect(path(cluster.run(change(id, { x: 11 })))).toEqual([
      'element.terminated work',
      'element.entered met',
      'element.completed met',
      'element.entered after',
    ]);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('that does not interrupt comes each time the condition turns true, not while it stays so', () => {
    const cluster = new Cluster().install(guarded(false));
    const id = cluster.start('p', { x: 50 });
    expect(types(cluster)).toEqual(['work', 'after']);
    for (const x of [60, 70, 1, 80, 2, 3, 90]) cluster.run(change(id, { x }));
    expect(types(cluster)).toEqual(['work', 'after', 'after', 'after']);
    for (const offered of cluster.jobs()) cluster.completeJob({}, offered);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('is not asked any more when its activity is over', () => {
    const cluster = new Cluster().install(guarded(true));
    const id = cluster.start('p');
    cluster.completeJob({ x: 11 });
    expect(types(cluster)).toEqual(['work']);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('sees the variables of its activity', () => {
    const process = model(
      'p',
      {
        start,
        work: userTask({}, { inputs: [map('=x * 2', 'local')] }),
        met: boundary('work', conditionTrigger('local > 10')),
        after: job('after'),
      },
      ['start -> work', 'met -> after'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p', { x: 1 });
    const { elementKey } = cluster.last('task.created');
    cluster.run(change(id, { local: 99 }));
    expect(types(cluster)).toEqual([]);
    cluster.run({ kind: 'updateVariables', instanceId: id, scopeKey: elementKey, variables: { local: 11 } });
    expect(types(cluster)).toEqual(['after']);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('of an activity in a sub-process hears of the variables around it', () => {
    const process = model(
      'p',
      {
        start,
        sub: subProcess(),
        begin: { ...start, scope: 'sub' },
        work: { ...job('work'), scope: 'sub' },
        met: { ...boundary('work', conditionTrigger('x')), scope: 'sub' },
        after: { ...job('after'), scope: 'sub' },
      },
      ['start -> sub', 'begin -> work', 'met -> after'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    cluster.run(change(id, { x: true }));
    expect(types(cluster)).toEqual(['work', 'after']);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('that brings about its own change for ever is found', () => {
    const process = model(
      'p',
      {
        start,
        work: job('work'),
        met: boundary('work', conditionTrigger('modulo(n, 2) = 0'), false),
        one: script('n + 1', 'n'),
        two: script('n + 1', 'n'),
      },
      ['start -> work', 'met -> one -> two'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p', { n: 0 });
    expect(cluster.last('incident.raised')).toMatchObject({ reason: 'ENDLESS_LOOP' });
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});

describe('a conditional start event', () => {
  const large = model('large', { met: startBy(conditionTrigger('amount > 100')), work: job('large') }, ['met -> work']);
  const any = model('any', { met: startBy(conditionTrigger('amount > 1')), work: job('any') }, ['met -> work']);

  function deployed(): Cluster {
    const cluster = new Cluster(3);
    cluster.deploy(large);
    cluster.deploy(any);
    return cluster;
  }

  it('starts each process whose condition the variables fulfil, with them', () => {
    const cluster = deployed();
    cluster.run({ kind: 'evaluateConditions', variables: { amount: 200 }, requestId: 'r' });
    const { started, requestId } = cluster.last('conditions.evaluated');
    expect([requestId, started.map(({ processId }) => processId)]).toEqual(['r', ['any', 'large']]);
    expect(cluster.jobs().map(({ variables }) => variables)).toEqual([{ amount: 200 }, { amount: 200 }]);
    for (const offered of cluster.jobs()) cluster.completeJob({}, offered);
    for (const { instanceId } of started) expect(cluster.rowsWith(instanceId)).toEqual([]);
  });

  it.for([
    [{ amount: 50 }, undefined, ['any']],
    [{ amount: 200 }, 'large', ['large']],
    [{ amount: 'much' }, undefined, []],
    [{}, undefined, []],
  ] as const)('with %s, asked of %s, starts %s', ([variables, processId, ids]) => {
    const cluster = deployed();
    cluster.run({ kind: 'evaluateConditions', variables, ...(processId === undefined ? undefined : { processId }) });
    expect(cluster.all('instance.started').map((event) => event.processId)).toEqual(ids);
  });

  it('of an older version is not asked', () => {
    const cluster = deployed();
    cluster.deploy(model('large', { start, work: job('large') }, ['start -> work']), 'd2');
    cluster.run({ kind: 'evaluateConditions', variables: { amount: 200 } });
    expect(cluster.last('conditions.evaluated').started.map(({ processId }) => processId)).toEqual(['any']);
  });

  it('does not take variables beyond the maximum', () => {
    const cluster = deployed();
    cluster.run({ kind: 'evaluateConditions', variables: { big: 'x'.repeat(800_000) } });
    expect(cluster.last('command.rejected').reason).toBe('TOO_LARGE');
  });
});

describe('many conditions', () => {
  it('are asked in slices when a variable changes', () => {
    const process = model(
      'p',
      {
        start,
        each: times(subProcess(), { cardinality: feel('500') }),
        begin: { ...start, scope: 'each' },
        until: { ...catching(conditionTrigger('x')), scope: 'each' },
        after: job('after'),
      },
      ['start -> each -> after', 'begin -> until'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    const happened = cluster.run(change(id, { x: true }));
    expect(happened.filter(({ kind }) => kind === 'conditions.deferred').length).toBeGreaterThan(
      500 / CONDITIONS_PER_STEP_MAX - 1,
    );
    expect(cluster.all('condition.triggered')).toHaveLength(500);
    expect(types(cluster)).toEqual(['after']);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('of one gateway loop are asked anew each round', () => {
    const process = model(
      'p',
      {
        start,
        merge: exclusive,
        until: catching(conditionTrigger('x > n')),
        count: script('n + 1', 'n'),
        again: exclusive,
        end,
      },
      ['start -> merge -> until -> count -> again', 'again -> merge [n < 3]', 'again -> end [default]'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p', { n: 0, x: 0 });
    for (const x of [1, 2, 3]) cluster.run(change(id, { x }));
    expect(cluster.all('condition.triggered')).toHaveLength(3);
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});
