import { SimulatedDisk, VirtualClock } from '@millrace/testing';
import { encodeBatch } from '@millrace/wire';
import { describe, expect, it } from 'vitest';

import { LogDirectory } from '../src/log-directory.ts';
import type { LogEvent } from '../src/types.ts';
import { UncheckedBytes } from '../src/unchecked-bytes.ts';
import { plain } from './support/batches.ts';
import { appended, client, openPartition } from './support/partition.ts';

interface Opened {
  readonly directory: LogDirectory;
  readonly clock: VirtualClock;
  readonly disk: SimulatedDisk;
  readonly events: LogEvent[];
}

async function open(intervals: { retentionCheckMs?: number; compactionMs?: number }): Promise<Opened> {
  const [disk, clock, events] = [new SimulatedDisk(), new VirtualClock(), [] as LogEvent[]];
  const onEvent = (event: LogEvent): void => void events.push(event);
  const directory = await LogDirectory.open({ path: '/data', fsync: 'always', disk, clock, intervals, onEvent });
  return { directory, clock, disk, events };
}

const keyed = (key: string, value: string, timestamp: number): Buffer => encodeBatch([{ timestamp, key, value }]);

describe('the maintenance of a directory', () => {
  it('removes old segments of all partitions, and tells of each', async () => {
    const { directory, clock, events } = await open({ retentionCheckMs: 1000 });
    directory.createTopic({ name: 'orders', partitions: 40, configs: { 'retention.ms': '5000' } });
    for (let partition = 0; partition < 40; partition++) {
      const log = directory.partition('orders', partition);
      appended(log!.append(keyed('a', 'x', clock.now()), client));
      await log!.sync();
    }
    await clock.advanceAsync(4000);
    expect(events).toEqual([]);
    await clock.advanceAsync(3000);
    expect(events).toHaveLength(40);
    expect(events[0]).toEqual({ kind: 'retained', partition: 'orders-0', logStartOffset: 1, segments: 1 });
    await directory.close();
  });

  it('compacts a topic from when it is told to, live', async () => {
    const { directory, clock, events } = await open({ compactionMs: 1000 });
    directory.createTopic({ name: 'table', partitions: 1, configs: { 'segment.bytes': '300' } });
    const log = directory.partition('table', 0)!;
    for (const value of '1234567') appended(log.append(keyed('a', value.repeat(90), clock.now()), client));
    await log.sync();
    // Until the closed segments are saved by a checkpoint.
    for (let turn = 0; turn < 20; turn++) await clock.advanceAsync(200);
    expect(events).toEqual([]);
    directory.setConfigs('table', { 'segment.bytes': '300', 'cleanup.policy': 'compact' });
    for (let turn = 0; turn < 20; turn++) await clock.advanceAsync(100);
    expect(events).toMatchObject([{ kind: 'compacted', partition: 'table-0', segments: 6, segmentsLeft: 1 }]);
    expect(log.logEndOffset).toBe(7);
    await directory.close();
  });

  it('goes on with the other partitions when one has failed', async () => {
    const { directory, clock, disk, events } = await open({ retentionCheckMs: 1000 });
    directory.createTopic({ name: 'orders', partitions: 2, configs: { 'retention.bytes': '0' } });
    for (const partition of [0, 1]) {
      const log = directory.partition('orders', partition)!;
      appended(log.append(plain('a'), client));
      await log.sync();
    }
    const isOfFirst = (path: string): boolean => path.includes('orders-0');
    disk.failOn(({ kind, path }) => (kind === 'rename' && isOfFirst(path) ? new Error('EIO: broken') : undefined));
    await clock.advanceAsync(1000);
    expect(events).toMatchObject([
      { kind: 'offline', partition: 'orders-0', reason: 'EIO: broken' },
      { kind: 'retained', partition: 'orders-1' },
    ]);
    await directory.close();
  });

  it('ends with the directory, and leaves no timer', async () => {
    const { directory, clock } = await open({});
    expect(clock.pendingTimers).toBe(2);
    await directory.close();
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('what a crash leaves to check', () => {
  it('is bounded over all partitions: from three quarters on those with most of it are saved first, until there is half', async () => {
    const uncheckedBytes = new UncheckedBytes(1000);
    const [small, large] = ['small', 'large'].map((name) => openPartition({ name, uncheckedBytes }));
    appended(small!.log.append(plain('x'.repeat(100)), client));
    for (let count = 0; count < 4; count++) appended(large!.log.append(plain('x'.repeat(100)), client));
    for (let turn = 0; turn < 10; turn++) await large!.clock.advanceAsync(0);
    expect(uncheckedBytes.total).toBe(plain('x'.repeat(100)).length);
    await small!.log.sync();
    const recovered = [small!, large!].map(({ disk }) => openPartition({ disk: disk.restart() }).log.recovery);
    expect(recovered.map(({ checkedBytes }) => checkedBytes)).toEqual([uncheckedBytes.total, 0]);
    expect(recovered.map(({ logEndOffset }) => logEndOffset)).toEqual([1, 4]);
  });

  it('has who waits for the device wait for room, too, however many partitions are written fast', async () => {
    const uncheckedBytes = new UncheckedBytes(1000);
    const partitions = Array.from({ length: 20 }, (_, index) => openPartition({ name: `p${index}`, uncheckedBytes }));
    for (let round = 0; round < 10; round++) {
      for (const { log } of partitions) appended(log.append(plain('x'.repeat(100)), client));
      expect(uncheckedBytes.total).toBeGreaterThan(1000);
      await Promise.all(partitions.map(({ log }) => log.sync()));
      expect(uncheckedBytes.total).toBeLessThanOrEqual(500);
    }
  });

  it('does not keep anybody waiting for a partition that went offline', async () => {
    const uncheckedBytes = new UncheckedBytes(1000);
    const [failing, sound] = ['failing', 'sound'].map((name) => openPartition({ name, uncheckedBytes }));
    for (let count = 0; count < 10; count++) appended(failing!.log.append(plain('x'.repeat(100)), client));
    appended(sound!.log.append(plain('x'), client));
    failing!.disk.failOn(({ kind }) => (kind === 'sync' ? new Error('EIO') : undefined));
    await expect(failing!.log.sync()).rejects.toThrow();
    await sound!.log.sync();
    expect(uncheckedBytes.total).toBe(plain('x').length);
  });

  it('is counted again after a start that had to check it', async () => {
    const disk = new SimulatedDisk();
    const written = await LogDirectory.open({ path: '/data', fsync: 'always', disk, clock: new VirtualClock() });
    written.createTopic({ name: 'orders', partitions: 1, configs: {} });
    for (let count = 0; count < 10; count++)
      appended(written.partition('orders', 0)!.append(plain('x'.repeat(100)), client));
    await written.partition('orders', 0)!.sync();
    const crashed = disk.restart();
    const options = { path: '/data', fsync: 'always', clock: new VirtualClock(), uncheckedBytesMax: 1000 } as const;
    const recovered = await LogDirectory.open({ ...options, disk: crashed });
    expect(recovered.recoveries()).toMatchObject([{ report: { checkedBytes: plain('x'.repeat(100)).length * 10 } }]);
    // Too much: it is saved at once.
    await recovered.partition('orders', 0)!.checkpoint();
    const again = await LogDirectory.open({ ...options, disk: crashed.restart() });
    expect(again.recoveries()).toEqual([]);
  });

  it('does not count what is closed', async () => {
    const uncheckedBytes = new UncheckedBytes(1000);
    const { log } = openPartition({ uncheckedBytes });
    appended(log.append(plain('x'), client));
    await log.close();
    expect(uncheckedBytes.total).toBe(0);
  });
});
