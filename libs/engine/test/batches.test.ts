import { describe, expect, it } from 'vitest';
import type { BatchFilter, BatchOperation, EventOf } from '@millrace/records';
import { BATCH_INSTANCES_PER_STEP, BATCH_ROWS_PER_STEP } from '../src/limits.ts';
import { Cluster } from './support/cluster.ts';
import { end, job, model, start } from './support/model.ts';

const work = model('work', { start, task: job('w', { retries: '1' }), end }, ['start -> task -> end']);
const other = model('other', { start, task: job('o'), end }, ['start -> task -> end']);

function batch(all: Cluster, operation: BatchOperation, filter: BatchFilter): EventOf<'batch.ended'>[] {
  for (let partition = 0; partition < all.partitions.length; partition += 1) {
    all.send({ kind: 'startBatch', batchId: 'b', partition, operation, filter });
  }
  all.settle();
  return all.all('batch.ended');
}

const total = (ended: readonly EventOf<'batch.ended'>[], of: 'done' | 'failed'): number =>
  ended.reduce((sum, event) => sum + event[of], 0);

describe('a batch', () => {
  it('reaches every instance that fits, on every partition, in slices, and no other', () => {
    const all = new Cluster(3).install(work).install(other);
    const count = BATCH_INSTANCES_PER_STEP * 7;
    for (let n = 0; n < count; n += 1) all.launch('work');
    const spared = all.start('other');
    const ended = batch(all, { kind: 'cancel', reason: 'recall' }, { processId: 'work' });
    expect(ended).toHaveLength(3);
    expect(total(ended, 'done')).toBe(count);
    expect(all.all('instance.cancelled')).toHaveLength(count);
    expect(all.last('instance.cancelled').reason).toBe('recall');
    expect(all.all('batch.progressed').length).toBeGreaterThan(5);
    all.completeJob(
      {},
      all.jobs().find(({ instanceId }) => instanceId === spared),
    );
    expect(all.rowsWith('')).toEqual([]);
  });

  it('looks past many that do not fit', () => {
    const all = new Cluster().install(work).install(other);
    for (let n = 0; n <= BATCH_ROWS_PER_STEP; n += 1) all.launch('other');
    all.launch('work');
    const ended = batch(all, { kind: 'suspend' }, { processId: 'work' });
    expect(total(ended, 'done')).toBe(1);
    expect(all.all('batch.progressed').length).toBeGreaterThan(1);
  });

  it('counts an instance that refuses, says why, and leaves it as it was', () => {
    const all = new Cluster().install(work, 2).install(other).install(work, 1);
    const fits = all.start('work', {}, { definitionVersion: 1 });
    const misfit = all.start('other');
    const ended = batch(
      all,
      { kind: 'migrate', processId: 'work', definitionVersion: 2, mapping: {} },
      { instanceIds: [fits, misfit, 'ffff0000-0000-8000-8000-000000000000'] },
    );
    expect(total(ended, 'done')).toBe(2);
    batch(all, { kind: 'modify', activate: [{ elementId: 'nope' }], terminate: [] }, { processId: 'work' });
    expect(all.last('batch.progressed')).toMatchObject({ done: 0, failed: 2 });
    expect(all.last('batch.progressed').failures[0]).toMatchObject({ reason: 'INVALID_ARGUMENT' });
  });

  it('tries every open incident again', () => {
    const all = new Cluster().install(work);
    for (let n = 0; n < 3; n += 1) {
      all.start('work');
      all.failJob('down');
    }
    expect(all.all('incident.raised')).toHaveLength(3);
    batch(all, { kind: 'resolveIncidents', retries: 2 }, { processId: 'work' });
    expect(all.all('incident.resolved')).toHaveLength(3);
    expect(all.all('job.offered')).toHaveLength(3);
  });

  it('selects by business key, version, start time, and whether it is suspended', () => {
    const all = new Cluster().install(work, 1).install(work, 2);
    const ids = [
      all.start('work', {}, { businessKey: 'k' }),
      all.start('work', {}, { definitionVersion: 1 }),
      all.start('work'),
    ];
    all.pass(1_000);
    const late = all.start('work');
    const done = (filter: BatchFilter): string[] => {
      const from = all.events.length;
      batch(all, { kind: 'updateVariables', variables: { seen: true } }, filter);
      return all.events.slice(from).flatMap((event) => (event.kind === 'variables.changed' ? [event.instanceId] : []));
    };
    expect(done({ businessKey: 'k' })).toEqual([ids[0]]);
    expect(done({ definitionVersion: 1 })).toEqual([ids[1]]);
    expect(done({ startedFrom: all.now })).toEqual([late]);
    expect(done({ startedBefore: all.now }).sort()).toEqual(ids.sort());
    all.run({ kind: 'suspendInstance', instanceId: late });
    expect(done({ isSuspended: true })).toEqual([late]);
  });

  it('stops when it is cancelled, and refuses to begin twice', () => {
    const all = new Cluster().install(work);
    for (let n = 0; n < BATCH_INSTANCES_PER_STEP * 3; n += 1) all.start('work');
    const ask = { batchId: 'b', partition: 0 } as const;
    const startBatch = { kind: 'startBatch', ...ask, operation: { kind: 'suspend' }, filter: {} } as const;
    all.send(startBatch);
    all.send(startBatch);
    all.send({ kind: 'cancelBatch', ...ask });
    all.settle();
    expect(all.last('command.rejected').reason).toBe('ALREADY_EXISTS');
    expect(all.last('batch.ended')).toMatchObject({ isCancelled: true });
    expect(all.last('batch.ended').done).toBeLessThan(BATCH_INSTANCES_PER_STEP * 3);
    expect(all.run({ kind: 'cancelBatch', ...ask })).toMatchObject([{ reason: 'NOT_FOUND' }]);
  });
});
