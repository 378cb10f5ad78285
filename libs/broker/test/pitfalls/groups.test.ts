import { VirtualClock } from '@millrace/testing';
import { apis, errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { Member, type MemberOptions, stable } from '../member.ts';
import { createTopic, type RunningBroker, startBroker } from '../running-broker.ts';
import { beginTransaction } from '../transaction.ts';
import type { WireConnection } from '../wire-connection.ts';

const newMember = async (broker: RunningBroker, options: MemberOptions = {}) =>
  new Member(await broker.connect(), options);

async function withTopic() {
  const broker = await startBroker();
  const connection = await broker.connect();
  await createTopic(connection, 'orders', { partitions: 2 });
  return { broker, connection };
}

interface Commit {
  readonly partition?: number;
  readonly offset?: number;
  readonly metadata?: string | null;
}

async function commit(connection: WireConnection, { partition = 0, offset = 1, metadata = null }: Commit = {}) {
  const { topics } = await connection.request(apis.offsetCommit, 9, {
    groupId: 'readers',
    topics: [{ name: 'orders', partitions: [{ partition, committedOffset: offset, committedMetadata: metadata }] }],
  });
  return topics[0]?.partitions[0]?.errorCode;
}

type Asked = { readonly name: string; readonly partitions: number[] }[] | null;

async function committed(connection: WireConnection, topics: Asked, requireStable = false) {
  const body = { groups: [{ groupId: 'readers', topics }], requireStable };
  const { groups } = await connection.request(apis.offsetFetch, 9, body);
  return groups[0]?.topics.flatMap(({ name, partitions }) => partitions.map((one) => ({ name, ...one })));
}

const partition0 = [{ name: 'orders', partitions: [0] }];

describe('a group', () => {
  it('pitfall 18: lets a second member join, which the first hears of by its heartbeat', async () => {
    const broker = await startBroker();
    const first = await stable(await newMember(broker));
    const second = await newMember(broker);
    const joining = second.join();
    await first.untilRebalance();
    const [again, joined] = await Promise.all([first.join(), joining]);
    expect([again.generationId, joined.generationId]).toEqual([2, 2]);
    expect(again.members.map(({ memberId }) => memberId)).toEqual([first.memberId, second.memberId]);
    expect(joined).toMatchObject({ leader: first.memberId, members: [] });
  });

  it('pitfall 19: sends a newcomer away with an id from JoinGroup 4 on, and not before', async () => {
    const broker = await startBroker();
    const sent = await newMember(broker);
    expect((await sent.joinOnce()).errorCode).toBe(errors.MEMBER_ID_REQUIRED.code);
    expect(sent.memberId).not.toBe('');
    expect((await sent.joinOnce()).errorCode).toBe(0);
    const old = await newMember(broker, { groupId: 'others', version: 3 });
    expect((await old.joinOnce()).errorCode).toBe(0);
  });

  it('pitfall 20: rebalances when a static member joins anew while assignments are awaited', async () => {
    const broker = await startBroker();
    const first = await newMember(broker, { instanceId: 'one' });
    expect((await first.join()).generationId).toBe(1);
    const back = await newMember(broker, { instanceId: 'one' });
    expect(await back.join()).toMatchObject({ errorCode: 0, generationId: 2, leader: back.memberId });
    expect((await back.sync({ [back.memberId]: 'all' })).assignment.toString()).toBe('all');
  });

  it('pitfall 21: fences a static member whose instance id another has taken over', async () => {
    const broker = await startBroker();
    const first = await stable(await newMember(broker, { instanceId: 'one' }));
    const second = await newMember(broker, { instanceId: 'one' });
    expect((await second.join()).errorCode).toBe(0);
    expect(await second.sync()).toMatchObject({ errorCode: 0, assignment: Buffer.from('all') });
    const { code } = errors.FENCED_INSTANCE_ID;
    expect(await first.heartbeat()).toBe(code);
    expect((await first.sync()).errorCode).toBe(code);
    expect((await first.joinOnce()).errorCode).toBe(code);
    const partitions = [{ partition: 0, committedOffset: 1, committedMetadata: null }];
    const body = { ...first.identity, topics: [{ name: 'orders', partitions }] };
    const late = await first.connection.request(apis.offsetCommit, 8, body);
    expect(late.topics[0]?.partitions[0]?.errorCode).toBe(code);
  });

  it('pitfall 22: hands out assignments whole, however large, and an empty one to whom the leader left out', async () => {
    const broker = await startBroker();
    const leader = await newMember(broker);
    await leader.join();
    const large = 'x'.repeat(300_000);
    expect((await leader.sync({ [leader.memberId]: large })).assignment.toString()).toBe(large);
    const follower = await newMember(broker);
    const joining = follower.join();
    await leader.untilRebalance();
    await Promise.all([leader.join(), joining]);
    const [first, second] = await Promise.all([leader.sync({ [leader.memberId]: large }), follower.sync()]);
    expect(first.assignment.toString()).toBe(large);
    expect(second).toMatchObject({ errorCode: 0, assignment: Buffer.alloc(0) });
  });

  it('pitfall 23: becomes stable when members keep joining while it rebalances', async () => {
    const broker = await startBroker();
    const members: Member[] = [await stable(await newMember(broker))];
    for (let count = 1; count < 5; count++) {
      const next = await newMember(broker);
      const joining = next.join();
      await Promise.all(members.map((member) => member.untilRebalance()));
      // One more comes between the others' joining again, which then are all asked once more.
      const answers = await Promise.all([...members.map((member) => member.join()), joining]);
      members.push(next);
      expect(new Set(answers.map(({ generationId }) => generationId)).size).toBe(1);
      const shares = Object.fromEntries(members.map((one, index) => [one.memberId, `share ${index}`]));
      const isLeader = (one: Member): boolean => one.memberId === answers[0]?.leader;
      const synced = await Promise.all(members.map((one) => one.sync(isLeader(one) ? shares : {})));
      expect(synced.map(({ assignment }) => assignment.toString())).toEqual(Object.values(shares));
    }
    expect(await Promise.all(members.map((member) => member.heartbeat()))).toEqual([0, 0, 0, 0, 0]);
  });

  it('pitfall 23: tells followers that wait for their assignment to join again when one more joins', async () => {
    const broker = await startBroker();
    const [leader, follower] = [await newMember(broker, { version: 3 }), await newMember(broker, { version: 3 })];
    await stable(leader);
    const joining = follower.join();
    await leader.untilRebalance();
    await Promise.all([leader.join(), joining]);
    const waiting = follower.sync();
    const third = (await newMember(broker, { version: 3 })).join();
    expect((await waiting).errorCode).toBe(errors.REBALANCE_IN_PROGRESS.code);
    const [one, two, three] = await Promise.all([leader.join(), follower.join(), third]);
    expect([one.generationId, two.generationId, three.generationId]).toEqual([3, 3, 3]);
  });

  it('pitfall 24: waits for the rebalance timeout, not for the session timeout of who does not join again', async () => {
    const clock = new VirtualClock();
    const broker = await startBroker({ clock });
    const times = { sessionTimeoutMs: 50_000, rebalanceTimeoutMs: 20_000 };
    const slow = await stable(await newMember(broker, times));
    const second = await newMember(broker, times);
    let isJoined = false;
    const joining = second.join().then((joined) => {
      isJoined = true;
      return joined;
    });
    await slow.untilRebalance();
    clock.advance(19_000);
    expect(await slow.heartbeat()).toBe(errors.REBALANCE_IN_PROGRESS.code);
    expect(isJoined).toBe(false);
    clock.advance(2_000);
    expect(await joining).toMatchObject({ errorCode: 0, generationId: 2, leader: second.memberId });
    expect(await slow.heartbeat()).toBe(errors.UNKNOWN_MEMBER_ID.code);
  });

  it('pitfall 24: takes the session timeout for the rebalance timeout that JoinGroup 0 lacks', async () => {
    const clock = new VirtualClock();
    const broker = await startBroker({ clock });
    const times = { sessionTimeoutMs: 20_000, version: 0 };
    const slow = await stable(await newMember(broker, times));
    const joining = (await newMember(broker, times)).join();
    await slow.untilRebalance();
    clock.advance(15_000);
    expect(await slow.heartbeat()).toBe(errors.REBALANCE_IN_PROGRESS.code);
    clock.advance(6_000);
    expect((await joining).generationId).toBe(2);
  });

  it('pitfall 25: goes from cooperative-sticky down to the assignor that all members have, and up again', async () => {
    const broker = await startBroker();
    const [modern, old] = [['cooperative-sticky', 'range'], ['range']];
    const first = await newMember(broker, { protocols: modern });
    expect((await first.join()).protocolName).toBe('cooperative-sticky');
    await first.sync({ [first.memberId]: 'all' });
    const second = await newMember(broker, { protocols: old });
    const joining = second.join();
    await first.untilRebalance();
    const [down] = await Promise.all([first.join(), joining]);
    expect(down.protocolName).toBe('range');
    await Promise.all([first.sync({}), second.sync()]);
    // The old one comes back as a newer version of itself.
    const upgrading = second.join(modern);
    await first.untilRebalance();
    const [up] = await Promise.all([first.join(), upgrading]);
    expect(up).toMatchObject({ protocolName: 'cooperative-sticky', generationId: 3 });
    const stranger = await newMember(broker, { protocols: ['roundrobin'] });
    expect((await stranger.join()).errorCode).toBe(errors.INCONSISTENT_GROUP_PROTOCOL.code);
  });
});

describe('committed offsets', () => {
  it('pitfall 26: are −1 for what was never committed, and all of them where no topics are named', async () => {
    const { connection } = await withTopic();
    const nothing = { committedOffset: -1, committedLeaderEpoch: -1, metadata: '', errorCode: 0 };
    const asked = [
      { name: 'orders', partitions: [0] },
      { name: 'nobody', partitions: [7] },
    ];
    expect(await committed(connection, asked)).toEqual([
      { name: 'orders', partition: 0, ...nothing },
      { name: 'nobody', partition: 7, ...nothing },
    ]);
    expect(await committed(connection, null)).toEqual([]);
    await commit(connection, { partition: 1, offset: 5 });
    expect(await committed(connection, null)).toMatchObject([{ name: 'orders', partition: 1, committedOffset: 5 }]);
    const before8 = await connection.request(apis.offsetFetch, 2, { groupId: 'readers', topics: null });
    expect(before8.topics).toMatchObject([{ name: 'orders', partitions: [{ partition: 1, committedOffset: 5 }] }]);
  });

  it('pitfall 27: keep their metadata, up to 4,096 bytes of it', async () => {
    const { connection } = await withTopic();
    for (const metadata of ['', 'ä{"}', 'x'.repeat(4_096)]) {
      expect(await commit(connection, { metadata })).toBe(0);
      expect(await committed(connection, partition0)).toMatchObject([{ metadata }]);
    }
    expect(await commit(connection, { metadata: 'x'.repeat(4_097) })).toBe(errors.OFFSET_METADATA_TOO_LARGE.code);
    expect(await commit(connection, { metadata: 'ä'.repeat(2_049) })).toBe(errors.OFFSET_METADATA_TOO_LARGE.code);
    expect(await commit(connection, { metadata: null })).toBe(0);
    expect(await committed(connection, partition0)).toMatchObject([{ metadata: '' }]);
  });

  it('pitfall 28: are unstable for who requires stable ones, until the transaction that has them ends', async () => {
    const { broker, connection } = await withTopic();
    await commit(connection, { offset: 1 });
    const begun = await beginTransaction(await broker.connect(), 'tx', 'orders');
    const { producerId, producerEpoch } = begun;
    const transaction = { transactionalId: 'tx', producerId, producerEpoch, groupId: 'readers' };
    await connection.request(apis.addOffsetsToTxn, 3, transaction);
    const partitions = [{ partition: 0, committedOffset: 9, committedMetadata: null }];
    await connection.request(apis.txnOffsetCommit, 3, { ...transaction, topics: [{ name: 'orders', partitions }] });
    expect(await committed(connection, partition0)).toMatchObject([{ committedOffset: 1, errorCode: 0 }]);
    const unstable = errors.UNSTABLE_OFFSET_COMMIT.code;
    expect(await committed(connection, partition0, true)).toMatchObject([{ committedOffset: -1, errorCode: unstable }]);
    await begun.end(true);
    expect(await committed(connection, partition0, true)).toMatchObject([{ committedOffset: 9, errorCode: 0 }]);
  });

  it('pitfall 29: may be none at all, and are refused for each partition that does not exist', async () => {
    const { connection } = await withTopic();
    const none = await connection.request(apis.offsetCommit, 9, { groupId: 'readers', topics: [] });
    expect(none.topics).toEqual([]);
    const empty = await connection.request(apis.offsetCommit, 9, {
      groupId: 'readers',
      topics: [{ name: 'orders', partitions: [] }],
    });
    expect(empty.topics).toEqual([{ name: 'orders', partitions: [] }]);
    const partitions = [0, 2].map((partition) => ({ partition, committedOffset: 3, committedMetadata: null }));
    const { topics } = await connection.request(apis.offsetCommit, 9, {
      groupId: 'readers',
      topics: ['orders', 'nobody'].map((name) => ({ name, partitions })),
    });
    const codes = topics.map((topic) => topic.partitions.map(({ errorCode }) => errorCode));
    const { code } = errors.UNKNOWN_TOPIC_OR_PARTITION;
    expect(codes).toEqual([
      [0, code],
      [code, code],
    ]);
    expect(await committed(connection, null)).toMatchObject([{ partition: 0, committedOffset: 3 }]);
  });
});
