import { SimulatedDisk, seededRandom, VirtualClock } from '@millrace/testing';
import { expect, it } from 'vitest';

import type { Log } from '../src/log.ts';
import { LogDirectory } from '../src/log-directory.ts';
import { replaceSealed } from '../src/sealed-file.ts';
import { marker, next, plain, producer } from './support/batches.ts';
import { appended, client, coordinator, recordsOf } from './support/partition.ts';

const ACTIVE = '/data/orders-0/00000000000000000004.log';
const committed = { isolation: 'read_committed', skipAborted: true } as const;

function open(disk: SimulatedDisk): Promise<LogDirectory> {
  return LogDirectory.open({
    path: '/data',
    fsync: 'always',
    clock: new VirtualClock(),
    random: seededRandom(1),
    disk,
  });
}

/** Two segments, an aborted transaction and an open one, a log start that moved; closed in order. */
async function closedDirectory() {
  const disk = new SimulatedDisk();
  const directory = await open(disk);
  directory.createTopic({ name: 'orders', partitions: 1, configs: { 'segment.bytes': '300' } });
  const log = directory.partition('orders', 0) as Log;
  const [one, two] = [producer(1), producer(2)];
  appended(log.append(plain('a'), client));
  appended(log.append(next(one, ['b'], true), client));
  appended(log.append(marker('abort', one), coordinator));
  appended(log.append(next(two, ['c'], true), client));
  appended(log.append(plain('d'.repeat(100)), client));
  await log.sync();
  expect(log.deleteRecords(1)).toEqual({ logStartOffset: 1 });
  await directory.close();
  expect(disk.list('/data/orders-0')).toContain('00000000000000000004.log');
  return { disk, two };
}

/** Without their checkpoints, indexes and lists of aborted transactions partitions can only be known from the marker. */
function expectKnown(log: Log): void {
  expect(log.recovery).toEqual({ checkedBytes: 0, truncatedBytes: 0, removedSegments: 0, logEndOffset: 5 });
  expect([log.logStartOffset, log.lastStableOffset, log.highWatermark]).toEqual([1, 3, 5]);
  expect(recordsOf(log)).toEqual(['1:b', '2:abort', '3:c', `4:${'d'.repeat(100)}`]);
  expect(recordsOf(log, committed)).toEqual(['2:abort']);
}

it('what was closed in order is known from the marker alone, with its producers and transactions', async () => {
  const { disk, two } = await closedDirectory();
  for (const name of ['checkpoint', '00000000000000000004.index']) disk.remove(`/data/orders-0/${name}`);
  const directory = await open(disk);
  expect(directory.wasClean).toBe(true);
  const log = directory.partition('orders', 0) as Log;
  expectKnown(log);
  expect(log.append(next(producer(2), ['c'], true), client)).toMatchObject({ isDuplicate: true, baseOffset: 3 });
  expect(appended(log.append(next(two, ['e'], true), client)).baseOffset).toBe(5);
  expect(appended(log.append(marker('commit', two), coordinator)).baseOffset).toBe(6);
  await log.sync();
  expect(log.lastStableOffset).toBe(7);
});

it('a marker counts once: after a crash the partitions are looked at', async () => {
  const { disk } = await closedDirectory();
  const directory = await open(disk);
  const log = directory.partition('orders', 0) as Log;
  appended(log.append(plain('e'), client));
  await log.sync();
  const second = await open(disk.restart());
  expect(second.wasClean).toBe(false);
  expect(second.partition('orders', 0)?.logEndOffset).toBe(6);
});

it('an active segment that is not as long as it was is looked into', async () => {
  const { disk } = await closedDirectory();
  const file = disk.open(ACTIVE);
  file.truncate(file.size() - 1);
  file.close();
  const directory = await open(disk);
  const log = directory.partition('orders', 0) as Log;
  expect(log.logEndOffset).toBe(4);
  expect(appended(log.append(plain('e'), client)).baseOffset).toBe(4);
});

it('a partition whose list of aborted transactions has gone is looked into', async () => {
  const { disk } = await closedDirectory();
  disk.remove('/data/orders-0/00000000000000000000.txnindex');
  const directory = await open(disk);
  const log = directory.partition('orders', 0) as Log;
  expect(recordsOf(log, committed)).toEqual(['2:abort']);
});

it('a partition that has gone begins anew', async () => {
  const { disk } = await closedDirectory();
  disk.remove('/data/orders-0');
  const log = (await open(disk)).partition('orders', 0) as Log;
  expect([log.logStartOffset, log.logEndOffset]).toEqual([0, 0]);
});

it('the marker of an older version says that all is in order, and the partitions say what', async () => {
  const { disk } = await closedDirectory();
  replaceSealed(disk, '/data/clean-shutdown', { closedAtMs: 1 });
  const directory = await open(disk);
  expect(directory.wasClean).toBe(true);
  expectKnown(directory.partition('orders', 0) as Log);
});

it('a damaged marker counts for nothing', async () => {
  const { disk } = await closedDirectory();
  disk.flipBit('/data/clean-shutdown', 20, 0);
  const directory = await open(disk);
  expect(directory.wasClean).toBe(false);
  expect(directory.partition('orders', 0)?.logEndOffset).toBe(5);
  expect(disk.exists('/data/clean-shutdown')).toBe(false);
});
