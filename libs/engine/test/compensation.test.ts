import { describe, expect, it } from 'vitest';
import { HOPS_PER_STEP_MAX } from '../src/index.ts';
import { Cluster } from './support/cluster.ts';
import {
  boundary,
  compensate,
  end,
  endWithCancel,
  endWithCompensation,
  endWithError,
  errorTrigger,
  eventSubProcess,
  feel,
  inside,
  job,
  map,
  model,
  parallel,
  pass,
  script,
  sequential,
  start,
  startOn,
  subProcess,
  terminate,
  times,
  transaction,
  undoing,
  undoneBy,
  userTask,
} from './support/model.ts';
import { path } from './support/story.ts';

type Elements = Parameters<typeof model>[1];

const run = (elements: Elements, flows: readonly string[], variables = {}) => {
  const cluster = new Cluster().install(model('p', elements, flows));
  return { cluster, id: cluster.start('p', variables) };
};
const types = (cluster: Cluster) => cluster.jobs().map(({ type }) => type);

/** An activity, its compensation event, and the job that undoes it. */
const undoable = (id: string, spec: Elements[string] = job(id)): Record<string, Elements[string]> => ({
  [id]: spec,
  [`${id}Undone`]: undoneBy(id, `undo${id}`),
  [`undo${id}`]: undoing(job(`undo ${id}`)),
});

function finish(cluster: Cluster, id: string): void {
  expect(cluster.last('instance.completed').instanceId).toBe(id);
  expect(cluster.rowsWith('')).toEqual([]);
}

describe('compensation', () => {
  it('undoes what has completed in the scope, the last first and one after the other, then goes on', () => {
    const { cluster, id } = run(
      { start, ...undoable('A'), ...undoable('B'), undo: compensate(), after: job('after') },
      ['start -> A -> B -> undo -> after'],
    );
    cluster.completeJob();
    cluster.completeJob();
    expect(types(cluster)).toEqual(['A', 'B', 'undo B']);
    cluster.completeJob();
    expect(types(cluster).slice(3)).toEqual(['undo A']);
    cluster.completeJob();
    expect(types(cluster).slice(4)).toEqual(['after']);
    cluster.completeJob();
    finish(cluster, id);
  });

  it('undoes only the activity that the event names, and each time it has completed', () => {
    const { cluster, id } = run({ start, ...undoable('A'), ...undoable('B'), undo: endWithCompensation('A') }, [
      'start -> A -> B -> undo',
    ]);
    cluster.completeJob();
    cluster.completeJob();
    expect(types(cluster).slice(2)).toEqual(['undo A']);
    cluster.completeJob();
    finish(cluster, id);
  });

  it('undoes nothing twice, and goes on at once when there is nothing to undo', () => {
    const { cluster, id } = run(
      { start, ...undoable('A'), undo: compensate(), again: compensate(), after: job('after') },
      ['start -> A -> undo -> again -> after'],
    );
    cluster.completeJob();
    cluster.completeJob();
    expect(types(cluster)).toEqual(['A', 'undo A', 'after']);
    cluster.completeJob();
    finish(cluster, id);
  });

  it('that is not waited for goes on beside, and holds up the end of its scope', () => {
    const { cluster, id } = run({ start, ...undoable('A'), undo: compensate('A', false), after: job('after') }, [
      'start -> A -> undo -> after',
    ]);
    cluster.completeJob();
    expect(types(cluster).slice(1).sort()).toEqual(['after', 'undo A']);
    const [, ...rest] = cluster.jobs();
    for (const job of rest) cluster.completeJob({}, job);
    finish(cluster, id);
  });

  it('does not concern what has not completed', () => {
    const { cluster, id } = run(
      { start, fork: parallel, ...undoable('A'), ...undoable('B'), undo: compensate(), end },
      ['start -> fork', 'fork -> A -> undo -> end', 'fork -> B'],
    );
    const [a, b] = cluster.jobs();
    cluster.completeJob({}, a);
    expect(types(cluster).slice(2)).toEqual(['undo A']);
    cluster.completeJob();
    cluster.completeJob({}, b);
    finish(cluster, id);
  });

  it('leaves nothing behind when nobody throws it', () => {
    const { cluster, id } = run({ start, ...undoable('A'), end }, ['start -> A -> end']);
    cluster.completeJob();
    finish(cluster, id);
  });
});

