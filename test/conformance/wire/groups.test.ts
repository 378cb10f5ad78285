import { apis } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import type { WireConnection } from '../../../libs/broker/test/wire-connection.ts';
import { until } from '../../support/until.ts';
import { nameOf, only, useWire } from './wire.ts';

const wire = useWire();

interface JoinOptions {
  readonly memberId?: string;
  readonly instanceId?: string;
  readonly protocols?: readonly string[];
  readonly protocolType?: string;
  readonly sessionTimeoutMs?: number;
  readonly over?: WireConnection;
}

const join = (groupId: string, options: JoinOptions = {}) => {
  const { protocols = ['range'], over = wire().connection } = options;
  return over.request(apis.joinGroup, 7, {
    groupId,
    sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
    rebalanceTimeoutMs: 10_000,
    memberId: options.memberId ?? '',
    groupInstanceId: options.instanceId ?? null,
    protocolType: options.protocolType ?? 'consumer',
    protocols: protocols.map((name) => ({ name, metadata: subscriptionTo('subscribed') })),
  });
};

/** ConsumerProtocolSubscription 0: version, topics, user data. */
function subscriptionTo(topic: string): Buffer {
  const bytes = Buffer.alloc(12 + topic.length);
  bytes.writeInt32BE(1, 2);
  bytes.writeInt16BE(topic.length, 6);
  bytes.write(topic, 8);
  bytes.writeInt32BE(-1, 8 + topic.length);
  return bytes;
}

/** The one member of a group that is stable. */
const stable = async (options: JoinOptions = {}) => {
  const groupId = await wire().group();
  const first = await join(groupId, options);
  const joined =
    options.instanceId === undefined ? await join(groupId, { ...options, memberId: first.memberId }) : first;
  const { memberId, generationId } = joined;
  expect(nameOf(joined.errorCode)).toBe('NONE');
  expect(nameOf((await sync(groupId, memberId, generationId)).errorCode)).toBe('NONE');
  return { groupId, memberId, generationId };
};

const sync = (groupId: string, memberId: string, generationId: number, protocolName = 'range') =>
  wire().ask(apis.syncGroup, 5, {
    groupId,
    memberId,
    generationId,
    protocolType: 'consumer',
    protocolName,
    assignments: [{ memberId, assignment: Buffer.from('mine') }],
  });

const heartbeat = async (
  groupId: string,
  memberId: string,
  generationId: number,
  groupInstanceId: string | null = null,
) => nameOf((await wire().ask(apis.heartbeat, 4, { groupId, memberId, generationId, groupInstanceId })).errorCode);

const commit = async (
  groupId: string,
  topic: string,
  options: { memberId?: string; generationId?: number; metadata?: string; partition?: number } = {},
) => {
  const { memberId = '', generationId = -1, metadata = null, partition = 0 } = options;
  const partitions = [{ partition, committedOffset: 5, committedMetadata: metadata }];
  const body = { groupId, memberId, generationId, topics: [{ name: topic, partitions }] };
  return nameOf(only(only((await wire().ask(apis.offsetCommit, 8, body)).topics).partitions).errorCode);
};

const fetchOffsets = async (groupId: string, topic: string | null) => {
  const topics = topic === null ? null : [{ name: topic, partitions: [0] }];
  return wire().ask(apis.offsetFetch, 7, { groupId, topics });
};

