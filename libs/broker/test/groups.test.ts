import { VirtualClock } from '@millrace/testing';
import { apis, errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { createTopic, startBroker } from './running-broker.ts';
import type { WireConnection } from './wire-connection.ts';

const protocols = [{ name: 'range', metadata: Buffer.from('subscription') }];

function joinOf(memberId: string, groupId = 'readers') {
  return {
    groupId,
    memberId,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 30_000,
    protocolType: 'consumer',
    protocols,
  };
}

/** A member id, and a JoinGroup with it that is answered when the rebalance is over. */
async function join(connection: WireConnection, groupId = 'readers') {
  const first = await connection.request(apis.joinGroup, 7, joinOf('', groupId));
  expect(first.errorCode).toBe(errors.MEMBER_ID_REQUIRED.code);
  return connection.request(apis.joinGroup, 7, joinOf(first.memberId, groupId));
}

function syncOf(joined: { generationId: number; memberId: string }, assignments: Record<string, string>) {
  return {
    groupId: 'readers',
    generationId: joined.generationId,
    memberId: joined.memberId,
    protocolType: 'consumer',
    protocolName: 'range',
    assignments: Object.entries(assignments).map(([memberId, text]) => ({ memberId, assignment: Buffer.from(text) })),
  };
}

const heartbeatOf = ({ generationId, memberId }: { generationId: number; memberId: string }) => ({
  groupId: 'readers',
  generationId,
  memberId,
});

const commitOf = (offset: number, member?: { generationId: number; memberId: string }) => ({
  groupId: 'readers',
  ...member,
  topics: [
    { name: 'orders', partitions: [{ partition: 0, committedOffset: offset, committedMetadata: `at ${offset}` }] },
  ],
});

async function offsetsOf(connection: WireConnection, groupId = 'readers') {
  const { groups } = await connection.request(apis.offsetFetch, 8, { groups: [{ groupId, topics: null }] });
  return groups[0]?.topics.flatMap(({ name, partitions }) => partitions.map((one) => [name, one.committedOffset]));
}

describe('groups', () => {
  it('bring two members together, hand out the assignment of the leader, and notice who leaves', async () => {
    const broker = await startBroker();
    const [one, two] = [await broker.connect(), await broker.connect()];
    const alone = await join(one);
    expect(alone).toMatchObject({ errorCode: 0, generationId: 1, leader: alone.memberId, protocolName: 'range' });
    expect((await one.request(apis.syncGroup, 5, syncOf(alone, { [alone.memberId]: 'all' }))).errorCode).toBe(0);

    const joining = join(two);
    let beat = { errorCode: 0 };
    while (beat.errorCode === 0) beat = await one.request(apis.heartbeat, 4, heartbeatOf(alone));
    expect(beat.errorCode).toBe(errors.REBALANCE_IN_PROGRESS.code);
    const [leader, follower] = await Promise.all([one.request(apis.joinGroup, 7, joinOf(alone.memberId)), joining]);
    expect([leader.generationId, follower.generationId]).toEqual([2, 2]);
    expect(leader.members.map(({ memberId }) => memberId).sort()).toEqual([leader.memberId, follower.memberId].sort());
    expect(follower.members).toEqual([]);

    const assignments = { [leader.memberId]: 'p0', [follower.memberId]: 'p1' };
    const [first, second] = await Promise.all([
      one.request(apis.syncGroup, 5, syncOf(leader, assignments)),
      two.request(apis.syncGroup, 5, syncOf(follower, {})),
    ]);
    expect([first.assignment.toString(), second.assignment.toString()]).toEqual(['p0', 'p1']);

    const members = [{ memberId: follower.memberId, groupInstanceId: null }];
    expect(await two.request(apis.leaveGroup, 5, { groupId: 'readers', members })).toMatchObject({ errorCode: 0 });
    const after = await one.request(apis.heartbeat, 4, heartbeatOf(leader));
    expect(after.errorCode).toBe(errors.REBALANCE_IN_PROGRESS.code);
  });

  it('expire a member that is silent for its session timeout', async () => {
    const clock = new VirtualClock();
    const broker = await startBroker({ clock });
    const connection = await broker.connect();
    const joined = await join(connection);
    await connection.request(apis.syncGroup, 5, syncOf(joined, { [joined.memberId]: 'all' }));
    clock.advance(9_000);
    expect((await connection.request(apis.heartbeat, 4, heartbeatOf(joined))).errorCode).toBe(0);
    clock.advance(11_000);
    const late = await connection.request(apis.heartbeat, 4, heartbeatOf(joined));
    expect(late.errorCode).toBe(errors.UNKNOWN_MEMBER_ID.code);
  });

  it('pitfall 44: keep their offsets over a restart, and send members of before to join again at once', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    await createTopic(connection, 'orders');
    const joined = await join(connection);
    await connection.request(apis.syncGroup, 5, syncOf(joined, { [joined.memberId]: 'all' }));
    const commit = await connection.request(apis.offsetCommit, 8, commitOf(12, joined));
    expect(commit.topics[0]?.partitions[0]?.errorCode).toBe(0);

    await broker.restart();
    const again = await broker.connect();
    const { errorCode } = await again.request(apis.heartbeat, 4, heartbeatOf(joined));
    expect(errorCode).toBe(errors.UNKNOWN_MEMBER_ID.code);
    expect(await offsetsOf(again)).toEqual([['orders', 12]]);
    expect((await join(again)).errorCode).toBe(0);
  });

  it('answer a JoinGroup that waits when the broker closes', async () => {
    const broker = await startBroker({ limits: { closeTimeoutMs: 60_000 } });
    const [one, two] = [await broker.connect(), await broker.connect()];
    const alone = await join(one);
    await one.request(apis.syncGroup, 5, syncOf(alone, { [alone.memberId]: 'all' }));
    const waiting = join(two);
    while ((await one.request(apis.heartbeat, 4, heartbeatOf(alone))).errorCode === 0);
    await broker.broker.close();
    expect((await waiting).errorCode).toBe(errors.NOT_COORDINATOR.code);
  });

  it('keep offsets of consumers without membership, metadata included, and refuse unknown partitions', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    const body = commitOf(3);
    const [topic] = body.topics;
    const partitions = [...(topic?.partitions ?? []), { partition: 9, committedOffset: 1, committedMetadata: null }];
    const { topics } = await connection.request(apis.offsetCommit, 8, {
      ...body,
      topics: [{ name: 'orders', partitions }],
    });
    expect(topics[0]?.partitions.map(({ errorCode }) => errorCode)).toEqual([
      0,
      errors.UNKNOWN_TOPIC_OR_PARTITION.code,
    ]);
    const asked = { groupId: 'readers', topics: [{ name: 'orders', partitions: [0, 1] }] };
    for (const version of [1, 2, 5, 6, 7]) {
      const fetched = await connection.request(apis.offsetFetch, version, asked);
      expect(fetched.topics[0]?.partitions).toMatchObject([
        { partition: 0, committedOffset: 3, metadata: 'at 3', errorCode: 0 },
        { partition: 1, committedOffset: -1, errorCode: 0 },
      ]);
    }
    const batched = await connection.request(apis.offsetFetch, 8, { groups: [asked, { groupId: 'no', topics: null }] });
    expect(batched.groups.map(({ groupId, topics: found }) => [groupId, found.length])).toEqual([
      ['readers', 1],
      ['no', 0],
    ]);
  });

  it('forget the offsets of a topic that was deleted', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    for (const name of ['orders', 'kept']) await createTopic(connection, name);
    await connection.request(apis.offsetCommit, 8, commitOf(3));
    const [topic] = commitOf(5).topics;
    const topics = [{ name: 'kept', partitions: topic?.partitions ?? [] }];
    await connection.request(apis.offsetCommit, 8, { groupId: 'readers', topics });
    await connection.request(apis.deleteTopics, 5, { topicNames: ['orders'], timeoutMs: 0 });
    await createTopic(connection, 'orders');
    expect(await offsetsOf(connection)).toEqual([['kept', 5]]);
    await broker.restart();
    expect(await offsetsOf(await broker.connect())).toEqual([['kept', 5]]);
  });

  it('are listed, described and deleted, each with its own answer', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    await createTopic(connection, 'orders');
    const joined = await join(connection, 'busy');
    await connection.request(apis.syncGroup, 5, {
      ...syncOf(joined, { [joined.memberId]: 'all' }),
      groupId: 'busy',
    });
    await connection.request(apis.offsetCommit, 8, { ...commitOf(1), groupId: 'idle' });
    const listed = await connection.request(apis.listGroups, 4, {});
    expect(Object.fromEntries(listed.groups.map(({ groupId, groupState }) => [groupId, groupState]))).toEqual({
      busy: 'Stable',
      idle: 'Empty',
    });
    const stable = await connection.request(apis.listGroups, 4, { statesFilter: ['Stable'] });
    expect(stable.groups.map(({ groupId }) => groupId)).toEqual(['busy']);

    const described = await connection.request(apis.describeGroups, 5, { groups: ['busy', 'idle', 'nobody'] });
    expect(described.groups.map(({ groupId, groupState }) => [groupId, groupState])).toEqual([
      ['busy', 'Stable'],
      ['idle', 'Empty'],
      ['nobody', 'Dead'],
    ]);
    expect(described.groups[0]?.members).toMatchObject([{ clientId: 'test', clientHost: '/127.0.0.1' }]);

    const deleted = await connection.request(apis.deleteGroups, 2, { groups: ['busy', 'idle', 'nobody'] });
    expect(deleted.results).toMatchObject([
      { groupId: 'busy', errorCode: errors.NON_EMPTY_GROUP.code },
      { groupId: 'idle', errorCode: 0 },
      { groupId: 'nobody', errorCode: errors.GROUP_ID_NOT_FOUND.code },
    ]);
    expect(await offsetsOf(connection, 'idle')).toEqual([]);
  });
});
