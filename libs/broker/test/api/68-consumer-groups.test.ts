import { apis, errors, type Request } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { Member } from '../member.ts';
import { createTopic, startBroker } from '../running-broker.ts';
import type { WireConnection } from '../wire-connection.ts';

type Heartbeat = Partial<Request<typeof apis.consumerGroupHeartbeat>>;

const heartbeat = (connection: WireConnection, memberId: string, memberEpoch: number, rest: Heartbeat = {}) =>
  connection.request(apis.consumerGroupHeartbeat, 1, { groupId: 'readers', memberId, memberEpoch, ...rest });

const join = (connection: WireConnection, memberId: string, rest: Heartbeat = {}) =>
  heartbeat(connection, memberId, 0, {
    rebalanceTimeoutMs: 60_000,
    subscribedTopicNames: ['orders'],
    topicPartitions: [],
    ...rest,
  });

async function topicIdOf(connection: WireConnection, name: string): Promise<string> {
  const { topics } = await connection.request(apis.metadata, 12, { topics: [{ name }] });
  return topics[0]?.topicId ?? '';
}

describe('consumer groups (KIP-848)', () => {
  it('divide partitions by topic id, and give them on when their holder has let go', async () => {
    const broker = await startBroker();
    const [one, two] = [await broker.connect(), await broker.connect()];
    await createTopic(one, 'orders', { partitions: 2 });
    const topicId = await topicIdOf(one, 'orders');
    const first = await join(one, 'a');
    expect(first).toMatchObject({ errorCode: 0, memberEpoch: 1, heartbeatIntervalMs: 5_000 });
    expect(first.assignment?.topicPartitions).toEqual([{ topicId, partitions: [0, 1] }]);
    expect(await join(two, 'b')).toMatchObject({ memberEpoch: 2, assignment: { topicPartitions: [] } });
    const told = await heartbeat(one, 'a', 1);
    const kept = told.assignment?.topicPartitions ?? [];
    expect(kept.flatMap(({ partitions }) => partitions)).toHaveLength(1);
    expect((await heartbeat(two, 'b', 2)).assignment).toBeNull();
    expect(await heartbeat(one, 'a', 1, { topicPartitions: kept })).toMatchObject({ memberEpoch: 2 });
    const given = (await heartbeat(two, 'b', 2)).assignment?.topicPartitions ?? [];
    const partitions = [...kept, ...given].flatMap((topic) => topic.partitions);
    expect(new Set(partitions)).toEqual(new Set([0, 1]));

    const { groups } = await one.request(apis.consumerGroupDescribe, 1, { groupIds: ['readers', 'nobody'] });
    expect(groups[0]).toMatchObject({ errorCode: 0, groupState: 'Stable', groupEpoch: 2, assignorName: 'uniform' });
    expect(groups[0]?.members.map((one_) => [one_.memberId, one_.memberEpoch, one_.memberType])).toEqual([
      ['a', 2, 1],
      ['b', 2, 1],
    ]);
    expect(groups[0]?.members[0]?.assignment.topicPartitions[0]?.topicName).toBe('orders');
    expect(groups[1]?.errorCode).toBe(errors.GROUP_ID_NOT_FOUND.code);
  });

  it('find topics by a pattern, also when they come later, and grow with them', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'log-a');
    await createTopic(connection, 'other');
    const joined = await join(connection, 'a', { subscribedTopicNames: null, subscribedTopicRegex: 'log-.' });
    expect(joined.assignment?.topicPartitions).toHaveLength(1);
    await createTopic(connection, 'log-b', { partitions: 2 });
    const grown = await heartbeat(connection, 'a', 1);
    expect(grown.assignment?.topicPartitions.flatMap(({ partitions }) => partitions)).toHaveLength(3);
    const bad = await join(connection, 'b', { subscribedTopicRegex: '(' });
    expect(bad.errorCode).toBe(errors.INVALID_REGULAR_EXPRESSION.code);
  });

  it('take offsets from members with their epoch, and keep them over a restart', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    await createTopic(connection, 'orders');
    await join(connection, 'a');
    const commit = async (generationId: number) => {
      const partitions = [{ partition: 0, committedOffset: 7, committedMetadata: null }];
      const body = { groupId: 'readers', memberId: 'a', generationId, topics: [{ name: 'orders', partitions }] };
      return (await connection.request(apis.offsetCommit, 9, body)).topics[0]?.partitions[0]?.errorCode;
    };
    expect(await commit(0)).toBe(errors.STALE_MEMBER_EPOCH.code);
    expect(await commit(1)).toBe(0);
    await broker.restart();
    const again = await broker.connect();
    expect((await heartbeat(again, 'a', 1)).errorCode).toBe(errors.UNKNOWN_MEMBER_ID.code);
    expect((await join(again, 'a')).memberEpoch).toBe(2);
    const asked = [{ groupId: 'readers', memberId: 'a', memberEpoch: 2, topics: null }];
    const { groups } = await again.request(apis.offsetFetch, 9, { groups: asked });
    expect(groups).toMatchObject([{ errorCode: 0, topics: [{ partitions: [{ committedOffset: 7 }] }] }]);
  });

  it('are not mixed with members of the classic protocol', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    await createTopic(connection, 'orders');
    await join(connection, 'a');
    const classic = new Member(await broker.connect());
    expect((await classic.join()).errorCode).toBe(errors.INCONSISTENT_GROUP_PROTOCOL.code);
    expect(await heartbeat(connection, 'a', -1)).toMatchObject({ errorCode: 0, memberEpoch: -1 });
    expect((await classic.join()).errorCode).toBe(0);
    expect((await join(connection, 'a')).errorCode).toBe(errors.GROUP_ID_NOT_FOUND.code);
    const { groups } = await connection.request(apis.listGroups, 5, { typesFilter: ['classic'] });
    expect(groups).toMatchObject([{ groupId: 'readers', groupType: 'classic' }]);
  });
});
