import { VirtualClock } from '@millrace/testing';
import { apis, errors, type RequestInput } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { createTopic, fetch, fetchOf, recordsOf, startBroker } from '../running-broker.ts';
import type { WireConnection } from '../wire-connection.ts';
import { encodeBatch } from '@millrace/wire';

type Entity = Readonly<Record<string, string | null>>;

const entityOf = (entity: Entity) =>
  Object.entries(entity).map(([entityType, entityName]) => ({ entityType, entityName }));

/** Sets what is a number and removes what is null. */
async function alter(
  connection: WireConnection,
  entity: Entity,
  values: Readonly<Record<string, number | null>>,
  validateOnly = false,
) {
  const ops = Object.entries(values).map(([key, value]) => ({ key, value: value ?? 0, remove: value === null }));
  const { entries } = await connection.request(apis.alterClientQuotas, 1, {
    entries: [{ entity: entityOf(entity), ops }],
    validateOnly,
  });
  return entries[0]?.errorCode;
}

async function described(
  connection: WireConnection,
  components: RequestInput<typeof apis.describeClientQuotas>['components'] = [],
  strict = false,
) {
  const { errorCode, entries } = await connection.request(apis.describeClientQuotas, 1, { components, strict });
  if (errorCode !== 0) return errorCode;
  return (entries ?? []).map(({ entity, values }) =>
    [
      ...entity.map(({ entityType, entityName }) => `${entityType}=${entityName}`),
      ...values.map(({ key, value }) => `${key}:${value}`),
    ].join(' '),
  );
}

function produceOf(bytes: number) {
  const records = encodeBatch(recordsOf('x'.repeat(bytes)));
  return { acks: 1, timeoutMs: 0, topics: [{ name: 'orders', partitions: [{ partition: 0, records }] }] };
}

/** A broker whose time stands still until it is told otherwise, with a topic. */
async function startStill() {
  const clock = new VirtualClock();
  const broker = await startBroker({ clock });
  const connection = await broker.connect();
  await createTopic(connection, 'orders');
  return { clock, broker, connection };
}

