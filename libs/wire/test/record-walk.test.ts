import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { BATCH_HEADER_BYTES, decodeBatch, DecodeError, encodeBatch, walkRecords } from '../src/index.ts';

const recordsOf = (...inputs: Parameters<typeof encodeBatch>[0]): Buffer =>
  encodeBatch(inputs).subarray(BATCH_HEADER_BYTES);

describe('walking over records', () => {
  it('tells the span of their timestamps and which have no key', () => {
    const records = recordsOf(
      { timestamp: 100, key: 'a', value: 'x', headers: [{ key: 'h', value: 'v' }] },
      { timestamp: 90, key: null },
      { timestamp: 130, key: null },
    );
    expect(walkRecords(records, 3, 10)).toEqual({ keyless: [1, 2], timestampDeltaMin: -10, timestampDeltaMax: 30 });
  });

  it('names no more records without a key than it is asked for', () => {
    const records = recordsOf(...Array.from({ length: 1_200 }, () => ({ timestamp: 1, key: null })));
    expect(walkRecords(records, 1_200, 1_000).keyless).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
    expect(walkRecords(records, 1_200).keyless).toEqual([]);
  });

  it('reads numbers of any length', () => {
    const wide = recordsOf(
      ...Array.from({ length: 20_000 }, (_, index) => ({ timestamp: index * 2 ** 30, key: 'k'.repeat(index % 200) })),
    );
    expect(walkRecords(wide, 20_000)).toEqual({
      keyless: [],
      timestampDeltaMin: 0,
      timestampDeltaMax: 19_999 * 2 ** 30,
    });
  });

  it('tells what a reader of each record finds, and refuses what it refuses', () => {
    const record = fc.record({
      timestamp: fc.integer({ min: 0, max: 2 ** 50 }),
      key: fc.option(fc.string({ maxLength: 200 })),
      value: fc.option(fc.string({ maxLength: 200 })),
      headers: fc.array(fc.record({ key: fc.string(), value: fc.option(fc.string()) }), { maxLength: 3 }),
    });
    const change = fc.option(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })));
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 80 }), change, (inputs, changed) => {
        const batch = encodeBatch(inputs);
        const records = batch.subarray(BATCH_HEADER_BYTES);
        if (changed !== null) {
          const at = changed[0] % records.length;
          records.writeUInt8(records.readUInt8(at) ^ changed[1], at);
        }
        expect(walked(records, inputs.length)).toEqual(read(batch));
      }),
    );
  });

  it('refuses fewer and more records than the header says', () => {
    const records = recordsOf({ timestamp: 1, key: 'a' }, { timestamp: 1, key: 'b' });
    expect(() => walkRecords(records, 1)).toThrow('expected 1 records, found 8 bytes behind them');
    expect(() => walkRecords(records, 3)).toThrow(DecodeError);
  });

  it('refuses offsets that do not rise by one', () => {
    const record = recordsOf({ timestamp: 1, key: 'a' });
    expect(() => walkRecords(Buffer.concat([record, record]), 2)).toThrow(
      'records[1]: expected offset delta 1, found 0',
    );
  });

  it('refuses a record that is cut, or whose lengths do not add up, at every byte', () => {
    const records = recordsOf({ timestamp: 1, key: 'key', value: 'value', headers: [{ key: 'h', value: 'v' }] });
    for (let length = 0; length < records.length; length++) {
      expect(() => walkRecords(records.subarray(0, length), 1)).toThrow(DecodeError);
    }
    for (const at of [0, 4, 8, 14, 15, 17]) {
      const changed = Buffer.from(records);
      changed.writeUInt8(changed.readUInt8(at) + 2, at);
      expect(() => walkRecords(changed, 1), `byte ${at}`).toThrow(DecodeError);
    }
  });
});

type Found = readonly [first: number, last: number, keyless: number] | 'refused';

function walked(records: Buffer, count: number): Found {
  try {
    const { timestampDeltaMin, timestampDeltaMax, keyless } = walkRecords(records, count, count);
    return [timestampDeltaMin, timestampDeltaMax, keyless.length];
  } catch (error) {
    expect(error).toBeInstanceOf(DecodeError);
    return 'refused';
  }
}

/** The same by way of the records. */
function read(batch: Buffer): Found {
  try {
    const { header, records } = decodeBatch(batch);
    if (records.some(({ offset }, index) => offset !== index)) return 'refused';
    const deltas = records.map(({ timestamp }) => timestamp - header.baseTimestamp);
    return [Math.min(...deltas), Math.max(...deltas), records.filter(({ key }) => key === null).length];
  } catch {
    return 'refused';
  }
}