describe('JoinGroup', () => {
  it('gives a new member its id first: MEMBER_ID_REQUIRED', async () => {
    const groupId = await wire().group();
    const first = await join(groupId);
    expect(nameOf(first.errorCode)).toBe('MEMBER_ID_REQUIRED');
    expect(first.memberId).toMatch(/^test-/);
    const second = await join(groupId, { memberId: first.memberId });
    expect(second).toMatchObject({ errorCode: 0, generationId: 1, leader: first.memberId, protocolName: 'range' });
    expect(second.members.map(({ memberId }) => memberId)).toEqual([first.memberId]);
  });

  it.for([
    ['no group id', { as: '' }, 'INVALID_GROUP_ID'],
    ['a member id of its own', { memberId: 'made-up' }, 'UNKNOWN_MEMBER_ID'],
    ['a session too short', { sessionTimeoutMs: 1 }, 'INVALID_SESSION_TIMEOUT'],
    ['a session too long', { sessionTimeoutMs: 2_000_000_000 }, 'INVALID_SESSION_TIMEOUT'],
    ['no protocol', { protocols: [] }, 'INCONSISTENT_GROUP_PROTOCOL'],
    ['no protocol type', { protocolType: '' }, 'INCONSISTENT_GROUP_PROTOCOL'],
  ] as const)('refuses %s: %s', async ([, options, expected]) => {
    const groupId = await wire().group();
    const { as = groupId, ...rest }: JoinOptions & { as?: string } = options;
    expect(nameOf((await join(as, rest)).errorCode)).toBe(expected);
  });

  it('refuses protocols that its group does not have: INCONSISTENT_GROUP_PROTOCOL', async () => {
    const { groupId } = await stable();
    const other = await join(groupId, { protocols: ['other'] });
    expect(nameOf(other.errorCode)).toBe('INCONSISTENT_GROUP_PROTOCOL');
    expect(nameOf((await join(groupId, { protocolType: 'connect' })).errorCode)).toBe('INCONSISTENT_GROUP_PROTOCOL');
  });

  it('answers every member when the last is there, and the leader with all of them', async () => {
    const { groupId, memberId } = await stable();
    const other = await wire().another();
    const newcomer = await join(groupId, { over: other });
    const joining = join(groupId, { over: other, memberId: newcomer.memberId });
    await until('a rebalance', async () => (await heartbeat(groupId, memberId, 1)) === 'REBALANCE_IN_PROGRESS');
    const leader = await join(groupId, { memberId });
    expect(leader).toMatchObject({ errorCode: 0, generationId: 2, leader: memberId });
    expect(new Set(leader.members.map((each) => each.memberId))).toEqual(new Set([memberId, newcomer.memberId]));
    const follower = await joining;
    expect(follower).toMatchObject({ errorCode: 0, generationId: 2, leader: memberId, members: [] });
    other.close();
  });

  it('knows a static member again by its name, and fences who had it before', async () => {
    const { groupId, memberId, generationId } = await stable({ instanceId: 'one' });
    const again = await join(groupId, { instanceId: 'one' });
    expect(again.errorCode).toBe(0);
    expect(again.memberId).not.toBe(memberId);
    expect(again.generationId).toBe(generationId);
    expect(await heartbeat(groupId, memberId, generationId, 'one')).toBe('FENCED_INSTANCE_ID');
    expect(await heartbeat(groupId, again.memberId, generationId, 'one')).toBe('NONE');
  });
});

describe('Heartbeat, SyncGroup, LeaveGroup', () => {
  it('know members and generations: UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION', async () => {
    const { groupId, memberId, generationId } = await stable();
    expect(await heartbeat(groupId, memberId, generationId)).toBe('NONE');
    expect(await heartbeat(groupId, 'stranger', generationId)).toBe('UNKNOWN_MEMBER_ID');
    expect(await heartbeat(groupId, memberId, generationId + 1)).toBe('ILLEGAL_GENERATION');
    expect(await heartbeat(await wire().group(), memberId, generationId)).toBe('UNKNOWN_MEMBER_ID');
    expect(nameOf((await sync(groupId, 'stranger', generationId)).errorCode)).toBe('UNKNOWN_MEMBER_ID');
    expect(nameOf((await sync(groupId, memberId, 9)).errorCode)).toBe('ILLEGAL_GENERATION');
    const another = await sync(groupId, memberId, generationId, 'roundrobin');
    expect(nameOf(another.errorCode)).toBe('INCONSISTENT_GROUP_PROTOCOL');
  });

  it('give the assignment that the leader brought, whole, as often as it is asked for', async () => {
    const { groupId, memberId, generationId } = await stable();
    for (let round = 0; round < 2; round++) {
      const { assignment } = await sync(groupId, memberId, generationId);
      expect(assignment.toString()).toBe('mine');
    }
  });

  it('let several members leave at once, each with an answer of its own', async () => {
    const { groupId, memberId } = await stable();
    const members = [{ memberId }, { memberId: 'stranger' }];
    const left = await wire().ask(apis.leaveGroup, 4, { groupId, members });
    expect(left.errorCode).toBe(0);
    expect(left.members?.map((each) => [each.memberId, nameOf(each.errorCode)])).toEqual([
      [memberId, 'NONE'],
      ['stranger', 'UNKNOWN_MEMBER_ID'],
    ]);
    const { groups } = await wire().ask(apis.describeGroups, 5, { groups: [groupId] });
    expect(only(groups)).toMatchObject({ groupState: 'Empty', members: [] });
  });
});

