import { type DiskOperation, SimulatedDisk } from '@millrace/testing';
import { describe, expect, it } from 'vitest';

import { LogOfflineError } from '../src/errors.ts';
import { next, plain, producer } from './support/batches.ts';
import { appended, client, openPartition, recordsOf } from './support/partition.ts';
import { config, expectRecovered, run, type Write } from './support/workload.ts';

const EIO = new Error('EIO: input/output error');
const failing =
  (kind: DiskOperation['kind']) =>
  (operation: DiskOperation): Error | undefined =>
    operation.kind === kind ? EIO : undefined;

describe('a disk error', () => {
  // L3.
  it('in a write takes the partition offline with the reason, and what was durable stays readable', async () => {
    const { log, disk } = openPartition();
    log.append(plain('a'), client);
    await log.sync();
    let announced = 0;
    log.onAdvance(() => announced++);
    disk.failOn(failing('write'));
    const refused = { error: 'KAFKA_STORAGE_ERROR', message: `partition orders-0 is offline: ${EIO.message}` };
    expect(log.append(plain('b'), client)).toEqual(refused);
    expect(log.state).toEqual({ kind: 'offline', reason: EIO.message });
    expect(announced).toBe(1);
    disk.failOn(() => undefined);
    expect(log.append(plain('c'), client)).toEqual(refused);
    expect(log.deleteRecords(1)).toEqual(refused);
    await expect(log.sync()).rejects.toThrow(LogOfflineError);
    expect(recordsOf(log)).toEqual(['0:a']);
  });

  // L3, D2: the next sync may succeed and say nothing about what the failed one was for.
  it('in a sync is final: a later sync cannot make good what is unknown', async () => {
    const { log, disk } = openPartition();
    log.append(plain('a'), client);
    disk.failOn(failing('sync'));
    await expect(log.sync()).rejects.toThrow(EIO.message);
    disk.failOn(() => undefined);
    expect(log.highWatermark).toBe(0);
    expect(log.state.kind).toBe('offline');
    await expect(log.sync()).rejects.toThrow(LogOfflineError);
    expect(await log.close()).toBe(false);
  });

  it('rejects everybody who waits for the sync', async () => {
    const { log, disk } = openPartition();
    log.append(plain('a'), client);
    disk.failOn(failing('sync'));
    const outcomes = await Promise.allSettled([log.sync(), log.sync(), log.sync()]);
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
  });

  it('in a read is told to the reader, and the partition goes on', async () => {
    const { log, disk } = openPartition({ tailBytes: 0 });
    log.append(plain('a'), client);
    await log.sync();
    disk.failReadsOn(() => EIO);
    const refused = { error: 'KAFKA_STORAGE_ERROR', message: `expected to read orders-0, found: ${EIO.message}` };
    expect(log.read(0, 100, { isolation: 'read_uncommitted', atLeastOne: true })).toEqual(refused);
    expect(log.offsetForTimestamp(0, 'read_uncommitted')).toEqual(refused);
    disk.failReadsOn(() => undefined);
    expect(log.state.kind).toBe('online');
    expect(recordsOf(log)).toEqual(['0:a']);
  });

  it('because the disk is full leaves no part of a batch behind after the restart', async () => {
    for (let free = 0; free < 120; free += 7) {
      const { log, disk } = openPartition();
      log.append(plain('a'), client);
      await log.sync();
      disk.setFreeBytes(free);
      const batch = plain('x'.repeat(100));
      expect(log.append(batch, client)).toMatchObject({ error: 'KAFKA_STORAGE_ERROR' });
      expect(await log.close()).toBe(false);
      disk.setFreeBytes(Number.POSITIVE_INFINITY);
      const reopened = openPartition({ disk: disk.restart({ keep: () => 'all' }) }).log;
      expect(recordsOf(reopened)).toEqual(['0:a']);
      expect(reopened.recovery.truncatedBytes).toBe(free);
      expect(appended(reopened.append(plain('b'), client)).baseOffset).toBe(1);
    }
  });

  it('in a new segment or its name takes the partition offline', () => {
    for (const kind of ['create', 'syncDirectory'] as const) {
      const { log, disk } = openPartition({ config: { segmentBytes: 100 } });
      log.append(plain('a'), client);
      disk.failOn(failing(kind));
      expect(log.append(plain('b'), client)).toMatchObject({ error: 'KAFKA_STORAGE_ERROR' });
      expect(log.logEndOffset).toBe(1);
    }
  });

  it('in the rename of a checkpoint takes the partition offline, and the old checkpoint serves', async () => {
    const { log, disk, clock } = openPartition({ config: { segmentBytes: 200 } });
    const one = producer(1);
    for (const text of ['a', 'b', 'c']) log.append(next(one, [text.repeat(80)]), client);
    await log.sync();
    expect(log.deleteRecords(1)).toEqual({ logStartOffset: 1 });
    disk.failOn(failing('rename'));
    expect(log.deleteRecords(2)).toMatchObject({ error: 'KAFKA_STORAGE_ERROR' });
    disk.failOn(() => undefined);
    const { log: reopened } = openPartition({ disk: disk.restart(), clock, config: { segmentBytes: 200 } });
    expect(reopened.logStartOffset).toBe(1);
    expect(reopened.logEndOffset).toBe(3);
    expect(appended(reopened.append(next(one, ['d']), client)).baseOffset).toBe(3);
  });

  it('in a write of what was appended for later takes the partition offline, and shows nothing of it', async () => {
    const { log, disk } = openPartition({ fsync: 'never' });
    log.append(plain('a'), client);
    for (const text of ['b', 'c']) appended(log.append(plain(text), { ...client, write: 'later' }));
    disk.failOn(failing('write'));
    log.write();
    expect(log.state).toEqual({ kind: 'offline', reason: EIO.message });
    disk.failOn(() => undefined);
    log.write();
    await expect(log.sync()).rejects.toThrow(LogOfflineError);
    expect(log.highWatermark).toBe(1);
    expect(recordsOf(log)).toEqual(['0:a']);
    expect(log.offsetForMaxTimestamp('read_uncommitted')).toMatchObject({ offset: 0 });
    expect(await log.close()).toBe(false);
    expect(recordsOf(openPartition({ disk: disk.kill() }).log)).toEqual(['0:a']);
  });

  it.for<{ write: Write }>([{ write: 'now' }, { write: 'later' }])(
    'in any single operation loses nothing that was acknowledged, and says so: batches written $write',
    async ({ write }) => {
      const counting = new SimulatedDisk();
      await (await run(counting, write)).log?.close();
      for (let at = 1; at <= counting.operations; at++) {
        const disk = new SimulatedDisk();
        disk.failOn(({ number }) => (number === at ? EIO : undefined));
        const { log, knowledge } = await run(disk, write);
        const wasSaved = await log?.close();
        expect(wasSaved ?? false, `failure of operation ${at}`).toBe(false);
        expectRecovered(disk.restart(), knowledge);
      }
    },
  );
});

describe('closing', () => {
  it('leaves nothing to check, and nothing to lose', async () => {
    const { log, disk, clock } = openPartition({ config });
    for (const text of ['a', 'b', 'c']) log.append(plain(text.repeat(300)), client);
    expect(await log.close()).toBe(true);
    const after = disk.restart();
    const operations = after.operations;
    const { log: reopened } = openPartition({ disk: after, clock, config, isClean: true });
    expect(after.operations).toBe(operations + 1); // The test's own sync of the directory.
    expect(recordsOf(reopened)).toHaveLength(3);
  });

  it('refuses what comes later', async () => {
    const { log } = openPartition();
    await log.close();
    expect(log.append(plain('a'), client)).toMatchObject({ error: 'KAFKA_STORAGE_ERROR' });
    await expect(log.sync()).rejects.toThrow('orders-0 was closed');
  });
});
