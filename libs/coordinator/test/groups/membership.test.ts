import { errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import type { ListGroupsResponse } from '../../src/index.ts';
import { GroupBench, protocol } from './group-bench.ts';

describe('a session', () => {
  it('ends without a heartbeat, and the others rebalance', () => {
    const bench = new GroupBench();
    const [first, second] = bench.stableGroup('a', 'b');
    bench.advance(9_000);
    expect(bench.heartbeat(first.memberId, 2)).toBe(0);
    bench.advance(1_000);
    expect(bench.heartbeat(first.memberId, 2)).toBe(errors.REBALANCE_IN_PROGRESS.code);
    expect(bench.heartbeat(second.memberId, 2)).toBe(errors.UNKNOWN_MEMBER_ID.code);
  });

  it('goes on by heartbeats and by commits', () => {
    const bench = new GroupBench();
    const [member] = bench.stableGroup('a');
    for (let round = 0; round < 5; round++) {
      bench.advance(8_000);
      expect(round % 2 === 0 ? bench.heartbeat(member.memberId, 1) : bench.commit(1, member)).toBe(0);
    }
  });

  it('of a newcomer whose client is gone does not hold up the others for ever', () => {
    const bench = new GroupBench({ newMemberTimeoutMs: 20_000 });
    const [member] = bench.stableGroup('a');
    bench.join({ rebalanceTimeoutMs: 300_000 });
    for (let elapsed = 0; elapsed < 20_000; elapsed += 5_000) {
      bench.heartbeat(member.memberId, 1);
      bench.advance(5_000);
    }
    expect(bench.joined(bench.join({ memberId: member.memberId }))).toMatchObject({ errorCode: 0, generationId: 2 });
    expect(bench.describe().members).toHaveLength(1);
  });

  it('tells members of an older generation so', () => {
    const bench = new GroupBench();
    const [member] = bench.stableGroup('a', 'b');
    expect(bench.heartbeat(member.memberId, 1)).toBe(errors.ILLEGAL_GENERATION.code);
  });
});

describe('leaving', () => {
  it('makes the others rebalance at once, and the last one leaves an empty group', () => {
    const bench = new GroupBench();
    const [first, second] = bench.stableGroup('a', 'b');
    expect(bench.leave({ memberId: first.memberId }).members[0]?.errorCode).toBe(0);
    expect(bench.heartbeat(second.memberId, 2)).toBe(errors.REBALANCE_IN_PROGRESS.code);
    const again = bench.joined(bench.join({ memberId: second.memberId }));
    expect(again).toMatchObject({ generationId: 3, leader: second.memberId });
    bench.leave({ memberId: second.memberId });
    expect(bench.describe()).toMatchObject({ groupState: 'Empty', members: [] });
  });

  it('takes several members with an error for each', () => {
    const bench = new GroupBench();
    const [first, second] = bench.stableGroup('a', 'b');
    const left = bench.leave({ memberId: first.memberId }, { memberId: 'stranger' }, { memberId: second.memberId });
    expect(left.errorCode).toBe(0);
    expect(left.members.map(({ errorCode }) => errorCode)).toEqual([0, errors.UNKNOWN_MEMBER_ID.code, 0]);
  });

  it('has one error, at the top, up to version 2', () => {
    const bench = new GroupBench();
    const caller = bench.caller(2);
    const request = { groupId: 'g', memberId: 'stranger', members: [] };
    bench.run((groups) => groups.leaveGroup(request, caller, bench.now));
    expect(bench.answers.get(caller.to)).toEqual({ errorCode: errors.UNKNOWN_MEMBER_ID.code, members: [] });
  });

  it('answers the requests of the leaver that still wait, and lets go a newcomer that was sent away', () => {
    const bench = new GroupBench();
    bench.stableGroup('a');
    const waiting = bench.joined(bench.join({}, 4));
    const joining = bench.join({ memberId: waiting.memberId });
    bench.leave({ memberId: waiting.memberId });
    expect(bench.joined(joining).errorCode).toBe(errors.UNKNOWN_MEMBER_ID.code);
    const sentAway = bench.joined(bench.join({}, 4));
    expect(bench.leave({ memberId: sentAway.memberId }).members[0]?.errorCode).toBe(0);
  });
});

describe('a restart', () => {
  it('pitfall 44: keeps generation and offsets, and sends dynamic members away at once', () => {
    const bench = new GroupBench();
    const [member] = bench.stableGroup('a');
    bench.commit(42, member);
    bench.crash();
    expect(bench.heartbeat(member.memberId, 1)).toBe(errors.UNKNOWN_MEMBER_ID.code);
    expect(bench.joined(bench.join({ memberId: member.memberId })).errorCode).toBe(errors.UNKNOWN_MEMBER_ID.code);
    expect(bench.joined(bench.join())).toMatchObject({ errorCode: 0, generationId: 2 });
    expect(bench.fetch().committedOffset).toBe(42);
  });

  it('C3: leaves nobody waiting when the coordinator is unloaded', () => {
    const bench = new GroupBench();
    const [, follower] = bench.joinedPair();
    const syncing = bench.sync(follower);
    bench.run((groups) => groups.unload(bench.now));
    expect(bench.synced(syncing).errorCode).toBe(errors.NOT_COORDINATOR.code);
  });
});

describe('describing', () => {
  it('shows members with what they said and were assigned once the group is stable', () => {
    const bench = new GroupBench();
    const [member] = bench.stableGroup('mine');
    expect(bench.describe()).toMatchObject({ groupState: 'Stable', protocolType: 'consumer', protocolName: 'range' });
    expect(bench.describe().members).toEqual([
      {
        memberId: member.memberId,
        groupInstanceId: null,
        clientId: 'client',
        clientHost: '/127.0.0.1',
        memberMetadata: Buffer.from('mine'),
        memberAssignment: Buffer.from('mine'),
      },
    ]);
    bench.join({ protocols: [protocol('range')] });
    expect(bench.describe()).toMatchObject({ groupState: 'PreparingRebalance', protocolName: '' });
  });

  it('calls a group dead that is not there', () => {
    expect(new GroupBench().describe('none')).toMatchObject({ errorCode: 0, groupState: 'Dead', members: [] });
  });

  it('lists groups, all or those in some states and of some types', () => {
    const bench = new GroupBench();
    bench.stableGroup('a');
    bench.commit(1, {}, 't');
    const list = (statesFilter: string[], typesFilter: string[] = []): string[] => {
      const caller = bench.caller();
      bench.run((groups) => groups.listGroups({ statesFilter, typesFilter }, caller, bench.now));
      return (bench.answers.get(caller.to) as ListGroupsResponse).groups.map(
        (one) => `${one.groupId} ${one.protocolType} ${one.groupState} ${one.groupType}`,
      );
    };
    expect(list([])).toEqual(['g consumer Stable classic']);
    expect(list(['stable'])).toHaveLength(1);
    expect(list(['Empty', 'Dead'])).toEqual([]);
    expect(list([], ['Classic'])).toHaveLength(1);
    expect(list(['Stable'], ['consumer'])).toEqual([]);
  });
});
