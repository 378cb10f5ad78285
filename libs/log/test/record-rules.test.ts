import { decodeBatch, encodeBatch, packBatch, readBatchHeader, sealChecksum, unpackedBytes } from '@millrace/wire';
import { describe, expect, it } from 'vitest';

import { type LogConfig, UNLIMITED } from '../src/log-config.ts';
import { producer } from './support/batches.ts';
import {
  appended,
  client,
  coordinator,
  openPartition,
  readFrom,
  recordsOf,
  type TestPartition,
} from './support/partition.ts';

const codecs = ['gzip', 'snappy', 'lz4', 'zstd'] as const;
const NOW = Date.UTC(2026, 0, 1);
const HOUR_MS = 3_600_000;

const open = (config: Partial<LogConfig>): TestPartition => openPartition({ config, fsync: 'never', tailBytes: 0 });

const batchOf = (...keys: readonly (string | null)[]): Buffer =>
  encodeBatch(keys.map((key, index) => ({ timestamp: NOW + index, key, value: `v${index}` })));

function stored({ log }: TestPartition): Buffer {
  const [chunk] = readFrom(log, 0).chunks;
  return chunk as Buffer;
}

/** The batch with bytes of its records changed, and a checksum that says so. */
function spoilt(batch: Buffer, codec: 'none' | (typeof codecs)[number], change: (records: Buffer) => void): Buffer {
  const plain = Buffer.from(batch);
  change(plain.subarray(61));
  sealChecksum(plain, 0);
  return packBatch(plain, { codec });
}

describe('a batch', () => {
  it.for(codecs)('in %s is kept as it came, and read by record', async (codec) => {
    const partition = open({});
    const packed = packBatch(batchOf('a', 'b', 'c'), { codec });
    const sent = Buffer.from(packed);
    expect(appended(partition.log.append(packed, client))).toMatchObject({ baseOffset: 0, lastOffset: 2 });
    expect(stored(partition).subarray(16).equals(sent.subarray(16))).toBe(true);
    expect(recordsOf(partition.log)).toEqual(['0:v0', '1:v1', '2:v2']);
    // REFERENCE §2: 4. Also where the record lies inside of what is compressed.
    expect(partition.log.offsetForTimestamp(NOW + 1, 'read_uncommitted')).toEqual({ offset: 1, timestamp: NOW + 1 });
    expect(partition.log.offsetForMaxTimestamp('read_uncommitted')).toEqual({ offset: 2, timestamp: NOW + 2 });
  });

  // Q1.
  it.for(['none', ...codecs] as const)('in %s is refused when it holds other records than its header says', (codec) => {
    const { log } = open({});
    const more = packBatch(batchOf('a', 'b', 'c'), { codec });
    more.writeInt32BE(1, 23);
    more.writeInt32BE(2, 57);
    sealChecksum(more, 0);
    expect(log.append(more, client)).toMatchObject({ error: 'INVALID_RECORD' });
    const offsets = spoilt(batchOf('a'), codec, (records) => records.writeUInt8(4, 3));
    expect(log.append(offsets, client)).toEqual({
      error: 'INVALID_RECORD',
      message: 'records[0]: expected offset delta 0, found 2',
    });
    const lengths = spoilt(batchOf('a'), codec, (records) => records.writeUInt8(0x7e, 4));
    expect(log.append(lengths, client)).toMatchObject({ error: 'INVALID_RECORD' });
    expect(log.logEndOffset).toBe(0);
  });

  it.for(codecs)('in %s that unpacks to more than the limit is refused before it does', (codec) => {
    const { log } = open({ messageBytesMax: 8 * 1024 * 1024 });
    const bomb = packBatch(encodeBatch([{ timestamp: NOW, value: Buffer.alloc(80 * 1024 * 1024) }]), { codec });
    expect(log.append(bomb, client)).toEqual({
      error: 'MESSAGE_TOO_LARGE',
      message: 'expected records that unpack to at most 67108864 bytes, found more',
    });
  });

  it.for(['none', 'gzip'] as const)('in %s whose header claims another largest timestamp is put right', (codec) => {
    const { log } = open({});
    const packed = packBatch(batchOf('a', 'b'), { codec });
    packed.writeBigInt64BE(BigInt(NOW + 500), 35);
    sealChecksum(packed, 0);
    appended(log.append(packed, client));
    expect(log.offsetForMaxTimestamp('read_uncommitted')).toEqual({ offset: 1, timestamp: NOW + 1 });
    expect(log.offsetForTimestamp(NOW + 2, 'read_uncommitted')).toBeNull();
    expect(recordsOf(log)).toHaveLength(2);
  });
});

// REFERENCE §2: 11.
describe('a compacted topic', () => {
  it.for(['none', ...codecs] as const)('takes no record without a key, in %s', (codec) => {
    for (const cleanup of ['compact', 'compact,delete'] as const) {
      const { log } = open({ cleanup });
      expect(log.append(packBatch(batchOf('a', null, null), { codec }), client)).toEqual({
        error: 'INVALID_RECORD',
        message: 'expected a key in every record of a compacted topic, record 1 has none',
        recordIndexes: [1, 2],
      });
      appended(log.append(packBatch(batchOf('a', ''), { codec }), client));
    }
  });
});

