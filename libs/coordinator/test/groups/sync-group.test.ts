import { errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { GroupBench } from './group-bench.ts';

describe('syncing', () => {
  it('G2, pitfall 22: gives each member its own assignment, and an empty one to whom the leader left out', () => {
    const bench = new GroupBench();
    const [leader, follower] = bench.joinedPair();
    const waiting = bench.sync(follower);
    expect(bench.hasAnswer(waiting)).toBe(false);
    const long = 'x'.repeat(100_000);
    const own = bench.sync(leader, { [leader.memberId]: long });
    expect(bench.synced(own)).toMatchObject({ errorCode: 0, protocolName: 'range', protocolType: 'consumer' });
    expect(bench.synced(own).assignment.toString()).toBe(long);
    expect(bench.synced(waiting).assignment).toHaveLength(0);
  });

  it('gives a member of a stable group its assignment again', () => {
    const bench = new GroupBench();
    const [, member] = bench.stableGroup('a', 'b');
    expect(bench.synced(bench.sync(member)).assignment.toString()).toBe('b');
  });

  it('C1: holds the assignment back until the generation is durable', () => {
    const bench = new GroupBench();
    const member = bench.joined(bench.join());
    bench.isSyncHeld = true;
    const token = bench.sync(member, { [member.memberId]: 'a' });
    expect(bench.hasAnswer(token)).toBe(false);
    bench.becomeDurable();
    expect(bench.synced(token).assignment.toString()).toBe('a');
  });

  it('refuses strangers, older generations and another protocol', () => {
    const bench = new GroupBench();
    const [member] = bench.stableGroup('a');
    const errorOf = (change: object): number => bench.synced(bench.sync({ ...member, ...change })).errorCode;
    expect(errorOf({ memberId: 'stranger' })).toBe(errors.UNKNOWN_MEMBER_ID.code);
    expect(errorOf({ generationId: 0 })).toBe(errors.ILLEGAL_GENERATION.code);
    const caller = bench.caller();
    const request = {
      groupId: 'g',
      generationId: 1,
      memberId: member.memberId,
      groupInstanceId: null,
      protocolType: 'consumer',
      protocolName: 'sticky',
      assignments: [],
    };
    bench.run((groups) => groups.syncGroup(request, caller, bench.now));
    expect(bench.synced(caller.to).errorCode).toBe(errors.INCONSISTENT_GROUP_PROTOCOL.code);
  });

  it('removes who joined and never synced when the rebalance timeout ends, so that the others go on', () => {
    const bench = new GroupBench();
    const [leader, follower] = bench.joinedPair();
    const waiting = bench.sync(follower);
    // The leader lives, but its assignment never comes.
    for (let elapsed = 0; elapsed < 60_000; elapsed += 5_000) {
      bench.heartbeat(leader.memberId, 2);
      bench.advance(5_000);
    }
    expect(bench.synced(waiting).errorCode).toBe(errors.REBALANCE_IN_PROGRESS.code);
    const again = bench.joined(bench.join({ memberId: follower.memberId }));
    expect(again).toMatchObject({ errorCode: 0, leader: follower.memberId });
  });

  it('answers both requests of a member that syncs twice', () => {
    const bench = new GroupBench();
    const [leader, follower] = bench.joinedPair();
    const [older, newer] = [bench.sync(follower), bench.sync(follower)];
    expect(bench.synced(older).errorCode).toBe(errors.REBALANCE_IN_PROGRESS.code);
    bench.sync(leader, { [follower.memberId]: 'b' });
    expect(bench.synced(newer).assignment.toString()).toBe('b');
  });
});
