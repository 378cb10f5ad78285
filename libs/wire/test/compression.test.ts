import { gzipSync, zstdCompressSync } from 'node:zlib';
import * as fc from 'fast-check';
import { compressSync } from 'snappy';
import { describe, expect, it } from 'vitest';

import {
  checkBatch,
  type CompressionCodec,
  DecodeError,
  decodeBatch,
  encodeBatch,
  packBatch,
  packRecords,
  readBatchHeader,
  unpackRecords,
  WireError,
} from '../src/index.ts';

const codecs = ['gzip', 'snappy', 'lz4', 'zstd'] as const satisfies readonly CompressionCodec[];
const text = Buffer.from('millrace millrace millrace millrace millrace');

describe('records', () => {
  it.for(codecs)('packed by %s are what they were once unpacked', (codec) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1000 }), fc.integer({ min: 1, max: 200 }), (bytes, times) => {
        const plain = Buffer.concat(Array.from({ length: times }, () => bytes));
        expect(unpackRecords(codec, packRecords(codec, plain)).equals(plain)).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it.for(codecs)('that %s packed too well are refused at the limit', (codec) => {
    const packed = packRecords(codec, Buffer.alloc(1024 * 1024));
    // lz4 goes by the largest size of its blocks, so the last may count for more than it holds.
    const needed = (codec === 'lz4' ? 2 : 1) * 1024 * 1024;
    expect(unpackRecords(codec, packed, needed)).toHaveLength(1024 * 1024);
    expect(() => unpackRecords(codec, packed, 1024 * 1024 - 1)).toThrow(
      new WireError('RECORDS_TOO_LARGE', 'expected records that unpack to at most 1048575 bytes, found more'),
    );
  });

  it.for(codecs)('in %s with something else inside end in DecodeError, whatever it is', (codec) => {
    const packed = packRecords(codec, text);
    for (let length = 0; length < packed.length; length++) expectRefused(codec, packed.subarray(0, length));
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 100 }), (garbage) => {
        try {
          unpackRecords(codec, Buffer.from(garbage), 1024 * 1024);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 500 },
    );
  });

  it.for(['gzip', 'zstd'] as const)('are packed by %s at the level that is asked for', (codec) => {
    const plain = Buffer.from(Array.from({ length: 20_000 }, (_, index) => String(index * index)).join());
    expect(packRecords(codec, plain, 9).length).not.toBe(packRecords(codec, plain, 1).length);
  });

  it('that claim a snappy block of gigabytes take no memory', () => {
    expect(() => unpackRecords('snappy', Buffer.from('ffffffff0f00', 'hex'))).toThrow('at most 268435456 bytes');
  });

  it.for([
    ['a raw block of snappy, as librdkafka and Go write it', 'snappy', compressSync(text).toString('hex')],
    [
      'frames of xerial, as Java and kafkajs write them',
      'snappy',
      `82534e41505059000000000100000001${xerialBlock('millrace')}${xerialBlock('x')}`,
    ],
    [
      'an lz4 frame of independent blocks with a checksum of its content',
      'lz4',
      '04224d186440a7130000009f6d696c6c726163652009000b506c7261636500000000bd276fa5',
    ],
    [
      'an lz4 frame of blocks that lean on each other, with its length and a checksum of each block',
      'lz4',
      '04224d187c402c00000000000000b9130000009f6d696c6c726163652009000b506c726163659c81104500000000bd276fa5',
    ],
  ] as const)('are unpacked from %s', ([name, codec, packed]) => {
    const expected = name.includes('xerial') ? 'millracex' : text.toString();
    expect(unpackRecords(codec, Buffer.from(packed, 'hex')).toString()).toBe(expected);
  });

  it('packed by snappy stand in frames that the Java client reads, of blocks of 32 KB', () => {
    const packed = packRecords('snappy', Buffer.alloc(100_000, 'a'));
    expect(packed.subarray(0, 16).toString('hex')).toBe('82534e41505059000000000100000001');
    let blocks = 0;
    for (let at = 16; at < packed.length; at += 4 + packed.readInt32BE(at)) blocks++;
    expect(blocks).toBe(4);
  });

  it('packed by lz4 stand in a frame of independent blocks, which the Java client asks for', () => {
    const flags = packRecords('lz4', text).readUInt8(4);
    expect(flags & 0x20).toBe(0x20);
  });

  it('in a codec that Kafka has not defined are refused as such', () => {
    expect(() => unpackRecords('unknown', text)).toThrow(
      new WireError('UNSUPPORTED_CODEC', 'expected records in gzip, snappy, lz4, zstd or none, found unknown'),
    );
  });
});

describe('a batch', () => {
  const producer = { producerId: 7, producerEpoch: 1, baseSequence: 5, isTransactional: true };
  const plain = encodeBatch(
    [
      { timestamp: 5_000, key: 'k', value: 'a'.repeat(500), headers: [{ key: 'h', value: null }] },
      { timestamp: 4_000, value: null },
    ],
    producer,
  );

  it.for(codecs)('is packed by %s and unpacked again with its header as it was', (codec) => {
    const packed = packBatch(plain, { codec });
    expect(checkBatch(packed)).toBe('ok');
    expect(packed.length).toBeLessThan(plain.length);
    expect(readBatchHeader(packed)).toMatchObject({ ...producer, codec, maxTimestamp: 5_000, recordCount: 2 });
    expect(decodeBatch(packed).records).toEqual(decodeBatch(plain).records);
    expect(packBatch(packed, { codec: 'none' }).equals(plain)).toBe(true);
  });

  it('is unpacked from gzip and zstd as Node packs them', () => {
    const records = plain.subarray(61);
    expect(unpackRecords('gzip', gzipSync(records)).equals(records)).toBe(true);
    expect(unpackRecords('zstd', zstdCompressSync(records)).equals(records)).toBe(true);
  });
});

function expectRefused(codec: CompressionCodec, packed: Buffer): void {
  // The header of xerial alone is a frame without blocks: no records.
  if (codec === 'snappy' && packed.length === 16) return;
  expect(() => unpackRecords(codec, Buffer.from(packed)), `${packed.length} bytes`).toThrow(DecodeError);
}

function int32(value: number): string {
  return value.toString(16).padStart(8, '0');
}

function hex(value: string): string {
  return Buffer.from(value).toString('hex');
}

/** One literal, by hand: length, tag (length less one, times four), bytes. */
function xerialBlock(value: string): string {
  const block = `0${value.length}${((value.length - 1) * 4).toString(16).padStart(2, '0')}${hex(value)}`;
  return int32(block.length / 2) + block;
}
