import { errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { GroupBench, protocol } from './group-bench.ts';

function stableStatic(bench: GroupBench): { memberId: string; generationId: number } {
  const member = bench.joined(bench.join({ groupInstanceId: 'one' }, 5));
  bench.sync(member, { [member.memberId]: 'a' }, 'one');
  return member;
}

describe('static members', () => {
  it('come back after a restart without a rebalance, with the assignment they had', () => {
    const bench = new GroupBench();
    const old = stableStatic(bench);
    const back = bench.joined(bench.join({ groupInstanceId: 'one' }, 5));
    expect(back).toMatchObject({ errorCode: 0, generationId: 1, members: [] });
    expect(back.memberId).not.toBe(old.memberId);
    // It must not think that it leads, or it would assign anew.
    expect(back.leader).toBe(old.memberId);
    expect(bench.synced(bench.sync(back, {}, 'one')).assignment.toString()).toBe('a');
  });

  it('that led are told from version 9 on that they lead, and that there is nothing to assign', () => {
    const bench = new GroupBench();
    stableStatic(bench);
    const back = bench.joined(bench.join({ groupInstanceId: 'one' }, 9));
    expect(back).toMatchObject({ leader: back.memberId, skipAssignment: true, generationId: 1 });
    expect(back.members.map(({ memberId }) => memberId)).toEqual([back.memberId]);
    expect(bench.synced(bench.sync(back, {}, 'one')).assignment.toString()).toBe('a');
  });

  it('pitfall 21: fence who had the instance id before', () => {
    const bench = new GroupBench();
    const old = stableStatic(bench);
    bench.join({ groupInstanceId: 'one' }, 5);
    const code = errors.FENCED_INSTANCE_ID.code;
    expect(bench.heartbeat(old.memberId, 1, 'one')).toBe(code);
    expect(bench.commit(5, { generationId: 1, memberId: old.memberId, groupInstanceId: 'one' })).toBe(code);
    expect(bench.joined(bench.join({ memberId: old.memberId, groupInstanceId: 'one' }, 5)).errorCode).toBe(code);
  });

  it('pitfall 21: fence a request of the old one that still waits', () => {
    const bench = new GroupBench();
    bench.stableGroup('a');
    const old = bench.join({ groupInstanceId: 'one' }, 5);
    bench.join({ groupInstanceId: 'one' }, 5);
    expect(bench.joined(old).errorCode).toBe(errors.FENCED_INSTANCE_ID.code);
  });

  it('pitfall 20: rebalance when they come back while assignments are awaited', () => {
    const bench = new GroupBench();
    const member = bench.joined(bench.join({ groupInstanceId: 'one' }, 5));
    expect(bench.describe().groupState).toBe('CompletingRebalance');
    const back = bench.joined(bench.join({ groupInstanceId: 'one' }, 5));
    expect(back.generationId).toBe(member.generationId + 1);
    expect(back.leader).toBe(back.memberId);
  });

  it('rebalance when they come back with another protocol', () => {
    const bench = new GroupBench();
    stableStatic(bench);
    const back = bench.joined(bench.join({ groupInstanceId: 'one', protocols: [protocol('sticky')] }, 5));
    expect(back).toMatchObject({ generationId: 2, protocolName: 'sticky' });
  });

  it('keep their place while they are away, until their session ends', () => {
    const bench = new GroupBench();
    const first = stableStatic(bench);
    const second = bench.join({ groupInstanceId: 'two', rebalanceTimeoutMs: 5_000, sessionTimeoutMs: 30_000 }, 5);
    bench.heartbeat(first.memberId, 1, 'one');
    bench.advance(9_000);
    expect(bench.describe().members).toHaveLength(2);
    bench.advance(2_000);
    expect(bench.joined(second)).toMatchObject({ errorCode: 0 });
    expect(bench.describe().members.map(({ groupInstanceId }) => groupInstanceId)).toEqual(['two']);
  });

  it('are removed by an administrator who names the instance alone', () => {
    const bench = new GroupBench();
    stableStatic(bench);
    const left = bench.leave({ memberId: '', groupInstanceId: 'one' }, { memberId: '', groupInstanceId: 'two' });
    expect(left.members.map(({ errorCode }) => errorCode)).toEqual([0, errors.UNKNOWN_MEMBER_ID.code]);
    expect(bench.describe().groupState).toBe('Empty');
  });

  it('survive a restart of the broker as members, when the group has no others', () => {
    const bench = new GroupBench();
    const member = stableStatic(bench);
    bench.crash();
    expect(bench.heartbeat(member.memberId, 1, 'one')).toBe(0);
    expect(bench.describe()).toMatchObject({ groupState: 'Stable', protocolName: 'range' });
    expect(bench.synced(bench.sync(member, {}, 'one')).assignment.toString()).toBe('a');
  });

  it('rebalance after a restart of the broker that has cost the group its dynamic members', () => {
    const bench = new GroupBench();
    const tokens = [bench.join({ groupInstanceId: 'one' }, 5), bench.join()];
    const again = bench.join({ memberId: bench.joined(tokens[0]!).memberId, groupInstanceId: 'one' }, 5);
    const [leader, dynamic] = [bench.joined(again), bench.joined(tokens[1]!)];
    bench.sync(dynamic);
    bench.sync(leader, { [leader.memberId]: 'a', [dynamic.memberId]: 'b' }, 'one');
    bench.crash();
    expect(bench.heartbeat(dynamic.memberId, 2)).toBe(errors.UNKNOWN_MEMBER_ID.code);
    expect(bench.heartbeat(leader.memberId, 2, 'one')).toBe(errors.REBALANCE_IN_PROGRESS.code);
    const back = bench.joined(bench.join({ memberId: leader.memberId, groupInstanceId: 'one' }, 5));
    expect(back).toMatchObject({ errorCode: 0, generationId: 3, leader: leader.memberId });
  });
});
