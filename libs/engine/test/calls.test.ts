import { describe, expect, it } from 'vitest';
import type { ExecutableProcess } from '@millrace/bpmn';
import { CALL_DEPTH_MAX, VARIABLES_BYTES_MAX } from '../src/index.ts';
import { Cluster } from './support/cluster.ts';
import {
  boundary,
  call,
  end,
  endWithError,
  endWithEscalation,
  errorTrigger,
  escalationTrigger,
  exclusive,
  job,
  map,
  model,
  parallel,
  start,
  terminate,
  timerTrigger,
  userTask,
} from './support/model.ts';
import { path, story } from './support/story.ts';

const child = model('child', { start, work: job('work'), end }, ['start -> work -> end']);
const HOUR = 3_600_000;

function calling(
  spec: ReturnType<typeof call>,
  beside: Record<string, ReturnType<typeof call>> = {},
): ExecutableProcess {
  const elements = { start, ask: spec, after: job('after'), end, ...beside };
  return model('parent', elements, ['start -> ask -> after -> end']);
}

function started(parent: ExecutableProcess, called = child, variables = {}): { cluster: Cluster; id: string } {
  const cluster = new Cluster(2).install(called).install(parent);
  return { cluster, id: cluster.start('parent', variables) };
}

const childId = (cluster: Cluster): string => cluster.last('process.called').calledId;
const mentions = (cluster: Cluster): string[] => cluster.rowsWith('');

describe('a call activity', () => {
  it('starts an instance on its own partition, and goes on with the result when that has ended', () => {
    const { cluster, id } = started(calling(call('child')), child, { order: 7 });
    expect(childId(cluster).slice(0, 4)).toBe(id.slice(0, 4));
    expect(cluster.last('instance.started')).toMatchObject({
      instanceId: childId(cluster),
      parent: { instanceId: id, elementKey: cluster.last('process.called').elementKey, depth: 1 },
    });
    expect(cluster.lastJob()).toMatchObject({ type: 'work', variables: { order: 7 } });
    expect(story(cluster.completeJob({ paid: true }))).toEqual([
      'job.completed work',
      'variables.changed {"paid":true}',
      'element.completed work',
      'flow.taken work->end',
      'element.entered end',
      'element.completed end',
      'instance.completed',
      'call.returned ask',
      'variables.changed {"order":7,"paid":true}',
      'element.completed ask',
      'flow.taken ask->after',
      'element.entered after',
      'job.created after',
    ]);
    cluster.completeJob();
    expect(mentions(cluster)).toEqual([]);
  });

  it.for([
    [{ passesAllIn: false }, {}],
    [{ passesAllIn: false, inputs: [map('=order', 'what')] }, { what: 7 }],
    [{ inputs: [map('=order', 'what')] }, { order: 7, what: 7 }],
  ] as const)('passes in what it says: %j', ([options, expected]) => {
    const { cluster } = started(calling(call('child', options)), child, { order: 7 });
    expect(cluster.lastJob().variables).toEqual(expected);
  });

  it.for([
    [{ passesAllOut: false }, { order: 7 }],
    [{ outputs: [map('=paid', 'done')] }, { order: 7, done: true }],
    [
      { passesAllOut: false, outputs: [map('=paid', 'done')] },
      { order: 7, done: true },
    ],
  ] as const)('takes out what it says: %j', ([options, expected]) => {
    const { cluster } = started(calling(call('child', options)), child, { order: 7 });
    cluster.completeJob({ paid: true });
    expect(cluster.lastJob()).toMatchObject({ type: 'after', variables: expected });
  });

  it('computes what it calls, and which business key that has', () => {
    const parent = calling(call('=which', { businessKey: '="k-" + which' }));
    const { cluster } = started(parent, child, { which: 'child' });
    expect(cluster.last('instance.started')).toMatchObject({ processId: 'child', businessKey: 'k-child' });
  });

  it('goes on when the called process ends by a terminate end event', () => {
    const called = model('child', { start, fork: parallel, ask: userTask(), halt: terminate }, [
      'start -> fork -> ask',
      'fork -> halt',
    ]);
    const { cluster } = started(calling(call('child')), called);
    expect(cluster.all('instance.terminated')).toHaveLength(1);
    expect(cluster.lastJob().type).toBe('after');
  });
});

