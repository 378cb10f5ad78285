import { describe, expect, it } from 'vitest';

import { BATCH_HEADER_BYTES, DecodeError, encodeBatch, walkRecords } from '../src/index.ts';

const recordsOf = (...inputs: Parameters<typeof encodeBatch>[0]): Buffer =>
  encodeBatch(inputs).subarray(BATCH_HEADER_BYTES);

describe('walking over records', () => {
  it('tells the span of their timestamps and which have no key', () => {
    const records = recordsOf(
      { timestamp: 100, key: 'a', value: 'x', headers: [{ key: 'h', value: 'v' }] },
      { timestamp: 90, key: null },
      { timestamp: 130, key: null },
    );
    expect(walkRecords(records, 3)).toEqual({ keyless: [1, 2], timestampDeltaMin: -10, timestampDeltaMax: 30 });
  });

  it('names no more than a thousand records without a key', () => {
    const records = recordsOf(...Array.from({ length: 1_200 }, () => ({ timestamp: 1, key: null })));
    expect(walkRecords(records, 1_200).keyless).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
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
