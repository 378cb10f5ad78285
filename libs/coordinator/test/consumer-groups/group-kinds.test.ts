import { errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import type {
  JoinGroupResponse,
  ListGroupsResponse,
  OffsetCommitResponse,
  OffsetFetchResponse,
} from '../../src/index.ts';
import { ConsumerBench } from './consumer-bench.ts';

function commit(bench: ConsumerBench, offset: number, memberId = '', generationId = -1): number | undefined {
  const caller = bench.caller(9);
  const partitions = [{ partition: 0, committedOffset: offset, committedLeaderEpoch: -1, committedMetadata: null }];
  const request = {
    groupId: 'g',
    generationId,
    memberId,
    groupInstanceId: null,
    topics: [{ name: 'orders', partitions }],
  };
  bench.run((groups) => groups.offsetCommit(request, caller, bench.now));
  return (bench.answers.get(caller.to) as OffsetCommitResponse).topics[0]?.partitions[0]?.errorCode;
}

function fetched(bench: ConsumerBench, asker?: { memberId: string; memberEpoch: number }): OffsetFetchResponse {
  const caller = bench.caller(9);
  const request = { groupId: 'g', topics: null, requireStable: true, ...(asker && { asker }) };
  bench.run((groups) => groups.offsetFetch(request, caller, bench.now));
  return bench.answers.get(caller.to) as OffsetFetchResponse;
}

function joinClassic(bench: ConsumerBench): JoinGroupResponse {
  const caller = bench.caller(3);
  const request = {
    groupId: 'g',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    memberId: '',
    groupInstanceId: null,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
    reason: null,
  };
  bench.run((groups) => groups.joinGroup(request, caller, bench.now));
  return bench.answers.get(caller.to) as JoinGroupResponse;
}

function listed(bench: ConsumerBench): string[] {
  const caller = bench.caller();
  bench.run((groups) => groups.listGroups({ statesFilter: [], typesFilter: [] }, caller, bench.now));
  return (bench.answers.get(caller.to) as ListGroupsResponse).groups.map((one) => `${one.groupType} ${one.groupState}`);
}

function removed(bench: ConsumerBench): number {
  const caller = bench.caller();
  bench.run((groups) => groups.deleteGroup({ groupId: 'g' }, caller, bench.now));
  return (bench.answers.get(caller.to) as { errorCode: number }).errorCode;
}

describe('a group of the consumer protocol', () => {
  it('U2: takes offsets from its members, with the epoch that they have', () => {
    const bench = new ConsumerBench({ orders: 1 });
    bench.client('a', 'orders').join();
    expect(commit(bench, 5, 'a', 1)).toBe(0);
    expect(commit(bench, 6, 'a', 0)).toBe(errors.STALE_MEMBER_EPOCH.code);
    expect(commit(bench, 6, 'b', 1)).toBe(errors.UNKNOWN_MEMBER_ID.code);
    expect(commit(bench, 6)).toBe(errors.UNKNOWN_MEMBER_ID.code);
    expect(fetched(bench, { memberId: 'a', memberEpoch: 1 }).topics).toMatchObject([
      { partitions: [{ committedOffset: 5 }] },
    ]);
    expect(fetched(bench, { memberId: 'a', memberEpoch: 0 }).errorCode).toBe(errors.STALE_MEMBER_EPOCH.code);
    expect(fetched(bench).errorCode).toBe(0);
  });

  it('is listed and deleted like any other, and not while it has members', () => {
    const bench = new ConsumerBench({ orders: 1 });
    const client = bench.client('a', 'orders');
    client.join();
    expect(listed(bench)).toEqual(['consumer Stable']);
    expect(removed(bench)).toBe(errors.NON_EMPTY_GROUP.code);
    client.leave();
    expect(listed(bench)).toEqual(['consumer Empty']);
    expect(removed(bench)).toBe(0);
    bench.crash();
    expect(listed(bench)).toEqual([]);
  });

  it('keeps its offsets and epochs over a restart, and sends its members to join again', () => {
    const bench = new ConsumerBench({ orders: 1 });
    const client = bench.client('a', 'orders');
    client.join();
    commit(bench, 5, 'a', 1);
    bench.crash();
    expect(listed(bench)).toEqual(['consumer Empty']);
    expect(client.beat().errorCode).toBe(errors.UNKNOWN_MEMBER_ID.code);
    expect(client.join()).toMatchObject({ errorCode: 0, memberEpoch: 2 });
    expect(fetched(bench).topics).toMatchObject([{ partitions: [{ committedOffset: 5 }] }]);
  });

  it('changes to the classic protocol and back while it has no members, and not else', () => {
    const bench = new ConsumerBench({ orders: 1 });
    const client = bench.client('a', 'orders');
    client.join();
    expect(joinClassic(bench).errorCode).toBe(errors.INCONSISTENT_GROUP_PROTOCOL.code);
    client.leave();
    const joined = joinClassic(bench);
    expect(joined).toMatchObject({ errorCode: 0, generationId: 3 });
    expect(client.join().errorCode).toBe(errors.GROUP_ID_NOT_FOUND.code);
    bench.advance(60_000);
    expect(client.join()).toMatchObject({ errorCode: 0 });
    bench.crash();
    expect(listed(bench)).toEqual(['consumer Empty']);
  });

  it('is forgotten with its last offset, when its time is over', () => {
    const bench = new ConsumerBench({ orders: 1 }, { offsetsRetentionMs: 1_000_000 });
    const client = bench.client('a', 'orders');
    client.join();
    commit(bench, 5, 'a', 1);
    for (let round = 0; round < 60; round++) {
      bench.advance(40_000);
      client.beat();
    }
    expect(fetched(bench).topics).toHaveLength(1);
    client.leave();
    bench.advance(2_000_000);
    expect(listed(bench)).toEqual([]);
  });
});
