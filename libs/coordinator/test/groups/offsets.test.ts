import { errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import type { DeletedGroup, OffsetDeleteResponse, OffsetFetchResponse } from '../../src/index.ts';
import { GroupBench } from './group-bench.ts';

describe('committing', () => {
  it('G4: takes offsets from members of the current generation only', () => {
    const bench = new GroupBench();
    const [member] = bench.stableGroup('a');
    expect(bench.commit(1, member)).toBe(0);
    expect(bench.commit(2, { ...member, generationId: 0 })).toBe(errors.ILLEGAL_GENERATION.code);
    expect(bench.commit(2, { ...member, memberId: 'stranger' })).toBe(errors.UNKNOWN_MEMBER_ID.code);
    expect(bench.commit(2)).toBe(errors.UNKNOWN_MEMBER_ID.code);
    expect(bench.fetch().committedOffset).toBe(1);
  });

  it('takes offsets from anyone while the group is empty', () => {
    const bench = new GroupBench();
    expect(bench.commit(7)).toBe(0);
    expect(bench.fetch()).toMatchObject({ committedOffset: 7, errorCode: 0 });
    expect(bench.commit(8, { generationId: 3, memberId: 'm' })).toBe(errors.UNKNOWN_MEMBER_ID.code);
  });

  it('refuses a generation of a group that is not there, from version 9 on by that name', () => {
    const member = { generationId: 1, memberId: 'm' };
    expect(new GroupBench().commit(1, member, 't', '', 8)).toBe(errors.ILLEGAL_GENERATION.code);
    expect(new GroupBench().commit(1, member, 't', '', 9)).toBe(errors.GROUP_ID_NOT_FOUND.code);
  });

  it('takes offsets while others are awaited, and not before a member knows its new assignment', () => {
    const bench = new GroupBench();
    const [member] = bench.stableGroup('a');
    bench.join();
    expect(bench.commit(5, member)).toBe(0);
    const again = bench.joined(bench.join({ memberId: member.memberId }));
    expect(bench.commit(6, again)).toBe(errors.REBALANCE_IN_PROGRESS.code);
  });

  it('pitfall 27: brings metadata back as it came, up to 4,096 bytes of it', () => {
    const bench = new GroupBench();
    const longest = 'ü'.repeat(2_048);
    expect(bench.commit(1, {}, 't', longest)).toBe(0);
    expect(bench.fetch().metadata).toBe(longest);
    expect(bench.commit(2, {}, 't', `${longest}x`)).toBe(errors.OFFSET_METADATA_TOO_LARGE.code);
    expect(bench.fetch()).toMatchObject({ committedOffset: 1, metadata: longest });
    expect(bench.commit(3, {}, 't', null)).toBe(0);
    expect(bench.fetch().metadata).toBe('');
  });

  it('pitfall 29: refuses partitions that do not exist, each for itself', () => {
    const bench = new GroupBench();
    const caller = bench.caller();
    const partition = { partition: 0, committedOffset: 1, committedLeaderEpoch: -1, committedMetadata: '' };
    const topics = [
      { name: 'missing', partitions: [partition] },
      { name: 't', partitions: [partition, { ...partition, partition: 99 }] },
    ];
    const request = { groupId: 'g', generationId: -1, memberId: '', groupInstanceId: null, topics };
    bench.run((groups) => groups.offsetCommit(request, caller, bench.now));
    const unknown = errors.UNKNOWN_TOPIC_OR_PARTITION.code;
    expect(bench.answers.get(caller.to)).toEqual({
      topics: [
        { name: 'missing', partitions: [{ partition: 0, errorCode: unknown }] },
        {
          name: 't',
          partitions: [
            { partition: 0, errorCode: 0 },
            { partition: 99, errorCode: unknown },
          ],
        },
      ],
    });
  });

  it('pitfall 29: answers an empty commit, and appends and remembers nothing for it', () => {
    const bench = new GroupBench();
    const caller = bench.caller();
    const request = { groupId: 'g', generationId: -1, memberId: '', groupInstanceId: null, topics: [] };
    bench.run((groups) => groups.offsetCommit(request, caller, bench.now));
    expect(bench.answers.get(caller.to)).toEqual({ topics: [] });
    expect(bench.log).toEqual([]);
    expect(bench.describe().groupState).toBe('Dead');
  });

  it('C1: shows an offset to nobody before it is durable', () => {
    const bench = new GroupBench();
    bench.commit(1);
    bench.isSyncHeld = true;
    expect(() => bench.commit(2)).toThrow('to be answered');
    expect(() => bench.fetch()).toThrow('to be answered');
    bench.crash();
    bench.isSyncHeld = false;
    expect(bench.fetch().committedOffset).toBe(1);
  });
});

describe('fetching', () => {
  it('pitfall 26: says −1 for what was never committed', () => {
    const bench = new GroupBench();
    const nothing = { committedOffset: -1, committedLeaderEpoch: -1, metadata: '', errorCode: 0 };
    expect(bench.fetch()).toMatchObject(nothing);
    bench.commit(1);
    expect(bench.fetch(false, 'other')).toMatchObject(nothing);
  });

  it('pitfall 26: gives all offsets when asked for none in particular', () => {
    const bench = new GroupBench();
    const all = (): OffsetFetchResponse => {
      const caller = bench.caller();
      bench.run((groups) =>
        groups.offsetFetch({ groupId: 'g', topics: null, requireStable: false }, caller, bench.now),
      );
      return bench.answers.get(caller.to) as OffsetFetchResponse;
    };
    expect(all()).toEqual({ groupId: 'g', errorCode: 0, topics: [] });
    bench.commit(1, {}, 'a');
    bench.commit(2, {}, 'b');
    expect(all().topics.map(({ name, partitions }) => [name, partitions[0]?.committedOffset])).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
  });
});

describe('offsets in transactions', () => {
  it('pitfall 28: are unstable until the marker, and then count', () => {
    const bench = new GroupBench();
    bench.commit(1);
    expect(bench.commitInTransaction(5, 100)).toBe(0);
    expect(bench.fetch()).toMatchObject({ committedOffset: 1, errorCode: 0 });
    expect(bench.fetch(true)).toMatchObject({ committedOffset: -1, errorCode: errors.UNSTABLE_OFFSET_COMMIT.code });
    bench.endTransaction(100, 'commit');
    expect(bench.fetch(true)).toMatchObject({ committedOffset: 5, errorCode: 0 });
  });

  it('vanish when the transaction is aborted', () => {
    const bench = new GroupBench();
    bench.commit(1);
    bench.commitInTransaction(5, 100);
    bench.endTransaction(100, 'abort');
    expect(bench.fetch(true)).toMatchObject({ committedOffset: 1, errorCode: 0 });
  });

  it('do not undo a plain commit that came after them', () => {
    const bench = new GroupBench();
    bench.commitInTransaction(5, 100);
    bench.commit(9);
    bench.endTransaction(100, 'commit');
    expect(bench.fetch(true).committedOffset).toBe(9);
    bench.crash();
    expect(bench.fetch(true).committedOffset).toBe(9);
  });

  it('are those of their producer only', () => {
    const bench = new GroupBench();
    bench.commitInTransaction(5, 100);
    bench.commitInTransaction(6, 200);
    bench.endTransaction(200, 'commit');
    expect(bench.fetch().committedOffset).toBe(6);
    expect(bench.fetch(true).errorCode).toBe(errors.UNSTABLE_OFFSET_COMMIT.code);
    bench.endTransaction(100, 'abort');
    expect(bench.fetch(true).committedOffset).toBe(6);
  });

  it('stay pending over a restart, and end by the marker that comes after it', () => {
    const bench = new GroupBench();
    bench.commitInTransaction(5, 100);
    bench.crash();
    expect(bench.fetch(true).errorCode).toBe(errors.UNSTABLE_OFFSET_COMMIT.code);
    bench.endTransaction(100, 'commit');
    bench.crash();
    expect(bench.fetch(true).committedOffset).toBe(5);
  });

  it('pitfall 35: are taken during a rebalance', () => {
    const bench = new GroupBench();
    const [member] = bench.stableGroup('a');
    bench.join();
    expect(bench.commitInTransaction(5, 100, 0, member)).toBe(0);
    const again = bench.joined(bench.join({ memberId: member.memberId }));
    expect(bench.commitInTransaction(6, 100, 0, again)).toBe(0);
  });

  it('are refused from a member of an older generation, and from an older epoch of the producer', () => {
    const bench = new GroupBench();
    const [member] = bench.stableGroup('a');
    const old = { ...member, generationId: 0 };
    expect(bench.commitInTransaction(5, 100, 3, old)).toBe(errors.ILLEGAL_GENERATION.code);
    expect(bench.commitInTransaction(5, 100, 3)).toBe(0);
    expect(bench.commitInTransaction(6, 100, 2)).toBe(errors.INVALID_PRODUCER_EPOCH.code);
  });
});

describe('deleting', () => {
  const remove = (bench: GroupBench, topic: string): OffsetDeleteResponse => {
    const caller = bench.caller();
    const topics = [{ name: topic, partitions: [{ partition: 0 }] }];
    bench.run((groups) => groups.offsetDelete({ groupId: 'g', topics }, caller, bench.now));
    return bench.answers.get(caller.to) as OffsetDeleteResponse;
  };
  const removeGroup = (bench: GroupBench): number => {
    const caller = bench.caller();
    bench.run((groups) => groups.deleteGroup({ groupId: 'g' }, caller, bench.now));
    return (bench.answers.get(caller.to) as DeletedGroup).errorCode;
  };

  it('takes single offsets of topics that no member reads', () => {
    const bench = new GroupBench();
    bench.commit(1, {}, 'read');
    bench.commit(1, {}, 'left');
    const subscription = Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 1, 0, 4]), Buffer.from('read')]);
    bench.join({ protocols: [{ name: 'range', metadata: subscription }] });
    expect(remove(bench, 'read').topics[0]?.partitions[0]?.errorCode).toBe(errors.GROUP_SUBSCRIBED_TO_TOPIC.code);
    expect(remove(bench, 'left').topics[0]?.partitions[0]?.errorCode).toBe(0);
    expect(bench.fetch(false, 'left').committedOffset).toBe(-1);
    expect(bench.fetch(false, 'read').committedOffset).toBe(1);
    bench.crash();
    expect(bench.fetch(false, 'left').committedOffset).toBe(-1);
  });

  it('refuses single offsets of a group whose subscriptions it cannot read', () => {
    const bench = new GroupBench();
    bench.join({ protocolType: 'connect' });
    expect(remove(bench, 't').errorCode).toBe(errors.NON_EMPTY_GROUP.code);
  });

  it('takes a whole group only when nobody is in it', () => {
    const bench = new GroupBench();
    expect(removeGroup(bench)).toBe(errors.GROUP_ID_NOT_FOUND.code);
    const [member] = bench.stableGroup('a');
    bench.commit(1, member);
    expect(removeGroup(bench)).toBe(errors.NON_EMPTY_GROUP.code);
    bench.leave({ memberId: member.memberId });
    expect(removeGroup(bench)).toBe(0);
    expect(bench.describe().groupState).toBe('Dead');
    bench.crash();
    expect(bench.describe().groupState).toBe('Dead');
    expect(bench.fetch().committedOffset).toBe(-1);
  });

  it('does not take a group from under a transaction', () => {
    const bench = new GroupBench();
    bench.commitInTransaction(5, 100);
    expect(removeGroup(bench)).toBe(errors.NON_EMPTY_GROUP.code);
    bench.endTransaction(100, 'commit');
    expect(removeGroup(bench)).toBe(0);
  });

  it('forgets the offsets of a deleted topic, those in transactions too', () => {
    const bench = new GroupBench();
    bench.commit(1);
    bench.commitInTransaction(5, 100);
    bench.run((groups) => groups.topicDeleted('t', bench.now));
    bench.endTransaction(100, 'commit');
    expect(bench.fetch(true).committedOffset).toBe(-1);
    bench.crash();
    expect(bench.fetch(true).committedOffset).toBe(-1);
  });
});

describe('retention', () => {
  const limits = { offsetsRetentionMs: 1_000_000, retentionCheckMs: 10_000 };

  it('drops offsets that nobody has used for the retention time, and the group with the last of them', () => {
    const bench = new GroupBench(limits);
    bench.commit(1);
    bench.advance(990_000);
    expect(bench.fetch().committedOffset).toBe(1);
    bench.advance(20_000);
    expect(bench.describe().groupState).toBe('Dead');
    bench.crash();
    expect(bench.fetch().committedOffset).toBe(-1);
  });

  it('counts from when the last member left', () => {
    const bench = new GroupBench(limits);
    const [member] = bench.stableGroup('a');
    bench.commit(1, member);
    for (let elapsed = 0; elapsed < 2_000_000; elapsed += 8_000) {
      bench.advance(8_000);
      bench.heartbeat(member.memberId, 1);
    }
    expect(bench.fetch().committedOffset).toBe(1);
    bench.leave({ memberId: member.memberId });
    bench.advance(980_000);
    expect(bench.fetch().committedOffset).toBe(1);
    bench.advance(40_000);
    expect(bench.describe().groupState).toBe('Dead');
  });
});
