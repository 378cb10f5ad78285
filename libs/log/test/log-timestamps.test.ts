import { encodeBatch } from '@millrace/wire';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { marker, next, producer } from './support/batches.ts';
import { client, coordinator, openPartition } from './support/partition.ts';

const at = (...timestamps: readonly number[]): Buffer =>
  encodeBatch(timestamps.map((timestamp) => ({ timestamp, value: 'v' })));

describe('an offset by timestamp', () => {
  // REFERENCE §2: 4.
  it('is that of the first record, not batch, that is not older', () => {
    const { log } = openPartition({ fsync: 'never' });
    log.append(at(100, 200, 300), client);
    log.append(at(400, 500), client);
    expect(log.offsetForTimestamp(0, 'read_uncommitted')).toEqual({ offset: 0, timestamp: 100 });
    expect(log.offsetForTimestamp(200, 'read_uncommitted')).toEqual({ offset: 1, timestamp: 200 });
    expect(log.offsetForTimestamp(201, 'read_uncommitted')).toEqual({ offset: 2, timestamp: 300 });
    expect(log.offsetForTimestamp(301, 'read_uncommitted')).toEqual({ offset: 3, timestamp: 400 });
    expect(log.offsetForTimestamp(501, 'read_uncommitted')).toBeNull();
  });

  it('is below what a reader may see', async () => {
    const { log } = openPartition();
    const one = producer(1);
    log.append(at(100), client);
    await log.sync();
    log.append(next(one, ['a'], true), client);
    expect(log.offsetForTimestamp(500, 'read_uncommitted')).toBeNull();
    await log.sync();
    expect(log.offsetForTimestamp(500, 'read_uncommitted')).toMatchObject({ offset: 1 });
    expect(log.offsetForTimestamp(500, 'read_committed')).toBeNull();
    log.append(marker('commit', one), coordinator);
    await log.sync();
    expect(log.offsetForTimestamp(500, 'read_committed')).toMatchObject({ offset: 1 });
  });

  it('is never below the log start', () => {
    const { log } = openPartition({ fsync: 'never' });
    log.append(at(100, 200, 300), client);
    log.deleteRecords(1);
    expect(log.offsetForTimestamp(0, 'read_uncommitted')).toEqual({ offset: 1, timestamp: 200 });
  });

  // REFERENCE §2: 7.
  it('can be asked for the largest: the first record that has it', () => {
    const { log } = openPartition({ fsync: 'never' });
    expect(log.offsetForMaxTimestamp('read_uncommitted')).toBeNull();
    log.append(at(100, 900, 300), client);
    log.append(at(900, 500), client);
    expect(log.offsetForMaxTimestamp('read_uncommitted')).toEqual({ offset: 1, timestamp: 900 });
  });

  it('is what a look at every record finds, in any order of timestamps, over segments and a restart', async () => {
    const batches = fc.array(fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 30,
    });
    await fc.assert(
      fc.asyncProperty(batches, async (timestamps) => {
        const config = { segmentBytes: 500, indexIntervalBytes: 120 };
        const { log, disk, clock } = openPartition({ fsync: 'never', tailBytes: 0, config });
        for (const batch of timestamps) log.append(at(...batch), client);
        const all = timestamps.flat();
        const largest = Math.max(...all);
        const check = (one: typeof log): void => {
          for (let target = 0; target <= 61; target += 7) {
            const offset = all.findIndex((timestamp) => timestamp >= target);
            const expected = offset < 0 ? null : { offset, timestamp: all[offset] };
            expect(one.offsetForTimestamp(target, 'read_committed')).toEqual(expected);
          }
          const found = { offset: all.indexOf(largest), timestamp: largest };
          expect(one.offsetForMaxTimestamp('read_committed')).toEqual(found);
        };
        check(log);
        await log.close();
        check(openPartition({ disk, clock, fsync: 'never', tailBytes: 0, config, isClean: true }).log);
      }),
      { numRuns: 50 },
    );
  });
});
