import { describe, expect, it } from 'vitest';
import { hex } from '../hex.ts';
import { TransactionBench } from '../transactions/transaction-bench.ts';

function lastRecord(bench: TransactionBench): { key: string; value: string | undefined } | undefined {
  const batch = bench.log.at(-1);
  const record = batch?.kind === 'records' ? batch.records.at(-1) : undefined;
  return record && { key: record.key.toString('hex'), value: record.value?.toString('hex') };
}

describe('the records of __transaction_state', () => {
  it('lay out every phase as Kafka does', () => {
    const bench = new TransactionBench();
    bench.now = 0x0102;
    const producer = bench.init(undefined, 0x1000);
    const start = hex('0000 0000000000000000 0000 00001000');
    const times = '0000000000000102';
    expect(lastRecord(bench)).toEqual({
      key: hex('0000 000178'),
      value: start + hex('00 ffffffff') + times + 'ffffffffffffffff',
    });
    bench.add(producer);
    const partitions = hex('00000001 000174 00000001 00000000');
    expect(lastRecord(bench)?.value).toBe(start + '01' + partitions + times + times);
    bench.sendEnd(producer, true);
    expect(lastRecord(bench)?.value).toBe(start + '02' + partitions + times + times);
    bench.writeMarkers();
    expect(lastRecord(bench)?.value).toBe(start + hex('04 ffffffff') + times + times);
    bench.add(producer);
    bench.sendEnd(producer, false);
    expect(lastRecord(bench)?.value).toBe(start + '03' + partitions + times + times);
    bench.writeMarkers();
    expect(lastRecord(bench)?.value).toBe(start + hex('05 ffffffff') + times + times);
  });

  it('of version 1, with fields that we do not know, are read', () => {
    const bench = new TransactionBench();
    const producer = bench.init(undefined, 60_000);
    // Compact, Ongoing in t-0, with two tagged fields.
    const value = Buffer.from(
      hex(
        '0001 0000000000000000 0000 0000ea60 01 02 0274 02 00000000 00 0000000000000001 00000000000f4240 02 0008 ffffffffffffffff 0202 0000',
      ),
      'hex',
    );
    const batch = bench.log.at(-1);
    const key = batch?.kind === 'records' ? batch.records.at(-1)!.key : Buffer.alloc(0);
    bench.log.push({ kind: 'records', records: [{ key, value }], transaction: null });
    bench.becomeDurable();
    bench.crash();
    expect(bench.verify(producer)).toBeNull();
    expect(bench.end(producer, true)).toBe(0);
  });
});
