import { describe, expect, it } from 'vitest';
import type { MultiInstance } from '@millrace/bpmn';
import { Cluster } from './support/cluster.ts';
import {
  boundary,
  errorTrigger,
  escalationTrigger,
  expression,
  feel,
  job,
  model,
  pass,
  sequential,
  signalTrigger,
  start,
  startOn,
  eventSubProcess,
  inside,
  end,
  times,
} from './support/model.ts';
import { path } from './support/story.ts';

type Throw = NonNullable<MultiInstance['throws']>[number];

const signal: Throw['action'] = { kind: 'signal', name: expression('done') };
const escalation: Throw['action'] = { kind: 'escalation', code: expression('S1') };

function looping(
  throws: readonly Throw[],
  guard: ReturnType<typeof boundary>,
  more = {},
  flows: readonly string[] = [],
) {
  const work = times(job('work'), { cardinality: feel('3'), throws });
  return model('p', { start, work, guard, out: pass, next: job('next'), ...more }, [
    'start -> work -> next',
    'guard -> out',
    ...flows,
  ]);
}

describe('a multi-instance that throws on its way', () => {
  it.for([
    ['first', 1],
    ['each', 3],
  ] as const)('throws when the %s is done, with its numbers', ([when, count]) => {
    const cluster = new Cluster().install(
      looping([{ when, action: signal }], boundary('work', signalTrigger('done'), false)),
    );
    cluster.start('p');
    for (const offered of cluster.jobs()) cluster.completeJob({}, offered);
    expect(cluster.all('signal.thrown')).toHaveLength(count);
    const [first] = cluster.all('signalWait.triggered');
    expect(first?.variables).toEqual({
      numberOfInstances: 3,
      numberOfActiveInstances: 2,
      numberOfCompletedInstances: 1,
      numberOfTerminatedInstances: 0,
    });
    expect(cluster.lastJob().type).toBe('next');
  });

  it('is ended by an interrupting event that catches what it throws', () => {
    const throws: Throw[] = [{ when: 'each', condition: 'numberOfCompletedInstances = 2', action: escalation }];
    const cluster = new Cluster().install(looping(throws, boundary('work', escalationTrigger('S1'))));
    const instanceId = cluster.start('p');
    const [one, two] = cluster.jobs();
    expect(path(cluster.completeJob({}, one))).toEqual(['element.completed work']);
    expect(path(cluster.completeJob({}, two))).toContain('element.entered guard');
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });

  it('raises an incident at the iteration whose condition says nothing, or whose error nobody catches', () => {
    const error: Throw['action'] = { kind: 'error', code: expression('E9') };
    const throws: Throw[] = [{ when: 'each', condition: 'x', action: error }];
    const cluster = new Cluster().install(looping(throws, boundary('work', errorTrigger('E1'))));
    const instanceId = cluster.start('p');
    cluster.completeJob({});
    expect(cluster.last('incident.raised').reason).toBe('CONDITION_FAILED');
    cluster.run({ kind: 'updateVariables', instanceId, variables: { x: true } });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    expect(cluster.last('incident.raised').reason).toBe('UNHANDLED_ERROR');
    cluster.run({ kind: 'updateVariables', instanceId, variables: { x: false } });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    expect(cluster.all('element.completed').some(({ elementId }) => elementId === 'work')).toBe(true);
  });

  it('is interrupted with its scope by an event sub-process that catches what it throws', () => {
    const on = startOn(escalationTrigger('S1'));
    const more = { handle: eventSubProcess, ...inside('handle', { on, done: end }) };
    const work = sequential(job('work'), { cardinality: feel('5'), throws: [{ when: 'first', action: escalation }] });
    const cluster = new Cluster().install(model('p', { start, work, ...more }, ['start -> work', 'on -> done']));
    const instanceId = cluster.start('p');
    expect(path(cluster.completeJob({}))).toContain('instance.completed');
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });
});
