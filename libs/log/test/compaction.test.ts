import { SimulatedDisk } from '@millrace/testing';
import { batchesIn, type BatchHeader, decodeBatch, deleteHorizonOf, encodeBatch, packBatch } from '@millrace/wire';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Log } from '../src/log.ts';
import type { LogEvent } from '../src/types.ts';
import { marker, producer, type TestProducer } from './support/batches.ts';
import { appended, client, coordinator, DIRECTORY, dropSnapshot, openPartition } from './support/partition.ts';

const DAY_MS = 24 * 3_600_000;
const config = { cleanup: 'compact', segmentBytes: 300, deleteRetentionMs: DAY_MS, indexIntervalBytes: 100 } as const;

type Pair = readonly [key: string, value: string | null];

function keyed(pairs: readonly Pair[], timestamp: number, from?: TestProducer): Buffer {
  const records = pairs.map(([key, value]) => ({ timestamp, key, value }));
  if (from === undefined) return encodeBatch(records);
  const batch = encodeBatch(records, { ...from, isTransactional: true });
  from.baseSequence += pairs.length;
  return batch;
}

/** `offset:key=value` of what a read_committed reader sees; `offset:commit` and `offset:abort`. */
function pairsOf(log: Log): string[] {
  const found: string[] = [];
  for (let offset = log.logStartOffset; ; ) {
    const slice = log.read(offset, 250, { isolation: 'read_committed', atLeastOne: true, skipAborted: true });
    if (slice.error !== undefined) throw new Error(slice.message);
    for (const chunk of slice.chunks) {
      for (const { at, header } of batchesIn(chunk)) {
        for (const { offset, key, value } of decodeBatch(chunk, at).records) {
          const type = key?.[3] === 1 ? 'commit' : 'abort';
          found.push(`${offset}:${header.isControl ? type : `${String(key)}=${String(value ?? '')}`}`);
        }
      }
    }
    if (slice.nextOffset === offset) return found;
    offset = slice.nextOffset;
  }
}

function headersOf(log: Log): BatchHeader[] {
  const slice = log.read(log.logStartOffset, 1_000_000, { isolation: 'read_uncommitted', atLeastOne: true });
  if (slice.error !== undefined) throw new Error(slice.message);
  return slice.chunks.flatMap((chunk) => Array.from(batchesIn(chunk), ({ header }) => header));
}

/** Closes segments and has them saved, so that all before is ready to be compacted. */
async function settle({ log, clock }: ReturnType<typeof openPartition>): Promise<void> {
  appended(log.append(keyed([['filler', 'x'.repeat(300)]], clock.now()), client));
  appended(log.append(keyed([['filler', 'y'.repeat(300)]], clock.now()), client));
  await log.sync();
  await log.checkpoint();
}

const withoutFiller = (pairs: readonly string[]): string[] => pairs.filter((pair) => !pair.includes('filler'));

