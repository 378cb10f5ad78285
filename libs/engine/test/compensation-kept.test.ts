import { describe, expect, it } from 'vitest';
import { Cluster } from './support/cluster.ts';
import {
  catching,
  compensate,
  end,
  feel,
  inside,
  job,
  map,
  messageTrigger,
  model,
  pass,
  start,
  subProcess,
  times,
  undoing,
  undoneBy,
} from './support/model.ts';
import { path } from './support/story.ts';

const wait = catching(messageTrigger('go', '=key'));
const undone = (handler = 'undo') => ({ undo: undoing(job('undo')), guard: undoneBy('work', handler) });
const flows = ['start -> work -> wait -> back -> end'];
const elements = { start, work: job('work', { inputs: [map('=n', 'own')] }), wait, back: compensate(), end };

function bytesOf(cluster: Cluster, instanceId: string): number {
  return cluster.partitions[0]?.state.get('instance', instanceId)?.variableBytes ?? 0;
}

describe('a migration of an instance in which something could be undone', () => {
  const from = model('p', { ...elements, ...undone() }, flows);

  function migrate(to: ReturnType<typeof model>, mapping: Record<string, string> = {}) {
    const cluster = new Cluster().install(to, 2).install(from, 1);
    const instanceId = cluster.start('p', { key: 'k', n: 1 }, { definitionVersion: 1 });
    cluster.completeJob({});
    cluster.run({ kind: 'migrateInstance', instanceId, definitionVersion: 2, mapping });
    return { cluster, instanceId };
  }

  it('is refused when the new model could not undo it any more', () => {
    const { cluster } = migrate(model('p', elements, flows));
    expect(cluster.last('command.rejected').message).toContain(
      'there is no activity that can be undone "work" in the new definition; the mapping of "work" to "" gives that up',
    );
    expect(cluster.all('instance.migrated')).toEqual([]);
  });

  it('gives it up when the mapping says so', () => {
    const { cluster, instanceId } = migrate(model('p', elements, flows), { work: '' });
    expect(cluster.all('instance.migrated')).toHaveLength(1);
    const rest = cluster.run({ kind: 'publishMessage', name: 'go', correlationKey: 'k', ttlMs: 0, variables: {} });
    expect(path(rest)).toContain('instance.completed');
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });

  it('undoes it by what the mapping says', () => {
    const { work, ...others } = elements;
    const renamed = { ...others, job: work, undo: undoing(job('other')), guard: undoneBy('job', 'undo') };
    const { cluster } = migrate(model('p', renamed, ['start -> job -> wait -> back -> end']), { work: 'job' });
    cluster.run({ kind: 'publishMessage', name: 'go', correlationKey: 'k', ttlMs: 0, variables: {} });
    expect(cluster.lastJob()).toMatchObject({ type: 'other', variables: { own: 1 } });
  });

  it('is refused when the sub-process is gone in which something could be undone', () => {
    const sub = { sub: subProcess(), ...inside('sub', { s: start, work: pass, ...undone(), e: end }) };
    const old = model('p', { start, ...sub, wait, end }, ['start -> sub -> wait -> end', 's -> work -> e']);
    const cluster = new Cluster()
      .install(model('p', { start, wait, end }, ['start -> wait -> end']), 2)
      .install(old, 1);
    const instanceId = cluster.start('p', { key: 'k' }, { definitionVersion: 1 });
    cluster.run({ kind: 'migrateInstance', instanceId, definitionVersion: 2, mapping: {} });
    const { message } = cluster.last('command.rejected');
    expect(message).toContain('there is no element "sub" in the new definition');
    expect(message).toContain('there is no activity that can be undone "work"');
  });
});

describe('the variables that are kept for undoing', () => {
  it('count until they are used', () => {
    const cluster = new Cluster().install(model('p', { ...elements, ...undone() }, flows));
    const instanceId = cluster.start('p', { key: 'k', n: 'x'.repeat(1_000) });
    const before = bytesOf(cluster, instanceId);
    cluster.completeJob({});
    // The activity is over, and what it had for itself is kept.
    expect(bytesOf(cluster, instanceId)).toBeGreaterThan(before - 100);
    cluster.run({ kind: 'updateVariables', instanceId, variables: { big: 'y'.repeat(785_000) } });
    expect(cluster.last('command.rejected').reason).toBe('TOO_LARGE');
    cluster.run({ kind: 'publishMessage', name: 'go', correlationKey: 'k', ttlMs: 0, variables: {} });
    cluster.completeJob({});
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });

  it('are an incident at the iteration whose item does not fit any more', () => {
    const work = times(pass, { inputCollection: feel('[n, n]'), inputElement: 'item' });
    const cluster = new Cluster().install(model('p', { ...elements, work, ...undone() }, flows));
    cluster.start('p', { key: 'k', n: 'x'.repeat(300_000) });
    const { reason, elementId } = cluster.last('incident.raised');
    expect([reason, elementId]).toEqual(['VARIABLES_TOO_LARGE', 'work']);
  });
});

describe('the end of an instance in which much could be undone', () => {
  it.for([
    ['completes', false],
    ['is cancelled', true],
  ] as const)('goes in slices when it %s', ([, isCancelled]) => {
    const work = times(pass, { cardinality: feel('1200') });
    const { back: _, ...rest } = elements;
    const process = model('p', { ...rest, work, ...undone() }, ['start -> work -> wait -> end']);
    const cluster = new Cluster().install(process);
    const instanceId = cluster.start('p', { key: 'k' });
    const ends = isCancelled
      ? cluster.run({ kind: 'cancelInstance', instanceId })
      : cluster.run({ kind: 'publishMessage', name: 'go', correlationKey: 'k', ttlMs: 0, variables: {} });
    expect(ends.filter(({ kind }) => kind === 'compensation.dropped')).toHaveLength(2);
    expect(path(ends).at(-1)).toBe(isCancelled ? 'instance.cancelled' : 'instance.completed');
    expect(cluster.rowsWith(instanceId)).toEqual([]);
  });
});
