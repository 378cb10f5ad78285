import { apis, errors, type RequestInput, type Response } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { createTopic, fetch, produce, recordsOf, startBroker } from '../running-broker.ts';
import type { WireConnection } from '../wire-connection.ts';

type Described = Response<typeof apis.describeConfigs>['results'][number];
type Config = Described['configs'][number];

const TOPIC = 2;
const BROKER = 4;
const SET = 0;
const DELETE = 1;
const APPEND = 2;
const SUBTRACT = 3;

async function describeOf(
  connection: WireConnection,
  resourceType: number,
  resourceName: string,
  keys: string[] | null = null,
): Promise<Described> {
  const { results } = await connection.request(apis.describeConfigs, 4, {
    resources: [{ resourceType, resourceName, configurationKeys: keys }],
    includeSynonyms: true,
    includeDocumentation: true,
  });
  return results[0] as Described;
}

async function valueOf(connection: WireConnection, type: number, resource: string, key: string): Promise<Config> {
  return (await describeOf(connection, type, resource, [key])).configs[0] as Config;
}

type Change = readonly [name: string, operation: number, value: string | null];

async function alter(
  connection: WireConnection,
  resourceType: number,
  resourceName: string,
  changes: readonly Change[],
  validateOnly = false,
) {
  const configs = changes.map(([name, operation, value]) => ({ name, operation, value }));
  const body = { resources: [{ resourceType, resourceName, configs }], validateOnly };
  return (await connection.request(apis.incrementalAlterConfigs, 1, body)).responses[0];
}

describe('DescribeConfigs', () => {
  it('pitfall 39: returns what the topic was given, and the default of everything else', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders', { configs: { 'cleanup.policy': 'compact' } });
    const { configs } = await describeOf(connection, TOPIC, 'orders');
    const config = (name: string) => configs.find((one) => one.name === name);
    expect(config('cleanup.policy')).toMatchObject({ value: 'compact', configSource: 1, readOnly: false });
    expect(config('cleanup.policy')?.synonyms).toEqual([
      { name: 'cleanup.policy', value: 'compact', source: 1 },
      { name: 'log.cleanup.policy', value: 'delete', source: 5 },
    ]);
    expect(config('retention.ms')).toMatchObject({ value: '604800000', configSource: 5, configType: 5 });
    expect(config('retention.ms')?.documentation).toContain('kept');
    expect(config('preallocate')).toMatchObject({ value: 'false', configType: 1 });
    expect(config('min.cleanable.dirty.ratio')).toMatchObject({ value: '0.5', configType: 6 });
    const some = await describeOf(connection, TOPIC, 'orders', ['segment.bytes', 'no.such']);
    expect(some.configs.map(({ name }) => name)).toEqual(['segment.bytes']);
  });

  it('leaves synonyms and documentation out when it is not asked for them', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    const body = { resources: [{ resourceType: TOPIC, resourceName: 'orders', configurationKeys: ['retention.ms'] }] };
    const { results } = await connection.request(apis.describeConfigs, 4, body);
    expect(results[0]?.configs).toMatchObject([{ synonyms: [], documentation: null }]);
  });

  it('describes the broker by its options and the defaults of Kafka, and no secret', async () => {
    const connection = await (await startBroker({ defaultPartitions: 3 })).connect();
    const { configs } = await describeOf(connection, BROKER, '1');
    const config = (name: string) => configs.find((one) => one.name === name);
    expect(config('auto.create.topics.enable')).toMatchObject({ value: 'true', readOnly: true, configSource: 4 });
    expect(config('num.partitions')).toMatchObject({ value: '3', configType: 3 });
    expect(config('num.partitions')?.synonyms.map(({ source }) => source)).toEqual([4, 5]);
    expect(config('log.retention.ms')).toMatchObject({ readOnly: false, configSource: 5, configType: 5 });
    expect(config('ssl.keystore.password')).toMatchObject({ value: null, isSensitive: true, configType: 9 });
    expect((await describeOf(connection, BROKER, '')).configs).toEqual([]);
  });

  it.for([
    { what: 'an unknown topic', type: TOPIC, name: 'nobody', error: errors.UNKNOWN_TOPIC_OR_PARTITION },
    { what: 'another broker', type: BROKER, name: '9', error: errors.INVALID_REQUEST },
    { what: 'another kind of resource', type: 99, name: 'x', error: errors.INVALID_REQUEST },
  ])('refuses $what', async ({ type, name, error }) => {
    const connection = await (await startBroker()).connect();
    expect(await describeOf(connection, type, name)).toMatchObject({ errorCode: error.code, configs: [] });
    expect(await alter(connection, type, name, [])).toMatchObject({ errorCode: error.code });
  });
});

