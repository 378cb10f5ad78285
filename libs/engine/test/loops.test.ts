import { describe, expect, it } from 'vitest';
import { HOPS_WITHOUT_WAIT_MAX } from '../src/index.ts';
import { Cluster } from './support/cluster.ts';
import {
  boundary,
  call,
  end,
  errorTrigger,
  exclusive,
  feel,
  job,
  map,
  messageTrigger,
  model,
  pass,
  receive,
  script,
  sequential,
  start,
  subProcess,
  timerTrigger,
  times,
  userTask,
  whilst,
} from './support/model.ts';
import { path } from './support/story.ts';

const items = feel('items');
const collecting = {
  inputCollection: items,
  inputElement: 'item',
  outputCollection: 'results',
  outputElement: feel('result'),
};

function around(
  spec: Parameters<typeof times>[0],
  more: Parameters<typeof model>[1] = {},
  flows: readonly string[] = [],
) {
  return model('p', { start, each: spec, after: job('after'), ...more }, ['start -> each -> after', ...flows]);
}

const types = (cluster: Cluster): string[] => cluster.jobs().map(({ type }) => type);

describe('a parallel multi-instance', () => {
  it('begins an iteration for each item, and collects the results in the order of the items', () => {
    const cluster = new Cluster().install(around(times(job('each'), collecting)));
    const id = cluster.start('p', { items: ['a', 'b', 'c'] });
    const jobs = cluster.jobs();
    expect(jobs.map(({ variables }) => variables)).toEqual(
      ['a', 'b', 'c'].map((item, index) => ({ items: ['a', 'b', 'c'], item, loopCounter: index + 1, result: null })),
    );
    for (const at of [2, 0, 1]) cluster.completeJob({ result: at * 10 }, jobs[at]);
    expect(cluster.lastJob()).toMatchObject({ type: 'after', variables: { results: [0, 10, 20] } });
    expect(cluster.lastJob().variables).not.toHaveProperty('result');
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('is one element with its iterations in it', () => {
    const cluster = new Cluster().install(around(times(job('each'), { inputCollection: items })));
    cluster.start('p', { items: [1, 2] });
    const [body, ...iterations] = cluster.all('element.entered').filter(({ elementId }) => elementId === 'each');
    expect(body?.elementKind).toBe('multiInstanceBody');
    expect(iterations.map(({ elementKind, scopeKey, loopCounter }) => [elementKind, scopeKey, loopCounter])).toEqual([
      ['serviceTask', body?.elementKey, 1],
      ['serviceTask', body?.elementKey, 2],
    ]);
  });

  it('with nothing to do goes on, and collects an empty list', () => {
    const cluster = new Cluster().install(around(times(job('each'), collecting)));
    const id = cluster.start('p', { items: [] });
    expect(cluster.lastJob()).toMatchObject({ type: 'after', variables: { items: [], results: [] } });
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('over what is no list is an incident, and begins when that is mended', () => {
    const cluster = new Cluster().install(around(times(job('each'), collecting)));
    const id = cluster.start('p', { items: 7 });
    expect(cluster.last('incident.raised')).toMatchObject({ elementId: 'each', reason: 'EXPRESSION_FAILED' });
    expect(cluster.last('incident.raised').message).toContain('the input collection to be a list, found 7');
    cluster.run({ kind: 'updateVariables', instanceId: id, variables: { items: [1] } });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    expect(types(cluster)).toEqual(['each']);
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('by cardinality numbers its iterations', () => {
    const cluster = new Cluster().install(around(times(job('each'), { cardinality: feel('n') })));
    const id = cluster.start('p', { n: 3 });
    expect(cluster.jobs().map(({ variables }) => variables['loopCounter'])).toEqual([1, 2, 3]);
    for (const offered of cluster.jobs()) cluster.completeJob({}, offered);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('maps the inputs and outputs of each iteration, whose own result stays its own', () => {
    const spec = times(
      job('each', {
        inputs: [map('=item * 2', 'double')],
        outputs: [map('=answer', 'result'), map('=answer', 'last')],
      }),
      collecting,
    );
    const cluster = new Cluster().install(around(spec));
    cluster.start('p', { items: [1, 2] });
    const [first, second] = cluster.jobs();
    expect([first?.variables, second?.variables]).toEqual([{ double: 2 }, { double: 4 }]);
    cluster.completeJob({ answer: 'x' }, first);
    cluster.completeJob({ answer: 'y' }, second);
    expect(cluster.lastJob().variables).toEqual({ items: [1, 2], last: 'y', results: ['x', 'y'] });
  });

  it('keeps what an iteration writes to its item to that iteration', () => {
    const cluster = new Cluster().install(around(times(job('each'), { ...collecting, outputElement: feel('item') })));
    cluster.start('p', { items: [{ n: 1 }, { n: 2 }] });
    const [first, second] = cluster.jobs();
    cluster.completeJob({ item: { n: 7 } }, first);
    cluster.completeJob({}, second);
    expect(cluster.lastJob().variables).toEqual({ items: [{ n: 1 }, { n: 2 }], results: [{ n: 7 }, { n: 2 }] });
  });

  it.for([
    ['numberOfCompletedInstances >= 2', 2],
    ['numberOfActiveInstances = 1', 2],
    ['numberOfCompletedInstances / numberOfInstances > 0.3', 1],
    ['numberOfTerminatedInstances = 0 and loopCounter = 1', 1],
    ['result = "enough"', 1],
  ] as const)('ends its other iterations when %s', ([completionCondition, needed]) => {
    const cluster = new Cluster().install(around(times(job('each'), { ...collecting, completionCondition })));
    const id = cluster.start('p', { items: [1, 2, 3] });
    const jobs = cluster.jobs();
    for (let at = 0; at < needed; at += 1) {
      expect(types(cluster)).not.toContain('after');
      cluster.completeJob({ result: 'enough' }, jobs[at]);
    }
    const results = [1, 2, 3].map((_, at) => (at < needed ? 'enough' : null));
    expect(cluster.lastJob()).toMatchObject({ type: 'after', variables: { results } });
    expect(cluster.all('element.terminated')).toHaveLength(3 - needed);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('raises an incident at the iteration whose output or condition cannot be evaluated, and takes it from there', () => {
    const spec = times(job('each'), { ...collecting, completionCondition: 'isEnough' });
    const cluster = new Cluster().install(around(spec));
    const id = cluster.start('p', { items: [1] });
    cluster.completeJob({ result: 5 });
    expect(cluster.last('incident.raised')).toMatchObject({ elementId: 'each', reason: 'CONDITION_FAILED' });
    cluster.run({ kind: 'updateVariables', instanceId: id, variables: { isEnough: false } });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    expect(cluster.lastJob().variables).toMatchObject({ results: [5] });
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('has its boundary events as a whole: a timer ends all iterations', () => {
    const process = around(
      times(job('each'), { inputCollection: items }),
      { late: boundary('each', timerTrigger('duration', 'PT1H')), gone: job('gone') },
      ['late -> gone'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p', { items: [1, 2] });
    expect(cluster.all('timer.scheduled')).toHaveLength(1);
    cluster.completeJob({}, cluster.jobs()[0]);
    cluster.pass(3_600_000);
    expect(types(cluster)).toEqual(['each', 'each', 'gone']);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('that is nudged without interruption goes on', () => {
    const nudged = boundary('each', messageTrigger('nudge', '=key'), false);
    const process = around(times(userTask(), { inputCollection: items }), { nudged, note: job('note') }, [
      'nudged -> note',
    ]);
    const cluster = new Cluster().install(process);
    const id = cluster.start('p', { items: [1, 2], key: 'k' });
    cluster.run({ kind: 'publishMessage', name: 'nudge', correlationKey: 'k', ttlMs: 0, variables: {} });
    expect(types(cluster)).toEqual(['note']);
    for (const { elementKey } of cluster.all('task.created'))
      cluster.run({ kind: 'completeTask', taskKey: elementKey, variables: {} });
    expect(types(cluster)).toEqual(['note', 'after']);
    for (const offered of cluster.jobs()) cluster.completeJob({}, offered);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('is ended by an error of one iteration that its boundary catches', () => {
    const process = around(
      times(job('each'), { inputCollection: items }),
      { failed: boundary('each', errorTrigger('E')), gone: job('gone') },
      ['failed -> gone'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p', { items: [1, 2, 3] });
    const { instanceId, jobKey, attempt } = cluster.lastJob();
    cluster.run({ kind: 'throwJobError', instanceId, jobKey, attempt, code: 'E', variables: { why: 1 } });
    expect(types(cluster).at(-1)).toBe('gone');
    expect(cluster.all('element.terminated').map(({ elementKind }) => elementKind)).toEqual([
      'serviceTask',
      'serviceTask',
      'serviceTask',
      'multiInstanceBody',
    ]);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('of a sub-process has a scope for each', () => {
    const process = model(
      'p',
      {
        start,
        each: times(subProcess(), collecting),
        begin: { ...start, scope: 'each' },
        work: { ...job('work'), scope: 'each' },
        note: { ...script('item + answer', 'result'), scope: 'each' },
        after: job('after'),
      },
      ['start -> each -> after', 'begin -> work -> note'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p', { items: [1, 2] });
    const [first, second] = cluster.jobs();
    cluster.completeJob({ answer: 10 }, second);
    cluster.completeJob({ answer: 20 }, first);
    expect(cluster.lastJob()).toMatchObject({ type: 'after', variables: { results: [21, 12] } });
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('of a call activity has an instance for each, and what one throws ends the others', () => {
    const child = model('child', { start, work: job('work'), end }, ['start -> work -> end']);
    const process = around(
      times(call('child'), collecting),
      { failed: boundary('each', errorTrigger('E')), gone: job('gone') },
      ['failed -> gone'],
    );
    const cluster = new Cluster(2).install(child).install(process);
    const id = cluster.start('p', { items: ['a', 'b'] });
    const [first, second] = cluster.jobs();
    expect(second?.variables).toMatchObject({ item: 'b', loopCounter: 2 });
    cluster.completeJob({ result: 2 }, second);
    cluster.completeJob({ result: 1 }, first);
    expect(cluster.lastJob()).toMatchObject({ type: 'after', variables: { results: [1, 2] } });
    cluster.completeJob();
    cluster.start('p', { items: ['a', 'b'] });
    const { instanceId, jobKey, attempt } = cluster.lastJob();
    cluster.run({ kind: 'throwJobError', instanceId, jobKey, attempt, code: 'E' });
    expect(cluster.lastJob().type).toBe('gone');
    cluster.completeJob();
    expect(cluster.rowsWith('')).toEqual([]);
    expect(cluster.all('instance.completed').map(({ instanceId: ended }) => ended)).toContain(id);
  });

  it('within another is done for each of the other', () => {
    const process = model(
      'p',
      {
        start,
        outer: times(subProcess(), {
          inputCollection: feel('rows'),
          inputElement: 'row',
          outputCollection: 'sums',
          outputElement: feel('sum(products)'),
        }),
        begin: { ...start, scope: 'outer' },
        inner: {
          ...times(script('cell * loopCounter', 'product'), {
            inputCollection: feel('row'),
            inputElement: 'cell',
            outputCollection: 'products',
            outputElement: feel('product'),
          }),
          inputs: [],
          scope: 'outer',
        },
        after: job('after'),
      },
      ['start -> outer -> after', 'begin -> inner'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p', { rows: [[1, 2], [3], []], products: [] });
    expect(cluster.lastJob().type).toBe('after');
    expect(cluster.lastJob().variables['sums']).toHaveLength(3);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});

describe('a sequential multi-instance', () => {
  it('does one after the other', () => {
    const cluster = new Cluster().install(around(sequential(job('each'), collecting)));
    const id = cluster.start('p', { items: ['a', 'b'] });
    expect(types(cluster)).toEqual(['each']);
    cluster.completeJob({ result: 1 });
    expect(cluster.lastJob().variables).toMatchObject({ item: 'b', loopCounter: 2, result: null });
    cluster.completeJob({ result: 2 });
    expect(cluster.lastJob()).toMatchObject({ type: 'after', variables: { results: [1, 2] } });
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('ends when its condition holds', () => {
    const spec = sequential(job('each'), { ...collecting, completionCondition: 'result > 1' });
    const cluster = new Cluster().install(around(spec));
    cluster.start('p', { items: [1, 2, 3] });
    cluster.completeJob({ result: 1 });
    cluster.completeJob({ result: 2 });
    expect(cluster.lastJob()).toMatchObject({ type: 'after', variables: { results: [1, 2, null] } });
  });

  it('does not grow what a message finds: each iteration waits for its own', () => {
    const spec = sequential(receive(messageTrigger('m', '=item')), { inputCollection: items, inputElement: 'item' });
    const cluster = new Cluster(2).install(around(spec));
    const id = cluster.start('p', { items: ['x', 'y'] });
    for (const correlationKey of ['x', 'y']) {
      cluster.run({ kind: 'publishMessage', name: 'm', correlationKey, ttlMs: 0, variables: {} });
    }
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});

describe('a loop', () => {
  it('goes on as long as its condition holds, and is done at least once', () => {
    const cluster = new Cluster().install(around(whilst(job('each'), { condition: 'n < 3' })));
    const id = cluster.start('p', { n: 9 });
    cluster.completeJob({ n: 1 });
    cluster.completeJob({ n: 2 });
    expect(cluster.lastJob().variables).toEqual({ n: 2, loopCounter: 3 });
    cluster.completeJob({ n: 3 });
    expect(types(cluster)).toEqual(['each', 'each', 'each', 'after']);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('that tests before may not be done at all', () => {
    const cluster = new Cluster().install(around(whilst(job('each'), { condition: 'n < 3', testBefore: true })));
    cluster.start('p', { n: 3 });
    expect(types(cluster)).toEqual(['after']);
    cluster.start('p', { n: 2 });
    expect(types(cluster)).toEqual(['after', 'each']);
  });

  it('ends at its maximum, whatever its condition says', () => {
    const cluster = new Cluster().install(around(whilst(script('n + 1', 'n'), { condition: 'true', maximum: 5 })));
    cluster.start('p', { n: 0 });
    expect(cluster.lastJob().variables).toEqual({ n: 5 });
  });

  it('that never waits and never ends is an incident, and can be ended by mending what it asks', () => {
    const cluster = new Cluster().install(around(whilst(script('n + 1', 'n'), { condition: 'n < limit' })));
    const id = cluster.start('p', { n: 0, limit: 1_000_000 });
    expect(cluster.last('incident.raised')).toMatchObject({ elementId: 'each', reason: 'ENDLESS_LOOP' });
    expect(cluster.all('element.entered').length).toBeLessThanOrEqual(HOPS_WITHOUT_WAIT_MAX + 2);
    cluster.run({ kind: 'updateVariables', instanceId: id, variables: { limit: 0 } });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});

describe('a long multi-instance', () => {
  it('is begun in slices, and cancelled in slices', () => {
    const cluster = new Cluster().install(
      around(times(job('each'), { inputCollection: feel('for i in 1..2000 return i'), inputElement: 'item' })),
    );
    const id = cluster.start('p');
    expect(cluster.jobs()).toHaveLength(2000);
    expect(cluster.jobs().map(({ variables }) => variables['item'])).toEqual(
      Array.from({ length: 2000 }, (_, at) => at + 1),
    );
    expect(cluster.all('loop.deferred').length).toBeGreaterThan(8);
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('that is over before all have begun begins no more', () => {
    const spec = times(pass, {
      inputCollection: feel('for i in 1..5000 return i'),
      completionCondition: 'numberOfCompletedInstances = 250',
    });
    const cluster = new Cluster().install(around(spec));
    const id = cluster.start('p');
    expect(cluster.all('element.entered').filter(({ loopCounter }) => loopCounter !== undefined)).toHaveLength(250);
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('of more than the hops of a way without waiting is no endless loop', () => {
    const spec = sequential(script('loopCounter', 'n'), { cardinality: feel('12000') });
    const cluster = new Cluster().install(around(spec));
    cluster.start('p');
    expect(cluster.all('incident.raised')).toEqual([]);
    expect(cluster.lastJob().variables).toEqual({ n: 12_000 });
  });

  it('in a loop that never waits is found', () => {
    const process = model('p', { start, merge: exclusive, each: times(pass, { cardinality: feel('3') }) }, [
      'start -> merge -> each -> merge',
    ]);
    const cluster = new Cluster().install(process);
    cluster.start('p');
    expect(cluster.last('incident.raised').reason).toBe('ENDLESS_LOOP');
  });

  it.for([
    [
      'a collection too large',
      {
        inputCollection: feel('for i in 1..20 return big'),
        inputElement: 'item',
      },
    ],
    [
      'an output too large',
      { inputCollection: feel('for i in 1..20 return i'), outputCollection: 'o', outputElement: feel('big + ""') },
    ],
  ] as const)('with %s is an incident', ([, loop]) => {
    const cluster = new Cluster().install(around(times(pass, loop)));
    const id = cluster.start('p', { big: 'x'.repeat(100_000) });
    expect(cluster.all('incident.raised').map(({ reason }) => reason)).toContain('VARIABLES_TOO_LARGE');
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('beyond the number of iterations that one may have is an incident', () => {
    const cluster = new Cluster().install(around(times(pass, { cardinality: feel('1000001') })));
    cluster.start('p');
    expect(cluster.last('incident.raised')).toMatchObject({ elementId: 'each', reason: 'EXPRESSION_FAILED' });
    expect(path(cluster.events).slice(-1)).toEqual(['element.entered each']);
  });
});

describe('an iteration that an operator takes away', () => {
  const takeAway = (cluster: Cluster, instanceId: string): void => {
    const { elementKey } = cluster.lastJob();
    cluster.run({ kind: 'modifyInstance', instanceId, activate: [], terminate: [{ elementKey }] });
  };

  it('leaves nothing in the results, and the others go on', () => {
    const cluster = new Cluster().install(around(times(job('each'), collecting)));
    const id = cluster.start('p', { items: [1, 2] });
    const [first] = cluster.jobs();
    takeAway(cluster, id);
    cluster.completeJob({ result: 1 }, first);
    expect(cluster.lastJob()).toMatchObject({ type: 'after', variables: { results: [1, null] } });
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it.for([
    ['the last of a parallel one ends it', times(job('each'), { cardinality: feel('1') }), 'after'],
    ['of a sequential one is followed by the next', sequential(job('each'), { cardinality: feel('2') }), 'each'],
  ] as const)('%s', ([, spec, type]) => {
    const cluster = new Cluster().install(around(spec));
    const id = cluster.start('p', { n: 1 });
    takeAway(cluster, id);
    expect(cluster.jobs()).toHaveLength(2);
    expect(cluster.lastJob().type).toBe(type);
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('is counted as terminated', () => {
    const spec = times(job('each'), { cardinality: feel('3'), completionCondition: 'numberOfTerminatedInstances = 1' });
    const cluster = new Cluster().install(around(spec));
    const id = cluster.start('p');
    const [first] = cluster.jobs();
    takeAway(cluster, id);
    cluster.completeJob({}, first);
    expect(cluster.lastJob().type).toBe('after');
  });
});

describe('an end in a loop', () => {
  it('of the process ends what follows', () => {
    const process = model('p', { start, each: times(job('each'), { cardinality: feel('2') }), end }, [
      'start -> each -> end',
    ]);
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    for (const offered of cluster.jobs()) cluster.completeJob({}, offered);
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});
