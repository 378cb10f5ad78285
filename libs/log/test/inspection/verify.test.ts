import type { SimulatedDisk } from '@millrace/testing';
import { encodeBatch, packBatch } from '@millrace/wire';
import { describe, expect, it } from 'vitest';

import { dumpBatches } from '../../src/inspection/dump.ts';
import { type StoredPartition, storedPartitions } from '../../src/inspection/stored-partition.ts';
import { type Verified, verifyPartition } from '../../src/inspection/verify.ts';
import { replaceSealed } from '../../src/sealed-file.ts';
import { marker, next, plain, producer } from '../support/batches.ts';
import { appended, client, coordinator, DIRECTORY, dropSnapshot, openPartition } from '../support/partition.ts';

const FIRST = '00000000000000000000';

/** A partition of three segments with everything that may lie in one, closed in order. */
async function stored(): Promise<SimulatedDisk> {
  const { log, disk } = openPartition({ config: { segmentBytes: 700, indexIntervalBytes: 1 } });
  const one = producer(1);
  for (const text of 'abc') appended(log.append(next(one, [text.repeat(50)], true), client));
  appended(log.append(marker('abort', one), coordinator));
  for (const codec of ['gzip', 'snappy', 'lz4', 'zstd'] as const) {
    appended(log.append(packBatch(plain('d'.repeat(90), 'e'), { codec }), client));
  }
  for (const text of 'fghij') appended(log.append(plain(text.repeat(50)), client));
  expect(await log.close()).toBe(true);
  return disk;
}

function partitionOn(disk: SimulatedDisk, path = DIRECTORY): StoredPartition {
  return storedPartitions(disk, path)[0] as StoredPartition;
}

const verified = (disk: SimulatedDisk): Verified => verifyPartition(disk, partitionOn(disk));

describe('verifying', () => {
  it('finds nothing wrong with what was closed, and changes nothing', async () => {
    const disk = await stored();
    const operations = disk.operations;
    expect(verified(disk)).toMatchObject({
      partition: 'orders-0',
      segments: 3,
      batches: 13,
      records: 17,
      firstOffset: 0,
      nextOffset: 17,
      problems: [],
      notes: [],
    });
    expect(disk.operations).toBe(operations);
  });

  it('finds nothing wrong with a partition that is written, or was compacted', async () => {
    const partition = openPartition({ config: { cleanup: 'compact', segmentBytes: 300, indexIntervalBytes: 1 } });
    const { log, disk, clock } = partition;
    const keyed = (key: string, value: string): Buffer => encodeBatch([{ timestamp: clock.now(), key, value }]);
    for (const value of '123456789') appended(log.append(keyed('a', value.repeat(90)), client));
    await log.sync();
    await log.checkpoint();
    await log.compact();
    appended(log.append(keyed('b', 'x'), client));
    const { problems, batches } = verified(disk);
    expect(problems).toEqual([]);
    expect(batches).toBeLessThan(9);
  });

  it('finds every flipped bit of a batch but those that mean nothing', async () => {
    const clean = await stored();
    const size = clean.readFile(`${DIRECTORY}/${FIRST}.log`).length;
    for (let byte = 0; byte < size; byte += 3) {
      const disk = clean.restart();
      disk.flipBit(`${DIRECTORY}/${FIRST}.log`, byte, byte % 8);
      let start = 0;
      for (const { position } of dumpBatches(clean.restart(), partitionOn(clean.restart()))) {
        if (position <= byte && position > start) start = position;
      }
      // The leader epoch is neither under the checksum nor read by anybody.
      if (byte - start >= 12 && byte - start < 16) continue;
      expect(verified(disk).problems.length, `byte ${byte}`).toBeGreaterThan(0);
    }
  });

  it.for(['.index', '.timeindex', '.txnindex', '.snapshot', 'checkpoint'])(
    'finds every flipped bit of a %s',
    async (kind) => {
      const clean = await stored();
      replaceSealed(clean, `${DIRECTORY}/${FIRST}.snapshot`, dropSnapshot(clean));
      const name = clean.list(DIRECTORY).find((one) => one.endsWith(kind)) as string;
      const size = clean.readFile(`${DIRECTORY}/${name}`).length;
      expect(size).toBeGreaterThan(10);
      for (let byte = 0; byte < size; byte++) {
        const disk = clean.restart();
        disk.flipBit(`${DIRECTORY}/${name}`, byte, byte % 8);
        expect(verified(disk).problems, `byte ${byte}`).toContainEqual(expect.objectContaining({ file: name }));
      }
    },
  );

  it('says of a file that ends in something else how much that is', async () => {
    const disk = await stored();
    const last = partitionOn(disk).segments.at(-1) as number;
    const name = `${String(last).padStart(20, '0')}.log`;
    const file = disk.open(`${DIRECTORY}/${name}`);
    file.write(Buffer.from('torn'), file.size());
    expect(verified(disk).problems).toEqual([
      { file: name, position: file.size() - 4, message: 'expected a batch, found 4 bytes that are none' },
    ]);
  });

  it('finds a segment that is missing, and records that ended before the recovery point', async () => {
    const disk = await stored();
    const [, second, third] = partitionOn(disk).segments;
    const remove = (base: number | undefined): void =>
      disk.remove(`${DIRECTORY}/${String(base).padStart(20, '0')}.log`);
    remove(second);
    expect(verified(disk).problems).toMatchObject([
      { file: `${FIRST}.log`, message: `expected records up to offset ${third}, they end at ${second}` },
    ]);
    remove(third);
    expect(verified(disk).problems).toMatchObject([
      { file: 'checkpoint', message: `expected records up to the recovery point 17, they end at ${second}` },
    ]);
  });

  it('notes indexes that are missing and files that are unfinished, which is not wrong', async () => {
    const disk = await stored();
    disk.remove(`${DIRECTORY}/${FIRST}.index`);
    disk.open(`${DIRECTORY}/${FIRST}.log.tmp`, { create: true });
    expect(verified(disk)).toMatchObject({
      problems: [],
      notes: [
        `${FIRST}.index is missing: it is made anew when it is needed`,
        `${FIRST}.log.tmp is unfinished: the next start clears it up`,
      ],
    });
  });

  it('finds a checkpoint whose checksum fails', async () => {
    const disk = await stored();
    disk.flipBit(`${DIRECTORY}/checkpoint`, 20, 1);
    expect(verified(disk).problems).toContainEqual({
      file: 'checkpoint',
      message: 'expected a checkpoint, its checksum fails',
    });
  });
});

