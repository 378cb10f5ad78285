import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { marker, next, plain, producer } from './support/batches.ts';
import { appended, client, coordinator, openPartition, readFrom, recordsOf } from './support/partition.ts';

describe('the last stable offset', () => {
  // REFERENCE §2: 30.
  it('is held by the oldest open transaction', () => {
    const { log } = openPartition({ fsync: 'never' });
    const [one, two] = [producer(1), producer(2)];
    log.append(plain('before'), client);
    log.append(next(one, ['a'], true), client);
    log.append(next(two, ['b'], true), client);
    expect(log.lastStableOffset).toBe(1);
    log.append(marker('commit', two), coordinator);
    expect(log.lastStableOffset).toBe(1);
    log.append(marker('commit', one), coordinator);
    expect(log.lastStableOffset).toBe(log.highWatermark);
  });

  it('is not held by an append that was refused', () => {
    const { log } = openPartition({ fsync: 'never' });
    log.append(next(producer(1, 4), ['a']), client);
    expect(log.append(next(producer(1, 3), ['b'], true), client)).toMatchObject({ error: 'INVALID_PRODUCER_EPOCH' });
    expect(log.lastStableOffset).toBe(1);
  });

  it('is not held by a write that failed', () => {
    const { log, disk } = openPartition({ fsync: 'never' });
    log.append(plain('a'), client);
    disk.failOn(({ kind }) => (kind === 'write' ? new Error('EIO') : undefined));
    expect(log.append(next(producer(1), ['b'], true), client)).toMatchObject({ error: 'KAFKA_STORAGE_ERROR' });
    expect(log.lastStableOffset).toBe(1);
  });

  // T1.
  it('passes a transaction when its marker is durable, not when it is written', async () => {
    const { log } = openPartition();
    const one = producer(1);
    log.append(next(one, ['a'], true), client);
    await log.sync();
    log.append(marker('commit', one), coordinator);
    expect(log.lastStableOffset).toBe(0);
    expect(recordsOf(log, { isolation: 'read_committed' })).toEqual([]);
    await log.sync();
    expect(log.lastStableOffset).toBe(2);
    expect(recordsOf(log, { isolation: 'read_committed' })).toEqual(['0:a', '1:commit']);
  });

  // T1.
  it('is held by a marker that was written while a sync ran', async () => {
    const { log } = openPartition();
    const one = producer(1);
    log.append(next(one, ['a'], true), client);
    const sync = log.sync();
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    log.append(marker('commit', one), coordinator);
    await sync;
    expect([log.highWatermark, log.lastStableOffset]).toEqual([1, 0]);
    await log.sync();
    expect([log.highWatermark, log.lastStableOffset]).toEqual([2, 2]);
  });

  it('is announced when it moves', async () => {
    const { log } = openPartition();
    const one = producer(1);
    const seen: number[] = [];
    log.onAdvance(() => seen.push(log.lastStableOffset));
    log.append(next(one, ['a'], true), client);
    await log.sync();
    log.append(marker('commit', one), coordinator);
    await log.sync();
    expect(seen).toEqual([0, 2]);
  });
});