describe('client quotas', () => {
  it('are kept, shown by filter, removed, and there again after a restart', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    await alter(connection, { user: 'alice' }, { producer_byte_rate: 1_024, request_percentage: 12.5 });
    await alter(connection, { user: 'alice', 'client-id': null }, { consumer_byte_rate: 2_048 });
    await alter(connection, { 'client-id': 'c' }, { consumer_byte_rate: 1 });
    await alter(connection, { ip: '10.0.0.1' }, { connection_creation_rate: 7 });
    await alter(connection, { user: 'alice' }, { producer_byte_rate: null }, true);
    const alice = 'user=alice request_percentage:12.5';
    const both = 'user=alice client-id=null consumer_byte_rate:2048';
    await alter(connection, { user: 'alice' }, { producer_byte_rate: null });
    await broker.restart();
    const again = await broker.connect();
    expect(await described(again)).toEqual([
      alice,
      both,
      'client-id=c consumer_byte_rate:1',
      'ip=10.0.0.1 connection_creation_rate:7',
    ]);
    const user = { entityType: 'user', matchType: 0, match: 'alice' };
    const anyClient = { entityType: 'client-id', matchType: 2, match: null };
    const defaultClient = { entityType: 'client-id', matchType: 1, match: null };
    expect(await described(again, [user])).toEqual([alice, both]);
    expect(await described(again, [user], true)).toEqual([alice]);
    expect(await described(again, [user, defaultClient])).toEqual([both]);
    expect(await described(again, [anyClient])).toEqual([both, 'client-id=c consumer_byte_rate:1']);
    expect(await described(again, [{ ...user, match: null }])).toBe(errors.INVALID_REQUEST.code);
    expect(await described(again, [user, user])).toBe(errors.INVALID_REQUEST.code);
    expect(await described(again, [{ ...user, entityType: 'moon' }])).toBe(errors.UNSUPPORTED_VERSION.code);
    await alter(again, { 'client-id': 'c' }, { consumer_byte_rate: null });
    expect(await described(again, [{ ...anyClient, matchType: 0, match: 'c' }])).toEqual([]);
  });

  it.for([
    [{}, { producer_byte_rate: 1 }],
    [{ moon: 'x' }, { producer_byte_rate: 1 }],
    [{ user: '' }, { producer_byte_rate: 1 }],
    [{ ip: '10.0.0.1', user: 'a' }, { connection_creation_rate: 1 }],
    [{ ip: '10.0.0.1' }, { producer_byte_rate: 1 }],
    [{ user: 'a' }, { connection_creation_rate: 1 }],
    [{ user: 'a' }, { constructor: 1 }],
    [{ user: 'a' }, { producer_byte_rate: 0 }],
    [{ user: 'a' }, { producer_byte_rate: 1.5 }],
    [{ user: 'a' }, { request_percentage: Number.NaN }],
  ] as const)('refuse what makes no sense: %o %o', async ([entity, values]) => {
    const connection = await (await startBroker()).connect();
    expect(await alter(connection, entity, values)).toBe(errors.INVALID_REQUEST.code);
    expect(await described(connection)).toEqual([]);
  });

  it('refuse an entity that a request names twice, and more than quotasMax of them', async () => {
    const connection = await (await startBroker({ limits: { quotasMax: 2 } })).connect();
    const entryOf = (user: string) => ({
      entity: entityOf({ user }),
      ops: [{ key: 'producer_byte_rate', value: 1, remove: false }],
    });
    const set = async (...users: string[]) => {
      const body = { entries: users.map(entryOf), validateOnly: false };
      const { entries } = await connection.request(apis.alterClientQuotas, 1, body);
      return entries.map(({ errorCode }) => errorCode);
    };
    const { INVALID_REQUEST: invalid, POLICY_VIOLATION: tooMany } = errors;
    expect(await set('a', 'b', 'a')).toEqual([invalid.code, 0, invalid.code]);
    expect(await set('c', 'd')).toEqual([tooMany.code, tooMany.code]);
    expect(await set('c', 'b')).toEqual([0, 0]);
  });
});

