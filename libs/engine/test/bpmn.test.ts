import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ExecutableProcess, readModel } from '@millrace/bpmn';
import { checkExpression, checkTimer } from '@millrace/feel';
import { Cluster } from './support/cluster.ts';
import { path } from './support/story.ts';

const DAY = 86_400_000;
let claim: ExecutableProcess;

beforeAll(async () => {
  const xml = readFileSync(new URL('./models/claim.bpmn', import.meta.url), 'utf8');
  const { processes, problems } = await readModel(xml, { checkExpression, checkTimer });
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
  claim = processes[0] as ExecutableProcess;
});

/** From a BPMN file, through a deployment, over three partitions. */
describe('an insurance claim', () => {
  function reported(amount: number): { cluster: Cluster; id: string } {
    const cluster = new Cluster(3);
    cluster.deploy(claim);
    return { cluster, id: cluster.start('claim', { claim: { id: 'c-17', amount } }) };
  }

  it('is paid without review when the risk is low', () => {
    const { cluster, id } = reported(100);
    expect(cluster.lastJob()).toMatchObject({ type: 'assess', variables: { amount: 100 }, retries: 2 });
    cluster.completeJob({ verdict: { risk: 1 } });
    cluster.run({
      kind: 'publishMessage',
      name: 'documents',
      correlationKey: 'c-17',
      ttlMs: 0,
      variables: { pages: 3 },
    });
    expect(path(cluster.events).filter((line) => line.startsWith('element.completed'))).toEqual([
      'element.completed Reported',
      'element.completed Assess',
      'element.completed HowRisky',
      'element.completed DocumentsArrived',
      'element.completed Paid',
    ]);
    const changes = cluster.all('variables.changed').filter(({ scopeKey }) => scopeKey === id);
    expect(changes.map(({ values }) => values)).toEqual([
      { claim: { id: 'c-17', amount: 100, risk: 1 } },
      { pages: 3 },
    ]);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('is reviewed by an adjuster when the risk is high, who is reminded twice', () => {
    const { cluster, id } = reported(90_000);
    cluster.completeJob({ verdict: { risk: 9 } });
    expect(cluster.last('task.created')).toMatchObject({ elementId: 'Review', candidateGroups: ['adjusters'] });
    cluster.pass(5 * DAY);
    const reminders = cluster.jobs().filter(({ type }) => type === 'remind');
    expect(reminders).toHaveLength(2);
    for (const reminder of reminders) cluster.completeJob({}, reminder);
    cluster.run({ kind: 'completeTask', taskKey: cluster.last('task.created').elementKey, variables: {} });
    cluster.run({ kind: 'publishMessage', name: 'documents', correlationKey: 'c-17', ttlMs: 0, variables: {} });
    expect(cluster.last('instance.completed').instanceId).toBe(id);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('is refused when the plugin says that nobody is insured', () => {
    const { cluster, id } = reported(100);
    const { instanceId, jobKey, attempt } = cluster.lastJob();
    cluster.run({ kind: 'throwJobError', instanceId, jobKey, attempt, code: 'NOT_INSURED' });
    expect(path(cluster.events).slice(-3)).toEqual([
      'element.entered Refused',
      'element.completed Refused',
      'instance.completed',
    ]);
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});
