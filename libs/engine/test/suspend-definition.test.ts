import type { Event } from '@millrace/records';
import { describe, expect, it } from 'vitest';
import { Cluster } from './support/cluster.ts';
import {
  call,
  conditionTrigger,
  end,
  job,
  model,
  signalTrigger,
  start,
  startBy,
  timerTrigger,
} from './support/model.ts';
import { story } from './support/story.ts';

const HOUR = 3_600_000;

const plain = model('p', { start, work: job('work'), end }, ['start -> work -> end']);
const byMessage = { kind: 'startMessage', name: 'paid' } as const;
const started = (trigger: Parameters<typeof startBy>[0]) =>
  model('p', { begin: startBy(trigger), work: job('work'), end }, ['begin -> work -> end']);

function tell(all: Cluster, kind: 'suspendDefinition' | 'resumeDefinition', processId = 'p'): Event[] {
  return all.partitions.flatMap((_, partition) => all.run({ kind, processId, partition }));
}
const suspend = (all: Cluster): Event[] => tell(all, 'suspendDefinition');
const resume = (all: Cluster): Event[] => tell(all, 'resumeDefinition');
const count = (all: Cluster): number => all.all('instance.started').length;

describe('H5: a suspended process', () => {
  it('refuses a start on every partition, in every version, and lets what runs go on', () => {
    const all = new Cluster(3).install(plain).install(plain, 2);
    const running = all.start('p');
    const runningJob = all.lastJob();
    suspend(all);
    for (const _ of all.partitions) all.start('p');
    all.start('p', {}, { definitionVersion: 1 });
    expect(count(all)).toBe(1);
    expect(all.all('command.rejected').map(({ reason }) => reason)).toEqual(Array(4).fill('INVALID_STATE'));
    expect(all.last('command.rejected').message).toBe('the process "p" is suspended and starts no instances');
    all.completeJob({}, runningJob);
    expect(all.rowsWith(running)).toEqual([]);
    resume(all);
    for (const _ of all.partitions) all.start('p');
    expect(count(all)).toBe(4);
    expect(all.rowsWith('suspendedAt')).toEqual([]);
  });

  it('answers who asked for a start by a record, with the reason', () => {
    const all = new Cluster(1).install(plain);
    suspend(all);
    all.start('p', {}, { reply: { topic: 'confirm' } });
    expect(all.outputs.filter(({ kind }) => kind === 'reply')).toMatchObject([
      { value: { state: 'REJECTED', reason: 'INVALID_STATE' } },
    ]);
  });

  it('still tells the instance that an idempotent start is the repetition of', () => {
    const all = new Cluster(1).install(plain);
    const instanceId = all.start('p', {}, { remember: true });
    suspend(all);
    all.start('p', {}, { remember: true, instanceId });
    expect(all.last('command.rejected')).toMatchObject({ reason: 'ALREADY_EXISTS', instanceId });
  });

  it('keeps a timer start, which is due again when it is resumed', () => {
    const all = new Cluster(2);
    all.deploy(started(timerTrigger('cycle', 'R/PT1H')));
    all.pass(HOUR);
    suspend(all);
    all.pass(5 * HOUR);
    expect(count(all)).toBe(1);
    expect(all.all('startEvent.withheld')).toHaveLength(1);
    resume(all);
    all.pass(0);
    expect(count(all)).toBe(2);
    all.pass(2 * HOUR);
    expect(count(all)).toBe(4);
  });

  it('forgets a kept timer whose version another one has taken the place of', () => {
    const all = new Cluster(1);
    all.deploy(started(timerTrigger('date', '2026-01-01T13:00:00Z')));
    suspend(all);
    all.pass(2 * HOUR);
    all.deploy(plain, 'd2');
    resume(all);
    all.pass(HOUR);
    expect(count(all)).toBe(0);
    expect(all.rowsWith('timer')).toEqual([]);
  });

  it('leaves messages buffered, and takes them when it is resumed, one instance at a time for a key', () => {
    const all = new Cluster(3);
    all.deploy(started(byMessage));
    suspend(all);
    const message = { kind: 'publishMessage', name: 'paid', variables: {} } as const;
    for (const correlationKey of ['a', 'a', 'b', 'c']) all.run({ ...message, correlationKey, ttlMs: 2 * HOUR });
    all.run({ ...message, correlationKey: 'late', ttlMs: HOUR });
    all.run({ ...message, correlationKey: 'now', ttlMs: 0 });
    expect(all.all('message.settled').map(({ outcome }) => outcome)).toEqual([...Array(5).fill('buffered'), 'expired']);
    all.pass(HOUR);
    expect(count(all)).toBe(0);
    resume(all);
    expect(count(all)).toBe(3);
    const keys = all.jobs().map(({ instanceId }) => all.rowsWith(instanceId).some((row) => row.includes('paid/a')));
    const [first] = all.jobs().filter((_, at) => keys[at]);
    all.completeJob({}, first);
    expect(count(all)).toBe(4);
  });

  it('takes more buffered messages than one step looks at', () => {
    const all = new Cluster(1);
    all.deploy(started(byMessage));
    suspend(all);
    for (let at = 0; at < 450; at += 1) {
      all.send({ kind: 'publishMessage', name: 'paid', correlationKey: `k${at}`, ttlMs: HOUR, variables: {} });
    }
    all.settle();
    resume(all);
    expect(count(all)).toBe(450);
    expect(all.all('starts.reoffered').map((event) => event.count)).toEqual([200, 200, 50]);
  });

  it('does not start by a signal or a condition, and says so', () => {
    const all = new Cluster(2);
    all.deploy(started(signalTrigger('go')));
    const other = model('q', { begin: startBy(conditionTrigger('x > 1')), end }, ['begin -> end']);
    all.deploy(other, 'd2');
    suspend(all);
    tell(all, 'suspendDefinition', 'q');
    all.run({ kind: 'broadcastSignal', name: 'go', variables: {} });
    expect(all.last('signal.settled')).toMatchObject({ count: 0 });
    all.run({ kind: 'evaluateConditions', variables: { x: 2 } });
    expect(all.last('conditions.evaluated').started).toEqual([]);
    expect(all.all('startEvent.withheld').map(({ processId }) => processId)).toEqual(['p', 'q']);
    all.run({ kind: 'evaluateConditions', processId: 'q', variables: { x: 2 } });
    expect(all.last('command.rejected')).toMatchObject({ reason: 'INVALID_STATE' });
    expect(count(all)).toBe(0);
    tell(all, 'resumeDefinition', 'q');
    all.run({ kind: 'evaluateConditions', variables: { x: 2 } });
    expect(count(all)).toBe(1);
  });

  it('is an incident to who calls it, until it is resumed', () => {
    const caller = model('caller', { start, sub: call('p'), end }, ['start -> sub -> end']);
    const all = new Cluster(1).install(plain).install(caller);
    suspend(all);
    const id = all.start('caller');
    const { incidentKey, reason } = all.last('incident.raised');
    expect(reason).toBe('CALLED_PROCESS_SUSPENDED');
    resume(all);
    all.run({ kind: 'resolveIncident', incidentKey });
    all.completeJob();
    expect(all.rowsWith(id)).toEqual([]);
  });

  it('starts what partition 0 had decided before it was told', () => {
    const all = new Cluster(3);
    all.deploy(started(byMessage));
    all.send({ kind: 'publishMessage', name: 'paid', correlationKey: 'a', ttlMs: 0, variables: {} });
    while (all.all('startEvent.triggered').length === 0) all.stepOnce();
    const held = all.partitions.map((_, partition) => all.takeQueued(partition));
    suspend(all);
    for (const [partition, commands] of held.entries()) all.putQueued(partition, commands);
    all.settle();
    expect(count(all)).toBe(1);
  });

  it('may be told twice, and must be deployed', () => {
    const all = new Cluster(2).install(plain);
    suspend(all);
    expect(story(suspend(all)).every((line) => line.startsWith('definition.suspended'))).toBe(true);
    resume(all);
    expect(story(resume(all)).every((line) => line.startsWith('definition.resumed'))).toBe(true);
    all.run({ kind: 'suspendDefinition', processId: 'nothing', partition: 1 });
    expect(all.last('command.rejected').reason).toBe('NOT_FOUND');
  });
});