describe('a client with a quota', () => {
  it('is told to wait when it produced too much, and made to, however it asks', async () => {
    const { clock, broker, connection } = await startStill();
    await alter(connection, { 'client-id': 'test' }, { producer_byte_rate: 100 });
    const { throttleTimeMs } = await connection.request(apis.produce, 9, produceOf(2_000));
    // 1,000 bytes were free.
    expect(throttleTimeMs).toBeGreaterThan(10_000);
    const waiting = connection.request(apis.metadata, 9, { topics: [] });
    // Another client goes on, and by then the first would have been answered.
    const other = await broker.connect();
    await other.request(apis.metadata, 9, { topics: [] });
    expect(connection.answered).toHaveLength(3);
    clock.advance(throttleTimeMs - 1);
    await other.request(apis.metadata, 9, { topics: [] });
    expect(connection.answered).toHaveLength(3);
    clock.advance(1);
    expect((await waiting).throttleTimeMs).toBe(0);
  });

  it('waits after acks=0, too', async () => {
    const { clock, broker, connection } = await startStill();
    await alter(connection, { 'client-id': 'test' }, { producer_byte_rate: 100 });
    connection.send(apis.produce, 9, { ...produceOf(2_000), acks: 0 });
    const waiting = connection.request(apis.metadata, 9, { topics: [] });
    const other = await broker.connect();
    await other.request(apis.metadata, 9, { topics: [] });
    expect(connection.answered).toHaveLength(2);
    clock.advance(30_000);
    await waiting;
  });

  it('waits when it fetched too much', async () => {
    const { connection } = await startStill();
    await connection.request(apis.produce, 9, produceOf(2_000));
    await alter(connection, { user: 'ANONYMOUS' }, { consumer_byte_rate: 100 });
    const { throttleTimeMs } = await connection.request(apis.fetch, 11, fetchOf('orders'));
    expect(throttleTimeMs).toBeGreaterThan(10_000);
  });

  it('is limited by the quota that is closest to it, and by no other', async () => {
    const { connection } = await startStill();
    await alter(connection, { user: null }, { producer_byte_rate: 1 });
    await alter(connection, { user: 'ANONYMOUS', 'client-id': 'test' }, { producer_byte_rate: 1_000_000 });
    expect((await connection.request(apis.produce, 9, produceOf(2_000))).throttleTimeMs).toBe(0);
  });

  it('creates no more partitions than it may, and is told so in versions that know of it', async () => {
    const { clock, connection } = await startStill();
    await alter(connection, { 'client-id': 'test' }, { controller_mutation_rate: 1 });
    const create = async (name: string, version: number) => {
      const topics = [{ name, numPartitions: 11, replicationFactor: 1 }];
      const response = await connection.request(apis.createTopics, version, { topics, timeoutMs: 0 });
      return { errorCode: response.topics[0]?.errorCode, throttleTimeMs: response.throttleTimeMs };
    };
    // The last that is allowed leaves a debt.
    expect(await create('a', 7)).toEqual({ errorCode: 0, throttleTimeMs: 1_000 });
    const second = create('b', 7);
    clock.advance(1_000);
    expect(await second).toEqual({ errorCode: 0, throttleTimeMs: 11_000 });
  });

  it('is refused a change beyond its quota by another connection', async () => {
    const { broker, connection } = await startStill();
    await alter(connection, { 'client-id': 'test' }, { controller_mutation_rate: 1 });
    const on = async () => broker.connect();
    const asked = [{ name: 'a', numPartitions: 20, replicationFactor: 1 }];
    await (await on()).request(apis.createTopics, 7, { topics: asked, timeoutMs: 0 });
    const used = errors.THROTTLING_QUOTA_EXCEEDED.code;
    const more = [{ name: 'b', numPartitions: 1, replicationFactor: 1 }];
    const created = await (await on()).request(apis.createTopics, 7, { topics: more, timeoutMs: 0 });
    expect(created).toMatchObject({ throttleTimeMs: 10_000, topics: [{ errorCode: used }] });
    const grown = await (await on()).request(apis.createPartitions, 3, {
      topics: [{ name: 'orders', count: 2, assignments: null }],
      timeoutMs: 0,
      validateOnly: false,
    });
    expect(grown.results).toMatchObject([{ errorCode: used }]);
    const deleted = await (await on()).request(apis.deleteTopics, 5, { topicNames: ['orders'], timeoutMs: 0 });
    expect(deleted.responses).toMatchObject([{ errorCode: used }]);
    // Who could not be told is served, and slowed.
    const older = await (await on()).request(apis.createTopics, 5, { topics: more, timeoutMs: 0 });
    expect(older).toMatchObject({ throttleTimeMs: 11_000, topics: [{ errorCode: 0 }] });
  });

  it('waits with what it begins when it connects too often', async () => {
    const { clock, broker, connection } = await startStill();
    await alter(connection, { ip: '127.0.0.1' }, { connection_creation_rate: 1 });
    for (let count = 0; count < 10; count++) (await broker.connect()).close();
    const late = await broker.connect();
    const waiting = late.request(apis.metadata, 9, { topics: [] });
    await connection.request(apis.metadata, 9, { topics: [] });
    expect(late.answered).toEqual([]);
    clock.advance(1_000);
    await waiting;
  });

  it('goes on at once when its quota is gone', async () => {
    const { connection } = await startStill();
    await alter(connection, { 'client-id': 'test' }, { producer_byte_rate: 1_000_000 });
    await alter(connection, { 'client-id': 'test' }, { producer_byte_rate: null });
    await connection.request(apis.produce, 9, produceOf(2_000));
    expect(await fetch(connection, 'orders')).toBeDefined();
  });
});