describe('a topic with a codec of its own', () => {
  it.for(codecs)('packs in %s what comes otherwise', (compression) => {
    for (const codec of ['none', ...codecs] as const) {
      const partition = open({ compression });
      const from = producer(4);
      const batch = encodeBatch(
        ['a', 'b'].map((key) => ({ timestamp: NOW, key, value: key.repeat(100) })),
        { ...from, isTransactional: true },
      );
      appended(partition.log.append(packBatch(batch, { codec }), client));
      const header = readBatchHeader(stored(partition));
      expect(header).toMatchObject({ codec: compression, producerId: 4, baseSequence: 0, isTransactional: true });
      expect(recordsOf(partition.log)).toEqual([`0:${'a'.repeat(100)}`, `1:${'b'.repeat(100)}`]);
    }
  });

  it('unpacks what comes packed where it is to be uncompressed', () => {
    const partition = open({ compression: 'none' });
    appended(partition.log.append(packBatch(batchOf('a'), { codec: 'zstd' }), client));
    expect(readBatchHeader(stored(partition)).codec).toBe('none');
    expect(recordsOf(partition.log)).toEqual(['0:v0']);
  });

  it('holds the limit of a batch to what is stored, too', () => {
    const { log } = open({ compression: 'none', messageBytesMax: 1000 });
    const packed = packBatch(encodeBatch([{ timestamp: NOW, value: 'x'.repeat(2000) }]), { codec: 'gzip' });
    expect(log.append(packed, client)).toMatchObject({ error: 'MESSAGE_TOO_LARGE' });
  });

  it('uses the level it is given', () => {
    const value = Array.from({ length: 5000 }, (_, index) => String(index * index)).join();
    const sizes = [1, 9].map((gzipLevel) => {
      const partition = open({ compression: 'gzip', gzipLevel });
      appended(partition.log.append(encodeBatch([{ timestamp: NOW, value }]), client));
      const chunk = stored(partition);
      return unpackedBytes(chunk, readBatchHeader(chunk)).length / chunk.length;
    });
    expect(sizes[1]).toBeGreaterThan(sizes[0] as number);
  });

  it('leaves alone what the broker itself writes', () => {
    const partition = open({ compression: 'gzip' });
    appended(partition.log.append(batchOf('a'), coordinator));
    expect(readBatchHeader(stored(partition)).codec).toBe('none');
  });
});

describe('the timestamp of a record', () => {
  const at = (...timestamps: readonly number[]): Buffer =>
    encodeBatch(timestamps.map((timestamp) => ({ timestamp, key: 'k' })));
  const bounded = { timestampBeforeMsMax: HOUR_MS, timestampAfterMsMax: HOUR_MS };

  it.for([
    ['is bounded by an hour behind the append by default', {}, at(NOW + HOUR_MS), at(NOW + HOUR_MS + 1)],
    ['is bounded in the past where the topic asks for it', bounded, at(NOW, NOW - HOUR_MS), at(NOW, NOW - HOUR_MS - 1)],
    [
      'is bounded inside of a compressed batch whatever its header claims',
      bounded,
      packBatch(at(NOW), { codec: 'lz4' }),
      claiming(packBatch(at(NOW, NOW + 2 * HOUR_MS), { codec: 'lz4' }), NOW),
    ],
    ['may be missing', bounded, at(-1), at(NOW - 2 * HOUR_MS)],
  ] as const)('%s', ([, config, good, bad]) => {
    const { log } = open(config);
    appended(log.append(good, client));
    expect(log.append(bad, client)).toMatchObject({ error: 'INVALID_TIMESTAMP' });
  });

  it('is not bounded where the topic says so, but by what a number holds', () => {
    const { log } = open({ timestampAfterMsMax: UNLIMITED });
    appended(log.append(at(NOW * 100), client));
    expect(log.append(claiming(at(NOW), 2 ** 62), client)).toMatchObject({ error: 'INVALID_TIMESTAMP' });
  });

  it('is that of the append where the log stamps it, whatever the producer says', () => {
    const partition = open({ ...bounded, timestampType: 'LogAppendTime' });
    const packed = packBatch(at(NOW - 9 * HOUR_MS, NOW + 9 * HOUR_MS), { codec: 'snappy' });
    expect(appended(partition.log.append(packed, client)).logAppendTimeMs).toBe(NOW);
    expect(decodeBatch(stored(partition)).records.map(({ timestamp }) => timestamp)).toEqual([NOW, NOW]);
    expect(partition.log.offsetForTimestamp(NOW + 1, 'read_uncommitted')).toBeNull();
  });

  it('is not for the producer to declare as that of the append', () => {
    const { log } = open({});
    const batch = at(NOW);
    batch.writeInt16BE(0x08, 21);
    sealChecksum(batch, 0);
    expect(log.append(batch, client)).toMatchObject({ error: 'INVALID_TIMESTAMP' });
  });
});

function claiming(batch: Buffer, maxTimestamp: number): Buffer {
  batch.writeBigInt64BE(BigInt(maxTimestamp), 35);
  sealChecksum(batch, 0);
  return batch;
}
