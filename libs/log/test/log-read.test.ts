import { describe, expect, it } from 'vitest';

import { plain } from './support/batches.ts';
import { client, openPartition, readFrom, recordsOf, type TestOptions } from './support/partition.ts';

const BATCH_BYTES = plain('aaaa', 'aaaa').length;

/** Ten batches of two records. */
function filled(options: TestOptions): ReturnType<typeof openPartition> {
  const partition = openPartition({ fsync: 'never', ...options });
  for (let batch = 0; batch < 10; batch++) {
    partition.log.append(plain(`v${batch * 2}`.padEnd(4), `v${batch * 2 + 1}`.padEnd(4)), client);
  }
  return partition;
}

const everything = Array.from({ length: 20 }, (_, offset) => `${offset}:${`v${offset}`.padEnd(4)}`);

describe.for([
  ['memory', {}],
  ['one segment', { tailBytes: 0 }],
  ['many segments', { tailBytes: 0, config: { segmentBytes: BATCH_BYTES * 3 } }],
  ['many segments, few open', { tailBytes: 0, openSegmentsMax: 1, config: { segmentBytes: BATCH_BYTES * 2 } }],
  ['an index of every batch', { tailBytes: 0, config: { indexIntervalBytes: 1 } }],
  ['a tail that holds half', { tailBytes: BATCH_BYTES * 10 }],
] as const)('reading from %s', ([, options]) => {
  it('returns everything, in whatever portions', () => {
    const { log } = filled(options);
    for (const bytesMax of [1, BATCH_BYTES, BATCH_BYTES * 2.5, 1024 * 1024]) {
      expect(recordsOf(log, { bytesMax })).toEqual(everything);
    }
  });

  // REFERENCE §2: 1.
  it('returns the whole batch that an offset lies in', () => {
    const { log } = filled(options);
    for (let offset = 0; offset < 20; offset++) {
      const slice = readFrom(log, offset, 'read_uncommitted', 1);
      expect(slice.nextOffset).toBe(offset - (offset % 2) + 2);
      expect(slice.sizeInBytes).toBe(BATCH_BYTES);
    }
  });

  // REFERENCE §2: 2.
  it('returns a first batch above the limit only if asked to', () => {
    const { log } = filled(options);
    expect(readFrom(log, 4, 'read_uncommitted', 10).sizeInBytes).toBe(BATCH_BYTES);
    const strict = { isolation: 'read_uncommitted', atLeastOne: false } as const;
    expect(log.read(4, 10, strict)).toMatchObject({ chunks: [], nextOffset: 4 });
    expect(log.read(4, BATCH_BYTES, strict)).toMatchObject({ sizeInBytes: BATCH_BYTES, nextOffset: 6 });
  });

  it('never returns more than the limit when the first batch fits', () => {
    const { log } = filled(options);
    expect(readFrom(log, 0, 'read_uncommitted', BATCH_BYTES * 2.5).sizeInBytes).toBeLessThanOrEqual(BATCH_BYTES * 2);
  });

  it('is empty at the end, and refuses what lies beyond', () => {
    const { log } = filled(options);
    expect(readFrom(log, 20)).toMatchObject({ chunks: [], nextOffset: 20, highWatermark: 20 });
    const read = log.read(21, 100, { isolation: 'read_uncommitted', atLeastOne: true });
    expect(read).toMatchObject({ error: 'OFFSET_OUT_OF_RANGE' });
  });
});

describe('reading', () => {
  it('finds a large batch among small ones', () => {
    const { log } = openPartition({ fsync: 'never', tailBytes: 0 });
    log.append(plain('small'), client);
    log.append(plain('x'.repeat(100_000)), client);
    log.append(plain('small'), client);
    expect(recordsOf(log, { bytesMax: 10 }).map((record) => record.length)).toEqual([7, 100_002, 7]);
    expect(recordsOf(log).map((record) => record.length)).toEqual([7, 100_002, 7]);
  });

  it('says so when the disk has decayed where it was trusted', async () => {
    const { log, disk } = filled({ tailBytes: 0 });
    await log.sync();
    disk.flipBit('/orders-0/00000000000000000000.log', 16, 7); // The magic of the first batch.
    const read = log.read(0, 100, { isolation: 'read_uncommitted', atLeastOne: true });
    expect(read).toMatchObject({ error: 'KAFKA_STORAGE_ERROR' });
  });

  it('finds its way by the log when an index leads astray', async () => {
    const config = { indexIntervalBytes: 1, segmentBytes: BATCH_BYTES * 5 };
    const { log, disk, clock } = filled({ tailBytes: 0, config });
    await log.close();
    for (const [byte, bit] of [
      [8 + 3, 2],
      [12 + 8 + 3, 4],
    ] as const) {
      disk.flipBit('/orders-0/00000000000000000000.index', byte, bit);
    }
    const reopened = openPartition({ disk, clock, config, isClean: true, tailBytes: 0, fsync: 'never' });
    for (let offset = 0; offset < 20; offset++) {
      expect(readFrom(reopened.log, offset, 'read_uncommitted', 1).nextOffset).toBe(offset - (offset % 2) + 2);
    }
  });
});