describe('compaction', () => {
  it('leaves the last record of each key, at its offset', async () => {
    const partition = openPartition({ config, tailBytes: 0 });
    const { log, clock } = partition;
    const write = (...pairs: Pair[]): void => void appended(log.append(keyed(pairs, clock.now()), client));
    write(['a', '1'], ['b', '1']);
    write(['a', '2'], ['c', '1'], ['a', '3']);
    write(['b', '2']);
    write(['d', '1']);
    await settle(partition);
    await log.compact();
    expect(withoutFiller(pairsOf(log))).toEqual(['3:c=1', '4:a=3', '5:b=2', '6:d=1']);
  });

  // REFERENCE §2: 43. Q1.
  it('pitfall 43: keeps the base offset and the last offset delta of a batch it thins, and a sound checksum', async () => {
    const partition = openPartition({ config, tailBytes: 0 });
    const { log, clock } = partition;
    appended(
      log.append(
        keyed(
          [
            ['a', '1'],
            ['b', '1'],
            ['a', '2'],
            ['b', '2'],
          ],
          clock.now(),
        ),
        client,
      ),
    );
    appended(log.append(keyed([['b', '3']], clock.now()), client));
    await settle(partition);
    await log.compact();
    const slice = log.read(1, 1, { isolation: 'read_uncommitted', atLeastOne: true });
    const [chunk] = slice.error === undefined ? slice.chunks : [];
    const { header, records } = decodeBatch(chunk as Buffer);
    expect(header).toMatchObject({ baseOffset: 0, lastOffsetDelta: 3, recordCount: 1 });
    expect(records.map(({ offset }) => offset)).toEqual([2]);
    expect([...batchesIn(chunk as Buffer)]).toHaveLength(1);
  });

  it('keeps tombstones for their time, then lets them go', async () => {
    const partition = openPartition({ config, tailBytes: 0 });
    const { log, clock } = partition;
    appended(
      log.append(
        keyed(
          [
            ['a', '1'],
            ['b', '1'],
          ],
          clock.now(),
        ),
        client,
      ),
    );
    appended(log.append(keyed([['a', null]], clock.now()), client));
    await settle(partition);
    await log.compact();
    expect(withoutFiller(pairsOf(log))).toEqual(['1:b=1', '2:a=']);
    clock.advance(2 * DAY_MS);
    for (let round = 0; round < 3; round++) await settle(partition);
    await log.compact();
    expect(withoutFiller(pairsOf(log))).toEqual(['1:b=1']);
  });

  // Z6.
  it('counts the time of a tombstone from when it met it, not from the time that its record has, over a restart', async () => {
    const partition = openPartition({ config, tailBytes: 0 });
    const { log, clock } = partition;
    appended(log.append(keyed([['a', '1']], clock.now() - 9 * DAY_MS), client));
    appended(log.append(keyed([['a', null]], clock.now() - 9 * DAY_MS), client));
    await settle(partition);
    const began = clock.now();
    await log.compact();
    expect(withoutFiller(pairsOf(log))).toEqual(['1:a=']);
    const [header] = headersOf(log);
    expect(deleteHorizonOf(header as BatchHeader)).toBe(began + DAY_MS);
    // The record has its own time all the same.
    expect(log.offsetForTimestamp(0, 'read_uncommitted')).toEqual({ offset: 1, timestamp: began - 9 * DAY_MS });
    await log.close();
    const reopened = openPartition({ disk: partition.disk, clock, config, isClean: true, tailBytes: 0 });
    clock.advance(2 * DAY_MS);
    await settle(reopened);
    await settle(reopened);
    await reopened.log.compact();
    expect(withoutFiller(pairsOf(reopened.log))).toEqual([]);
  });

  it.for(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
    'reads batches in %s, and packs again what it leaves of them',
    async (codec) => {
      const partition = openPartition({ config, tailBytes: 0 });
      const { log, clock } = partition;
      const pairs: Pair[] = [
        ['a', '1'],
        ['b', '1'.repeat(200)],
        ['a', '2'],
        ['c', '1'],
      ];
      appended(log.append(packBatch(keyed(pairs, clock.now()), { codec }), client));
      appended(
        log.append(
          packBatch(
            keyed(
              [
                ['a', '3'],
                ['c', '2'],
              ],
              clock.now(),
            ),
            { codec },
          ),
          client,
        ),
      );
      await settle(partition);
      await log.compact();
      expect(withoutFiller(pairsOf(log))).toEqual([`1:b=${'1'.repeat(200)}`, '4:a=3', '5:c=2']);
      expect(headersOf(log)[0]).toMatchObject({ codec, baseOffset: 0, lastOffsetDelta: 3, recordCount: 1 });
    },
  );

  // Z4.
  it('leaves of the last batch of a producer at least that it was there, while the producer is remembered', async () => {
    const partition = openPartition({ config, tailBytes: 0 });
    const { log, clock } = partition;
    const one = producer(1);
    appended(log.append(keyed([['a', '1']], clock.now(), one), client));
    appended(log.append(keyed([['a', '2']], clock.now(), one), client));
    appended(log.append(marker('commit', one, 0, clock.now()), coordinator));
    appended(log.append(keyed([['a', '3']], clock.now()), client));
    await settle(partition);
    await log.compact();
    expect(headersOf(log)[0]).toMatchObject({ baseOffset: 1, recordCount: 0, producerId: 1, baseSequence: 1 });
    clock.advance(2 * DAY_MS);
    log.retain();
    await log.compact();
    expect(headersOf(log)[0]).toMatchObject({ baseOffset: 3, recordCount: 1 });
  });

  it('makes one segment of small neighbours, and readers find their way through it', async () => {
    const partition = openPartition({ config, tailBytes: 0 });
    const { log, clock, disk } = partition;
    for (let round = 0; round < 20; round++) {
      appended(
        log.append(
          keyed(
            [
              [`k${round % 7}`, `${round}`],
              [`once${round}`, 'x'],
            ],
            clock.now(),
          ),
          client,
        ),
      );
    }
    await settle(partition);
    const table = tableOf(pairsOf(log));
    const files = (): number => disk.list(DIRECTORY).filter((name) => name.endsWith('.log')).length;
    const before = files();
    log.configure({ ...log.config, segmentBytes: 1_000_000 });
    await log.compact();
    expect(files()).toBeLessThan(before / 2);
    expect(tableOf(pairsOf(log))).toEqual(table);
    expect(log.read(3, 1, { isolation: 'read_uncommitted', atLeastOne: true })).toMatchObject({ nextOffset: 4 });
    await log.close();
    const { log: reopened } = openPartition({ disk, clock, config, isClean: true, tailBytes: 0 });
    expect(tableOf(pairsOf(reopened))).toEqual(table);
    expect(reopened.recovery).toMatchObject({ truncatedBytes: 0, removedSegments: 0 });
  });

  it('keeps its place over a restart, and waits until enough is new', async () => {
    const partition = openPartition({ config, tailBytes: 0 });
    for (const value of '123456') appended(partition.log.append(keyed([['a', value.repeat(80)]], 1), client));
    await settle(partition);
    await partition.log.compact();
    await partition.log.close();
    const events: LogEvent[] = [];
    const reopened = openPartition({
      disk: partition.disk,
      clock: partition.clock,
      config: { ...config, cleanableRatioMin: 0.9 },
      isClean: true,
      onEvent: (event) => events.push(event),
    });
    const { disk, log } = reopened;
    const operations = disk.operations;
    await log.compact();
    expect(disk.operations).toBe(operations);
    for (const value of '12') appended(log.append(keyed([['a', value.repeat(80)]], 1), client));
    await settle(reopened);
    await log.compact();
    expect(events).toEqual([]);
    log.configure({ ...log.config, cleanableRatioMin: 0.1 });
    await log.compact();
    expect(events).toMatchObject([{ kind: 'compacted', partition: 'orders-0' }]);
  });

  it('leaves young records alone, and takes old ones however few, as the lags of the topic say', async () => {
    const lagged = { ...config, compactionLagMsMin: 1000, cleanableRatioMin: 1, compactionLagMsMax: 60_000 };
    const partition = openPartition({ config: lagged, tailBytes: 0 });
    const { log, clock } = partition;
    for (const value of '1234') appended(log.append(keyed([['a', value.repeat(100)]], clock.now()), client));
    await settle(partition);
    await log.compact();
    expect(withoutFiller(pairsOf(log))).toHaveLength(4);
    clock.advance(1001);
    await log.compact();
    expect(withoutFiller(pairsOf(log))).toHaveLength(1);
    appended(log.append(keyed([['a', 'new']], clock.now()), client));
    await settle(partition);
    clock.advance(2000);
    await log.compact();
    expect(withoutFiller(pairsOf(log))).toHaveLength(2);
    // The active segment has come of age, too: it ends, is saved, and is compacted by the next round.
    clock.advance(60_000);
    await log.compact();
    await log.checkpoint();
    await log.compact();
    expect(withoutFiller(pairsOf(log)).map((pair) => pair.slice(-5))).toEqual(['a=new']);
  });

  it('that finds the disk full says so, changes nothing, and is tried again', async () => {
    const events: LogEvent[] = [];
    const partition = openPartition({ config, tailBytes: 0, onEvent: (event) => events.push(event) });
    const { log, clock, disk } = partition;
    for (const value of '123')
      appended(
        log.append(
          keyed(
            [
              ['a', value],
              ['b', value],
            ],
            clock.now(),
          ),
          client,
        ),
      );
    await settle(partition);
    const before = pairsOf(log);
    disk.setFreeBytes(10);
    await log.compact();
    expect(events).toEqual([
      { kind: 'compaction failed', partition: 'orders-0', reason: expect.stringContaining('ENOSPC') },
    ]);
    expect(log.state.kind).toBe('online');
    expect(pairsOf(log)).toEqual(before);
    disk.setFreeBytes(Number.POSITIVE_INFINITY);
    await log.compact();
    expect(withoutFiller(pairsOf(log))).toEqual(['4:a=3', '5:b=3']);
  });

  it('that can not put its file in place takes the partition offline, and the next open has one or the other', async () => {
    const partition = openPartition({ config, tailBytes: 0 });
    const { log, clock, disk } = partition;
    for (const value of '123')
      appended(
        log.append(
          keyed(
            [
              ['a', value],
              ['b', value],
            ],
            clock.now(),
          ),
          client,
        ),
      );
    await settle(partition);
    const table = tableOf(pairsOf(log));
    disk.failOn(({ kind }) => (kind === 'rename' ? new Error('EIO: input/output error') : undefined));
    await log.compact();
    expect(log.state).toEqual({ kind: 'offline', reason: 'EIO: input/output error' });
    disk.failOn(() => undefined);
    expect(tableOf(pairsOf(openPartition({ disk: disk.restart(), clock, config }).log))).toEqual(table);
  });

  it('lets aborted records neither stay nor replace others, and keeps a marker while its records are there', async () => {
    const partition = openPartition({ config, tailBytes: 0 });
    const { log, clock } = partition;
    const [one, two] = [producer(1), producer(2)];
    appended(
      log.append(
        keyed(
          [
            ['a', '1'],
            ['b', '1'],
          ],
          clock.now(),
        ),
        client,
      ),
    ); // 0, 1
    appended(log.append(keyed([['a', 'aborted']], clock.now(), one), client)); // 2
    appended(log.append(keyed([['b', '2']], clock.now(), two), client)); // 3
    appended(log.append(marker('abort', one, 0, clock.now()), coordinator)); // 4
    appended(log.append(marker('commit', two, 0, clock.now()), coordinator)); // 5
    appended(log.append(keyed([['gone', '1']], clock.now(), two), client)); // 6
    appended(log.append(marker('commit', two, 0, clock.now()), coordinator)); // 7
    appended(log.append(keyed([['gone', '2']], clock.now()), client)); // 8
    await settle(partition);
    await log.compact();
    // Z6. Markers whose data is gone have their time, too.
    expect(withoutFiller(pairsOf(log))).toEqual(['0:a=1', '3:b=2', '4:abort', '5:commit', '7:commit', '8:gone=2']);
    clock.advance(2 * DAY_MS);
    await log.compact();
    expect(withoutFiller(pairsOf(log))).toEqual(['0:a=1', '3:b=2', '5:commit', '8:gone=2']);
    await log.close();
    const { log: reopened } = openPartition({ disk: partition.disk, clock, config, isClean: true, tailBytes: 0 });
    expect(reopened.lastStableOffset).toBe(reopened.highWatermark);
    expect(withoutFiller(pairsOf(reopened))).toEqual(['0:a=1', '3:b=2', '5:commit', '8:gone=2']);
  });

  // REFERENCE §2: 32. Z4.
  it('pitfall 32: keeps a marker at the end of its range, so that a reader gets past it', async () => {
    const { log, clock } = openPartition({ config: { ...config, segmentBytes: 200 }, tailBytes: 0 });
    const one = producer(1);
    appended(log.append(keyed([['a', 'x'.repeat(60)]], clock.now(), one), client));
    appended(log.append(marker('abort', one, 0, clock.now()), coordinator));
    appended(log.append(keyed([['filler', 'x'.repeat(300)]], clock.now()), client));
    await log.sync();
    await log.checkpoint();
    clock.advance(2 * DAY_MS);
    await log.compact();
    expect(pairsOf(log)[0]).toBe('1:abort');
  });

  it('leaves what is open, and what is not yet on the device, alone', async () => {
    const partition = openPartition({ config, tailBytes: 0 });
    const { log, clock } = partition;
    appended(log.append(keyed([['a', '1']], clock.now(), producer(1)), client));
    appended(log.append(keyed([['a', '2']], clock.now()), client));
    await settle(partition);
    const operations = partition.disk.operations;
    await log.compact();
    expect(partition.disk.operations).toBe(operations);
  });

  const operation = fc.record({
    key: fc.constantFrom('a', 'b', 'c', 'd'),
    value: fc.option(fc.string({ maxLength: 20 })),
    by: fc.constantFrom('client', 'one', 'two'),
    ends: fc.constantFrom('commit', 'abort', undefined, undefined),
    codec: fc.constantFrom('none', 'none', 'gzip', 'snappy', 'lz4', 'zstd'),
  });

  it('changes nothing of what a reader of all keys ends up with, and only ever removes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 60 }), fc.boolean(), async (operations, isAged) => {
        const partition = openPartition({ config, tailBytes: 0 });
        const { log, clock } = partition;
        const producers = { one: producer(1), two: producer(2) };
        for (const { key, value, by, ends, codec } of operations) {
          const pairs: Pair[] = [
            ['all', value],
            [key, value],
          ];
          const batch = keyed(pairs, clock.now(), by === 'client' ? undefined : producers[by]);
          appended(log.append(packBatch(batch, { codec }), client));
          if (by !== 'client' && ends !== undefined) {
            appended(log.append(marker(ends, producers[by], 0, clock.now()), coordinator));
          }
        }
        for (const one of Object.values(producers)) {
          appended(log.append(marker('commit', one, 0, clock.now()), coordinator));
        }
        await settle(partition);
        const before = pairsOf(log);
        const table = tableOf(before);
        await log.compact();
        if (isAged) {
          clock.advance(2 * DAY_MS);
          await log.compact();
        }
        const after = pairsOf(log);
        expect(before).toEqual(expect.arrayContaining(after));
        expect(tableOf(after)).toEqual(table);
        const survivor = partition.disk.restart();
        const { log: reopened } = openPartition({ disk: survivor, clock, config, tailBytes: 0 });
        expect(pairsOf(reopened)).toEqual(after);
        expect(reopened.lastStableOffset).toBe(log.lastStableOffset);
        expect(lastSequences(reopened)).toEqual(lastSequences(log));
        // Also from the log alone: what a producer stands on is still there.
        dropSnapshot(survivor);
        const { log: replayed } = openPartition({ disk: survivor, clock, config, tailBytes: 0 });
        expect(lastSequences(replayed)).toEqual(lastSequences(log));
        expect(pairsOf(replayed)).toEqual(after);
      }),
      { numRuns: 40 },
    );
  });

  // Z1.
  it('that was interrupted between two files is finished by the next open, however often that dies, too', async () => {
    let interrupted = 0;
    for (let at = 1; ; at++) {
      const disk = new SimulatedDisk();
      const partition = openPartition({ disk, config, tailBytes: 0 });
      const { log, clock } = partition;
      for (const value of '123456') {
        appended(
          log.append(
            keyed(
              [
                [`k${value}`, value],
                ['all', value],
              ],
              clock.now(),
            ),
            client,
          ),
        );
      }
      await settle(partition);
      const table = tableOf(pairsOf(log));
      log.configure({ ...log.config, segmentBytes: 100_000 });
      const operations = disk.operations;
      disk.crashAfter(at);
      await log.compact();
      if (disk.operations - operations < at) break;
      const everything = { names: (count: number) => count };
      if (
        !disk
          .restart(everything)
          .list(DIRECTORY)
          .some((name) => name.endsWith('.swap'))
      )
        continue;
      interrupted++;
      for (let operation = 1; ; operation++) {
        const second = disk.restart(everything);
        second.crashAfter(operation);
        let isDone = false;
        try {
          openPartition({ disk: second, clock, config });
          isDone = true;
        } catch {
          // The disk is gone.
        }
        for (const share of [0, 1]) {
          const third = second.restart({ names: (count) => count * share });
          expect(tableOf(pairsOf(openPartition({ disk: third, clock, config }).log))).toEqual(table);
        }
        if (isDone) break;
      }
    }
    expect(interrupted).toBeGreaterThan(2);
  });

  // Z1.
  it.for([
    ['of one segment', 300],
    ['that makes one segment of several', 100_000],
  ] as const)('%s can crash at any operation: each key still has its last record', async ([, segmentBytes]) => {
    for (let at = 1; ; at++) {
      const disk = new SimulatedDisk();
      const partition = openPartition({ disk, config, tailBytes: 0 });
      const { log, clock } = partition;
      for (let round = 0; round < 12; round++) {
        appended(
          log.append(
            keyed(
              [
                [`k${round % 3}`, `${round}`],
                ['all', `${round}`],
              ],
              clock.now(),
            ),
            client,
          ),
        );
      }
      await settle(partition);
      const table = tableOf(pairsOf(log));
      log.configure({ ...log.config, segmentBytes });
      disk.crashAfter(at);
      const operations = disk.operations;
      await log.compact();
      const isDone = disk.operations - operations < at;
      for (const share of [0, 0.5, 1]) {
        const after = disk.restart({ names: (count) => Math.round(count * share) });
        const { log: reopened } = openPartition({ disk: after, clock, config, tailBytes: 0 });
        expect(tableOf(pairsOf(reopened)), `crash in operation ${at}`).toEqual(table);
        expect(after.list(DIRECTORY).filter((name) => /tmp$|swap$/.test(name))).toEqual([]);
        expect(tableOf(pairsOf(openPartition({ disk: after.restart(), clock, config }).log))).toEqual(table);
      }
      if (isDone) return;
    }
  });
});

function lastSequences(log: Log): string[] {
  return log
    .producers()
    .map((one) => `${one.producerId}/${one.producerEpoch}: ${one.lastSequence}`)
    .sort();
}

/** What a reader has at the end: the last value of each key that is not deleted. */
function tableOf(pairs: readonly string[]): Record<string, string> {
  const table: Record<string, string> = {};
  for (const pair of pairs) {
    const [, key, value] = /^\d+:([^=]*)=(.*)$/s.exec(pair) ?? [];
    if (key === undefined || value === undefined) continue;
    if (value === '') delete table[key];
    else table[key] = value;
  }
  return table;
}
