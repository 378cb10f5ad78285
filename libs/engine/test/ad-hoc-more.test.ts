import { describe, expect, it } from 'vitest';
import type { AdHocResult, Variables } from '@millrace/records';
import { Cluster } from './support/cluster.ts';
import {
  adHoc,
  boundary,
  end,
  errorTrigger,
  feel,
  inside,
  job,
  model,
  pass,
  sequential,
  start,
  undoing,
  undoneBy,
  compensate,
} from './support/model.ts';
import { path } from './support/story.ts';

const works = inside('pick', { a: job('a'), b: job('b'), c: pass, last: job('last') });

function picking(options: Parameters<typeof adHoc>[0], more = {}, flows: readonly string[] = []) {
  return model('p', { start, pick: adHoc(options), ...works, done: job('done'), ...more }, [
    'start -> pick -> done',
    'a -> last',
    ...flows,
  ]);
}

function finish(cluster: Cluster, type: string, variables: Variables = {}): string[] {
  const offered = cluster.jobs().findLast((candidate) => candidate.type === type);
  return path(cluster.completeJob(variables, offered));
}

describe('a sequential ad-hoc sub-process', () => {
  const process = picking({ isSequential: true, activeElements: feel('["b", "c", "a"]') });

  it('begins one after the other, each when nothing runs', () => {
    const cluster = new Cluster().install(process);
    const instanceId = cluster.start('p');
    expect(cluster.jobs().map(({ type }) => type)).toEqual(['b']);
    expect(finish(cluster, 'b')).toEqual([
      'element.completed b',
      'element.entered c',
      'element.completed c',
      'element.entered a',
    ]);
    expect(finish(cluster, 'a')).toEqual(['element.completed a', 'element.entered last']);
    expect(finish(cluster, 'last')).toEqual([
      'element.completed last',
      'element.completed pick',
      'element.entered done',
    ]);
    finish(cluster, 'done');
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });

  it('lets what a command begins wait for its turn, and forgets it when the condition holds', () => {
    const cluster = new Cluster().install(picking({ isSequential: true, completionCondition: 'enough = true' }));
    const instanceId = cluster.start('p');
    const elementKey =
      cluster.all('element.entered').findLast(({ elementId }) => elementId === 'pick')?.elementKey ?? '';
    cluster.run({ kind: 'activateElements', instanceId, elementKey, elementIds: ['b', 'b', 'a'] });
    expect(cluster.jobs()).toHaveLength(1);
    expect(finish(cluster, 'b')).toEqual(['element.completed b', 'element.entered b']);
    expect(finish(cluster, 'b', { enough: true }).slice(1)).toEqual(['element.completed pick', 'element.entered done']);
    cluster.run({ kind: 'cancelInstance', instanceId });
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });
});

describe('an ad-hoc sub-process with an output collection', () => {
  const collects = { activeElements: feel('["a", "b"]'), outputCollection: 'results', outputElement: feel('result') };

  it('collects what each beginning gave, whose variables are its own', () => {
    const cluster = new Cluster().install(picking(collects));
    cluster.start('p');
    finish(cluster, 'a', { result: 1 });
    finish(cluster, 'b', { result: 2 });
    finish(cluster, 'last');
    expect(cluster.lastJob().type).toBe('done');
    expect(cluster.lastJob().variables).toEqual({ results: [2, 1] });
  });

  it('is what each time of a loop collects', () => {
    const loop = { inputCollection: feel('[1, 2]'), outputCollection: 'all', outputElement: feel('results') };
    const process = picking(collects);
    const pick = { ...process.elements['pick'], loop: { kind: 'multiInstance', isSequential: true, ...loop } } as never;
    const cluster = new Cluster().install({ ...process, elements: { ...process.elements, pick } });
    cluster.start('p');
    for (const result of [1, 2]) {
      finish(cluster, 'b', { result });
      finish(cluster, 'a', { result: 10 * result });
      finish(cluster, 'last');
    }
    expect(cluster.lastJob().variables).toEqual({
      all: [
        [1, 10],
        [2, 20],
      ],
    });
    expect(sequential(pass).loop?.kind).toBe('multiInstance');
  });

  it('raises an incident at the beginning whose output cannot be worked out', () => {
    const cluster = new Cluster().install(picking({ ...collects, outputElement: feel('big + big') }));
    const instanceId = cluster.start('p', { big: 'x'.repeat(300_000) });
    finish(cluster, 'b');
    const { incidentKey, reason } = cluster.last('incident.raised');
    expect(reason).toBe('VARIABLES_TOO_LARGE');
    cluster.run({ kind: 'updateVariables', instanceId, variables: { big: 'x' } });
    cluster.run({ kind: 'resolveIncident', incidentKey });
    finish(cluster, 'a');
    finish(cluster, 'last');
    expect(cluster.lastJob().variables).toMatchObject({ results: ['xx', 'xx'] });
  });

  it('catches what is thrown in it at its boundary, and undoes what had completed in it', () => {
    const undone = inside('pick', { undo: undoing(job('undo')), undoB: undoneBy('b', 'undo') });
    const out = boundary('pick', errorTrigger('E1'));
    const all = picking(collects, { ...undone, out, fixed: pass, back: compensate() }, [
      'done -> back',
      'out -> fixed',
    ]);
    const cluster = new Cluster().install(all);
    cluster.start('p');
    const { instanceId, jobKey, attempt } = cluster.jobs().find(({ type }) => type === 'a') ?? cluster.lastJob();
    cluster.run({ kind: 'throwJobError', instanceId, jobKey, attempt, code: 'E1' });
    expect(cluster.all('element.entered').some(({ elementId }) => elementId === 'fixed')).toBe(true);
    cluster.start('p');
    finish(cluster, 'b', { result: 1 });
    finish(cluster, 'a', { result: 2 });
    finish(cluster, 'last');
    finish(cluster, 'done');
    expect(cluster.lastJob().type).toBe('undo');
    expect(finish(cluster, 'undo')).toContain('instance.completed');
  });
});

