import { describe, expect, it } from 'vitest';
import type { CommandOf } from '@millrace/records';
import { acting } from './support/action-model.ts';
import { Cluster } from './support/cluster.ts';
import {
  type Spec,
  boundary,
  call,
  compensate,
  conditionTrigger,
  end,
  exclusive,
  feel,
  inside,
  job,
  model,
  parallel,
  pass,
  script,
  start,
  subProcess,
  timerTrigger,
  times,
  undoing,
  undoneBy,
  userTask,
} from './support/model.ts';
import { path, story } from './support/story.ts';

const returning = (spec: Spec, ...remove: readonly string[]): Spec => ({ ...spec, back: { remove } });

/** Two steps to which one may return, and a third. */
const steps = {
  start,
  ask: returning(userTask(), 'answer'),
  check: returning(userTask()),
  decide: userTask(),
  end,
};
const flows = ['start -> ask -> check -> decide -> end'];

function running(elements: Readonly<Record<string, Spec>> = steps, lines: readonly string[] = flows, variables = {}) {
  const cluster = new Cluster().install(model('p', elements, lines));
  const id = cluster.start('p', { key: 'k', ...variables });
  const complete = (values = {}) =>
    cluster.run({ kind: 'completeTask', taskKey: cluster.last('task.created').elementKey, variables: values });
  const tokenAt = (elementId: string) =>
    cluster.all('element.entered').findLast((event) => event.elementId === elementId)?.elementKey ?? '';
  const back = (at: string, more: Partial<CommandOf<'moveTokenBack'>> = {}) =>
    cluster.run({ kind: 'moveTokenBack', instanceId: id, elementKey: tokenAt(at), ...more });
  const isOver = () => cluster.rowsWith(id).length === 0;
  return { cluster, id, complete, back, tokenAt, isOver };
}

const waitingAt = (cluster: Cluster) => cluster.last('task.created').elementId;