describe('compensation of a sub-process that has completed', () => {
  const inner = { first: start, ...undoable('A'), ...undoable('B'), done: end };
  const innerFlow = 'first -> A -> B -> done';

  it('undoes what is in it, and sees the variables that it had', () => {
    const { cluster, id } = run(
      {
        start,
        sub: subProcess({ inputs: [map('=price * 2', 'price')] }),
        ...inside('sub', inner),
        undo: compensate(),
        end,
      },
      ['start -> sub -> undo -> end', innerFlow],
      { price: 5 },
    );
    cluster.completeJob();
    cluster.completeJob({ price: 11 });
    expect(cluster.lastJob()).toMatchObject({ type: 'undo B', variables: { price: 11 } });
    cluster.run({ kind: 'updateVariables', instanceId: id, variables: { price: 1 } });
    cluster.completeJob();
    expect(cluster.lastJob()).toMatchObject({ type: 'undo A', variables: { price: 11 } });
    expect(path(cluster.completeJob())).toEqual([
      'element.completed undoA',
      'element.completed sub',
      'element.completed undo',
      'element.entered end',
      'element.completed end',
      'instance.completed',
    ]);
    finish(cluster, id);
  });

  it('is done by its own handler instead, when it has one', () => {
    const { cluster, id } = run(
      { start, ...undoable('sub', subProcess()), ...inside('sub', inner), undo: compensate('sub'), end },
      ['start -> sub -> undo -> end', innerFlow],
    );
    cluster.completeJob();
    cluster.completeJob();
    expect(types(cluster).slice(2)).toEqual(['undo sub']);
    cluster.completeJob();
    finish(cluster, id);
  });

  it('is done by its compensation event sub-process, which may undo what it wants', () => {
    const elements = {
      start,
      sub: subProcess({ inputs: [map('="own"', 'mine')] }),
      ...inside('sub', { ...inner, esp: eventSubProcess }),
      ...inside('esp', { on: startOn({ kind: 'compensation' }), note: job('note'), throwA: compensate('A') }),
      undo: compensate(),
      end,
    };
    const flows = ['start -> sub -> undo -> end', innerFlow, 'on -> note -> throwA'];
    const { cluster, id } = run(elements, flows);
    cluster.completeJob();
    cluster.completeJob();
    expect(cluster.lastJob()).toMatchObject({ type: 'note', variables: { mine: 'own' } });
    cluster.completeJob();
    expect(cluster.lastJob()).toMatchObject({ type: 'undo A', variables: { mine: 'own' } });
    cluster.completeJob();
    finish(cluster, id);
  });

  it('goes through any depth, in the order of completion', () => {
    const { cluster, id } = run(
      {
        start,
        outer: subProcess(),
        ...inside('outer', { o: start, ...undoable('C'), mid: subProcess(), ...undoable('D') }),
        ...inside('mid', { m: start, ...undoable('A') }),
        undo: compensate(),
        end,
      },
      ['start -> outer -> undo -> end', 'o -> C -> mid -> D', 'm -> A'],
    );
    for (let step = 0; step < 6; step += 1) cluster.completeJob();
    expect(types(cluster)).toEqual(['C', 'A', 'D', 'undo D', 'undo A', 'undo C']);
    finish(cluster, id);
  });

  it('is not done for one that was interrupted', () => {
    const { cluster, id } = run(
      {
        start,
        sub: subProcess(),
        ...inside('sub', { first: start, ...undoable('A'), fail: endWithError('NO') }),
        caught: boundary('sub', errorTrigger()),
        undo: compensate(),
        end,
      },
      ['start -> sub', 'first -> A -> fail', 'caught -> undo -> end'],
    );
    cluster.completeJob();
    expect(types(cluster)).toEqual(['A']);
    finish(cluster, id);
  });
});

describe('compensation of what was done several times', () => {
  it('undoes each time, the last first, with its item', () => {
    const spec = sequential(job('A'), { inputCollection: feel('["x", "y", "z"]'), inputElement: 'item' });
    const { cluster, id } = run({ start, ...undoable('A', spec), undo: compensate(), end }, [
      'start -> A -> undo -> end',
    ]);
    for (let step = 0; step < 3; step += 1) cluster.completeJob();
    for (const item of ['z', 'y', 'x']) {
      expect(cluster.lastJob()).toMatchObject({ type: 'undo A', variables: { item } });
      cluster.completeJob();
    }
    finish(cluster, id);
  });

  it('undoes what each sub-process had done', () => {
    const { cluster, id } = run(
      {
        start,
        sub: times(subProcess(), { inputCollection: feel('["x", "y"]'), inputElement: 'item' }),
        ...inside('sub', { first: start, ...undoable('A') }),
        undo: compensate(),
        end,
      },
      ['start -> sub -> undo -> end', 'first -> A'],
    );
    for (const job of cluster.jobs()) cluster.completeJob({}, job);
    expect(cluster.lastJob()).toMatchObject({ type: 'undo A', variables: { item: 'y' } });
    cluster.completeJob();
    expect(cluster.lastJob()).toMatchObject({ type: 'undo A', variables: { item: 'x' } });
    cluster.completeJob();
    finish(cluster, id);
  });

  it('goes on in slices when there is much to undo', () => {
    const count = HOPS_PER_STEP_MAX + 50;
    const { cluster, id } = run(
      {
        start,
        A: times(pass, { cardinality: feel(String(count)) }),
        AUndone: undoneBy('A', 'undoA'),
        undoA: undoing(script('if n = null then 1 else n + 1', 'n')),
        undo: compensate(),
        after: userTask(),
      },
      ['start -> A -> undo -> after'],
    );
    expect(cluster.all('compensation.deferred').length).toBeGreaterThan(0);
    expect(cluster.all('compensation.started').filter(({ elementId }) => elementId === 'A').length).toBe(count + 1);
    expect(cluster.all('variables.changed').at(-1)?.values).toEqual({ n: count });
    cluster.run({ kind: 'cancelInstance', instanceId: id });
    expect(cluster.rowsWith('')).toEqual([]);
  });
});

