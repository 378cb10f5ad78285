import { SimulatedDisk } from '@millrace/testing';
import { batchesIn, decodeBatch, encodeBatch } from '@millrace/wire';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Log } from '../src/log.ts';
import { marker, producer, type TestProducer } from './support/batches.ts';
import { appended, client, coordinator, DIRECTORY, openPartition } from './support/partition.ts';

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

/** Closes segments and has them saved, so that all before is ready to be compacted. */
async function settle({ log, clock }: ReturnType<typeof openPartition>): Promise<void> {
  appended(log.append(keyed([['filler', 'x'.repeat(300)]], clock.now()), client));
  appended(log.append(keyed([['filler', 'y'.repeat(300)]], clock.now()), client));
  await log.sync();
  for (let turn = 0; turn < 6; turn++) await clock.advanceAsync(0);
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
  it('keeps the base offset and the last offset delta of a batch it thins, and a sound checksum', async () => {
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
    clock.advance(2 * DAY_MS);
    await settle(partition);
    await log.compact();
    expect(withoutFiller(pairsOf(log))).toEqual(['0:a=1', '3:b=2', '5:commit', '8:gone=2']);
    await log.close();
    const { log: reopened } = openPartition({ disk: partition.disk, clock, config, isClean: true, tailBytes: 0 });
    expect(reopened.lastStableOffset).toBe(reopened.highWatermark);
    expect(withoutFiller(pairsOf(reopened))).toEqual(['0:a=1', '3:b=2', '5:commit', '8:gone=2']);
  });

  // REFERENCE §2: 32. Z4.
  it('keeps a marker at the end of its range, so that a reader gets past it', async () => {
    const { log, clock } = openPartition({ config: { ...config, segmentBytes: 200 }, tailBytes: 0 });
    const one = producer(1);
    appended(log.append(keyed([['a', 'x'.repeat(60)]], clock.now(), one), client));
    appended(log.append(marker('abort', one, 0, clock.now()), coordinator));
    appended(log.append(keyed([['filler', 'x'.repeat(300)]], clock.now()), client));
    await log.sync();
    for (let turn = 0; turn < 6; turn++) await clock.advanceAsync(0);
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
  });

  it('changes nothing of what a reader of all keys ends up with, and only ever removes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { maxLength: 60 }), fc.boolean(), async (operations, isAged) => {
        const partition = openPartition({ config, tailBytes: 0 });
        const { log, clock } = partition;
        const producers = { one: producer(1), two: producer(2) };
        for (const { key, value, by, ends } of operations) {
          if (by === 'client') appended(log.append(keyed([[key, value]], clock.now()), client));
          else {
            appended(log.append(keyed([[key, value]], clock.now(), producers[by]), client));
            if (ends !== undefined) appended(log.append(marker(ends, producers[by], 0, clock.now()), coordinator));
          }
        }
        for (const one of Object.values(producers)) {
          appended(log.append(marker('commit', one, 0, clock.now()), coordinator));
        }
        if (isAged) clock.advance(2 * DAY_MS);
        await settle(partition);
        const before = pairsOf(log);
        const table = tableOf(before);
        await log.compact();
        const after = pairsOf(log);
        expect(before).toEqual(expect.arrayContaining(after));
        expect(tableOf(after)).toEqual(table);
        const { log: reopened } = openPartition({ disk: partition.disk.restart(), clock, config, tailBytes: 0 });
        expect(pairsOf(reopened)).toEqual(after);
        expect(reopened.lastStableOffset).toBe(log.lastStableOffset);
      }),
      { numRuns: 40 },
    );
  });

  // Z1.
  it('can crash at any operation: each key still has its last record', async () => {
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
      disk.crashAfter(at);
      await log.compact();
      const isDone = log.state.kind === 'online';
      for (const share of [0, 0.5, 1]) {
        const after = disk.restart({ names: (count) => Math.round(count * share) });
        const { log: reopened } = openPartition({ disk: after, clock, config, tailBytes: 0 });
        expect(tableOf(pairsOf(reopened)), `crash in operation ${at}`).toEqual(table);
        expect(after.list(DIRECTORY).filter((name) => name.endsWith('.tmp'))).toEqual([]);
      }
      if (isDone) return;
    }
  });
});

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