describe('IncrementalAlterConfigs', () => {
  it('sets and deletes what it names, live, and keeps it across restarts', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    await createTopic(connection, 'orders', { configs: { 'retention.ms': '5000' } });
    expect((await produce(connection, 'orders', recordsOf('x'.repeat(500)))).errorCode).toBe(0);
    expect(await alter(connection, TOPIC, 'orders', [['max.message.bytes', SET, '200']])).toMatchObject({
      errorCode: 0,
    });
    const tooLarge = errors.MESSAGE_TOO_LARGE.code;
    expect((await produce(connection, 'orders', recordsOf('x'.repeat(500)))).errorCode).toBe(tooLarge);
    await broker.restart();
    const again = await broker.connect();
    expect((await produce(again, 'orders', recordsOf('x'.repeat(500)))).errorCode).toBe(tooLarge);
    expect(await valueOf(again, TOPIC, 'orders', 'retention.ms')).toMatchObject({ value: '5000', configSource: 1 });
    await alter(again, TOPIC, 'orders', [['max.message.bytes', DELETE, null]]);
    expect((await produce(again, 'orders', recordsOf('x'.repeat(500)))).errorCode).toBe(0);
    expect(await valueOf(again, TOPIC, 'orders', 'max.message.bytes')).toMatchObject({ configSource: 5 });
  });

  it('pitfall 39: appends to a list and subtracts from it, beginning at the default', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    const policy = async () => (await valueOf(connection, TOPIC, 'orders', 'cleanup.policy')).value;
    await alter(connection, TOPIC, 'orders', [['cleanup.policy', APPEND, 'compact']]);
    expect(await policy()).toBe('delete,compact');
    await alter(connection, TOPIC, 'orders', [['cleanup.policy', APPEND, 'compact']]);
    expect(await policy()).toBe('delete,compact');
    await alter(connection, TOPIC, 'orders', [['cleanup.policy', SUBTRACT, 'delete']]);
    expect(await policy()).toBe('compact');
  });

  it.for<{ what: string; changes: Change[]; error: { code: number } }>([
    { what: 'an unknown name', changes: [['no.such', SET, '1']], error: errors.INVALID_CONFIG },
    { what: 'a name of its own language', changes: [['constructor', APPEND, '1']], error: errors.INVALID_CONFIG },
    { what: 'a bad value', changes: [['retention.ms', SET, 'long']], error: errors.INVALID_CONFIG },
    { what: 'appending to a number', changes: [['retention.ms', APPEND, '1']], error: errors.INVALID_CONFIG },
    { what: 'setting to nothing', changes: [['retention.ms', SET, null]], error: errors.INVALID_REQUEST },
    { what: 'an unknown operation', changes: [['retention.ms', 7, '1']], error: errors.INVALID_REQUEST },
    {
      what: 'the same name twice',
      changes: [
        ['retention.ms', SET, '1'],
        ['retention.ms', SET, '2'],
      ],
      error: errors.INVALID_REQUEST,
    },
    {
      what: 'all changes when one is bad',
      changes: [
        ['retention.ms', SET, '1'],
        ['segment.ms', SET, '-1'],
      ],
      error: errors.INVALID_CONFIG,
    },
  ])('refuses $what', async ({ changes, error }) => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    const result = await alter(connection, TOPIC, 'orders', changes);
    expect(result).toMatchObject({ errorCode: error.code });
    expect(result?.errorMessage).toContain(changes.at(-1)?.[0]);
    expect(await valueOf(connection, TOPIC, 'orders', 'retention.ms')).toMatchObject({ configSource: 5 });
  });

  it('changes nothing when it only validates, and refuses a resource that occurs twice', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders');
    const changes: Change[] = [['retention.ms', SET, '1']];
    expect(await alter(connection, TOPIC, 'orders', changes, true)).toMatchObject({ errorCode: 0 });
    const configs = [{ name: 'retention.ms', operation: SET, value: '1' }];
    const resource = { resourceType: TOPIC, resourceName: 'orders', configs };
    const body = { resources: [resource, resource] };
    const { responses } = await connection.request(apis.incrementalAlterConfigs, 1, body);
    expect(responses.map(({ errorCode }) => errorCode)).toEqual(Array(2).fill(errors.INVALID_REQUEST.code));
    expect(await valueOf(connection, TOPIC, 'orders', 'retention.ms')).toMatchObject({ configSource: 5 });
  });

  it('sets defaults of topics for the broker or for all, live, and keeps them across restarts', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    await createTopic(connection, 'before');
    await createTopic(connection, 'own', { configs: { 'max.message.bytes': '100000' } });
    await alter(connection, BROKER, '', [['message.max.bytes', SET, '300']]);
    await alter(connection, BROKER, '1', [['message.max.bytes', SET, '200']]);
    await broker.restart();
    const again = await broker.connect();
    await createTopic(again, 'after');
    const large = recordsOf('x'.repeat(500));
    expect((await produce(again, 'before', large)).errorCode).toBe(errors.MESSAGE_TOO_LARGE.code);
    expect((await produce(again, 'after', large)).errorCode).toBe(errors.MESSAGE_TOO_LARGE.code);
    expect((await produce(again, 'own', large)).errorCode).toBe(0);
    const { synonyms, ...config } = await valueOf(again, TOPIC, 'after', 'max.message.bytes');
    expect(config).toMatchObject({ value: '200', configSource: 2 });
    expect(synonyms.map(({ value, source }) => [value, source])).toEqual([
      ['200', 2],
      ['300', 3],
      ['1048588', 5],
    ]);
    expect((await describeOf(again, BROKER, '')).configs).toMatchObject([{ value: '300', configSource: 3 }]);
    await alter(again, BROKER, '1', [['message.max.bytes', DELETE, null]]);
    await alter(again, BROKER, '', [['message.max.bytes', DELETE, null]]);
    expect((await produce(again, 'after', large)).errorCode).toBe(0);
  });

  it('refuses what a broker cannot change at run time, or does not know', async () => {
    const connection = await (await startBroker()).connect();
    const change = async (...changes: Change[]) => (await alter(connection, BROKER, '1', changes))?.errorCode;
    expect(await change(['num.partitions', SET, '3'])).toBe(errors.INVALID_REQUEST.code);
    expect(await change(['no.such', SET, '3'])).toBe(errors.INVALID_CONFIG.code);
    expect(await change(['log.retention.ms', SET, '-3'])).toBe(errors.INVALID_CONFIG.code);
    expect(await change(['num.io.threads', SET, 'many'])).toBe(errors.INVALID_CONFIG.code);
    expect(await change(['num.io.threads', SET, '16'])).toBe(0);
  });

  it('leaves internal topics as they are', async () => {
    const connection = await (await startBroker()).connect();
    const result = await alter(connection, TOPIC, '__consumer_offsets', [['cleanup.policy', SET, 'delete']]);
    expect(result).toMatchObject({ errorCode: errors.POLICY_VIOLATION.code });
  });
});

