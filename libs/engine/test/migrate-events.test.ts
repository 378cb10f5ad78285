import { describe, expect, it } from 'vitest';
import type { ExecutableProcess } from '@millrace/bpmn';
import { Cluster } from './support/cluster.ts';
import {
  boundary,
  compensate,
  conditionTrigger,
  end,
  endWithCancel,
  inside,
  job,
  model,
  start,
  timerTrigger,
  transaction,
  undoing,
  undoneBy,
} from './support/model.ts';
import { path } from './support/story.ts';

/** An instance by version 1, and what takes it to version 2. */
function installed(from: ExecutableProcess, to: ExecutableProcess): { all: Cluster; instanceId: string } {
  const all = new Cluster().install(to, 2).install(from, 1);
  return { all, instanceId: all.start('p', { x: 1 }, { definitionVersion: 1 }) };
}

const plain = model('p', { start, work: job('w'), end }, ['start -> work -> end']);

describe('a migration takes the events of an element along', () => {
  it('G2: closes a condition that the new model does not have', () => {
    const from = model('p', { start, work: job('w'), high: boundary('work', conditionTrigger('x > 10')), end }, [
      'start -> work -> end',
      'high -> end',
    ]);
    const { all, instanceId } = installed(from, plain);
    all.run({ kind: 'migrateInstance', instanceId, definitionVersion: 2, mapping: {} });
    expect(all.last('condition.closed')).toMatchObject({ elementId: 'high' });
    all.run({ kind: 'updateVariables', instanceId, variables: { x: 11 } });
    expect(path(all.events)).not.toContain('element.entered high');
    all.completeJob();
    expect(all.rowsWith('')).toEqual([]);
  });

  it('G2: keeps a condition under its new id, and opens one that is new', () => {
    const to = model(
      'p',
      {
        start,
        work: job('w'),
        veryHigh: boundary('work', conditionTrigger('x > 10')),
        low: boundary('work', conditionTrigger('x < 0')),
        end,
      },
      ['start -> work -> end', 'veryHigh -> end', 'low -> end'],
    );
    const from = model('p', { start, work: job('w'), high: boundary('work', conditionTrigger('x > 10')), end }, [
      'start -> work -> end',
      'high -> end',
    ]);
    const { all, instanceId } = installed(from, to);
    all.run({ kind: 'migrateInstance', instanceId, definitionVersion: 2, mapping: { high: 'veryHigh' } });
    expect(all.all('condition.closed')).toEqual([]);
    expect(all.all('condition.opened').map(({ elementId }) => elementId)).toEqual(['high', 'low']);
    expect(path(all.run({ kind: 'updateVariables', instanceId, variables: { x: 11 } }))).toContain(
      'element.entered veryHigh',
    );
    expect(all.rowsWith('')).toEqual([]);
  });

  it('H2: forgets a timer that came due while it was suspended, when the new model does not have it', () => {
    const from = model('p', { start, work: job('w'), late: boundary('work', timerTrigger('duration', 'PT1H')), end }, [
      'start -> work -> end',
      'late -> end',
    ]);
    const { all, instanceId } = installed(from, plain);
    all.run({ kind: 'suspendInstance', instanceId });
    expect(all.pass(2 * 3_600_000).map(({ kind }) => kind)).toEqual(['input.held']);
    all.run({ kind: 'migrateInstance', instanceId, definitionVersion: 2, mapping: {} });
    all.run({ kind: 'resumeInstance', instanceId });
    all.pass(0);
    expect(path(all.events)).not.toContain('element.entered late');
    all.completeJob();
    expect(all.rowsWith('')).toEqual([]);
  });

  it.for([
    ['is gone, and given up,', false, {}, { first: '' }],
    ['has lost its compensation, and that is given up,', false, { first: job('f') }, { first: '' }],
    [
      'has another id',
      true,
      { one: job('f'), oneUndone: undoneBy('one', 'undo1'), undo1: undoing(job('undo')) },
      { first: 'one' },
    ],
  ] as const)('CO1: of what can be undone, when it %s in the new model', ([, isUndone, elements, mapping]) => {
    const from = model(
      'p',
      {
        start,
        first: job('f'),
        firstUndone: undoneBy('first', 'undo'),
        undo: undoing(job('undo')),
        work: job('w'),
        back: compensate(),
        end,
      },
      ['start -> first -> work -> back -> end'],
    );
    const [id] = Object.keys(elements);
    const to = model('p', { start, ...elements, work: job('w'), back: compensate(), end }, [
      id === undefined ? 'start -> work -> back -> end' : `start -> ${id} -> work -> back -> end`,
    ]);
    const { all, instanceId } = installed(from, to);
    all.completeJob();
    all.run({ kind: 'migrateInstance', instanceId, definitionVersion: 2, mapping: { ...mapping } });
    all.completeJob();
    if (all.all('instance.completed').length === 0) all.completeJob();
    expect(all.jobs().filter(({ type }) => type === 'undo')).toHaveLength(isUndone ? 1 : 0);
    expect(all.all('instance.completed')).toHaveLength(1);
    expect(all.rowsWith('')).toEqual([]);
  });

  it('G1: is refused for a transaction that is being cancelled, when its cancel event is gone', () => {
    const inner = inside('T', {
      begin: start,
      book: job('book'),
      bookUndone: undoneBy('book', 'unbook'),
      unbook: undoing(job('unbook')),
      giveUp: endWithCancel,
    });
    const cancelled = { cancelled: boundary('T', { kind: 'cancel' }) };
    const flows = ['start -> T -> end', 'begin -> book -> giveUp'];
    const from = model('p', { start, T: transaction, ...inner, ...cancelled, end }, [...flows, 'cancelled -> end']);
    const to = model('p', { start, T: transaction, ...inner, giveUp: { ...end, scope: 'T' }, end }, flows);
    const { all, instanceId } = installed(from, to);
    all.completeJob();
    expect(all.lastJob().type).toBe('unbook');
    const [rejected] = all.run({ kind: 'migrateInstance', instanceId, definitionVersion: 2, mapping: {} });
    expect(rejected).toMatchObject({ kind: 'command.rejected', reason: 'INVALID_ARGUMENT' });
    expect(rejected).toMatchObject({ message: '"T" is being cancelled, and "T" has no cancel event' });
    all.completeJob();
    expect(all.rowsWith('')).toEqual([]);
  });
});