describe('offsets of a group', () => {
  it('are committed by a member in its generation', async () => {
    const topic = await wire().topic();
    const { groupId, memberId, generationId } = await stable();
    expect(await commit(groupId, topic, { memberId, generationId })).toBe('NONE');
    expect(await commit(groupId, topic, { memberId, generationId: generationId + 1 })).toBe('ILLEGAL_GENERATION');
    expect(await commit(groupId, topic, { memberId: 'stranger', generationId })).toBe('UNKNOWN_MEMBER_ID');
    expect(await commit(groupId, topic)).toBe('UNKNOWN_MEMBER_ID');
  });

  it('are committed without members, and come back with their metadata', async () => {
    const topic = await wire().topic();
    const groupId = await wire().group();
    expect(await commit(groupId, topic, { metadata: 'why' })).toBe('NONE');
    const found = await fetchOffsets(groupId, topic);
    expect(only(only(found.topics).partitions)).toMatchObject({ errorCode: 0, committedOffset: 5, metadata: 'why' });
    expect(await commit(groupId, topic, { generationId: 3 })).toBe('UNKNOWN_MEMBER_ID');
  });

  it('carry 4,096 bytes of metadata and no more: OFFSET_METADATA_TOO_LARGE', async () => {
    const topic = await wire().topic();
    const groupId = await wire().group();
    expect(await commit(groupId, topic, { metadata: 'x'.repeat(4_096) })).toBe('NONE');
    expect(await commit(groupId, topic, { metadata: 'x'.repeat(4_097) })).toBe('OFFSET_METADATA_TOO_LARGE');
  });

  it('are of topics that exist: UNKNOWN_TOPIC_OR_PARTITION', async () => {
    const topic = await wire().topic();
    const groupId = await wire().group();
    expect(await commit(groupId, 'nowhere')).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    expect(await commit(groupId, topic, { partition: 7 })).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  });

  it('are -1 where nothing was committed, and all when none is named', async () => {
    const topic = await wire().topic();
    const groupId = await wire().group();
    const before = await fetchOffsets(groupId, topic);
    expect(only(only(before.topics).partitions)).toMatchObject({ errorCode: 0, committedOffset: -1, metadata: '' });
    expect((await fetchOffsets(groupId, null)).topics).toEqual([]);
    await commit(groupId, topic);
    expect((await fetchOffsets(groupId, null)).topics?.map(({ name }) => name)).toEqual([topic]);
  });

  it('are deleted one by one, but not of a topic that the group reads', async () => {
    const topic = await wire().topic();
    const groupId = await wire().group();
    await commit(groupId, topic);
    const forget = async (group: string, name: string) => {
      const topics = [{ name, partitions: [{ partition: 0 }] }];
      const answer = await wire().ask(apis.offsetDelete, 0, { groupId: group, topics });
      return nameOf(answer.errorCode === 0 ? only(only(answer.topics).partitions).errorCode : answer.errorCode);
    };
    expect(await forget(groupId, topic)).toBe('NONE');
    expect((await fetchOffsets(groupId, null)).topics).toEqual([]);
    expect(await forget('no-such-group', topic)).toBe('GROUP_ID_NOT_FOUND');
    await wire().create({ name: 'subscribed' });
    const reading = await stable();
    await until('the topic', async () => (await forget(reading.groupId, 'subscribed')) === 'GROUP_SUBSCRIBED_TO_TOPIC');
  });
});

describe('looking at groups', () => {
  it('lists them by state, and describes them', async () => {
    const { groupId, memberId } = await stable();
    const listed = async (statesFilter: string[]) =>
      (await wire().ask(apis.listGroups, 4, { statesFilter })).groups.map((each) => each.groupId);
    expect(await listed(['Stable'])).toContain(groupId);
    expect(await listed(['Empty'])).not.toContain(groupId);
    expect(await listed([])).toContain(groupId);
    const described = only((await wire().ask(apis.describeGroups, 5, { groups: [groupId] })).groups);
    expect(described).toMatchObject({ groupState: 'Stable', protocolType: 'consumer', protocolName: 'range' });
    expect(only(described.members)).toMatchObject({ memberId, clientId: 'test', clientHost: '/127.0.0.1' });
    expect(only(described.members).memberAssignment.toString()).toBe('mine');
  });

  it('finds an unknown one dead', async () => {
    const { groups } = await wire().ask(apis.describeGroups, 5, { groups: ['never-heard-of'] });
    expect(only(groups)).toMatchObject({ errorCode: 0, groupState: 'Dead', members: [] });
  });

  it('deletes only empty ones: NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND', async () => {
    const { groupId, memberId } = await stable();
    const remove = async (group: string) =>
      nameOf(only((await wire().ask(apis.deleteGroups, 2, { groups: [group] })).results).errorCode);
    expect(await remove(groupId)).toBe('NON_EMPTY_GROUP');
    await wire().ask(apis.leaveGroup, 4, { groupId, members: [{ memberId }] });
    expect(await remove(groupId)).toBe('NONE');
    expect(await remove(groupId)).toBe('GROUP_ID_NOT_FOUND');
  });

  it('refuses a kind of coordinator that does not exist: INVALID_REQUEST', async () => {
    const answer = await wire().ask(apis.findCoordinator, 3, { key: 'k', keyType: 9 });
    expect(nameOf(answer.errorCode)).toBe('INVALID_REQUEST');
  });
});