describe('AlterConfigs', () => {
  it('replaces everything that was set', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders', { configs: { 'retention.ms': '5000', 'segment.ms': '6000' } });
    const body: RequestInput<typeof apis.alterConfigs> = {
      resources: [
        { resourceType: TOPIC, resourceName: 'orders', configs: [{ name: 'segment.ms', value: '7000' }] },
        { resourceType: TOPIC, resourceName: 'nobody', configs: [] },
      ],
    };
    const { responses } = await connection.request(apis.alterConfigs, 2, body);
    expect(responses.map(({ errorCode }) => errorCode)).toEqual([0, errors.UNKNOWN_TOPIC_OR_PARTITION.code]);
    expect(await valueOf(connection, TOPIC, 'orders', 'segment.ms')).toMatchObject({ value: '7000' });
    expect(await valueOf(connection, TOPIC, 'orders', 'retention.ms')).toMatchObject({ configSource: 5 });
  });
});

describe('min.insync.replicas', () => {
  it('refuses acks=all, and only that, where it asks for more replicas than there are', async () => {
    const connection = await (await startBroker()).connect();
    await createTopic(connection, 'orders', { configs: { 'min.insync.replicas': '2' } });
    expect((await produce(connection, 'orders', recordsOf('a'))).errorCode).toBe(errors.NOT_ENOUGH_REPLICAS.code);
    expect((await produce(connection, 'orders', recordsOf('a'), { acks: 1 })).errorCode).toBe(0);
    await alter(connection, TOPIC, 'orders', [['min.insync.replicas', DELETE, null]]);
    expect(await produce(connection, 'orders', recordsOf('b'))).toMatchObject({ errorCode: 0, baseOffset: 1 });
    expect((await fetch(connection, 'orders')).highWatermark).toBe(2);
  });
});