describe('dumping', () => {
  it('tells of every batch where it lies, what it is, and what is in it', async () => {
    const disk = await stored();
    const batches = Array.from(dumpBatches(disk, partitionOn(disk)), (batch) => ({
      ...batch,
      values: batch.records().map(({ value }) => String(value).slice(0, 1)),
    }));
    expect(batches.map(({ header }) => header.baseOffset)).toEqual([0, 1, 2, 3, 4, 6, 8, 10, 12, 13, 14, 15, 16]);
    expect(batches.slice(0, 4).map(({ control }) => control)).toEqual([undefined, undefined, undefined, 'abort']);
    expect(batches.slice(4, 8).map(({ header, values }) => [header.codec, values.join('')])).toEqual([
      ['gzip', 'de'],
      ['snappy', 'de'],
      ['lz4', 'de'],
      ['zstd', 'de'],
    ]);
    expect(batches.every(({ flaw }) => flaw === 'ok')).toBe(true);
    expect(new Set(batches.map(({ segment }) => segment)).size).toBe(3);
  });

  it('begins at the batch that holds an offset, and shows what is damaged as well', async () => {
    const disk = await stored();
    const whole = [...dumpBatches(disk, partitionOn(disk), 5)];
    expect(whole[0]?.header.baseOffset).toBe(4);
    disk.flipBit(`${DIRECTORY}/${FIRST}.log`, 70, 0);
    const [first, second] = [...dumpBatches(disk, partitionOn(disk))];
    expect([first?.flaw, second?.flaw]).toEqual(['checksum mismatch', 'ok']);
  });

  it('takes the path of one segment, of a partition, or of all partitions', async () => {
    const disk = await stored();
    expect(partitionOn(disk, `${DIRECTORY}/${FIRST}.log`)).toMatchObject({ isWhole: false, segments: [0] });
    expect(partitionOn(disk, DIRECTORY).segments).toHaveLength(3);
    expect(storedPartitions(disk, '/').map(({ name }) => name)).toEqual(['orders-0']);
    expect(storedPartitions(disk, `${DIRECTORY}/00000000000000000009.log`)[0]?.segments).toEqual([]);
  });
});
