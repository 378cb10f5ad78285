import { describe, expect, it } from 'vitest';
import { EXPIRY_MS_MAX } from '../src/limits.ts';
import { Cluster, NOON } from './support/cluster.ts';
import { boundary, call, end, feel, job, model, start, timerTrigger, times, userTask } from './support/model.ts';

const HOUR = 3_600_000;
const process = model('p', { start, work: job('work'), end }, ['start -> work -> end']);
const limited = { ...process, expiresAfter: 'PT2H' };

describe('an instance with a time to live', () => {
  it('ends as expired when that is over, and leaves nothing behind', () => {
    const cluster = new Cluster().install(limited);
    const id = cluster.start('p');
    cluster.pass(2 * HOUR - 1);
    expect(cluster.all('instance.expired')).toEqual([]);
    cluster.pass(1);
    expect(cluster.last('instance.expired')).toMatchObject({ instanceId: id, at: NOON + 2 * HOUR });
    expect(cluster.all('job.cancelled')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('has the time that whoever starts it gives it, rather than that of the model', () => {
    const cluster = new Cluster().install(limited);
    cluster.start('p', {}, { expiresAfterMs: HOUR });
    cluster.pass(HOUR);
    expect(cluster.all('instance.expired')).toHaveLength(1);
  });

  it('forgets the time when it ends before', () => {
    const cluster = new Cluster().install(limited);
    const id = cluster.start('p');
    cluster.completeJob();
    expect(cluster.rowsWith(id)).toEqual([]);
    expect(cluster.pass(3 * HOUR)).toEqual([]);
  });

  it('that holds more than one step closes ends in slices', () => {
    const each = times(userTask(), { inputCollection: feel('items') });
    const many = model('p', { start, each, end }, ['start -> each -> end']);
    const cluster = new Cluster().install({ ...many, expiresAfter: 'PT1H' });
    const id = cluster.start('p', { items: Array.from({ length: 1_200 }, (_, at) => at) });
    cluster.pass(HOUR);
    expect(cluster.last('instance.ending')).toMatchObject({ as: 'expired' });
    expect(cluster.all('instance.expired')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('takes what it has called with it, which has no time of its own', () => {
    const caller = model('caller', { start, sub: call('p'), end }, ['start -> sub -> end']);
    const cluster = new Cluster()
      .install({ ...process, expiresAfter: 'PT1H' })
      .install({ ...caller, expiresAfter: 'PT3H' });
    const id = cluster.start('caller');
    cluster.pass(2 * HOUR);
    expect(cluster.all('instance.expired')).toEqual([]);
    cluster.pass(HOUR);
    expect(cluster.all('instance.expired')).toMatchObject([{ instanceId: id }]);
    expect(cluster.all('instance.cancelled')).toHaveLength(1);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('that is suspended by then expires as soon as it is resumed', () => {
    const cluster = new Cluster().install(limited);
    const instanceId = cluster.start('p');
    cluster.run({ kind: 'suspendInstance', instanceId });
    cluster.pass(3 * HOUR);
    expect(cluster.all('instance.expired')).toEqual([]);
    cluster.run({ kind: 'resumeInstance', instanceId });
    cluster.pass(0);
    expect(cluster.rowsWith(instanceId)).toEqual([]);
    expect(cluster.all('instance.expired')).toHaveLength(1);
  });

  it('goes before a timer of the model that is due later', () => {
    const reminded = model(
      'p',
      { start, work: job('work'), late: boundary('work', timerTrigger('duration', 'PT3H')), end },
      ['start -> work -> end', 'late -> end'],
    );
    const cluster = new Cluster().install({ ...reminded, expiresAfter: 'PT2H' });
    cluster.start('p');
    cluster.pass(4 * HOUR);
    expect(cluster.all('instance.expired')).toHaveLength(1);
    expect(cluster.all('instance.completed')).toEqual([]);
  });

  it.for([0, -1, EXPIRY_MS_MAX + 1])('cannot be given %d ms', (expiresAfterMs) => {
    const cluster = new Cluster().install(process);
    cluster.start('p', {}, { expiresAfterMs });
    expect(cluster.last('command.rejected').reason).toBe('INVALID_ARGUMENT');
  });

  it('is refused at deployment when its model says none', () => {
    const cluster = new Cluster();
    cluster.deploy({ ...process, expiresAfter: 'PT2' });
    expect(cluster.last('command.rejected').reason).toBe('INVALID_ARGUMENT');
  });
});