describe('configurations of groups', () => {
  const GROUP = 32;
  const session = 'consumer.session.timeout.ms';
  const interval = 'consumer.heartbeat.interval.ms';

  it('are there whether or not the group is, count from the next heartbeat on, and are kept', async () => {
    const broker = await startBroker();
    const connection = await broker.connect();
    const beat = async (memberEpoch: number, asking = connection) =>
      asking.request(apis.consumerGroupHeartbeat, 1, {
        groupId: 'readers',
        memberId: 'a',
        memberEpoch,
        ...(memberEpoch === 0 && { rebalanceTimeoutMs: 1_000, subscribedTopicNames: [], topicPartitions: [] }),
      });
    const { memberEpoch, heartbeatIntervalMs } = await beat(0);
    expect(heartbeatIntervalMs).toBe(5_000);
    expect((await alter(connection, GROUP, 'readers', [[interval, SET, '7000']], true))?.errorCode).toBe(0);
    expect((await beat(memberEpoch)).heartbeatIntervalMs).toBe(5_000);
    expect((await alter(connection, GROUP, 'readers', [[interval, SET, '7000']]))?.errorCode).toBe(0);
    expect((await beat(memberEpoch)).heartbeatIntervalMs).toBe(7_000);
    await broker.restart();
    const again = await broker.connect();
    expect((await beat(0, again)).heartbeatIntervalMs).toBe(7_000);
    expect((await valueOf(again, GROUP, 'readers', interval)).synonyms).toEqual([
      { name: interval, value: '7000', source: 8 },
      { name: `group.${interval}`, value: '5000', source: 5 },
    ]);
    await alter(again, GROUP, 'readers', [[interval, DELETE, null]]);
    const { configs } = await describeOf(again, GROUP, 'nobody');
    expect(configs.map(({ name, value, configSource }) => [name, value, configSource])).toEqual([
      [interval, '5000', 5],
      [session, '45000', 5],
    ]);
  });

  it.for([
    ['readers', session, '44999', errors.INVALID_CONFIG],
    ['readers', session, '60001', errors.INVALID_CONFIG],
    ['readers', session, 'long', errors.INVALID_CONFIG],
    ['readers', 'retention.ms', '1', errors.INVALID_CONFIG],
    ['', session, '50000', errors.INVALID_REQUEST],
  ] as const)('refuse what Kafka refuses: of "%s", %s=%s', async ([group, name, value, error]) => {
    const connection = await (await startBroker()).connect();
    expect((await alter(connection, GROUP, group, [[name, SET, value]]))?.errorCode).toBe(error.code);
    expect((await alter(connection, GROUP, 'readers', [[session, APPEND, '1']]))?.errorCode).toBe(
      errors.INVALID_CONFIG.code,
    );
  });
});
