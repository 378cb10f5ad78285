import { encodeBatch } from '@millrace/wire';
import { describe, expect, it } from 'vitest';

import { marker, next, plain, producer } from './support/batches.ts';
import {
  appended,
  client,
  coordinator,
  DIRECTORY,
  dropSnapshot,
  openPartition,
  readFrom,
  recordsOf,
} from './support/partition.ts';

const BATCH_BYTES = plain('x').length;
const config = { segmentBytes: BATCH_BYTES * 2, retentionMs: -1 };

function logFiles(disk: ReturnType<typeof openPartition>['disk']): string[] {
  return disk.list(DIRECTORY).filter((name) => name.endsWith('.log'));
}

async function filled(
  options: Parameters<typeof openPartition>[0] = { config },
): Promise<ReturnType<typeof openPartition>> {
  const partition = openPartition(options);
  for (const text of 'abcdefgh') appended(partition.log.append(plain(text), client));
  await partition.log.sync();
  return partition;
}

describe('deleting records', () => {
  // REFERENCE §2: 5.
  it('moves the log start, refuses reads below it, and survives a power loss', async () => {
    const { log, disk, clock } = await filled();
    expect(log.deleteRecords(5)).toEqual({ logStartOffset: 5 });
    const options = { isolation: 'read_uncommitted', atLeastOne: true } as const;
    expect(log.read(4, 100, options)).toMatchObject({ error: 'OFFSET_OUT_OF_RANGE' });
    expect(recordsOf(log)).toEqual(['5:f', '6:g', '7:h']);
    const reopened = openPartition({ disk: disk.restart(), clock, config }).log;
    expect(reopened.logStartOffset).toBe(5);
    expect(recordsOf(reopened)).toEqual(['5:f', '6:g', '7:h']);
  });

  // REFERENCE §2: 6.
  it('at or below the log start does nothing', async () => {
    const { log, disk } = await filled();
    log.deleteRecords(5);
    const operations = disk.operations;
    expect(log.deleteRecords(5)).toEqual({ logStartOffset: 5 });
    expect(log.deleteRecords(2)).toEqual({ logStartOffset: 5 });
    expect(disk.operations).toBe(operations);
  });

  it('above the high watermark is refused', async () => {
    const { log } = await filled();
    appended(log.append(plain('i'), client));
    expect(log.deleteRecords(9)).toMatchObject({ error: 'OFFSET_OUT_OF_RANGE' });
    expect(log.deleteRecords(-2)).toMatchObject({ error: 'OFFSET_OUT_OF_RANGE' });
    expect(log.deleteRecords(8)).toEqual({ logStartOffset: 8 });
  });

  it('takes the last stable offset along, past an open transaction', async () => {
    const { log } = openPartition();
    appended(log.append(next(producer(1), ['a'], true), client));
    appended(log.append(plain('b'), client));
    await log.sync();
    log.deleteRecords(2);
    expect(log.lastStableOffset).toBe(2);
  });

  it('removes segments only behind a snapshot of their producers', async () => {
    const { log, disk, clock } = openPartition({ config });
    const one = producer(1);
    for (const text of 'abcdef') appended(log.append(next(one, [text]), client));
    await log.sync();
    log.deleteRecords(6);
    expect(recordsOf(log)).toEqual([]);
    await log.close();
    expect(logFiles(disk)).toEqual(['00000000000000000004.log']);
    const reopened = openPartition({ disk, clock, config, isClean: true }).log;
    // REFERENCE §2: 44.
    expect(reopened.append(next(producer(1, 0, 5), ['f']), client)).toMatchObject({ isDuplicate: true, baseOffset: 5 });
    expect(appended(reopened.append(next(one, ['g']), client)).baseOffset).toBe(6);
  });

  it('keeps what the last checkpoint tells of producers, also when the process dies right behind it', async () => {
    const { log, disk, clock } = openPartition({ config });
    const one = producer(1);
    for (const text of 'abcdef') appended(log.append(next(one, [text]), client));
    await log.checkpoint();
    log.deleteRecords(6);
    expect(logFiles(disk)).toEqual(['00000000000000000004.log']);
    const reopened = openPartition({ disk: disk.restart(), clock, config }).log;
    expect(reopened.append(next(producer(1, 0, 1), ['b']), client)).toMatchObject({ isDuplicate: true, baseOffset: 1 });
  });

  it('of everything goes on with the offsets that follow', async () => {
    const { log, disk, clock } = await filled();
    log.deleteRecords(8);
    await log.close();
    const reopened = openPartition({ disk, clock, config, isClean: true }).log;
    expect(reopened).toMatchObject({ logStartOffset: 8, highWatermark: 8, logEndOffset: 8 });
    expect(readFrom(reopened, 8)).toMatchObject({ chunks: [], nextOffset: 8 });
    expect(appended(reopened.append(plain('i'), client)).baseOffset).toBe(8);
  });
});