describe('aborted transactions', () => {
  it.for([
    ['memory', 1024 * 1024],
    ['segments', 0],
  ] as const)('are left out of a read_committed read from %s, interleaved as they are', ([, tailBytes]) => {
    const { log } = openPartition({ fsync: 'never', tailBytes });
    const [one, two, three] = [producer(1), producer(2), producer(3)];
    log.append(next(one, ['a0'], true), client); // 0
    log.append(next(two, ['b1'], true), client); // 1
    log.append(plain('p2'), client); // 2
    log.append(next(one, ['a3'], true), client); // 3
    log.append(marker('abort', one), coordinator); // 4
    log.append(next(three, ['c5'], true), client); // 5
    log.append(next(one, ['a6'], true), client); // 6
    log.append(marker('abort', three), coordinator); // 7
    log.append(marker('commit', two), coordinator); // 8
    log.append(marker('commit', one), coordinator); // 9
    const left = ['1:b1', '2:p2', '4:abort', '6:a6', '7:abort', '8:commit', '9:commit'];
    for (const bytesMax of [1, 200, 10_000]) {
      expect(recordsOf(log, { isolation: 'read_committed', skipAborted: true, bytesMax })).toEqual(left);
    }
    expect(recordsOf(log)).toHaveLength(10);
    const skipping = log.read(0, 10_000, { isolation: 'read_committed', atLeastOne: true, skipAborted: true });
    expect(skipping).toMatchObject({ abortedTransactions: [], nextOffset: 10 });
  });

  // REFERENCE §2: 31.
  it('are listed whole and in order for a client that filters by itself', () => {
    const { log } = openPartition({ fsync: 'never', tailBytes: 0 });
    const [one, two] = [producer(1), producer(2)];
    log.append(next(one, ['a0'], true), client);
    log.append(next(two, ['b1'], true), client);
    log.append(marker('abort', two), coordinator);
    log.append(marker('abort', one), coordinator);
    log.append(next(two, ['b4'], true), client);
    log.append(marker('abort', two), coordinator);
    expect(readFrom(log, 0, 'read_committed').abortedTransactions).toEqual([
      { producerId: 1, firstOffset: 0 },
      { producerId: 2, firstOffset: 1 },
      { producerId: 2, firstOffset: 4 },
    ]);
    // Of a part: those that reach into it, wherever their markers are.
    expect(readFrom(log, 0, 'read_committed', 1).abortedTransactions).toEqual([{ producerId: 1, firstOffset: 0 }]);
    expect(readFrom(log, 4, 'read_committed').abortedTransactions).toEqual([{ producerId: 2, firstOffset: 4 }]);
    expect(readFrom(log, 0, 'read_uncommitted').abortedTransactions).toEqual([]);
  });

  it('without end do not stop a reader: it gets to what lies behind them', () => {
    const { log } = openPartition({ fsync: 'never', tailBytes: 0 });
    const one = producer(1);
    for (let batch = 0; batch < 50; batch++) log.append(next(one, ['x'.repeat(1000)], true), client);
    log.append(marker('abort', one), coordinator);
    const slice = log.read(0, 2000, { isolation: 'read_committed', atLeastOne: true, skipAborted: true });
    expect(slice).toMatchObject({ nextOffset: 51 });
    expect(recordsOf(log, { isolation: 'read_committed', skipAborted: true, bytesMax: 100 })).toEqual(['50:abort']);
  });

  it('of which the marker was lost are not aborted, even if an index had been saved with it', async () => {
    const config = { segmentBytes: 300 };
    const { log, disk, clock } = openPartition({ config });
    const one = producer(1);
    appended(log.append(next(one, ['a'.repeat(200)], true), client));
    appended(log.append(plain('rolls'.repeat(20)), client)); // A checkpoint begins, and waits for the sync …
    const sync = log.sync();
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    appended(log.append(marker('abort', one), coordinator)); // … while this is written: its index entry is saved with it.
    await sync;
    await clock.advanceAsync(0);
    await clock.advanceAsync(0);
    const after = disk.restart();
    expect(after.list('/orders-0').filter((name) => name.endsWith('txnindex'))).toHaveLength(2);
    const { log: reopened } = openPartition({ disk: after, clock, config, tailBytes: 0 });
    expect([reopened.logEndOffset, reopened.lastStableOffset]).toEqual([2, 0]);
    appended(reopened.append(marker('commit', one), coordinator));
    await reopened.sync();
    const committed = recordsOf(reopened, { isolation: 'read_committed', skipAborted: true });
    expect(committed.map((record) => record.slice(0, 3))).toEqual(['0:a', '1:r', '2:c']);
  });

  /** One producer's transactions follow each other, those of several interleave, over segments and a restart. */
  it('are told from committed ones in any interleaving, over segments and a restart', async () => {
    const write = fc.record({
      id: fc.integer({ min: 1, max: 4 }),
      what: fc.constantFrom('write', 'write', 'plain', 'commit', 'abort'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(write, { maxLength: 60 }), fc.boolean(), async (writes, isClean) => {
        const config = { segmentBytes: 400, indexIntervalBytes: 100 };
        const { log, disk, clock } = openPartition({ tailBytes: 0, config });
        const producers = [1, 2, 3, 4].map((id) => producer(id));
        const open = new Map<number, string[]>();
        const expected = new Map<string, 'kept' | 'aborted' | 'open'>();
        for (const { id, what } of writes) {
          const one = producers[id - 1] as ReturnType<typeof producer>;
          const offset = log.logEndOffset;
          if (what === 'plain') {
            appended(log.append(plain('p'), client));
            expected.set(`${offset}:p`, 'kept');
          } else if (what === 'write') {
            appended(log.append(next(one, ['t'], true), client));
            open.set(id, [...(open.get(id) ?? []), `${offset}:t`]);
            expected.set(`${offset}:t`, 'open');
          } else {
            appended(log.append(marker(what, one), coordinator));
            for (const record of open.get(id) ?? []) expected.set(record, what === 'commit' ? 'kept' : 'aborted');
            open.delete(id);
            expected.set(`${offset}:${what}`, 'kept');
          }
        }
        await log.sync();
        const end = log.lastStableOffset;
        const visible = [...expected].filter(([record]) => Number.parseInt(record, 10) < end);
        const kept = visible.filter(([, fate]) => fate === 'kept').map(([record]) => record);
        const read = { isolation: 'read_committed', skipAborted: true, bytesMax: 150 } as const;
        expect(visible.some(([, fate]) => fate === 'open')).toBe(false);
        expect(recordsOf(log, read)).toEqual(kept);

        if (isClean) await log.close();
        const after = isClean ? disk : disk.restart({ keep: () => 'all', names: (count) => count });
        const { log: reopened } = openPartition({ disk: after, clock, isClean, tailBytes: 0, config });
        expect(reopened.lastStableOffset).toBe(end);
        expect(recordsOf(reopened, read)).toEqual(kept);
      }),
      { numRuns: 60 },
    );
  });
});