describe('compensation that is under way', () => {
  it('ends with its scope', () => {
    const { cluster, id } = run(
      {
        start,
        sub: subProcess(),
        ...inside('sub', {
          first: start,
          fork: parallel,
          ...undoable('A'),
          undo: compensate(),
          B: job('B'),
          halt: terminate,
        }),
        end,
      },
      ['start -> sub -> end', 'first -> fork', 'fork -> A -> undo', 'fork -> B -> halt'],
    );
    const [a, b] = cluster.jobs();
    cluster.completeJob({}, a);
    expect(cluster.lastJob().type).toBe('undo A');
    cluster.completeJob({}, b);
    finish(cluster, id);
  });

  it('passes on the error of what undoes', () => {
    const { cluster, id } = run(
      {
        start,
        sub: subProcess(),
        ...inside('sub', { first: start, ...undoable('A'), undo: compensate() }),
        caught: boundary('sub', errorTrigger('NO')),
        end,
      },
      ['start -> sub -> end', 'first -> A -> undo', 'caught -> end'],
    );
    cluster.completeJob();
    const { jobKey: undoKey, instanceId } = cluster.lastJob();
    cluster.run({ kind: 'throwJobError', instanceId, jobKey: undoKey, attempt: 1, code: 'NO' });
    expect(path(cluster.events)).toContain('element.entered caught');
    finish(cluster, id);
  });
});

describe('a transaction', () => {
  const content = {
    first: start,
    ...undoable('A'),
    ...undoable('B'),
    fork: parallel,
    ask: userTask(),
    cancel: endWithCancel,
  };
  const elements = {
    start,
    tx: transaction,
    ...inside('tx', content),
    cancelled: boundary('tx', { kind: 'cancel' }),
    failed: boundary('tx', errorTrigger()),
    instead: job('instead'),
    end,
  };
  const flows = [
    'start -> tx -> end',
    'first -> A -> B -> fork',
    'fork -> ask',
    'fork -> cancel',
    'cancelled -> instead',
  ];

  it('that is cancelled ends what runs, undoes what has completed, and goes on from its cancel event', () => {
    const { cluster, id } = run(elements, flows);
    cluster.completeJob();
    expect(path(cluster.completeJob()).slice(-3)).toEqual([
      'element.completed cancel',
      'element.terminated ask',
      'element.entered undoB',
    ]);
    cluster.completeJob();
    expect(path(cluster.completeJob())).toEqual([
      'element.completed undoA',
      'element.terminated tx',
      'element.entered cancelled',
      'element.completed cancelled',
      'element.entered instead',
    ]);
    cluster.completeJob();
    finish(cluster, id);
  });

  it('that completes is like any sub-process, and can be compensated', () => {
    const done = { ...elements, ...inside('tx', { cancel: end, ask: pass }), undo: compensate() };
    const { cluster, id } = run(done, [...flows.slice(1), 'start -> tx -> undo -> end']);
    for (let step = 0; step < 4; step += 1) cluster.completeJob();
    expect(types(cluster)).toEqual(['A', 'B', 'undo B', 'undo A']);
    finish(cluster, id);
  });

  it('whose undoing fails leaves by its error event', () => {
    const { cluster, id } = run(elements, flows);
    cluster.completeJob();
    cluster.completeJob();
    const { jobKey, instanceId } = cluster.lastJob();
    cluster.run({ kind: 'throwJobError', instanceId, jobKey, attempt: 1, code: 'STUCK' });
    expect(path(cluster.events).slice(-3, -1)).toEqual(['element.entered failed', 'element.completed failed']);
    finish(cluster, id);
  });

  it('with nothing to undo goes on from its cancel event at once', () => {
    const empty = {
      start,
      tx: transaction,
      ...inside('tx', { first: start, cancel: endWithCancel }),
      cancelled: boundary('tx', { kind: 'cancel' }),
      end,
    };
    const { cluster, id } = run(empty, ['start -> tx -> end', 'first -> cancel', 'cancelled -> end']);
    finish(cluster, id);
  });

  it('that is done several times ends all of them', () => {
    const several = { ...elements, tx: times(transaction, { cardinality: feel('2') }) };
    const { cluster, id } = run(several, flows);
    for (const job of cluster.jobs()) cluster.completeJob({}, job);
    cluster.completeJob();
    cluster.completeJob();
    cluster.completeJob();
    expect(cluster.lastJob().type).toBe('instead');
    cluster.completeJob();
    finish(cluster, id);
  });
});