describe('what a call activity calls', () => {
  const raised = (cluster: Cluster) => cluster.last('incident.raised');

  it('must be there; deployed meanwhile, it is called after all', () => {
    const cluster = new Cluster(2).install(calling(call('child')));
    cluster.start('parent');
    expect(raised(cluster)).toMatchObject({ elementId: 'ask', reason: 'CALLED_PROCESS_NOT_FOUND' });
    cluster.install(child);
    cluster.run({ kind: 'resolveIncident', incidentKey: raised(cluster).incidentKey });
    expect(cluster.lastJob().type).toBe('work');
  });

  it('must have a none start event', () => {
    const timed = model('child', { start: { ...start, trigger: timerTrigger('cycle', 'R/PT1H') } as never, end }, [
      'start -> end',
    ]);
    const { cluster } = started(calling(call('child')), timed);
    expect(raised(cluster)).toMatchObject({ reason: 'CALLED_PROCESS_NOT_FOUND' });
  });

  it('may be itself, up to a depth', () => {
    const cluster = new Cluster(2).install(calling(call('parent')));
    const instanceId = cluster.start('parent');
    expect(raised(cluster)).toMatchObject({ reason: 'CALLS_TOO_DEEP' });
    expect(cluster.all('instance.started')).toHaveLength(CALL_DEPTH_MAX + 1);
    cluster.run({ kind: 'cancelInstance', instanceId });
    expect(mentions(cluster)).toEqual([]);
  });

  it('is the latest version, or the latest with the version tag', () => {
    const tagged = { kind: 'versionTag', versionTag: 'stable' } as const;
    const cluster = new Cluster();
    cluster.install({ ...child, versionTag: 'stable' }, 1).install(child, 2);
    cluster.install(calling(call('child')));
    cluster.start('parent');
    expect(cluster.last('process.called').definitionKey).toBe('child:2');
    cluster.install(calling(call('child', { binding: tagged })), 2);
    cluster.start('parent');
    expect(cluster.last('process.called').definitionKey).toBe('child:1');
    cluster.install(calling(call('child', { binding: { kind: 'versionTag', versionTag: 'odd' } })), 3);
    cluster.start('parent');
    expect(raised(cluster).reason).toBe('CALLED_PROCESS_NOT_FOUND');
  });

  it('is the version that was deployed with the caller, when it is bound to that', () => {
    const parent = calling(call('child', { binding: { kind: 'deployment' } }));
    const cluster = new Cluster();
    const deploy = (childDigest: string): void => {
      const resource = (process: ExecutableProcess, digest: string) =>
        ({
          kind: 'bpmn',
          name: `${process.id}.bpmn`,
          content: '<xml/>',
          digest,
          processes: [{ processId: process.id, model: process }],
        }) as const;
      cluster.run({ kind: 'deploy', resources: [resource(parent, 'same'), resource(child, childDigest)] });
    };
    deploy('one');
    deploy('two');
    deploy('two');
    cluster.deploy(child, 'three');
    cluster.start('parent');
    expect(cluster.last('process.called').definitionKey).toBe('child:2');
    cluster.start('parent', {}, { definitionVersion: 1 });
    expect(cluster.last('process.called').definitionKey).toBe('child:1');
    expect(cluster.last('deployment.accepted').definitions.map(({ isNew }) => isNew)).toEqual([true]);
  });
});

