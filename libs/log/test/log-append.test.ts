import { decodeBatch, encodeBatch, patchBatch, readBatchHeader, sealChecksum } from '@millrace/wire';
import { describe, expect, it } from 'vitest';

import type { Log } from '../src/log.ts';
import { marker, plain, producer, values } from './support/batches.ts';
import { appended, client, coordinator, openPartition, readFrom, recordsOf } from './support/partition.ts';

describe('append', () => {
  it('gives records the offsets that follow on, whatever base offset the client wrote', () => {
    const { log } = openPartition({ fsync: 'never' });
    const second = plain('c');
    patchBatch(second, 0, { baseOffset: 77, partitionLeaderEpoch: 9 });
    expect(appended(log.append(plain('a', 'b'), client))).toMatchObject({ baseOffset: 0, lastOffset: 1 });
    expect(appended(log.append(second, client))).toMatchObject({ baseOffset: 2, lastOffset: 2 });
    expect(log.logEndOffset).toBe(3);
    expect(recordsOf(log)).toEqual(['0:a', '1:b', '2:c']);
  });

  it('writes the leader epoch it is given, and 0 by default', () => {
    const { log } = openPartition({ fsync: 'never' });
    log.append(plain('a'), client);
    log.append(plain('b'), { origin: 'client', leaderEpoch: 4 });
    const epochs = [0, 1].map(
      (offset) => readBatchHeader(readFrom(log, offset).chunks[0] as Buffer).partitionLeaderEpoch,
    );
    expect(epochs).toEqual([0, 4]);
  });

  it('stamps records with the time of the append when the topic wants that', () => {
    const { log, clock } = openPartition({ fsync: 'never', config: { timestampType: 'LogAppendTime' } });
    expect(appended(log.append(plain('a', 'b'), client)).logAppendTimeMs).toBe(clock.now());
    const [chunk] = readFrom(log, 0).chunks;
    expect(decodeBatch(chunk as Buffer).records.map((record) => record.timestamp)).toEqual([clock.now(), clock.now()]);
  });

  it('copies a batch that is a small part of what the socket delivered, and keeps no view of the rest', () => {
    const { log } = openPartition({ fsync: 'never' });
    for (const text of ['a', 'b', 'c']) {
      const batch = plain(text);
      const delivered = Buffer.concat([batch, Buffer.alloc(64 * 1024)]);
      log.append(delivered.subarray(0, batch.length), client);
      delivered.fill(0);
    }
    expect(recordsOf(log)).toEqual(['0:a', '1:b', '2:c']);
    // What lies side by side is returned as one.
    expect(readFrom(log, 0).chunks).toHaveLength(1);
  });
});

describe('append for a later write', () => {
  const later = { ...client, write: 'later' } as const;

  it('gives offsets at once, and writes all that came together in one operation', () => {
    const { log, disk } = openPartition({ fsync: 'never' });
    const before = disk.operations;
    const offsets = ['a', 'b', 'c'].map((text) => appended(log.append(plain(text), later)).baseOffset);
    expect(offsets).toEqual([0, 1, 2]);
    expect(log.logEndOffset).toBe(3);
    expect(disk.operations).toBe(before);
    log.write();
    expect(disk.operations).toBe(before + 1);
    log.write();
    expect(disk.operations).toBe(before + 1);
    expect(recordsOf(openPartition({ disk: disk.kill() }).log)).toEqual(['0:a', '1:b', '2:c']);
  });

  // L2.
  it('shows readers nothing before the write, nor before the sync', async () => {
    for (const fsync of ['never', 'always'] as const) {
      const { log } = openPartition({ fsync, tailBytes: 0 });
      let advances = 0;
      log.onAdvance(() => advances++);
      for (const text of ['a', 'b']) log.append(plain(text), later);
      expect([log.highWatermark, advances]).toEqual([0, 0]);
      log.write();
      const isVisible = fsync === 'never';
      expect([log.highWatermark, advances]).toEqual(isVisible ? [2, 1] : [0, 0]);
      await log.sync();
      expect([log.highWatermark, advances]).toEqual([2, 1]);
      expect(recordsOf(log)).toEqual(['0:a', '1:b']);
    }
  });

  it.for([
    { what: 'a sync', act: (log: Log) => log.sync() },
    { what: 'an append that writes', act: (log: Log) => log.append(plain('b'), client) },
    { what: 'a search by time', act: (log: Log) => log.offsetForTimestamp(0, 'read_uncommitted') },
    { what: 'the beginning of a new segment', act: (log: Log) => log.append(plain('b'.repeat(100)), later) },
  ])('is written by $what', async ({ act }) => {
    const { log, disk } = openPartition({ fsync: 'never', config: { segmentBytes: 100 } });
    log.append(plain('a'), later);
    await act(log);
    expect(recordsOf(openPartition({ disk: disk.kill() }).log)[0]).toBe('0:a');
  });

  it('does not wait for more than a megabyte', () => {
    const { log } = openPartition({ fsync: 'never' });
    const batch = plain('x'.repeat(400_000));
    for (let count = 0; count < 3; count++) log.append(Buffer.from(batch), later);
    expect(log.highWatermark).toBe(3);
  });
});

