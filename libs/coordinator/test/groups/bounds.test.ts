import { errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import type { OffsetFetchResponse } from '../../src/index.ts';
import { GroupBench, protocol } from './group-bench.ts';

const KB = 1024;

describe('the bounds of groups', () => {
  it('refuse a member that names more protocols than anyone needs', () => {
    const bench = new GroupBench({ protocolsMax: 2 });
    const protocols = ['a', 'b', 'c'].map((name) => protocol(name));
    expect(bench.joined(bench.join({ protocols })).errorCode).toBe(errors.INVALID_REQUEST.code);
    expect(bench.joined(bench.join({ protocols: protocols.slice(1) })).errorCode).toBe(0);
  });

  it('refuse a member whose metadata the group has no room for, and let those in it go on', () => {
    const bench = new GroupBench({ groupBytesMax: 20 * KB });
    const large = [protocol('range', 'm'.repeat(10 * KB))];
    const { memberId } = bench.joined(bench.join({ protocols: large }));
    expect(bench.joined(bench.join({ protocols: large })).errorCode).toBe(errors.GROUP_MAX_SIZE_REACHED.code);
    // What it has is counted once, however often it joins.
    for (let round = 0; round < 5; round++) {
      expect(bench.joined(bench.join({ memberId, protocols: large })).errorCode).toBe(0);
    }
    bench.leave({ memberId });
    expect(bench.joined(bench.join({ protocols: large })).errorCode).toBe(0);
  });

  it('refuse assignments that the group has no room for', () => {
    const bench = new GroupBench({ groupBytesMax: 20 * KB });
    const [leader, follower] = bench.joinedPair();
    const waiting = bench.sync(follower);
    const large = { [leader.memberId]: 'l'.repeat(10 * KB), [follower.memberId]: 'f'.repeat(10 * KB) };
    expect(bench.synced(bench.sync(leader, large)).errorCode).toBe(errors.MESSAGE_TOO_LARGE.code);
    expect(bench.hasAnswer(waiting)).toBe(false);
    const small = { [leader.memberId]: 'l', [follower.memberId]: 'f' };
    expect(bench.synced(bench.sync(leader, small)).assignment.toString()).toBe('l');
    expect(bench.synced(waiting).assignment.toString()).toBe('f');
  });

  it('refuse offsets that the group has no room for, and take those that replace others', () => {
    const bench = new GroupBench({ groupBytesMax: 12 * KB });
    const metadata = 'm'.repeat(4_096);
    expect(bench.commit(1, {}, 't1', metadata)).toBe(0);
    expect(bench.commit(1, {}, 't2', metadata)).toBe(errors.INVALID_COMMIT_OFFSET_SIZE.code);
    expect(bench.commitInTransaction(1, 7)).toBe(0);
    expect(bench.commit(2, {}, 't1', metadata)).toBe(0);
    expect(bench.fetch(false, 't1').committedOffset).toBe(2);
    expect(bench.fetch(false, 't2').committedOffset).toBe(-1);
  });

  it('hold for all groups together', () => {
    const bench = new GroupBench({ totalBytesMax: 30 * KB });
    const protocols = [protocol('range', 'm'.repeat(20 * KB))];
    const { memberId } = bench.joined(bench.join({ protocols }));
    const other = { groupId: 'other', protocols };
    expect(bench.joined(bench.join(other)).errorCode).toBe(errors.GROUP_MAX_SIZE_REACHED.code);
    expect(bench.describe('other').groupState).toBe('Dead');
    bench.leave({ memberId });
    expect(bench.joined(bench.join(other)).errorCode).toBe(0);
  });

  it('hold for the names of groups, too: at the bound there is no new one', () => {
    const bench = new GroupBench({ totalBytesMax: 100 * KB });
    const answers = Array.from({ length: 10 }, (_, index) =>
      bench.joined(bench.join({ groupId: `${index}`.repeat(10 * KB) })),
    );
    expect(answers[0]?.errorCode).toBe(0);
    expect(answers.at(-1)?.errorCode).toBe(errors.POLICY_VIOLATION.code);
  });

  it('answer once what one request asks many times', () => {
    const bench = new GroupBench();
    bench.commit(1, {}, 't', 'm'.repeat(4_096));
    const caller = bench.caller();
    const topics = Array.from({ length: 50 }, () => ({ name: 't', partitions: [0, 0, 1] }));
    bench.run((groups) => groups.offsetFetch({ groupId: 'g', topics, requireStable: false }, caller, bench.now));
    const answer = bench.answers.get(caller.to) as OffsetFetchResponse;
    expect(answer.topics.map(({ partitions }) => partitions.map(({ partition }) => partition))).toEqual([[0, 1]]);
  });
});
