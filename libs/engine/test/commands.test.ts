import { describe, expect, it } from 'vitest';
import { bytesFromText, instanceId } from '@millrace/records';
import { REMEMBERED_MS, VARIABLES_BYTES_MAX } from '../src/index.ts';
import { Cluster } from './support/cluster.ts';
import { end, job, map, model, parallel, start, startBy, timerTrigger, userTask } from './support/model.ts';
import { story } from './support/story.ts';

const oneTask = model('one', { start, work: job('work'), end }, ['start -> work -> end']);
const ID = instanceId(0, bytesFromText('fixed'));

describe('starting', () => {
  const ask = { kind: 'startInstance', instanceId: ID, processId: 'one', variables: {} } as const;

  it('takes the latest version, or the one that is asked for', () => {
    const cluster = new Cluster().install(oneTask, 1).install(oneTask, 2);
    cluster.start('one', {}, { businessKey: 'b', flowName: 'retail' });
    const started = { definitionKey: 'one:2', businessKey: 'b', flowName: 'retail' };
    expect(cluster.last('instance.started')).toMatchObject(started);
    cluster.start('one', {}, { definitionVersion: 1 });
    expect(cluster.last('instance.started').definitionVersion).toBe(1);
  });

  it.for([
    ['an unknown process', { processId: 'two' }, 'NOT_FOUND'],
    ['an unknown version', { definitionVersion: 9 }, 'NOT_FOUND'],
    ['an unknown start event', { startEventId: 'work' }, 'INVALID_ARGUMENT'],
    ['an empty flow name', { flowName: '' }, 'INVALID_ARGUMENT'],
    ['a flow name that is too long', { flowName: 'f'.repeat(257) }, 'INVALID_ARGUMENT'],
    ['more variables than fit', { variables: { big: 'x'.repeat(VARIABLES_BYTES_MAX) } }, 'TOO_LARGE'],
  ] as const)('is refused for %s', ([, more, reason]) => {
    const cluster = new Cluster().install(oneTask);
    cluster.run({ ...ask, ...more, requestId: 'r1' });
    expect(cluster.events).toMatchObject([{ kind: 'command.rejected', reason, requestId: 'r1', instanceId: ID }]);
    expect(cluster.rowsWith('')).toEqual([]);
  });

  it('is refused for a process that only a message or a time starts', () => {
    const tick = startBy(timerTrigger('duration', 'PT1H'));
    const cluster = new Cluster().install(model('one', { tick, end }, ['tick -> end']));
    cluster.run(ask);
    expect(cluster.last('command.rejected')).toMatchObject({ reason: 'INVALID_ARGUMENT' });
  });

  it('answers a record with the instance, or with the refusal', () => {
    const cluster = new Cluster().install(oneTask);
    const reply = { topic: 'confirm', key: 'k', headers: { a: 'b' } };
    cluster.run({ ...ask, reply });
    cluster.run({ ...ask, processId: 'two', instanceId: instanceId(0, bytesFromText('x')), reply });
    expect(cluster.outputs.filter(({ kind }) => kind === 'reply')).toMatchObject([
      { to: reply, value: { processName: 'one', processInstanceUuid: ID, state: 'STARTED' } },
      { to: reply, value: { processName: 'two', state: 'REJECTED', reason: 'NOT_FOUND' } },
    ]);
  });

  it('with the same id again is refused with the instance, until a day after its end', () => {
    const cluster = new Cluster().install(oneTask);
    const again = { ...ask, remember: true };
    cluster.run(again);
    cluster.run(again);
    expect(cluster.last('command.rejected')).toMatchObject({ reason: 'ALREADY_EXISTS', instanceId: ID });
    cluster.completeJob();
    expect(cluster.last('instance.completed').rememberedUntil).toBe(cluster.now + REMEMBERED_MS);
    cluster.pass(REMEMBERED_MS - 1);
    expect(story(cluster.run(again))).toEqual(['command.rejected startInstance ALREADY_EXISTS']);
    expect(story(cluster.pass(1))).toEqual(['timer.fired forget', 'instance.forgotten']);
    expect(cluster.rowsWith('')).toEqual([]);
    cluster.run(again);
    expect(cluster.all('instance.started')).toHaveLength(2);
  });
});