describe('append refuses', () => {
  const small = { messageBytesMax: 200 };

  function flipped(batch: Buffer, at: number): Buffer {
    batch.writeUInt8(batch.readUInt8(at) ^ 1, at);
    return batch;
  }

  function resealed(batch: Buffer, change: (batch: Buffer) => void): Buffer {
    change(batch);
    sealChecksum(batch, 0);
    return batch;
  }

  const magic1 = plain('a');
  magic1.writeInt8(1, 16);

  // REFERENCE §2: 10, 11, 17.
  it.for([
    ['a batch above the limit', plain('x'.repeat(200)), small, 'MESSAGE_TOO_LARGE'],
    ['a batch whose checksum fails', flipped(plain('a'), 65), {}, 'CORRUPT_MESSAGE'],
    ['half a batch', plain('abcdef').subarray(0, 64), {}, 'CORRUPT_MESSAGE'],
    ['an old message format', magic1, {}, 'UNSUPPORTED_FOR_MESSAGE_FORMAT'],
    ['two batches at once', Buffer.concat([plain('a'), plain('b')]), {}, 'INVALID_RECORD'],
    ['fewer records than offsets', resealed(plain('a', 'b'), (b) => b.writeInt32BE(1, 57)), {}, 'INVALID_RECORD'],
    ['more records than offsets', resealed(plain('a', 'b'), (b) => b.writeInt32BE(3, 57)), {}, 'INVALID_RECORD'],
    ['a control batch of a client', marker('commit', producer(1)), {}, 'INVALID_RECORD'],
    ['a transaction without a producer', resealed(plain('a'), (b) => b.writeInt16BE(0x10, 21)), {}, 'INVALID_RECORD'],
    ['a producer without a sequence', encodeBatch(values('a'), producer(1, 0, -1)), {}, 'INVALID_RECORD'],
    ['a producer without an epoch', encodeBatch(values('a'), producer(1, -1, 0)), {}, 'INVALID_RECORD'],
    ['a record without key on a compacted topic', plain('a'), { cleanup: 'compact' }, 'INVALID_RECORD'],
    [
      'a codec that Kafka has not defined',
      resealed(plain('a'), (b) => b.writeInt16BE(5, 21)),
      {},
      'UNSUPPORTED_COMPRESSION_TYPE',
    ],
    ['bytes that do not unpack', resealed(plain('a'), (b) => b.writeInt16BE(1, 21)), {}, 'INVALID_RECORD'],
  ] as const)('%s', ([, batch, config, error]) => {
    const { log, disk } = openPartition({ config });
    const operations = disk.operations;
    expect(log.append(Buffer.from(batch), client)).toMatchObject({ error });
    // L1. Nothing is left behind.
    expect(log.logEndOffset).toBe(0);
    expect(disk.operations).toBe(operations);
    expect(log.producers()).toEqual([]);
  });

  it('nothing of a coordinator for its size', () => {
    const { log } = openPartition({ config: small });
    appended(log.append(plain('x'.repeat(200)), coordinator));
  });
});

describe('the high watermark', () => {
  // L2.
  it('moves when a sync has ended, not before', async () => {
    const { log } = openPartition();
    log.append(plain('a'), client);
    expect(log.highWatermark).toBe(0);
    expect(recordsOf(log)).toEqual([]);
    await log.sync();
    expect(log.highWatermark).toBe(1);
    expect(recordsOf(log)).toEqual(['0:a']);
  });

  it('does not cover what was appended while the sync ran', async () => {
    const { log } = openPartition();
    log.append(plain('a'), client);
    const first = log.sync();
    await Promise.resolve();
    await Promise.resolve();
    await Promise.resolve();
    log.append(plain('b'), client);
    await first;
    expect(log.highWatermark).toBe(1);
    await log.sync();
    expect(log.highWatermark).toBe(2);
  });

  it('moves with the append when syncs are not waited for', () => {
    const { log } = openPartition({ fsync: 'never' });
    log.append(plain('a'), client);
    expect(log.highWatermark).toBe(1);
  });

  it('is announced to listeners until they stop', async () => {
    const { log } = openPartition();
    const seen: number[] = [];
    const stop = log.onAdvance(() => seen.push(log.highWatermark));
    log.append(plain('a'), client);
    await log.sync();
    stop();
    log.append(plain('b'), client);
    await log.sync();
    expect(seen).toEqual([1]);
  });

  it('costs callers that sync at the same time one sync of the device', async () => {
    const { log, disk } = openPartition();
    const syncs: number[] = [];
    disk.failOn(({ kind, number }) => {
      if (kind === 'sync') syncs.push(number);
      return undefined;
    });
    log.append(plain('a'), client);
    const first = log.sync();
    log.append(plain('b'), client);
    await Promise.all([first, log.sync(), log.sync()]);
    expect(log.highWatermark).toBe(2);
    expect(syncs).toHaveLength(1);
    await log.sync();
    expect(syncs).toHaveLength(1);
  });
});
