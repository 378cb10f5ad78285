import { describe, expect, it } from 'vitest';
import { Cluster } from './support/cluster.ts';
import { type Spec, end, exclusive, feel, job, model, pass, start, times, userTask } from './support/model.ts';
import { story } from './support/story.ts';

const staged = (spec: Spec, stage: string): Spec => ({ ...spec, stage });
const milestone = (spec: Spec, name: string): Spec => ({ ...spec, milestone: name });

describe('the stage of an instance', () => {
  const process = model(
    'p',
    {
      start: staged(start, 'Intake'),
      a: staged(pass, 'Intake'),
      b: staged(userTask(), 'Review'),
      end: staged(end, 'Done'),
    },
    ['start -> a -> b -> end'],
  );

  it('is that of the last element with one that a token has come to', () => {
    const cluster = new Cluster().install(process);
    const id = cluster.start('p');
    expect(cluster.all('stage.entered')).toMatchObject([
      { stage: 'Intake', elementId: 'start' },
      { stage: 'Review', before: 'Intake', elementId: 'b' },
    ]);
    expect(cluster.partitions[0]?.state.get('instance', id)?.stage).toBe('Review');
    cluster.run({ kind: 'completeTask', taskKey: cluster.last('task.created').elementKey, variables: {} });
    expect(cluster.last('stage.entered')).toMatchObject({ stage: 'Done', before: 'Review' });
    expect(cluster.rowsWith(id)).toEqual([]);
  });
});

describe('a milestone', () => {
  it('is reached when its element completes, and each time', () => {
    const cluster = new Cluster().install(
      model('p', { start, x: exclusive, a: milestone(job('a'), 'Done once more'), y: exclusive, end }, [
        'start -> x -> a -> y',
        'y -> x [again]',
        'y -> end [default]',
      ]),
    );
    cluster.start('p', { again: true });
    expect(cluster.all('milestone.reached')).toEqual([]);
    expect(story(cluster.completeJob())).toContain('milestone.reached a Done once more');
    cluster.completeJob({ again: false });
    expect(cluster.all('milestone.reached')).toMatchObject([{ milestone: 'Done once more' }, { elementId: 'a' }]);
  });

  it('is reached once by an activity that is done several times', () => {
    const cluster = new Cluster().install(
      model('p', { start, a: milestone(times(pass, { cardinality: feel('3') }), 'M'), end }, ['start -> a -> end']),
    );
    cluster.start('p');
    expect(cluster.all('milestone.reached')).toHaveLength(1);
  });
});
