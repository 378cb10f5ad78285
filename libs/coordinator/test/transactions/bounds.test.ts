import { errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { TransactionBench } from './transaction-bench.ts';

describe('the bounds of transactions', () => {
  it('refuse a new id when the ids and their partitions fill the memory they may take', () => {
    const bench = new TransactionBench({ totalBytesMax: 5_000 });
    const long = 'x'.repeat(500);
    const codes = ['1', '2', '3'].map((id) => bench.init(undefined, 1_000, long + id).errorCode);
    expect(codes).toEqual([0, 0, errors.POLICY_VIOLATION.code]);
    expect(bench.init(undefined, 1_000, `${long}1`)).toMatchObject({ errorCode: 0, producerEpoch: 1 });
  });

  it('refuse one more partition, take those that are in already, and have room again when the transaction has ended', () => {
    const bench = new TransactionBench({ totalBytesMax: 900 });
    const producer = bench.init();
    const topics = Array.from({ length: 10 }, (_, index) => `t${index}`);
    const codes = topics.map((topic) => bench.add(producer, topic));
    expect(codes[0]).toBe(0);
    expect(codes.at(-1)).toBe(errors.POLICY_VIOLATION.code);
    expect(bench.add(producer, 't0')).toBe(0);
    expect(bench.end(producer, true)).toBe(0);
    expect(bench.add(producer, 't9')).toBe(0);
  });

  it('let go of the memory of an id that is forgotten', () => {
    const bench = new TransactionBench({ totalBytesMax: 700, idExpirationMs: 1_000 });
    bench.init(undefined, 1_000, 'one-that-is-forgotten-after-a-while');
    expect(bench.init(undefined, 1_000, 'two').errorCode).toBe(errors.POLICY_VIOLATION.code);
    bench.advance(2_000);
    expect(bench.init(undefined, 1_000, 'two').errorCode).toBe(0);
  });
});
