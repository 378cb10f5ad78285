import { encodeBatch, encodeControlBatch, patchBatch, readBatchHeader } from '@millrace/wire';
import { describe, expect, it } from 'vitest';

import { endOf, readRecords } from '../src/committed-records.ts';

/** A little log: batches get their offsets as a broker gives them. */
class LogBytes {
  readonly #batches: Buffer[] = [];
  #next = 0;

  transactional(producerId: number, ...values: string[]): this {
    const records = values.map((value) => ({ timestamp: 1, value }));
    return this.#append(encodeBatch(records, { producerId, producerEpoch: 0, baseSequence: 0, isTransactional: true }));
  }

  plain(...values: string[]): this {
    return this.#append(encodeBatch(values.map((value) => ({ timestamp: 1, value }))));
  }

  marker(type: 'abort' | 'commit', producerId: number): this {
    return this.#append(encodeControlBatch(type, { producerId, producerEpoch: 0, coordinatorEpoch: 0, timestamp: 1 }));
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#batches);
  }

  #append(batch: Buffer): this {
    patchBatch(batch, 0, { baseOffset: this.#next, partitionLeaderEpoch: 0 });
    this.#next += readBatchHeader(batch).lastOffsetDelta + 1;
    this.#batches.push(batch);
    return this;
  }
}

function values(log: LogBytes, aborted: { producerId: number; firstOffset: number }[] | null, from = 0): string[] {
  return readRecords(log.bytes, from, aborted).map((record) => String(record.value));
}

describe('readRecords', () => {
  it('leaves out what interleaved transactions aborted, and only that', () => {
    const log = new LogBytes()
      .transactional(1, 'a1') // 0
      .transactional(2, 'b1') // 1
      .plain('p') // 2
      .transactional(3, 'c1') // 3
      .marker('abort', 1) // 4
      .transactional(2, 'b2') // 5
      .transactional(1, 'a2') // 6
      .marker('commit', 2) // 7
      .marker('abort', 3) // 8
      .transactional(3, 'c2') // 9
      .marker('commit', 1) // 10
      .marker('commit', 3); // 11
    const aborted = [
      { producerId: 3, firstOffset: 3 },
      { producerId: 1, firstOffset: 0 },
    ];
    expect(values(log, aborted)).toEqual(['b1', 'p', 'b2', 'a2', 'c2']);
  });

  it('leaves out both of two aborted transactions of one producer', () => {
    const log = new LogBytes()
      .transactional(1, 'x')
      .marker('abort', 1)
      .transactional(1, 'y')
      .marker('abort', 1)
      .transactional(1, 'z')
      .marker('commit', 1);
    const aborted = [
      { producerId: 1, firstOffset: 0 },
      { producerId: 1, firstOffset: 2 },
    ];
    expect(values(log, aborted)).toEqual(['z']);
  });

  it('knows a transaction that began before the fetch', () => {
    const log = new LogBytes().transactional(1, 'x').transactional(1, 'y').marker('abort', 1);
    const bytes = log.bytes;
    const second = bytes.subarray(readBatchHeader(bytes).sizeInBytes);
    expect(readRecords(second, 1, [{ producerId: 1, firstOffset: 0 }])).toEqual([]);
    expect(endOf(second, 1)).toBe(3);
  });

  it('moves past control batches at the end', () => {
    const log = new LogBytes().transactional(1, 'x').marker('commit', 1);
    expect(endOf(log.bytes, 0)).toBe(2);
  });

  it('gives only what lies at or behind the offset asked for, though the whole batch came', () => {
    expect(values(new LogBytes().plain('0', '1', '2'), null, 1)).toEqual(['1', '2']);
  });

  it('goes on with a batch that was cut off at the end of the answer', () => {
    const { bytes } = new LogBytes().plain('0', '1').plain('2');
    const cut = bytes.subarray(0, bytes.length - 1);
    expect(endOf(cut, 0)).toBe(2);
    expect(readRecords(cut, 0, null).map((record) => String(record.value))).toEqual(['0', '1']);
  });

  it('stays where it is when nothing came', () => {
    expect(readRecords(null, 7, null)).toEqual([]);
    expect(endOf(null, 7)).toBe(7);
  });
});