describe('cancelling', () => {
  it('closes everything, and says why', () => {
    const elements = { start, fork: parallel, work: job('work', { timeout: 'PT1H' }), ask: userTask(), end };
    const flows = ['start -> fork', 'fork -> work -> end', 'fork -> ask'];
    const cluster = new Cluster().install(model('p', elements, flows));
    const id = cluster.start('p');
    const events = cluster.run({ kind: 'cancelInstance', instanceId: id, reason: 'changed my mind' });
    expect(story(events)).toEqual([
      'timer.cancelled jobDeadline',
      'job.cancelled work',
      'element.terminated work',
      'task.cancelled ask',
      'element.terminated ask',
      'instance.cancelled',
    ]);
    expect(cluster.last('instance.cancelled').reason).toBe('changed my mind');
    expect(cluster.rowsWith(id)).toEqual([]);
    expect(story(cluster.run({ kind: 'cancelInstance', instanceId: id }))).toEqual([
      'command.rejected cancelInstance NOT_FOUND',
    ]);
  });

  it('goes in slices when there is much to close, and refuses everything else meanwhile', () => {
    const elements = { start, fork: parallel, more: parallel, work: job('work') };
    const flows = [
      'start -> fork',
      ...Array.from({ length: 9 }, (_, at) => `fork -> hop${at} -> more`),
      'more -> work',
    ];
    const hops = Object.fromEntries(Array.from({ length: 9 }, (_, at) => [`hop${at}`, parallel]));
    const wide = Object.fromEntries(Array.from({ length: 1200 }, (_, at) => [`work${at}`, job('w')]));
    const fan = Object.keys(wide).map((name) => `more -> ${name}`);
    const cluster = new Cluster().install(model('p', { ...elements, ...hops, ...wide }, [...flows, ...fan]));
    const id = cluster.start('p');
    const lastJob = cluster.lastJob();
    cluster.send({ kind: 'cancelInstance', instanceId: id });
    cluster.send({ kind: 'completeJob', instanceId: id, jobKey: lastJob.jobKey, variables: {} });
    cluster.settle();
    expect(cluster.all('instance.ending')).toHaveLength(1);
    expect(cluster.last('command.rejected')).toMatchObject({ commandKind: 'completeJob', reason: 'INVALID_STATE' });
    expect(cluster.all('instance.cancelled')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});

describe('changing variables', () => {
  it('of the instance or of one token, and refuses what does not fit or is not there', () => {
    const local = model('p', { start, work: job('work', { inputs: [map('=a', 'b')] }) }, ['start -> work']);
    const cluster = new Cluster().install(local);
    const id = cluster.start('p', { a: 1 });
    const { elementKey } = cluster.lastJob();
    cluster.run({ kind: 'updateVariables', instanceId: id, variables: { a: 2 } });
    cluster.run({ kind: 'updateVariables', instanceId: id, scopeKey: elementKey, variables: { b: 3 } });
    cluster.failJob();
    cluster.pass(1000);
    expect(cluster.lastJob().variables).toEqual({ b: 3 });
    const big = { big: 'x'.repeat(VARIABLES_BYTES_MAX) };
    cluster.run({ kind: 'updateVariables', instanceId: id, variables: big });
    cluster.run({ kind: 'updateVariables', instanceId: id, scopeKey: '0-1-1', variables: {} });
    cluster.run({ kind: 'updateVariables', instanceId: ID, variables: {} });
    expect(cluster.all('command.rejected').map(({ reason }) => reason)).toEqual([
      'TOO_LARGE',
      'NOT_FOUND',
      'NOT_FOUND',
    ]);
  });
});

describe('resolving an incident', () => {
  it('is refused when there is none, and for nonsensical retries', () => {
    const cluster = new Cluster().install(oneTask);
    cluster.start('one');
    cluster.failJob('no', { retries: 0 });
    const { incidentKey } = cluster.last('incident.raised');
    cluster.run({ kind: 'resolveIncident', incidentKey, retries: 0 });
    cluster.run({ kind: 'resolveIncident', incidentKey: '0-000000000009-0009' });
    cluster.run({ kind: 'resolveIncident', incidentKey });
    cluster.run({ kind: 'resolveIncident', incidentKey });
    expect(cluster.all('command.rejected').map(({ reason }) => reason)).toEqual([
      'INVALID_ARGUMENT',
      'NOT_FOUND',
      'NOT_FOUND',
    ]);
  });
});

describe('a deployment', () => {
  it('gives versions, and none to what is deployed already', () => {
    const cluster = new Cluster();
    cluster.deploy(oneTask, 'd1');
    cluster.deploy(oneTask, 'd1');
    cluster.deploy(oneTask, 'd2');
    const versions = cluster.all('deployment.accepted').map(({ definitions: [first] }) => first);
    expect(versions).toMatchObject([
      { definitionKey: 'one:1', isNew: true },
      { definitionKey: 'one:1', isNew: false },
      { definitionKey: 'one:2', isNew: true },
    ]);
    expect(cluster.outputs.map((output) => output.kind === 'definition' && output.definitionKey)).toEqual([
      'one:1',
      'one:2',
    ]);
  });

  it('is refused as a whole when a start event names no time', () => {
    const cluster = new Cluster();
    const tick = startBy(timerTrigger('cycle', '=never'));
    cluster.deploy(model('p', { tick, end }, ['tick -> end']));
    expect(cluster.last('command.rejected')).toMatchObject({ commandKind: 'deploy', reason: 'INVALID_ARGUMENT' });
    expect(cluster.outputs).toEqual([]);
  });

  it('is refused with ids that no row key can hold, and without a process', () => {
    const cluster = new Cluster();
    cluster.deploy({ ...oneTask, id: 'x'.repeat(201) });
    cluster.run({ kind: 'deploy', resources: [] });
    expect(cluster.all('command.rejected').map(({ reason }) => reason)).toEqual([
      'INVALID_ARGUMENT',
      'INVALID_ARGUMENT',
    ]);
  });
});

describe('records of the bus', () => {
  it('count once, whether accepted or refused', () => {
    const cluster = new Cluster().install(oneTask);
    const source = { topic: 'engine.receive.work', partition: 2, offset: 5 };
    cluster.start('one');
    const { instanceId: id, jobKey } = cluster.lastJob();
    const answer = { kind: 'completeJob', instanceId: id, jobKey, variables: {}, source } as const;
    expect(cluster.run(answer)[0]).toMatchObject({ kind: 'job.completed', source });
    expect(cluster.run(answer)).toEqual([]);
    const refused = { ...answer, source: { ...source, offset: 6 } };
    expect(story(cluster.run(refused))).toEqual(['command.rejected completeJob NOT_FOUND']);
    expect(cluster.run(refused)).toEqual([]);
    expect(cluster.run({ ...answer, source: { ...source, partition: 3, offset: 0 } })).toHaveLength(1);
  });

  it('pass on the trace of whoever caused the job', () => {
    const cluster = new Cluster().install(oneTask);
    cluster.start('one', {}, { traceparent: '00-aa-bb-01' });
    expect(cluster.lastJob().traceparent).toBe('00-aa-bb-01');
    cluster.failJob();
    cluster.pass(1000);
    expect(cluster.lastJob()).toMatchObject({ attempt: 2, traceparent: '00-aa-bb-01' });
  });
});
