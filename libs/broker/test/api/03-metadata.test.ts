import { apis, errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { createTopic, startBroker } from '../running-broker.ts';

const named = (...names: string[]) => names.map((name) => ({ name }));

describe('Metadata', () => {
  it('creates a topic that it is asked for, ready at once, with the default partition count', async () => {
    const connection = await (await startBroker({ defaultPartitions: 3 })).connect();
    const { topics } = await connection.request(apis.metadata, 9, {
      topics: named('new'),
      allowAutoTopicCreation: true,
    });
    expect(topics).toMatchObject([{ errorCode: 0, name: 'new', isInternal: false }]);
    expect(topics[0]?.partitions.map(({ partition, leaderId }) => [partition, leaderId])).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
  });

  it.for([
    { who: 'the request', options: {}, allowAutoTopicCreation: false },
    { who: 'the broker', options: { autoCreateTopics: false }, allowAutoTopicCreation: true },
  ])('pitfall 37: creates nothing when $who forbids it', async ({ options, allowAutoTopicCreation }) => {
    const connection = await (await startBroker(options)).connect();
    const { topics } = await connection.request(apis.metadata, 9, { topics: named('new'), allowAutoTopicCreation });
    expect(topics).toMatchObject([{ errorCode: errors.UNKNOWN_TOPIC_OR_PARTITION.code, name: 'new', partitions: [] }]);
    const all = await connection.request(apis.metadata, 9, { topics: null });
    expect(all.topics.map(({ name }) => name)).not.toContain('new');
  });

  it.for(['', '.', '..', 'a/b', 'a b', 'ä', 'x'.repeat(250)])('pitfall 37: refuses the name "%s"', async (name) => {
    const connection = await (await startBroker()).connect();
    for (const allowAutoTopicCreation of [true, false]) {
      const { topics } = await connection.request(apis.metadata, 9, { topics: named(name), allowAutoTopicCreation });
      expect(topics).toMatchObject([{ errorCode: errors.INVALID_TOPIC_EXCEPTION.code, name }]);
    }
  });

  it('lists all topics for null, for an empty list in version 0 only', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    const namesOf = async (version: number, topics: { name: string }[] | null) =>
      (await connection.request(apis.metadata, version, { topics })).topics.map(({ name }) => name ?? '').sort();
    const all = ['__consumer_offsets', '__transaction_state', 'orders'];
    expect(await namesOf(0, [])).toEqual(all);
    expect(await namesOf(1, null)).toEqual(all);
    expect(await namesOf(1, [])).toEqual([]);
    expect(await namesOf(9, null)).toEqual(all);
  });

  it('gives topics their ids, and finds them by these from version 12 on', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    const [byName] = (await connection.request(apis.metadata, 12, { topics: named('orders') })).topics;
    const topicId = byName?.topicId ?? '';
    expect(topicId).toMatch(/^[0-9a-f]{8}-/);
    const [byId] = (await connection.request(apis.metadata, 12, { topics: [{ name: null, topicId }] })).topics;
    expect(byId).toEqual(byName);
    const unknown = 'ffffffff-0000-4000-8000-000000000000';
    const [none] = (await connection.request(apis.metadata, 12, { topics: [{ name: null, topicId: unknown }] })).topics;
    expect(none).toMatchObject({ errorCode: errors.UNKNOWN_TOPIC_ID.code, name: null, topicId: unknown });
  });

  it('tells the operations that are allowed when it is asked for them', async () => {
    const connection = await (await startBroker()).connect();
    const asked = await connection.request(apis.metadata, 9, { topics: [], includeClusterAuthorizedOperations: true });
    const plain = await connection.request(apis.metadata, 9, { topics: [] });
    expect(asked.clusterAuthorizedOperations).toBeGreaterThan(0);
    expect(plain.clusterAuthorizedOperations).toBe(-2_147_483_648);
  });

  it('keeps the id of the cluster across restarts', async () => {
    const broker = await startBroker();
    const idOf = async () => (await (await broker.connect()).request(apis.metadata, 9, { topics: [] })).clusterId;
    const before = await idOf();
    await broker.restart();
    expect(await idOf()).toBe(before);
    expect(before).toMatch(/^[\w-]{22}$/);
  });
});

/** By key, what clients of all ages need: exact old versions for some, high ones for others. */
const announced: Record<number, [min: number, max: number]> = {
  0: [0, 11],
  1: [4, 12],
  2: [1, 9],
  3: [0, 12],
  8: [2, 9],
  9: [1, 9],
  10: [0, 4],
  11: [0, 9],
  12: [0, 4],
  13: [0, 5],
  14: [0, 5],
  15: [0, 5],
  16: [0, 5],
  17: [0, 1],
  18: [0, 4],
  19: [2, 7],
  20: [1, 6],
  21: [0, 2],
  22: [0, 4],
  23: [2, 4],
  24: [0, 3],
  25: [0, 3],
  26: [0, 3],
  27: [1, 2],
  28: [0, 3],
  29: [1, 3],
  30: [1, 3],
  31: [1, 3],
  32: [1, 4],
  33: [0, 2],
  34: [0, 2],
  35: [0, 4],
  36: [0, 2],
  37: [0, 3],
  42: [0, 2],
  43: [0, 2],
  44: [0, 1],
  45: [0, 0],
  46: [0, 0],
  47: [0, 0],
  48: [0, 1],
  49: [0, 1],
  50: [0, 0],
  51: [0, 0],
  60: [0, 1],
  61: [0, 0],
  65: [0, 0],
  66: [0, 1],
  68: [0, 1],
  69: [0, 1],
  74: [0, 1],
  75: [0, 0],
};

describe('ApiVersions', () => {
  it('announces every API with its versions, in the shape of every version', async () => {
    const connection = await (await startBroker()).connect();
    for (const version of [0, 1, 2, 3, 4]) {
      const { errorCode, apiKeys } = await connection.request(apis.apiVersions, version, {});
      expect(errorCode).toBe(0);
      const ranges = Object.fromEntries(apiKeys.map((api) => [api.apiKey, [api.minVersion, api.maxVersion]]));
      expect(ranges).toMatchObject(announced);
    }
  });

  it('answers a version from the future in version 0, with UNSUPPORTED_VERSION and its own range', async () => {
    const connection = await (await startBroker()).connect();
    const future = Buffer.from([0, 18, 0, 99, 0, 0, 0, 42, 0xff, 0xff, 0, 0, 0, 0]);
    const length = Buffer.alloc(4);
    length.writeInt32BE(future.length);
    const answer = connection.frame(42);
    connection.socket.write(Buffer.concat([length, future]));
    const body = await answer;
    // Correlation id, error 35, one entry: key 18, versions 0 to 4.
    expect(body.toString('hex')).toBe('0000002a002300000001001200000004');
  });
});
