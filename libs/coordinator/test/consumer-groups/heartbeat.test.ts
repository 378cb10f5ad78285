import { errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { Client, ConsumerBench } from './consumer-bench.ts';

describe('a member of the consumer protocol', () => {
  it('joins with epoch 0 and gets everything when it is alone', () => {
    const bench = new ConsumerBench({ orders: 3 });
    const joined = bench.client('a', 'orders').join();
    expect(joined).toMatchObject({ errorCode: 0, memberId: 'a', memberEpoch: 1, heartbeatIntervalMs: 5_000 });
    expect(joined.assignment?.topicPartitions).toEqual([{ topicId: 'id-orders', partitions: [0, 1, 2] }]);
    expect(bench.describe()).toMatchObject({ groupState: 'Stable', groupEpoch: 1, assignorName: 'uniform' });
  });

  it('is told its assignment only when that changes, or when it says everything anew', () => {
    const bench = new ConsumerBench({ orders: 1 });
    const client = bench.client('a', 'orders');
    client.join();
    expect(client.idle().assignment).toBeNull();
    expect(client.beat().assignment).toBeNull();
    const full = client.beat({ rebalanceTimeoutMs: 1_000, subscribedTopicNames: ['orders'] });
    expect(full.assignment?.topicPartitions).toHaveLength(1);
  });

  it('U1: gets a partition only after who had it has said that it let go', () => {
    const bench = new ConsumerBench({ orders: 2 });
    const [first, second] = [bench.client('a', 'orders'), bench.client('b', 'orders')];
    first.join();
    expect(second.join()).toMatchObject({ memberEpoch: 2, assignment: { topicPartitions: [] } });
    // It is told, and still has it: nothing moves.
    expect(first.beat()).toMatchObject({ memberEpoch: 1, assignment: { topicPartitions: [{ partitions: [1] }] } });
    expect(first.idle().memberEpoch).toBe(1);
    second.beat();
    expect(bench.shares()).toEqual({ a: 'orders:1', b: '' });
    expect(bench.describe().groupState).toBe('Reconciling');
    expect(first.beat().memberEpoch).toBe(2);
    expect(second.beat().assignment).toEqual({ topicPartitions: [{ topicId: 'id-orders', partitions: [0] }] });
    expect(bench.describe().groupState).toBe('Stable');
  });

  it('is out when it does not let go within its rebalance timeout, though its heartbeats go on', () => {
    const bench = new ConsumerBench({ orders: 2 });
    const [slow, second] = [bench.client('a', 'orders'), bench.client('b', 'orders')];
    slow.join();
    second.join();
    slow.idle();
    for (let elapsed = 0; elapsed < 60_000; elapsed += 20_000) {
      slow.idle();
      second.beat();
      bench.advance(20_000);
    }
    expect(slow.idle().errorCode).toBe(errors.UNKNOWN_MEMBER_ID.code);
    second.beat();
    expect(bench.shares()).toEqual({ b: 'orders:0,1' });
  });

  it('is out after the session of its group, where that has one of its own', () => {
    const bench = new ConsumerBench({ orders: 2 }, {}, (id) => (id === 'g' ? { sessionTimeoutMs: 60_000 } : {}));
    const client = bench.client('a', 'orders');
    client.join();
    bench.advance(59_999);
    expect(client.beat().errorCode).toBe(0);
    bench.advance(60_001);
    expect(client.beat().errorCode).toBe(errors.UNKNOWN_MEMBER_ID.code);
  });

  it('is out when it is silent for a session, and when it leaves; the others get what it had', () => {
    const bench = new ConsumerBench({ orders: 3 });
    const clients = ['a', 'b', 'c'].map((id) => bench.client(id, 'orders'));
    for (const client of clients) client.join();
    const [a, b, c] = clients as [Client, Client, Client];
    for (let round = 0; round < 3; round++) for (const client of clients) client.beat();
    expect(c.leave()).toMatchObject({ errorCode: 0, memberId: 'c', memberEpoch: -1 });
    bench.advance(30_000);
    a.beat();
    bench.advance(20_000);
    expect(b.beat().errorCode).toBe(errors.UNKNOWN_MEMBER_ID.code);
    a.beat();
    expect(bench.shares()).toEqual({ a: 'orders:0,1,2' });
  });

  it('hears of topics that are made, grown and deleted', () => {
    const bench = new ConsumerBench({ orders: 1 });
    const client = bench.client('a', 'orders', 'later');
    client.join();
    bench.topics.set('orders', 2);
    expect(client.beat().assignment?.topicPartitions).toEqual([{ topicId: 'id-orders', partitions: [0, 1] }]);
    bench.topics.set('later', 1);
    bench.topics.set('unrelated', 5);
    expect(client.beat().assignment?.topicPartitions).toHaveLength(2);
    bench.topics.set('orders', 0);
    client.beat();
    expect(bench.shares()).toEqual({ a: 'later:0' });
  });

  it('may subscribe by a pattern, which finds topics that come later, too', () => {
    const bench = new ConsumerBench({ 'log-a': 1, other: 1 });
    const client = bench.client('a');
    client.join({ subscribedTopicRegex: 'log-.*', subscribedTopicNames: null });
    expect(bench.shares()).toEqual({ a: 'log-a:0' });
    bench.topics.set('log-b', 1);
    client.beat();
    expect(bench.shares()).toEqual({ a: 'log-a:0 log-b:0' });
    const bad = bench.client('b').join({ subscribedTopicRegex: '(' });
    expect(bad.errorCode).toBe(errors.INVALID_REGULAR_EXPRESSION.code);
  });

  it('is fenced with another epoch than its own, but for the one before it where the answer was lost', () => {
    const bench = new ConsumerBench({ orders: 1 });
    const client = bench.client('a', 'orders');
    client.join();
    bench.topics.set('orders', 2);
    client.beat();
    const owned = [{ topicId: 'id-orders', partitions: [0] }];
    const retry = { memberId: 'a', memberEpoch: 1, topicPartitions: owned };
    expect(bench.heartbeat(retry)).toMatchObject({ errorCode: 0, memberEpoch: 2 });
    const strange = [{ topicId: 'id-orders', partitions: [9] }];
    const fenced = errors.FENCED_MEMBER_EPOCH.code;
    expect(bench.heartbeat({ ...retry, topicPartitions: strange }).errorCode).toBe(fenced);
    expect(bench.heartbeat({ ...retry, memberEpoch: 3 }).errorCode).toBe(fenced);
    expect(bench.heartbeat({ memberId: 'b', memberEpoch: 1 }).errorCode).toBe(errors.UNKNOWN_MEMBER_ID.code);
  });

  it.for([
    { what: 'no group id', request: { groupId: '' }, error: errors.INVALID_REQUEST },
    { what: 'no member id from version 1 on', request: { memberId: '' }, error: errors.INVALID_REQUEST },
    { what: 'an epoch below -2', request: { memberEpoch: -3 }, error: errors.INVALID_REQUEST },
    { what: 'to be away without an instance id', request: { memberEpoch: -2 }, error: errors.INVALID_REQUEST },
    { what: 'an empty instance id', request: { instanceId: '' }, error: errors.INVALID_REQUEST },
    { what: 'no rebalance timeout', request: { rebalanceTimeoutMs: -1 }, error: errors.INVALID_REQUEST },
    { what: 'no subscription', request: { subscribedTopicNames: null }, error: errors.INVALID_REQUEST },
    {
      what: 'partitions',
      request: { topicPartitions: [{ topicId: 'x', partitions: [1] }] },
      error: errors.INVALID_REQUEST,
    },
    { what: 'an unknown assignor', request: { serverAssignor: 'mine' }, error: errors.UNSUPPORTED_ASSIGNOR },
  ])('may not join with $what', ({ request, error }) => {
    const bench = new ConsumerBench({ orders: 1 });
    const whole = { memberId: 'a', rebalanceTimeoutMs: 1_000, subscribedTopicNames: ['orders'], topicPartitions: [] };
    expect(bench.heartbeat({ ...whole, ...request }).errorCode).toBe(error.code);
    expect(bench.heartbeat({ memberId: 'b', memberEpoch: 5 }).errorCode).toBe(errors.GROUP_ID_NOT_FOUND.code);
  });

  it('gets its id from the coordinator in version 0', () => {
    const bench = new ConsumerBench({ orders: 1 });
    const whole = { rebalanceTimeoutMs: 1_000, subscribedTopicNames: ['orders'], topicPartitions: [] };
    const { memberId, memberEpoch } = bench.heartbeat(whole, 0);
    expect(memberId).toMatch(/^client-/);
    expect(bench.heartbeat({ memberId: memberId ?? '', memberEpoch }, 0).errorCode).toBe(0);
  });

  it('cannot come into a full group', () => {
    const bench = new ConsumerBench({ orders: 1 }, { membersMax: 1 });
    bench.client('a', 'orders').join();
    expect(bench.client('b', 'orders').join().errorCode).toBe(errors.GROUP_MAX_SIZE_REACHED.code);
    const large = Array.from({ length: 20_000 }, (_, index) => `topic-${index}`);
    const small = new ConsumerBench({}, { groupBytesMax: 1_000_000 });
    expect(small.client('a', ...large).join().errorCode).toBe(errors.GROUP_MAX_SIZE_REACHED.code);
  });
});

describe('a static member of the consumer protocol', () => {
  const statically = (bench: ConsumerBench, memberId: string) => new Client(bench, memberId, ['orders'], 'one');

  it('comes back to what it had, without a new epoch, when it was away for less than its session', () => {
    const bench = new ConsumerBench({ orders: 2 });
    const other = bench.client('other', 'orders');
    const first = statically(bench, 'first');
    first.join();
    other.join();
    for (let round = 0; round < 3; round++) for (const client of [first, other]) client.beat();
    const { groupEpoch } = bench.describe();
    expect(first.leave(-2)).toMatchObject({ errorCode: 0, memberEpoch: -2 });
    bench.advance(20_000);
    other.beat();
    const second = statically(bench, 'second');
    expect(second.join()).toMatchObject({ errorCode: 0, memberEpoch: groupEpoch });
    expect(bench.describe().groupEpoch).toBe(groupEpoch);
    expect(bench.shares()).toEqual({ other: 'orders:0', second: 'orders:1' });
    expect(first.beat().errorCode).toBe(errors.FENCED_INSTANCE_ID.code);
  });

  it('is out when it stays away, and cannot be replaced while it is there', () => {
    const bench = new ConsumerBench({ orders: 2 });
    const first = statically(bench, 'first');
    first.join();
    expect(statically(bench, 'second').join().errorCode).toBe(errors.UNRELEASED_INSTANCE_ID.code);
    first.leave(-2);
    bench.advance(46_000);
    expect(bench.describe()).toMatchObject({ groupState: 'Empty', members: [] });
    expect(statically(bench, 'second').join().errorCode).toBe(0);
  });
});