describe('retention', () => {
  it('by size removes whole segments from the front while what is left is enough', async () => {
    const { log, disk } = await filled({ config: { ...config, retentionBytes: BATCH_BYTES * 4 } });
    await log.close();
    const reopened = openPartition({ disk, config: { ...config, retentionBytes: BATCH_BYTES * 4 }, isClean: true });
    expect(reopened.log.retain()).toBe(2);
    expect(reopened.log.logStartOffset).toBe(4);
    expect(logFiles(disk)).toHaveLength(2);
    expect(reopened.log.retain()).toBe(0);
  });

  it('by age looks at the newest record of a segment', async () => {
    const { log, clock } = openPartition({ config: { ...config, retentionMs: 1000 } });
    const at = (ago: number): Buffer => encodeBatch([{ timestamp: clock.now() - ago, value: 'v' }]);
    for (const ago of [5000, 3000, 2000, 500, 4000, 3000]) appended(log.append(at(ago), client));
    await log.sync();
    log.retain();
    expect(log.logStartOffset).toBe(2);
  });

  it.for([
    ['age', { retentionMs: 1000, retentionBytes: -1 }],
    ['size', { retentionMs: -1, retentionBytes: 0 }],
  ] as const)('by %s takes the active segment when all of it is due, and the log goes on', async ([, limit]) => {
    const { log, disk, clock } = openPartition({ config: { segmentBytes: 10_000, ...limit } });
    const record = (): Buffer => encodeBatch([{ timestamp: clock.now(), value: 'v' }]);
    for (let count = 0; count < 3; count++) appended(log.append(record(), client));
    await log.sync();
    clock.advance(1000);
    if (limit.retentionMs > 0) expect(log.retain()).toBe(0);
    clock.advance(1);
    log.retain();
    expect([log.logStartOffset, log.logEndOffset]).toEqual([3, 3]);
    await log.checkpoint();
    expect(logFiles(disk)).toEqual(['00000000000000000003.log']);
    expect(appended(log.append(record(), client)).baseOffset).toBe(3);
    await log.sync();
    expect(openPartition({ disk: disk.restart(), clock }).log.logStartOffset).toBe(3);
  });

  it('leaves what is not durable, what is not decided, what has no time, and compacted topics alone', async () => {
    const { log: unsynced } = openPartition({ config: { retentionBytes: 0 } });
    appended(unsynced.append(plain('a'), client));
    expect(unsynced.retain()).toBe(0);
    expect(unsynced.logStartOffset).toBe(0);

    const { log: open } = openPartition({ config: { retentionMs: 0 } });
    appended(open.append(next(producer(1), ['a'], true), client));
    await open.sync();
    open.retain();
    expect(open.logStartOffset).toBe(0);

    const timeless = openPartition({ config: { ...config, retentionMs: 1000 } });
    for (let count = 0; count < 4; count++) {
      appended(timeless.log.append(encodeBatch([{ timestamp: -1, value: 'v' }]), client));
    }
    await timeless.log.sync();
    timeless.log.retain();
    expect(timeless.log.logStartOffset).toBe(0);
    // It has the time at which its segment ended.
    timeless.clock.advance(1001);
    timeless.log.retain();
    expect(timeless.log.logStartOffset).toBe(2);

    const { log: compacted } = openPartition({ config: { cleanup: 'compact', retentionBytes: 0, retentionMs: 0 } });
    appended(compacted.append(encodeBatch([{ timestamp: 1, key: 'k', value: 'v' }]), client));
    await compacted.sync();
    expect(compacted.retain()).toBe(0);
    expect(recordsOf(compacted)).toEqual(['0:v']);
  });

  it('also applies to a topic that is compacted and deleted', async () => {
    const { log, clock } = openPartition({ config: { ...config, cleanup: 'compact,delete', retentionMs: 1000 } });
    const at = (ago: number): Buffer => encodeBatch([{ timestamp: clock.now() - ago, key: 'k', value: 'v' }]);
    for (const ago of [5000, 3000, 500]) appended(log.append(at(ago), client));
    await log.sync();
    log.retain();
    expect(log.logStartOffset).toBe(2);
  });

  it('goes by the limits of the moment, not by those the log was opened with', async () => {
    const { log } = await filled();
    expect(log.retain()).toBe(0);
    log.configure({ ...log.config, retentionBytes: BATCH_BYTES * 3 });
    log.retain();
    expect(log.logStartOffset).toBe(4);
  });
});