describe('the end of a caller', () => {
  it('cancels what it has called, and what that has called', () => {
    const inner = model('inner', { start, wait: userTask(), end }, ['start -> wait -> end']);
    const middle = model('child', { start, deeper: call('inner'), end }, ['start -> deeper -> end']);
    const cluster = new Cluster(2)
      .install(inner)
      .install(middle)
      .install(calling(call('child')));
    const instanceId = cluster.start('parent');
    cluster.run({ kind: 'cancelInstance', instanceId });
    expect(cluster.all('instance.cancelled')).toHaveLength(3);
    expect(cluster.all('command.rejected')).toEqual([]);
    expect(mentions(cluster)).toEqual([]);
  });

  it('by a boundary event cancels what it has called', () => {
    const late = boundary('ask', timerTrigger('duration', 'PT1H'));
    const { cluster } = started(calling(call('child'), { late }));
    cluster.pass(HOUR);
    expect(cluster.all('instance.cancelled').map(({ instanceId }) => instanceId)).toEqual([childId(cluster)]);
    expect(mentions(cluster)).toEqual([]);
  });

  it('before the called instance has begun cancels it all the same', () => {
    const cluster = new Cluster().install(child).install(calling(call('child')));
    const instanceId = cluster.launch('parent');
    cluster.stepOnce();
    cluster.send({ kind: 'cancelInstance', instanceId });
    cluster.settle();
    expect(cluster.all('instance.cancelled')).toHaveLength(2);
    expect(mentions(cluster)).toEqual([]);
  });

  it('is not decided by who cancels the called instance alone: that is refused', () => {
    const { cluster, id } = started(calling(call('child')));
    cluster.run({ kind: 'cancelInstance', instanceId: childId(cluster) });
    const { reason, message } = cluster.last('command.rejected');
    expect(reason).toBe('INVALID_STATE');
    expect(message).toContain(id);
  });
});

describe('what a called instance throws', () => {
  it('reaches the call activity when nobody in the instance catches it, and ends the instance', () => {
    const called = model(
      'child',
      { start, fork: parallel, ask: userTask(), work: job('work'), fail: endWithError('NO') },
      ['start -> fork -> ask', 'fork -> work -> fail'],
    );
    const caught = boundary('ask', errorTrigger('NO'));
    const { cluster } = started(calling(call('child'), { caught }), called);
    expect(path(cluster.completeJob())).toEqual([
      'element.completed work',
      'element.entered fail',
      'element.terminated ask',
      'element.terminated fail',
      'instance.cancelled',
      'element.terminated ask',
      'element.entered caught',
      'element.completed caught',
      'instance.completed',
    ]);
    expect(cluster.all('command.rejected')).toEqual([]);
    expect(mentions(cluster)).toEqual([]);
  });

  it('from a job goes out through several calls', () => {
    const inner = model('inner', { start, work: job('work'), end }, ['start -> work -> end']);
    const middle = model('child', { start, deeper: call('inner'), end }, ['start -> deeper -> end']);
    const parent = calling(call('child'), { caught: boundary('ask', errorTrigger()) });
    const cluster = new Cluster(2).install(inner).install(middle).install(parent);
    cluster.start('parent');
    const { instanceId, jobKey } = cluster.lastJob();
    cluster.run({ kind: 'throwJobError', instanceId, jobKey, attempt: 1, code: 'E', variables: { why: 1 } });
    expect(cluster.last('job.errorThrown').caughtBy).toBe('caught');
    expect(cluster.all('instance.cancelled')).toHaveLength(2);
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(mentions(cluster)).toEqual([]);
  });

  it('is the incident of the instance when nobody out there catches it', () => {
    const called = model('child', { start, fail: endWithError('NO') }, ['start -> fail']);
    const { cluster, id } = started(calling(call('child')), called);
    expect(cluster.last('incident.raised')).toMatchObject({ instanceId: childId(cluster), reason: 'UNHANDLED_ERROR' });
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    expect(mentions(cluster)).toEqual([]);
  });

  it('as an escalation is heard by the caller, and does not end the instance unless it interrupts', () => {
    const called = model('child', { start, tell: endWithEscalation('LATE') }, ['start -> tell']);
    for (const interrupting of [false, true]) {
      const heard = boundary('ask', escalationTrigger('LATE'), interrupting);
      const { cluster } = started(calling(call('child'), { heard }), called);
      expect(cluster.last('escalation.thrown').caughtBy).toBe('heard');
      expect(cluster.all('instance.cancelled')).toHaveLength(interrupting ? 1 : 0);
      expect(cluster.jobs().map(({ type }) => type)).toEqual(interrupting ? [] : ['after']);
    }
  });
});

