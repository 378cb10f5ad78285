import { errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { GroupBench, protocol } from './group-bench.ts';

describe('joining', () => {
  it('makes the first member the leader and tells it alone who the members are', () => {
    const bench = new GroupBench();
    const token = bench.join({ protocols: [protocol('range', 'mine')] });
    const answer = bench.joined(token);
    expect(answer).toMatchObject({ errorCode: 0, generationId: 1, protocolName: 'range', leader: answer.memberId });
    expect(answer.members).toEqual([
      { memberId: answer.memberId, groupInstanceId: null, metadata: Buffer.from('mine') },
    ]);
  });

  it('pitfall 18: lets a second member in through a rebalance that the first hears of by its heartbeat', () => {
    const bench = new GroupBench();
    const [first] = bench.stableGroup('a');
    const second = bench.join();
    expect(bench.hasAnswer(second)).toBe(false);
    expect(bench.heartbeat(first.memberId, 1)).toBe(errors.REBALANCE_IN_PROGRESS.code);

    const again = bench.join({ memberId: first.memberId });
    expect(bench.joined(second)).toMatchObject({ generationId: 2, leader: first.memberId, members: [] });
    expect(bench.joined(again).members).toHaveLength(2);
  });

  it('pitfall 19: sends a newcomer away with an id from version 4 on, and takes it with that', () => {
    const bench = new GroupBench();
    const sentAway = bench.joined(bench.join({}, 4));
    expect(sentAway.errorCode).toBe(errors.MEMBER_ID_REQUIRED.code);
    expect(sentAway.memberId).toMatch(/^client-[0-9a-f-]{36}$/);
    expect(bench.joined(bench.join({ memberId: sentAway.memberId }, 4))).toMatchObject({
      errorCode: 0,
      memberId: sentAway.memberId,
    });
  });

  it('pitfall 19: waits with the rebalance for a newcomer that it has sent away, until that lapses', () => {
    const bench = new GroupBench();
    bench.join({}, 4);
    const other = bench.join();
    expect(bench.hasAnswer(other)).toBe(false);
    bench.advance(10_000);
    expect(bench.joined(other)).toMatchObject({ errorCode: 0, generationId: 1 });
  });

  it('forgets a group whose only newcomer never came back', () => {
    const bench = new GroupBench();
    bench.join({}, 4);
    expect(bench.describe().groupState).toBe('Empty');
    bench.advance(10_000);
    expect(bench.describe().groupState).toBe('Dead');
  });

  it('pitfall 24: removes who has not joined when the rebalance timeout ends, though its heartbeats go on', () => {
    const bench = new GroupBench();
    const [first] = bench.stableGroup('a');
    const second = bench.join({ rebalanceTimeoutMs: 30_000 });
    for (let elapsed = 0; elapsed < 60_000; elapsed += 5_000) {
      expect(bench.heartbeat(first.memberId, 1)).toBe(errors.REBALANCE_IN_PROGRESS.code);
      bench.advance(5_000);
    }
    expect(bench.joined(second)).toMatchObject({ errorCode: 0, generationId: 2 });
    expect(bench.heartbeat(first.memberId, 2)).toBe(errors.UNKNOWN_MEMBER_ID.code);
  });

  it('pitfall 24: takes the session timeout for the rebalance timeout of version 0', () => {
    const bench = new GroupBench();
    const [first] = [bench.joined(bench.join({ rebalanceTimeoutMs: -1 }, 0))];
    bench.sync(first, { [first.memberId]: 'a' });
    const second = bench.join({ rebalanceTimeoutMs: -1 }, 0);
    bench.advance(5_000);
    bench.heartbeat(first.memberId, 1);
    bench.advance(5_000);
    expect(bench.joined(second)).toMatchObject({ errorCode: 0, generationId: 2 });
  });

  it('pitfall 25: agrees on the assignment protocol that all support, so that members can be up- and downgraded', () => {
    const bench = new GroupBench();
    const both = [protocol('cooperative-sticky'), protocol('range')];
    const first = bench.joined(bench.join({ protocols: both }));
    expect(first.protocolName).toBe('cooperative-sticky');
    bench.sync(first, { [first.memberId]: 'a' });

    const old = bench.join({ protocols: [protocol('range')] });
    bench.join({ memberId: first.memberId, protocols: both });
    expect(bench.joined(old).protocolName).toBe('range');
  });

  it('refuses a member that has no protocol in common with the others', () => {
    const bench = new GroupBench();
    bench.stableGroup('a');
    const code = errors.INCONSISTENT_GROUP_PROTOCOL.code;
    expect(bench.joined(bench.join({ protocols: [protocol('other')] })).errorCode).toBe(code);
    expect(bench.joined(bench.join({ protocolType: 'connect' })).errorCode).toBe(code);
    expect(bench.joined(bench.join({ groupId: 'none', protocols: [] })).errorCode).toBe(code);
    expect(bench.describe('none').groupState).toBe('Dead');
  });

  it('repeats the answer to a member of the generation that has missed it', () => {
    const bench = new GroupBench();
    const first = bench.joined(bench.join());
    expect(bench.joined(bench.join({ memberId: first.memberId }))).toEqual(first);
    bench.sync(first, { [first.memberId]: 'a' });
    expect(bench.describe().groupState).toBe('Stable');
  });

  it('rebalances when the leader of a stable group joins again', () => {
    const bench = new GroupBench();
    const [leader] = bench.stableGroup('a');
    expect(bench.joined(bench.join({ memberId: leader.memberId, protocols: [protocol('range', 'a')] }))).toMatchObject({
      generationId: 2,
    });
  });

  it('answers both requests of a member that joins twice, the older one with an error', () => {
    const bench = new GroupBench();
    bench.stableGroup('a');
    const newcomer = bench.joined(bench.join({}, 4));
    const older = bench.join({ memberId: newcomer.memberId });
    const newer = bench.join({ memberId: newcomer.memberId });
    expect(bench.joined(older).errorCode).toBe(errors.REBALANCE_IN_PROGRESS.code);
    expect(bench.hasAnswer(newer)).toBe(false);
  });

  it('pitfall 23: survives a chain of members that join while a rebalance is under way', () => {
    const bench = new GroupBench();
    const first = bench.joined(bench.join());
    const syncing = bench.join();
    // The second one comes in CompletingRebalance: the leader's SyncGroup comes too late.
    expect(bench.synced(bench.sync(first, { [first.memberId]: 'a' })).errorCode).toBe(
      errors.REBALANCE_IN_PROGRESS.code,
    );
    const third = bench.join();
    const again = bench.join({ memberId: first.memberId });
    const [leader, ...others] = [bench.joined(again), bench.joined(syncing), bench.joined(third)];
    const members = [leader, ...others];
    expect(members.map(({ generationId }) => generationId)).toEqual([2, 2, 2]);

    const waiting = others.map((member) => bench.sync(member));
    const assignments = Object.fromEntries(members.map(({ memberId }) => [memberId, memberId]));
    const own = bench.sync(leader, assignments);
    for (const [index, token] of [own, ...waiting].entries()) {
      // Pitfall 22: neither empty nor cut.
      expect(bench.synced(token).assignment.toString()).toBe(members[index]?.memberId);
    }
  });

  it('pitfall 23: tells a follower that waits for its assignment to join again when someone else joins', () => {
    const bench = new GroupBench();
    const [leader, follower] = [bench.join(), bench.join()];
    const again = bench.join({ memberId: bench.joined(leader).memberId });
    expect(bench.joined(again).generationId).toBe(2);
    const waiting = bench.sync(bench.joined(follower));
    bench.join();
    expect(bench.synced(waiting).errorCode).toBe(errors.REBALANCE_IN_PROGRESS.code);
  });

  it('gathers members before the first rebalance when it is told to', () => {
    const bench = new GroupBench({ initialRebalanceDelayMs: 3_000 });
    const tokens = [bench.join(), bench.join(), bench.join()];
    expect(tokens.some((token) => bench.hasAnswer(token))).toBe(false);
    bench.advance(3_000);
    expect(tokens.map((token) => bench.joined(token).generationId)).toEqual([1, 1, 1]);
  });

  it.for([
    ['an empty group id', { groupId: '' }, errors.INVALID_GROUP_ID],
    ['too short a session', { sessionTimeoutMs: 10 }, errors.INVALID_SESSION_TIMEOUT],
    ['too long a session', { sessionTimeoutMs: 2 ** 31 - 1 }, errors.INVALID_SESSION_TIMEOUT],
    ['a member of a group that is not there', { memberId: 'lost' }, errors.UNKNOWN_MEMBER_ID],
  ] as const)('refuses %s', ([, request, { code }]) => {
    const bench = new GroupBench();
    expect(bench.joined(bench.join(request)).errorCode).toBe(code);
  });

  it('bounds the members of a group, those to come included, and the number of groups', () => {
    const bench = new GroupBench({ membersMax: 2, groupsMax: 1 });
    bench.join({}, 4);
    bench.join();
    expect(bench.joined(bench.join()).errorCode).toBe(errors.GROUP_MAX_SIZE_REACHED.code);
    expect(bench.joined(bench.join({ groupId: 'other' })).errorCode).toBe(errors.POLICY_VIOLATION.code);
  });
});
