import { encode } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { hex } from '../hex.ts';
import { GroupCoordinator, type StateRecord } from '../../src/index.ts';
import { offsetCommitValue } from '../../src/records/offset-records.ts';
import { GroupBench } from '../groups/group-bench.ts';
import { noTopics } from '../topic-directory.ts';

function lastRecords(bench: GroupBench): readonly StateRecord[] {
  const batch = bench.log.at(-1);
  return batch?.kind === 'records' ? batch.records : [];
}

describe('the records of __consumer_offsets', () => {
  it('lay out a commit as Kafka does', () => {
    const bench = new GroupBench();
    bench.now = 0x0102;
    bench.commit(7, {}, 't', 'm');
    const [record] = lastRecords(bench);
    // Version 1: group, topic, partition.
    expect(record?.key.toString('hex')).toBe(hex('0001 000167 000174 00000000'));
    // Version 3: offset, leader epoch, metadata, commit time.
    expect(record?.value?.toString('hex')).toBe(hex('0003 0000000000000007 00000000 00016d 0000000000000102'));
  });

  it('lay out a generation as Kafka does', () => {
    const bench = new GroupBench();
    bench.now = 0x0102;
    const [member] = bench.stableGroup('a');
    const [record] = lastRecords(bench);
    expect(record?.key.toString('hex')).toBe(hex('0002 000167'));
    const text = (value: string): string =>
      value.length.toString(16).padStart(4, '0') + Buffer.from(value).toString('hex');
    expect(record?.value?.toString('hex')).toBe(
      ['0003', text('consumer'), '00000001', text('range'), text(member.memberId), '0000000000000102', '00000001']
        .concat(text(member.memberId), 'ffff', text('client'), text('/127.0.0.1'), '0000ea60', '00002710')
        .concat(hex('00000001 61'), hex('00000001 61'))
        .join(''),
    );
  });

  it('are read in every version that Kafka has written', () => {
    for (const version of [0, 1, 2, 3, 4]) {
      const prefix = Buffer.from([0, version]);
      const fields = { offset: 9, leaderEpoch: 2, metadata: 'm', commitTimestamp: 5 };
      const value = Buffer.concat([prefix, ...encode(offsetCommitValue, version, fields)]);
      const bench = new GroupBench();
      bench.commit(1);
      const [record] = lastRecords(bench);
      bench.log = [{ kind: 'records', records: [{ key: record!.key, value }], transaction: null }];
      bench.becomeDurable();
      bench.crash();
      expect(bench.fetch()).toMatchObject({ committedOffset: 9, metadata: 'm' });
    }
  });

  it('of kinds that are not known are passed over', () => {
    const coordinator = new GroupCoordinator({
      topics: noTopics,
      partitionExists: () => true,
      random: { bytes: (length) => new Uint8Array(length), fraction: () => 0 },
    });
    const records = ['0004', '7fff', '', '00'].map((hex) => ({
      key: Buffer.from(hex, 'hex'),
      value: Buffer.from('x'),
    }));
    coordinator.load({ kind: 'records', records, transaction: null });
    expect(coordinator.start(0)).toEqual([]);
  });
});