describe('a token', () => {
  it('goes back to the last element that permits it, and does it again', () => {
    const { cluster, complete, back, isOver } = running();
    complete({ answer: 1 });
    complete();
    expect(waitingAt(cluster)).toBe('decide');
    expect(story(back('decide'))).toEqual([
      'element.entered check',
      'task.cancelled decide',
      'element.terminated decide',
      'token.movedBack decide check',
      'task.created check',
    ]);
    complete();
    complete();
    expect(isOver()).toBe(true);
    expect(cluster.all('instance.completed')).toHaveLength(1);
  });

  it('goes back further when told, without the variables that the model removes', () => {
    const { cluster, id, complete, back } = running();
    complete({ answer: 1, other: 2 });
    complete();
    const before = cluster.partitions[0]?.state.get('instance', id)?.variableBytes ?? 0;
    back('decide', { to: 'ask', remove: ['other', 'never'], variables: { why: 'wrong' } });
    expect(waitingAt(cluster)).toBe('ask');
    expect(cluster.last('variables.removed')).toMatchObject({ scopeKey: id, names: ['answer', 'other'] });
    expect(cluster.partitions[0]?.state.get('variables', `${id}/`)?.values).toEqual({ key: 'k', why: 'wrong' });
    expect(cluster.last('variables.removed').variableBytes).toBeLessThan(before + '"why":"wrong",'.length);
  });

  it('keeps what somebody sets, though the model would remove it', () => {
    const { cluster, id, complete, back } = running();
    complete({ answer: 1 });
    back('check', { to: 'ask', variables: { answer: 2 } });
    expect(cluster.partitions[0]?.state.get('variables', `${id}/`)?.values).toEqual({ key: 'k', answer: 2 });
  });

  it.for<[what: string, at: string, to: string | undefined, reason: string]>([
    ['where nothing was passed', 'ask', undefined, 'NOT_ALLOWED'],
    ['to an element that it has not passed', 'ask', 'check', 'NOT_ALLOWED'],
    ['to an element that does not permit it', 'ask', 'decide', 'NOT_ALLOWED'],
    ['to an element that is not there', 'ask', 'nowhere', 'NOT_ALLOWED'],
    ['from an element that it has left', 'start', undefined, 'NOT_FOUND'],
  ])('does not go back %s', ([, at, to, reason]) => {
    const { back } = running();
    expect(story(back(at, to === undefined ? {} : { to }))).toEqual([`command.rejected moveTokenBack ${reason}`]);
  });

  it('does not go back while the instance is suspended', () => {
    const { cluster, id, complete, back } = running();
    complete();
    cluster.run({ kind: 'suspendInstance', instanceId: id });
    expect(story(back('check'))).toEqual(['command.rejected moveTokenBack INVALID_STATE']);
  });

  it('goes back out of an incident', () => {
    const { cluster, complete, back, isOver } = running(
      { start, ask: returning(userTask()), work: job('work', { retries: '1' }), end },
      ['start -> ask -> work -> end'],
    );
    complete();
    cluster.failJob();
    back('work');
    expect(waitingAt(cluster)).toBe('ask');
    expect(cluster.last('incident.resolved').by).toBe('left');
    complete();
    cluster.completeJob();
    expect(isOver()).toBe(true);
  });

  it('goes back out of a sub-process, and what runs in it ends', () => {
    const { cluster, complete, back, tokenAt, isOver } = running(
      {
        start,
        ask: returning(userTask()),
        s: subProcess(),
        ...inside('s', { s1: start, fork: parallel, a: job('a'), b: call('q'), inner: userTask() }),
        late: boundary('s', timerTrigger('duration', 'PT1H')),
        end,
      },
      ['start -> ask -> s -> end', 's1 -> fork', 'fork -> a', 'fork -> b', 'fork -> inner', 'late -> end'],
    );
    cluster.install(model('q', { start, w: job('w'), end }, ['start -> w -> end']));
    complete();
    expect(waitingAt(cluster)).toBe('inner');
    expect(tokenAt('s')).not.toBe('');
    back('inner');
    expect(waitingAt(cluster)).toBe('ask');
    expect(cluster.all('timer.cancelled')).toHaveLength(1);
    expect(cluster.all('instance.cancelled')).toHaveLength(1);
    cluster.pass(3_600_000);
    complete();
    cluster.run({ kind: 'cancelInstance', instanceId: cluster.last('token.movedBack').instanceId });
    expect(isOver()).toBe(true);
  });

  it('goes back within a sub-process', () => {
    const { cluster, complete, back, isOver } = running(
      {
        start,
        s: subProcess(),
        ...inside('s', { s1: start, ask: returning(userTask()), next: userTask(), s2: end }),
        end,
      },
      ['start -> s -> end', 's1 -> ask -> next -> s2'],
    );
    complete();
    back('next');
    expect(waitingAt(cluster)).toBe('ask');
    complete();
    complete();
    expect(isOver()).toBe(true);
  });

  it('goes back out of a loop, and from a node with actions', () => {
    const { cluster, complete, back, isOver } = running(
      {
        start,
        ask: returning(userTask()),
        many: acting(times(pass, { cardinality: feel('2') }), { name: 'x', does: job('x') }),
        end,
      },
      ['start -> ask -> many -> end'],
    );
    complete();
    back('many:x');
    expect(waitingAt(cluster)).toBe('ask');
    expect(cluster.all('job.cancelled')).toHaveLength(2);
    complete();
    for (const each of cluster.jobs().slice(2)) cluster.completeJob({}, each);
    expect(isOver()).toBe(true);
  });

  it('does not leave others behind that came of the element, unless told to end them', () => {
    const { cluster, complete, back, isOver } = running(
      {
        start,
        ask: returning(userTask()),
        fork: parallel,
        a: job('a'),
        b: job('b'),
        c: job('c'),
        join: parallel,
        end,
      },
      ['start -> ask -> fork', 'fork -> a -> join', 'fork -> b -> join', 'fork -> c -> join', 'join -> end'],
    );
    complete();
    cluster.completeJob({}, cluster.jobs()[0]);
    expect(story(back('b'))).toEqual(['command.rejected moveTokenBack INVALID_STATE']);
    expect(cluster.last('command.rejected').message).toContain('"c", "join"');
    back('b', { withOthers: true });
    expect(waitingAt(cluster)).toBe('ask');
    complete();
    for (const each of cluster.jobs().slice(3)) cluster.completeJob({}, each);
    expect(isOver()).toBe(true);
    expect(cluster.all('instance.completed')).toHaveLength(1);
  });

  it('leaves alone what did not come of the element', () => {
    const { cluster, complete, back } = running(
      { start, fork: parallel, ask: returning(userTask()), next: userTask(), other: job('other'), end },
      ['start -> fork', 'fork -> other -> end', 'fork -> ask -> next -> end'],
    );
    complete();
    back('next');
    expect(waitingAt(cluster)).toBe('ask');
    expect(cluster.all('job.cancelled')).toEqual([]);
  });

  it('comes round in a loop to what it has passed', () => {
    const { cluster, complete, back } = running(
      { start, x: exclusive, ask: returning(userTask()), y: exclusive, end },
      ['start -> x -> ask -> y', 'y -> x [again]', 'y -> end [default]'],
    );
    complete({ again: true });
    expect(waitingAt(cluster)).toBe('ask');
    back('ask', { to: 'ask' });
    expect(waitingAt(cluster)).toBe('ask');
    complete({ again: false });
    expect(cluster.all('instance.completed')).toHaveLength(1);
    expect(cluster.all('step.passed')).toHaveLength(1);
  });

  it('has what it did undone as often as it was done', () => {
    const { cluster, complete, back } = running(
      {
        start,
        ask: returning(userTask()),
        book: script('1', 'booked'),
        undo: undoneBy('book', 'unbook'),
        unbook: undoing(job('unbook')),
        next: userTask(),
        throw: compensate(),
        end,
      },
      ['start -> ask -> book -> next -> throw -> end'],
    );
    complete();
    back('next');
    complete();
    complete();
    cluster.completeJob();
    cluster.completeJob();
    expect(path(cluster.events).filter((line) => line === 'element.completed unbook')).toHaveLength(2);
    expect(cluster.all('instance.completed')).toHaveLength(1);
  });

  it('wakes a condition on a variable that is gone', () => {
    const { cluster, complete, back } = running(
      { ...steps, gone: boundary('ask', conditionTrigger('answer = null and began = true'), false), other: end },
      [...flows, 'gone -> other'],
      { answer: 0, began: true },
    );
    complete({ answer: 1 });
    back('check', { to: 'ask' });
    expect(cluster.all('condition.triggered')).toHaveLength(1);
  });

  it('goes back by the names of the definition that the instance has migrated to', () => {
    const { cluster, id, complete, back } = running();
    complete();
    const renamed = { start, ask2: returning(userTask()), check: userTask(), decide: userTask(), end };
    cluster.install(model('p', renamed, ['start -> ask2 -> check -> decide -> end']), 2);
    cluster.run({ kind: 'migrateInstance', instanceId: id, definitionVersion: 2, mapping: { ask: 'ask2' } });
    back('check');
    expect(waitingAt(cluster)).toBe('ask2');
  });
});