describe('an ad-hoc sub-process that a job directs', () => {
  const directed = picking({ job: (job('agent') as unknown as { action: never }).action });

  function answer(cluster: Cluster, adHoc: AdHocResult, variables: Variables = {}): string[] {
    const { instanceId, jobKey } = cluster.jobs().findLast(({ type }) => type === 'agent') ?? cluster.lastJob();
    return path(cluster.run({ kind: 'completeJob', instanceId, jobKey, variables, adHoc }));
  }

  it('begins what its job says, with variables of its own, and asks again when something is over', () => {
    const cluster = new Cluster().install(directed);
    const instanceId = cluster.start('p');
    const elements = [
      { elementId: 'a', variables: { n: 1 } },
      { elementId: 'b', variables: { n: 2 } },
    ];
    expect(answer(cluster, { activateElements: elements }, { memory: 'x' })).toEqual([
      'element.entered pick',
      'element.entered a',
      'element.entered pick',
      'element.entered b',
    ]);
    expect(
      cluster
        .jobs()
        .slice(1)
        .map(({ type, variables }) => [type, variables['n'], variables['memory']]),
    ).toEqual([
      ['a', 1, 'x'],
      ['b', 2, 'x'],
    ]);
    finish(cluster, 'b', { result: 5 });
    expect(cluster.lastJob().type).toBe('agent');
    const first = cluster.lastJob().jobKey;
    finish(cluster, 'a');
    finish(cluster, 'last');
    expect(cluster.all('job.cancelled').map(({ jobKey }) => jobKey)).toEqual([first]);
    expect(answer(cluster, { isCompletionConditionFulfilled: true })).toEqual([
      'element.completed pick',
      'element.entered done',
    ]);
    expect(cluster.lastJob().variables).toEqual({});
    finish(cluster, 'done');
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });

  it.for([
    [true, ['element.terminated a', 'element.terminated pick', 'element.completed pick', 'element.entered done']],
    [false, []],
  ] as const)('is over at once or when nothing runs, as the job says: %s', ([isCancelRemainingInstances, steps]) => {
    const cluster = new Cluster().install(directed);
    cluster.start('p');
    answer(cluster, { activateElements: [{ elementId: 'a' }, { elementId: 'b' }] });
    finish(cluster, 'b');
    expect(answer(cluster, { isCompletionConditionFulfilled: true, isCancelRemainingInstances })).toEqual(steps);
    if (isCancelRemainingInstances) return;
    finish(cluster, 'a');
    expect(finish(cluster, 'last').slice(-1)).toEqual(['element.entered done']);
  });

  it.for<[AdHocResult, string]>([
    [{ activateElements: [{ elementId: 'last' }] }, 'that no sequence flow leads to, found "last"'],
    [{ activateElements: [{ elementId: 'a' }], isCompletionConditionFulfilled: true }, 'found both'],
    [{ isCancelRemainingInstances: true }, 'only when it says that it is fulfilled'],
  ])('makes an incident of %j, and offers the job again', ([adHoc, words]) => {
    const cluster = new Cluster().install(directed);
    cluster.start('p');
    answer(cluster, adHoc);
    const { reason, message, incidentKey } = cluster.last('incident.raised');
    expect([reason, message]).toEqual(['JOB_RESULT_INVALID', expect.stringContaining(words)]);
    cluster.run({ kind: 'resolveIncident', incidentKey });
    expect(answer(cluster, { activateElements: [{ elementId: 'b' }] })).toContain('element.entered b');
    expect(end.kind).toBe('endEvent');
  });
});
