import { crc32c } from '@node-rs/crc32';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BATCH_HEADER_BYTES,
  BatchBuilder,
  DecodeError,
  type RecordInput,
  batchesIn,
  checkBatch,
  controlTypeOf,
  decodeBatch,
  encodeBatch,
  encodeControlBatch,
  patchBatch,
  readBatchHeader,
  recordBytesMax,
} from '../src/index.ts';

const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom('a', 'b', '-', 'ü', '€', '𝄞'), maxLength });
const content = fc.oneof(
  text(80),
  fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes)),
  fc.constantFrom(63, 64, 65, 8100, 8191, 8192, 9000).map((length) => 'ü'.repeat(length)),
  fc.constant(null),
);
const arbitraryRecord: fc.Arbitrary<RecordInput> = fc.record({
  timestamp: fc.integer({ min: 0, max: 2 ** 45 }),
  key: content,
  value: content,
  headers: fc.array(fc.record({ key: text(90), value: content }), {
    maxLength: 6,
  }),
});

const bytesOf = (value: string | Uint8Array | null | undefined): Buffer | null =>
  value === null || value === undefined ? null : Buffer.from(value as string);

describe('record batches', () => {
  it('decode to the records they were built of', () => {
    fc.assert(
      fc.property(fc.array(arbitraryRecord, { minLength: 1, maxLength: 12 }), (inputs) => {
        const batch = encodeBatch(inputs);
        expect(checkBatch(batch)).toBe('ok');
        const { header, records } = decodeBatch(batch);
        expect(header.maxTimestamp).toBe(Math.max(...inputs.map((input) => input.timestamp)));
        expect(header.lastOffset).toBe(inputs.length - 1);
        expect(records).toEqual(
          inputs.map((input, offset) => ({
            offset,
            timestamp: input.timestamp,
            key: bytesOf(input.key),
            value: bytesOf(input.value),
            headers: (input.headers ?? []).map(({ key, value }) => ({ key, value: bytesOf(value) })),
          })),
        );
      }),
      { numRuns: 150 },
    );
  });

  it('grow by no more than the bound that is asked beforehand', () => {
    fc.assert(
      fc.property(arbitraryRecord, (record) => {
        const builder = new BatchBuilder();
        const before = builder.sizeInBytes;
        builder.append(record);
        expect(builder.sizeInBytes - before).toBeLessThanOrEqual(recordBytesMax(record));
        expect(builder.seal().length).toBe(builder.sizeInBytes);
      }),
    );
  });

  it('carry their producer', () => {
    const producer = { producerId: 2 ** 40, producerEpoch: 7, baseSequence: 2 ** 31 - 1, isTransactional: true };
    const header = readBatchHeader(encodeBatch([{ timestamp: 1, value: 'a' }], producer));
    expect(header).toMatchObject({ ...producer, isControl: false, codec: 'none', magic: 2 });
  });

  it('stay sound when offset and epoch are patched in (B1)', () => {
    const batch = Buffer.concat([Buffer.alloc(5), encodeBatch([{ timestamp: 1 }, { timestamp: 2 }])]);
    patchBatch(batch, 5, { baseOffset: 2 ** 33 + 1, partitionLeaderEpoch: 3 });
    expect(checkBatch(batch, 5)).toBe('ok');
    expect(readBatchHeader(batch, 5)).toMatchObject({ lastOffset: 2 ** 33 + 2, partitionLeaderEpoch: 3 });
    expect(decodeBatch(batch, 5).records.map((record) => record.offset)).toEqual([2 ** 33 + 1, 2 ** 33 + 2]);
  });

  it('give all records the time of the append when they are stamped by the log', () => {
    const batch = encodeBatch([{ timestamp: 1 }, { timestamp: 2 }]);
    patchBatch(batch, 0, { baseOffset: 0, partitionLeaderEpoch: 0, logAppendTime: 99 });
    expect(checkBatch(batch)).toBe('ok');
    expect(readBatchHeader(batch).timestampType).toBe('LogAppendTime');
    expect(decodeBatch(batch).records.map((record) => record.timestamp)).toEqual([99, 99]);
  });

  it('fail the check when any byte behind the magic changes', () => {
    const batch = encodeBatch([{ timestamp: 1, key: 'k', value: 'v', headers: [{ key: 'h', value: 'x' }] }]);
    for (let index = 17; index < batch.length; index++) {
      const changed = Buffer.from(batch);
      changed.writeUInt8(changed.readUInt8(index) ^ 0x10, index);
      expect(checkBatch(changed)).toBe('checksum mismatch');
    }
  });

  it('are refused as truncated when cut anywhere', () => {
    const batch = encodeBatch([{ timestamp: 1, value: 'v' }]);
    for (let length = 0; length < batch.length; length++) {
      expect(checkBatch(batch.subarray(0, length))).toBe('truncated');
      expect(() => decodeBatch(batch.subarray(0, length))).toThrow(DecodeError);
    }
  });

  it.for([
    ['unsupported magic', (batch: Buffer): unknown => batch.writeInt8(1, 16)],
    ['unsupported magic', (batch: Buffer): unknown => (batch.writeInt32BE(20, 8), batch.writeInt8(0, 16))],
    ['too short', (batch: Buffer): unknown => batch.writeInt32BE(48, 8)],
    ['too short', (batch: Buffer): unknown => batch.writeInt32BE(-1, 8)],
    ['truncated', (batch: Buffer): unknown => batch.writeInt32BE(0x7fffffff, 8)],
    ['inconsistent counts', (batch: Buffer): unknown => reseal(batch, () => batch.writeInt32BE(2, 57))],
    ['inconsistent counts', (batch: Buffer): unknown => reseal(batch, () => batch.writeInt32BE(-1, 23))],
  ] as const)('are refused for %s', ([flaw, spoil]) => {
    const batch = encodeBatch([{ timestamp: 1, value: 'v' }]);
    spoil(batch);
    expect(checkBatch(batch)).toBe(flaw);
  });

  it('with a valid checksum over nonsense end in DecodeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.integer({ min: 0, max: 9 }), (garbage, count) => {
        const batch = Buffer.concat([encodeBatch([{ timestamp: 1 }]).subarray(0, BATCH_HEADER_BYTES), garbage]);
        batch.writeInt32BE(batch.length - 12, 8);
        batch.writeInt32BE(count, 57);
        try {
          decodeBatch(batch);
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('with damaged compressed data end in DecodeError', () => {
    const packed = repack(encodeBatch([{ timestamp: 1 }]), 1, Buffer.from('not gzip'));
    expect(() => decodeBatch(packed)).toThrow(DecodeError);
  });

  it('are found one behind the other, without one that is cut off at the end', () => {
    const batches = [1, 2, 3].map((count) => encodeBatch(Array.from({ length: count }, () => ({ timestamp: 1 }))));
    const bytes = Buffer.concat(batches);
    const counts = [...batchesIn(bytes.subarray(0, bytes.length - 1))].map(({ header }) => header.recordCount);
    expect(counts).toEqual([1, 2]);
  });

  it('found to be damaged stop the reading', () => {
    const bytes = encodeBatch([{ timestamp: 1, value: 'v' }]);
    bytes.writeUInt8(1, bytes.length - 1);
    expect(() => [...batchesIn(bytes)]).toThrow('expected a sound batch, found checksum mismatch');
  });
});

describe('control batches', () => {
  it.for(['commit', 'abort'] as const)('say %s', (type) => {
    const batch = encodeControlBatch(type, { producerId: 5, producerEpoch: 2, coordinatorEpoch: 3, timestamp: 9 });
    expect(checkBatch(batch)).toBe('ok');
    const { header, records } = decodeBatch(batch);
    expect(header).toMatchObject({ isControl: true, isTransactional: true, producerId: 5, producerEpoch: 2 });
    expect(records.map(controlTypeOf)).toEqual([type]);
  });

  it('of a type from the future are told apart from both', () => {
    expect(controlTypeOf({ key: Buffer.from([0, 0, 0, 9]) })).toBeUndefined();
    expect(controlTypeOf({ key: null })).toBeUndefined();
  });
});

function reseal(batch: Buffer, change: () => unknown): void {
  change();
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
}

function repack(plain: Buffer, codecBits: number, records: Buffer): Buffer {
  const batch = Buffer.concat([plain.subarray(0, BATCH_HEADER_BYTES), records]);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt16BE(codecBits, 21);
  reseal(batch, () => undefined);
  return batch;
}
