import { describe, expect, it } from 'vitest';
import { Cluster } from './support/cluster.ts';
import { type AdHocOptions, adHoc, boundary, feel, inside, job, model, start, timerTrigger } from './support/model.ts';
import { path } from './support/story.ts';

function running(options: AdHocOptions, variables = {}): { cluster: Cluster; id: string } {
  const elements = {
    start,
    pick: adHoc(options),
    late: boundary('pick', timerTrigger('duration', 'PT1H')),
    after: job('after'),
    ...inside('pick', { a: job('a'), b: job('b'), next: job('next') }),
  };
  const cluster = new Cluster(2).install(model('p', elements, ['start -> pick -> after', 'b -> next']));
  return { cluster, id: cluster.start('p', variables) };
}

const types = (cluster: Cluster) => cluster.jobs().map(({ type }) => type);
const pickOf = (cluster: Cluster) =>
  cluster.all('element.entered').find(({ elementId }) => elementId === 'pick')?.elementKey ?? '';

describe('an ad-hoc sub-process', () => {
  it('begins with what its collection names, and is over when nothing runs in it', () => {
    const { cluster, id } = running({ activeElements: feel('picked') }, { picked: ['a', 'b'] });
    const [a, b] = cluster.jobs();
    cluster.completeJob({}, b);
    cluster.completeJob({}, a);
    expect(types(cluster)).toEqual(['a', 'b', 'next']);
    cluster.completeJob();
    expect(cluster.lastJob().type).toBe('after');
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('begins more by command, with variables of its own', () => {
    const { cluster, id: instanceId } = running({});
    expect(types(cluster)).toEqual([]);
    const ask = { kind: 'activateElements', instanceId, elementKey: pickOf(cluster) } as const;
    cluster.run({ ...ask, elementIds: ['a', 'a'], variables: { why: 'twice' } });
    expect(cluster.jobs()).toMatchObject([{ type: 'a', variables: { why: 'twice' } }, { type: 'a' }]);
    for (const offered of cluster.jobs()) cluster.completeJob({}, offered);
    expect(cluster.lastJob()).toMatchObject({ type: 'after', variables: {} });
    cluster.run({ ...ask, elementIds: ['b'] });
    expect(cluster.last('command.rejected').reason).toBe('NOT_FOUND');
  });

  it.for([
    ['none', [], 'INVALID_ARGUMENT'],
    ['one that a flow leads to', ['next'], 'INVALID_ARGUMENT'],
    ['one from elsewhere', ['after'], 'INVALID_ARGUMENT'],
    ['one that is not there', ['a', 'gone'], 'INVALID_ARGUMENT'],
  ] as const)('refuses to begin %s, and then nothing begins', ([, elementIds, reason]) => {
    const { cluster, id: instanceId } = running({});
    cluster.run({ kind: 'activateElements', instanceId, elementKey: pickOf(cluster), elementIds });
    expect(cluster.last('command.rejected').reason).toBe(reason);
    expect(types(cluster)).toEqual([]);
  });

  it('is over when its condition holds, and ends what still runs', () => {
    const { cluster } = running({ activeElements: feel('["a", "b"]'), completionCondition: 'enough' });
    const [a, b] = cluster.jobs();
    expect(path(cluster.completeJob({ enough: true }, a))).toEqual([
      'element.completed a',
      'element.terminated b',
      'element.completed pick',
      'element.entered after',
    ]);
    cluster.completeJob({}, b);
    expect(cluster.last('command.rejected').reason).toBe('NOT_FOUND');
  });

  it('waits for what still runs when it says so, and for more when its condition does not hold', () => {
    const options = { activeElements: feel('["a", "b"]'), completionCondition: 'enough', cancelsRemaining: false };
    const { cluster, id: instanceId } = running(options, { enough: false });
    const [a, b] = cluster.jobs();
    cluster.completeJob({ enough: true }, a);
    expect(types(cluster)).toEqual(['a', 'b']);
    cluster.completeJob({ enough: false }, b);
    cluster.completeJob();
    expect(types(cluster)).toEqual(['a', 'b', 'next']);
    cluster.run({ kind: 'activateElements', instanceId, elementKey: pickOf(cluster), elementIds: ['a'] });
    cluster.completeJob({ enough: true });
    expect(cluster.lastJob().type).toBe('after');
  });

  it('stands still when its condition cannot be asked, and goes on when that is mended', () => {
    const { cluster, id: instanceId } = running({ activeElements: feel('["a"]'), completionCondition: 'enough' });
    cluster.completeJob();
    const { incidentKey, reason } = cluster.last('incident.raised');
    expect(reason).toBe('CONDITION_FAILED');
    cluster.run({ kind: 'updateVariables', instanceId, variables: { enough: true } });
    cluster.run({ kind: 'resolveIncident', incidentKey });
    expect(cluster.lastJob().type).toBe('after');
  });

  it('raises an incident for a collection that names something else', () => {
    const { cluster, id } = running({ activeElements: feel('["after"]') });
    expect(cluster.last('incident.raised')).toMatchObject({ elementId: 'pick', reason: 'EXPRESSION_FAILED' });
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('ends by its boundary event', () => {
    const { cluster, id } = running({ activeElements: feel('["a"]') });
    cluster.pass(3_600_000);
    expect(cluster.last('instance.completed').instanceId).toBe(id);
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});
