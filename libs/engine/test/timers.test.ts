import { describe, expect, it } from 'vitest';
import { Cluster } from './support/cluster.ts';
import { boundary, job, model, start, startBy, timerTrigger } from './support/model.ts';

const HOUR = 3_600_000;

/** The clock of the cluster begins at noon, UTC. */
describe('a cron timer', () => {
  it('starts an instance each time, until another version takes its place', () => {
    const cluster = new Cluster(2);
    const hourly = model('p', { tick: startBy(timerTrigger('cycle', '0 30 * * * *')), work: job('work') }, [
      'tick -> work',
    ]);
    cluster.deploy(hourly);
    cluster.pass(3 * HOUR);
    expect(cluster.all('instance.started').map(({ at }) => new Date(at).toISOString().slice(11, 16))).toEqual([
      '12:30',
      '13:30',
      '14:30',
    ]);
    cluster.deploy(model('p', { start, work: job('work') }, ['start -> work']), 'd2');
    cluster.pass(3 * HOUR);
    expect(cluster.all('instance.started')).toHaveLength(3);
  });

  it('at a boundary reminds each time without interrupting, until the activity is over', () => {
    const process = model(
      'p',
      { start, work: job('work'), remind: boundary('work', timerTrigger('cycle', '=when'), false), mail: job('mail') },
      ['start -> work', 'remind -> mail'],
    );
    const cluster = new Cluster().install(process);
    const id = cluster.start('p', { when: '@hourly' });
    cluster.pass(2 * HOUR);
    expect(cluster.jobs().map(({ type }) => type)).toEqual(['work', 'mail', 'mail']);
    for (const offered of cluster.jobs()) cluster.completeJob({}, offered);
    cluster.pass(5 * HOUR);
    expect(cluster.jobs()).toHaveLength(3);
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});