describe('a result that does not fit into the caller', () => {
  it('is kept until it does', () => {
    const big = model('child', { start, work: job('work'), end }, ['start -> work -> end']);
    const { cluster, id } = started(calling(call('child', { passesAllIn: false })), big, {
      mine: 'x'.repeat(VARIABLES_BYTES_MAX - 1_000),
    });
    cluster.completeJob({ theirs: 'y'.repeat(10_000) });
    const { incidentKey, ...incident } = cluster.last('incident.raised');
    expect(incident).toMatchObject({ instanceId: id, elementId: 'ask', reason: 'VARIABLES_TOO_LARGE', retry: 'call' });
    cluster.run({ kind: 'resolveIncident', incidentKey });
    expect(cluster.all('incident.raised')).toHaveLength(2);
    cluster.run({ kind: 'updateVariables', instanceId: id, variables: { mine: 'less' } });
    cluster.run({ kind: 'resolveIncident', incidentKey: cluster.last('incident.raised').incidentKey });
    expect(cluster.lastJob().type).toBe('after');
    expect(cluster.last('instance.completed').instanceId).toBe(childId(cluster));
    cluster.completeJob();
    expect(mentions(cluster)).toEqual([]);
  });

  it('goes when the caller is cancelled', () => {
    const { cluster, id } = started(calling(call('child', { passesAllIn: false })), child, {
      mine: 'x'.repeat(VARIABLES_BYTES_MAX - 1_000),
    });
    cluster.completeJob({ theirs: 'y'.repeat(10_000) });
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    expect(mentions(cluster)).toEqual([]);
  });
});

describe('a caller that is suspended', () => {
  it('takes the result when it is resumed', () => {
    const { cluster, id } = started(calling(call('child')));
    cluster.run({ kind: 'suspendInstance', instanceId: id });
    cluster.completeJob({ paid: true });
    expect(cluster.all('instance.completed')).toEqual([]);
    cluster.run({ kind: 'resumeInstance', instanceId: id });
    expect(cluster.lastJob()).toMatchObject({ type: 'after', variables: { paid: true } });
    cluster.completeJob();
    expect(mentions(cluster)).toEqual([]);
  });

  it('catches what is thrown again when it is resumed', () => {
    const called = model('child', { start, work: job('work'), fail: endWithError('NO') }, ['start -> work -> fail']);
    const { cluster, id } = started(calling(call('child'), { caught: boundary('ask', errorTrigger()) }), called);
    cluster.run({ kind: 'suspendInstance', instanceId: id });
    // It stands still with its caller, until somebody lets it go on alone.
    cluster.run({ kind: 'resumeInstance', instanceId: cluster.lastJob().instanceId });
    cluster.completeJob();
    const { incidentKey, message } = cluster.last('incident.raised');
    expect(message).toContain('suspended');
    cluster.run({ kind: 'resumeInstance', instanceId: id });
    cluster.run({ kind: 'resolveIncident', incidentKey });
    expect(path(cluster.events)).toContain('element.entered caught');
    expect(mentions(cluster)).toEqual([]);
  });
});

describe('a loop around a call', () => {
  it('in which nothing ever waits is found out', () => {
    const quick = model('child', { start, end }, ['start -> end']);
    const elements = { start, again: exclusive, ask: call('child') };
    const cluster = new Cluster().install(quick).install(model('parent', elements, ['start -> again -> ask -> again']));
    const instanceId = cluster.start('parent');
    expect(cluster.last('incident.raised').reason).toBe('ENDLESS_LOOP');
    cluster.run({ kind: 'cancelInstance', instanceId });
    expect(mentions(cluster)).toEqual([]);
  });
});
