import { describe, expect, it } from 'vitest';
import { Cluster } from './support/cluster.ts';
import {
  boundary,
  compensate,
  end,
  errorTrigger,
  inside,
  job,
  messageTrigger,
  model,
  pass,
  start,
  subProcess,
  times,
  feel,
  undoing,
  undoneBy,
  userTask,
} from './support/model.ts';
import { path } from './support/story.ts';

const types = (cluster: Cluster): string[] => cluster.jobs().map(({ type }) => type);

function throwError(cluster: Cluster, code: string): string[] {
  const { instanceId, jobKey, attempt } = cluster.lastJob();
  return path(cluster.run({ kind: 'throwJobError', instanceId, jobKey, attempt, code }));
}

const undone = (id: string): Parameters<typeof model>[1] => ({
  [id]: pass,
  [`${id}Undone`]: undoneBy(id, `undo${id}`),
  [`undo${id}`]: undoing(job(`undo ${id}`)),
});

describe('an event at the boundary of what undoes', () => {
  const guard = boundary('undoB', errorTrigger('E1'));

  it('ends it, goes on beside, and the next is undone', () => {
    const elements = { start, ...undone('A'), ...undone('B'), back: compensate(), end, guard, fix: job('fix') };
    const cluster = new Cluster().install(model('p', elements, ['start -> A -> B -> back -> end', 'guard -> fix']));
    const instanceId = cluster.start('p');
    expect(throwError(cluster, 'E1')).toEqual([
      'element.terminated undoB',
      'element.entered guard',
      'element.completed guard',
      'element.entered fix',
      'element.entered undoA',
    ]);
    expect(types(cluster)).toEqual(['undo B', 'fix', 'undo A']);
    const [, fix, undoA] = cluster.jobs();
    expect(path(cluster.completeJob({}, undoA))).toContain('element.completed end');
    expect(path(cluster.completeJob({}, fix))).toContain('instance.completed');
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });

  it.for([
    ['before', [1, 2]],
    ['after', [2, 1]],
  ] as const)('keeps a restored sub-process until what it has begun is over, which is %s the rest', ([, order]) => {
    const inner = inside('sub', { s: start, ...undone('A'), ...undone('B'), e: end, guard, fix: job('fix') });
    const cluster = new Cluster().install(
      model('p', { start, sub: subProcess(), ...inner, back: compensate(), end }, [
        'start -> sub -> back -> end',
        's -> A -> B -> e',
        'guard -> fix',
      ]),
    );
    const instanceId = cluster.start('p');
    throwError(cluster, 'E1');
    const offered = cluster.jobs();
    const [first, last] = order.map((place) => path(cluster.completeJob({}, offered[place])));
    expect(first).not.toContain('element.completed sub');
    expect(last).toEqual(
      expect.arrayContaining(['element.completed sub', 'element.completed back', 'instance.completed']),
    );
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });

  it('that does not interrupt leaves it as it is, and belongs to all times of one that is done several times', () => {
    const undo = undoing(times(userTask(), { cardinality: feel('2') }));
    const news = boundary('undoA', messageTrigger('news', '=key'), false);
    const cluster = new Cluster().install(
      model('p', { start, ...undone('A'), undoA: undo, news, note: pass, back: compensate(), end }, [
        'start -> A -> back -> end',
        'news -> note',
      ]),
    );
    const instanceId = cluster.start('p', { key: 'k' });
    const news1 = { kind: 'publishMessage', name: 'news', correlationKey: 'k', ttlMs: 0, variables: {} } as const;
    expect(path(cluster.run(news1))).toContain('element.completed note');
    for (const { elementKey: taskKey } of cluster.all('task.created'))
      cluster.run({ kind: 'completeTask', taskKey, variables: {} });
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });
});