describe('a segment', () => {
  it('ends when it is full', async () => {
    const { disk } = await filled();
    expect(logFiles(disk)).toEqual([0, 2, 4, 6].map((offset) => `0000000000000000000${offset}.log`));
  });

  it('ends when its index is full', async () => {
    const small = { indexIntervalBytes: 1, segmentIndexBytes: 24, retentionMs: -1 };
    const { disk } = await filled({ config: small });
    // The first batch needs no entry; each other has one of twelve bytes.
    expect(logFiles(disk)).toEqual([0, 3, 6].map((offset) => `0000000000000000000${offset}.log`));
  });

  it('ends at the size of the moment, when the topic is told another', async () => {
    const { log, disk } = openPartition();
    appended(log.append(plain('a'), client));
    appended(log.append(plain('b'), client));
    log.configure({ ...log.config, segmentBytes: BATCH_BYTES });
    appended(log.append(plain('c'), client));
    expect(logFiles(disk)).toEqual(['00000000000000000000.log', '00000000000000000002.log']);
  });

  it('ends earlier by its jitter, some more and some less, each always the same', () => {
    const ages = ['orders-0', 'orders-1', 'orders-2', 'orders-3'].map((name) => {
      const jittered = { segmentMs: 60_000, segmentJitterMs: 30_000 };
      const { log, clock, disk } = openPartition({ name, config: jittered });
      appended(log.append(plain('a'), client));
      for (let age = 0; ; age += 500) {
        appended(log.append(plain('b'), client));
        if (logFiles(disk).length === 2) return age;
        clock.advance(500);
      }
    });
    expect(Math.min(...ages)).toBeGreaterThanOrEqual(30_000);
    expect(Math.max(...ages)).toBeLessThanOrEqual(60_000);
    expect(new Set(ages).size).toBeGreaterThan(1);
  });

  it('ends when it is old, also over a restart', async () => {
    const aged = { segmentMs: 60_000 };
    const { log, disk, clock } = openPartition({ config: aged });
    appended(log.append(plain('a'), client));
    clock.advance(40_000);
    appended(log.append(plain('b'), client));
    await log.close();
    const reopened = openPartition({ disk, clock, config: aged, isClean: true }).log;
    clock.advance(30_000);
    appended(reopened.append(plain('c'), client));
    expect(logFiles(disk)).toEqual(['00000000000000000000.log', '00000000000000000002.log']);
  });

  it('that ended is found again with all its indexes, or without any of them', async () => {
    const { log, disk, clock } = openPartition({ config: { ...config, indexIntervalBytes: 1 }, tailBytes: 0 });
    const one = producer(1);
    for (const text of 'abc') appended(log.append(next(one, [text], true), client));
    appended(log.append(marker('abort', one), coordinator));
    for (const text of 'def') appended(log.append(next(one, [text], true), client));
    appended(log.append(marker('commit', one), coordinator));
    await log.close();
    const kept = ['3:abort', '4:d', '5:e', '6:f', '7:commit'];
    const options = { disk, clock, config, isClean: true, tailBytes: 0 };
    const read = { isolation: 'read_committed', skipAborted: true } as const;
    expect(recordsOf(openPartition(options).log, read)).toEqual(kept);
    for (const name of disk.list(DIRECTORY).filter((one) => one.endsWith('index'))) disk.remove(`${DIRECTORY}/${name}`);
    dropSnapshot(disk);
    const bare = openPartition(options).log;
    expect(recordsOf(bare, read)).toEqual(kept);
    expect(bare.append(next(producer(1, 0, 5), ['f'], true), client)).toMatchObject({ isDuplicate: true });
  });
});
