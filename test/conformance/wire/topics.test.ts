import { apis } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { nameOf, only, useWire, valuesOf } from './wire.ts';

const wire = useWire();

const TOPIC = 2;
const BROKER = 4;

describe('CreateTopics', () => {
  it.for([
    ['', 'INVALID_TOPIC_EXCEPTION'],
    ['.', 'INVALID_TOPIC_EXCEPTION'],
    ['..', 'INVALID_TOPIC_EXCEPTION'],
    ['with/slash', 'INVALID_TOPIC_EXCEPTION'],
    ['with space', 'INVALID_TOPIC_EXCEPTION'],
    ['x'.repeat(250), 'INVALID_TOPIC_EXCEPTION'],
    ['x'.repeat(249), 'NONE'],
    ['dots.and_lines-and-CAPITALS', 'NONE'],
  ] as const)('takes names as Kafka does: %j is %s', async ([name, expected]) => {
    expect(nameOf((await wire().create({ name })).errorCode)).toBe(expected);
  });

  it('refuses what exists, and a name that differs by dots and underscores only', async () => {
    await wire().create({ name: 'a.b' });
    expect(nameOf((await wire().create({ name: 'a.b' })).errorCode)).toBe('TOPIC_ALREADY_EXISTS');
    expect(nameOf((await wire().create({ name: 'a_b' })).errorCode)).toBe('INVALID_TOPIC_EXCEPTION');
  });

  it.for([
    [{ numPartitions: 0 }, 'INVALID_PARTITIONS'],
    [{ numPartitions: -2 }, 'INVALID_PARTITIONS'],
    [{ replicationFactor: 0 }, 'INVALID_REPLICATION_FACTOR'],
    [{ replicationFactor: 3 }, 'INVALID_REPLICATION_FACTOR'],
    [{ numPartitions: -1, replicationFactor: -1 }, 'NONE'],
  ] as const)('counts partitions and replicas: %j is %s', async ([counts, expected]) => {
    const name = `counted-${JSON.stringify(counts).replaceAll(/\W/g, '')}`;
    expect(nameOf((await wire().create({ name, ...counts })).errorCode)).toBe(expected);
  });

  it.for([
    [{ 'no.such.setting': '1' }, 'INVALID_CONFIG'],
    [{ 'retention.ms': 'soon' }, 'INVALID_CONFIG'],
    [{ 'retention.ms': '-2' }, 'INVALID_CONFIG'],
    [{ 'cleanup.policy': 'shrink' }, 'INVALID_CONFIG'],
    [{ 'cleanup.policy': 'compact,delete' }, 'NONE'],
    [{ 'compression.type': 'rar' }, 'INVALID_CONFIG'],
    [{ 'min.cleanable.dirty.ratio': '1.5' }, 'INVALID_CONFIG'],
    [{ 'segment.bytes': '1048576' }, 'NONE'],
    [{ 'retention.ms': null }, 'INVALID_CONFIG'],
  ] as const)('checks settings: %j is %s', async ([configs, expected]) => {
    const name = `set-${JSON.stringify(configs).replaceAll(/[^\w-]/g, '')}`;
    expect(nameOf((await wire().create({ name }, configs)).errorCode)).toBe(expected);
  });

  it('says what it made: id, partitions, replicas, settings', async () => {
    const made = await wire().create({ name: 'made', numPartitions: 2 }, { 'retention.ms': '1000' });
    expect(made).toMatchObject({ numPartitions: 2, replicationFactor: 1 });
    expect(made.configs?.find(({ name }) => name === 'retention.ms')).toMatchObject({ value: '1000', configSource: 1 });
    expect(made.configs?.find(({ name }) => name === 'cleanup.policy')).toMatchObject({ configSource: 5 });
  });

  it('makes nothing when it only checks', async () => {
    expect((await wire().create({ name: 'checked' }, {}, true)).errorCode).toBe(0);
    const body = { topics: [{ name: 'checked' }], allowAutoTopicCreation: false };
    const { topics } = await wire().ask(apis.metadata, 9, body);
    expect(nameOf(only(topics).errorCode)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  });

  it('refuses a topic that is named twice: INVALID_REQUEST', async () => {
    const topic = { name: 'twice', numPartitions: 1, replicationFactor: 1 };
    const { topics } = await wire().ask(apis.createTopics, 7, { topics: [topic, topic], timeoutMs: 1_000 });
    expect(topics.map(({ errorCode }) => nameOf(errorCode))).toEqual(['INVALID_REQUEST']);
  });

  it('refuses an assignment beside counts: INVALID_REQUEST', async () => {
    const topic = {
      name: 'both',
      numPartitions: 1,
      replicationFactor: 1,
      assignments: [{ partition: 0, brokerIds: [1] }],
    };
    const { topics } = await wire().ask(apis.createTopics, 7, { topics: [topic], timeoutMs: 1_000 });
    expect(nameOf(only(topics).errorCode)).toBe('INVALID_REQUEST');
  });
});

describe('DeleteTopics, CreatePartitions, DeleteRecords', () => {
  it('know no topic that is not there: UNKNOWN_TOPIC_OR_PARTITION', async () => {
    const deleted = await wire().ask(apis.deleteTopics, 5, { topicNames: ['nowhere'], timeoutMs: 1_000 });
    expect(nameOf(only(deleted.responses).errorCode)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    const grown = await wire().ask(apis.createPartitions, 3, {
      topics: [{ name: 'nowhere', count: 3 }],
      timeoutMs: 1_000,
    });
    expect(nameOf(only(grown.results).errorCode)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    const topics = [{ name: 'nowhere', partitions: [{ partition: 0, offset: 0 }] }];
    const trimmed = await wire().ask(apis.deleteRecords, 2, { topics, timeoutMs: 1_000 });
    expect(nameOf(only(only(trimmed.topics).partitions).errorCode)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  });

  it('forget a deleted topic whole: another of its name begins at 0, its producers at any sequence', async () => {
    const topic = await wire().topic();
    const producer = { producerId: await wire().producerId(), producerEpoch: 0, isTransactional: false };
    for (const baseSequence of [0, 1, 2]) {
      await wire().produce(topic, valuesOf('v'), { producer: { ...producer, baseSequence } });
    }
    await wire().ask(apis.deleteTopics, 5, { topicNames: [topic], timeoutMs: 10_000 });
    await until('it to be made again', async () => (await wire().create({ name: topic })).errorCode === 0);
    const again = await until('it to lead', async () => {
      const answer = await wire().produce(topic, valuesOf('v'), { producer: { ...producer, baseSequence: 0 } });
      return answer.errorCode === 0 && answer;
    });
    expect(again.baseOffset).toBe(0);
  });

  it.for([
    [1, 'INVALID_PARTITIONS'],
    [2, 'INVALID_PARTITIONS'],
    [0, 'INVALID_PARTITIONS'],
    [3, 'NONE'],
  ] as const)('only add partitions: %i to a topic of 2 is %s', async ([count, expected]) => {
    const topic = await wire().topic(2);
    const body = { topics: [{ name: topic, count }], timeoutMs: 10_000 };
    expect(nameOf(only((await wire().ask(apis.createPartitions, 3, body)).results).errorCode)).toBe(expected);
  });

  it('delete records up to the end, never beyond, and none that are gone', async () => {
    const topic = await wire().topic();
    await wire().produce(topic, valuesOf('a', 'b', 'c'));
    const trim = async (offset: number) => {
      const topics = [{ name: topic, partitions: [{ partition: 0, offset }] }];
      const answer = await wire().ask(apis.deleteRecords, 2, { topics, timeoutMs: 10_000 });
      const { errorCode, lowWatermark } = only(only(answer.topics).partitions);
      return [nameOf(errorCode), lowWatermark];
    };
    expect(await trim(2)).toEqual(['NONE', 2]);
    expect(await trim(1)).toEqual(['NONE', 2]);
    expect(await trim(4)).toEqual(['OFFSET_OUT_OF_RANGE', -1]);
    expect(await trim(-1)).toEqual(['NONE', 3]);
  });
});

describe('Metadata', () => {
  it('makes no topic when asked not to, and says what is wrong with a name', async () => {
    const names = ['not-made', 'not/allowed'];
    const topics = names.map((name) => ({ name }));
    const answer = await wire().ask(apis.metadata, 9, { topics, allowAutoTopicCreation: false });
    const found = Object.fromEntries(answer.topics.map(({ name, errorCode }) => [name, nameOf(errorCode)]));
    expect(found).toEqual({ 'not-made': 'UNKNOWN_TOPIC_OR_PARTITION', 'not/allowed': 'INVALID_TOPIC_EXCEPTION' });
  });

  it('makes a topic that is asked for', async () => {
    await until('the topic', async () => {
      const { topics } = await wire().ask(apis.metadata, 9, { topics: [{ name: 'by-asking' }] });
      return topics[0]?.errorCode === 0 && topics[0].partitions.length === 1;
    });
  });

  it('answers for all topics, or for none', async () => {
    const topic = await wire().topic();
    const all = await wire().ask(apis.metadata, 9, { topics: null });
    expect(all.topics.map(({ name }) => name)).toContain(topic);
    const none = await wire().ask(apis.metadata, 9, { topics: [] });
    expect(none.topics).toEqual([]);
    expect(none.brokers).toMatchObject([{ host: '127.0.0.1', port: wire().broker.port }]);
    expect(none.controllerId).toBe(none.brokers[0]?.nodeId);
    expect(none.clusterId).toMatch(/^[\w-]{22}$/);
  });
});

describe('settings', () => {
  const describeTopic = async (name: string, keys: string[] | null = null) => {
    const resources = [{ resourceType: TOPIC, resourceName: name, configurationKeys: keys }];
    return only((await wire().ask(apis.describeConfigs, 4, { resources, includeSynonyms: true })).results);
  };
  const alter = async (name: string, ...configs: { name: string; operation: number; value: string | null }[]) => {
    const resources = [{ resourceType: TOPIC, resourceName: name, configs }];
    return nameOf(only((await wire().ask(apis.incrementalAlterConfigs, 1, { resources })).responses).errorCode);
  };
  const [SET, DELETE, APPEND, SUBTRACT] = [0, 1, 2, 3];

  it('are described with where they come from', async () => {
    const topic = await wire().topic(1, { 'retention.ms': '1234' });
    const { configs } = await describeTopic(topic, ['retention.ms', 'cleanup.policy']);
    expect(configs.find(({ name }) => name === 'retention.ms')).toMatchObject({
      value: '1234',
      configSource: 1,
      readOnly: false,
      isSensitive: false,
      synonyms: expect.arrayContaining([{ name: 'retention.ms', value: '1234', source: 1 }]),
    });
    expect(configs.find(({ name }) => name === 'cleanup.policy')).toMatchObject({ value: 'delete', configSource: 5 });
    expect(configs).toHaveLength(2);
  });

  it('of what is not there are not: UNKNOWN_TOPIC_OR_PARTITION', async () => {
    expect(nameOf((await describeTopic('nowhere')).errorCode)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
    const set = { name: 'retention.ms', operation: SET, value: '1' };
    expect(await alter('nowhere', set)).toBe('UNKNOWN_TOPIC_OR_PARTITION');
  });

  it('have the defaults that Kafka has', async () => {
    const topic = await wire().topic();
    const { configs } = await describeTopic(topic);
    expect(Object.fromEntries(configs.map(({ name, value }) => [name, value]))).toMatchObject({
      'cleanup.policy': 'delete',
      'compression.type': 'producer',
      'delete.retention.ms': '86400000',
      'max.message.bytes': '1048588',
      'message.timestamp.type': 'CreateTime',
      'min.compaction.lag.ms': '0',
      'min.insync.replicas': '1',
      'retention.bytes': '-1',
      'retention.ms': '604800000',
      'segment.bytes': '1073741824',
      'segment.ms': '604800000',
    });
  });

  it('are set, deleted, appended to and subtracted from, each by itself', async () => {
    const topic = await wire().topic(1, { 'retention.ms': '1000', 'segment.ms': '5000' });
    const valueOf = async (key: string) => only((await describeTopic(topic, [key])).configs).value;
    const becomes = async (key: string, value: string): Promise<void> => {
      await until(`${key} to be ${value}`, async () => (await valueOf(key)) === value);
    };
    expect(await alter(topic, { name: 'retention.ms', operation: SET, value: '2000' })).toBe('NONE');
    await becomes('retention.ms', '2000');
    expect(await alter(topic, { name: 'retention.ms', operation: DELETE, value: null })).toBe('NONE');
    await becomes('retention.ms', '604800000');
    expect(await alter(topic, { name: 'cleanup.policy', operation: APPEND, value: 'compact' })).toBe('NONE');
    await becomes('cleanup.policy', 'delete,compact');
    expect(await alter(topic, { name: 'cleanup.policy', operation: SUBTRACT, value: 'delete' })).toBe('NONE');
    await becomes('cleanup.policy', 'compact');
    expect(await valueOf('segment.ms')).toBe('5000');
  });

  it.for([
    [[{ name: 'no.such.setting', operation: 0, value: '1' }], 'INVALID_CONFIG'],
    [[{ name: 'retention.ms', operation: 0, value: 'soon' }], 'INVALID_CONFIG'],
    [[{ name: 'retention.ms', operation: 2, value: '1' }], 'INVALID_CONFIG'],
    [
      [
        { name: 'retention.ms', operation: 0, value: '1' },
        { name: 'retention.ms', operation: 0, value: '2' },
      ],
      'INVALID_REQUEST',
    ],
  ] as const)('that make no sense are refused: %j is %s', async ([configs, expected]) => {
    const topic = await wire().topic();
    expect(await alter(topic, ...configs)).toBe(expected);
  });

  it('are all replaced by AlterConfigs', async () => {
    const topic = await wire().topic(1, { 'retention.ms': '1000' });
    const configs = [{ name: 'segment.ms', value: '9000' }];
    const resources = [{ resourceType: TOPIC, resourceName: topic, configs }];
    const answer = await wire().ask(apis.alterConfigs, 2, { resources });
    expect(only(answer.responses).errorCode).toBe(0);
    await until('the change', async () => {
      const found = (await describeTopic(topic, ['retention.ms', 'segment.ms'])).configs;
      const values = Object.fromEntries(found.map(({ name, value }) => [name, value]));
      return values['retention.ms'] === '604800000' && values['segment.ms'] === '9000';
    });
  });

  it('of the broker are described, too', async () => {
    const { brokers } = await wire().ask(apis.metadata, 9, { topics: [] });
    const nodeId = `${brokers[0]?.nodeId}`;
    const resources = [{ resourceType: BROKER, resourceName: nodeId, configurationKeys: null }];
    const { errorCode, configs } = only((await wire().ask(apis.describeConfigs, 4, { resources })).results);
    expect(errorCode).toBe(0);
    expect(configs.find(({ name }) => name === 'num.partitions')).toMatchObject({ value: '1' });
    expect(configs.find(({ name }) => name === 'log.retention.ms')?.value ?? null).toBe(null);
  });
});
