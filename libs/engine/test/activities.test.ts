import { describe, expect, it } from 'vitest';
import { Cluster } from './support/cluster.ts';
import { end, job, model, pass, start } from './support/model.ts';
import { story } from './support/story.ts';

const oneTask = model('one', { start, work: job('charge'), end }, ['start -> work -> end']);

describe('a process with one task', () => {
  it('offers a job, and completes when the job does', () => {
    const cluster = new Cluster().install(oneTask);
    const id = cluster.start('one', { amount: 7 });
    expect(story(cluster.events)).toEqual([
      'instance.started',
      'element.entered start',
      'element.completed start',
      'flow.taken start->work',
      'element.entered work',
      'job.created work',
    ]);
    expect(cluster.lastJob()).toMatchObject({ type: 'charge', attempt: 1, retries: 3, variables: { amount: 7 } });
    expect(story(cluster.completeJob({ paid: true }))).toEqual([
      'job.completed work',
      'variables.changed {"paid":true}',
      'element.completed work',
      'flow.taken work->end',
      'element.entered end',
      'element.completed end',
      'instance.completed',
    ]);
    expect(cluster.rowsWith(id)).toEqual([]);
  });

  it('passes through tasks that nobody works on', () => {
    const cluster = new Cluster().install(model('p', { start, think: pass, end }, ['start -> think -> end']));
    const id = cluster.start('p');
    expect(cluster.last('instance.completed').instanceId).toBe(id);
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});
