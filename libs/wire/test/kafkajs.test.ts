import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { type ApiName, apis, batchesIn, decode, decodeBatch, encode, encodeBatch } from '../src/index.ts';

/**
 * The same bytes as an independent implementation reads and writes them. kafkajs stops before the compact encodings;
 * those are proved by the other clients against the broker.
 */
const require = createRequire(import.meta.url);

interface ForeignRequest {
  encode(): Promise<{ readonly buffer: Buffer }>;
}

type ForeignResponse = { readonly decode: (bytes: Buffer) => Promise<object> };

function foreignRequest(api: string, version: number, input: object): ForeignRequest {
  return (require(`kafkajs/src/protocol/requests/${api}/v${version}/request`) as (input: object) => ForeignRequest)(
    input,
  );
}

function foreignResponse(api: string, version: number): ForeignResponse {
  return require(`kafkajs/src/protocol/requests/${api}/v${version}/response`) as ForeignResponse;
}

const partitions = [{ partition: 3, offset: '42', metadata: 'm', fetchOffset: '42', maxBytes: 900, timestamp: '-2' }];
const kafkajsTopics = [{ topic: 'orders', partitions }];
const producer = { transactionalId: 'tx', producerId: '7', producerEpoch: 2 };
const ourProducer = { transactionalId: 'tx', producerId: 7, producerEpoch: 2 };

type RequestCase = readonly [api: ApiName, first: number, last: number, input: object, expected: object];

const requests: readonly RequestCase[] = [
  [
    'fetch',
    4,
    11,
    { replicaId: -1, maxWaitTime: 5, minBytes: 1, maxBytes: 99, isolationLevel: 1, topics: kafkajsTopics },
    {
      maxWaitMs: 5,
      minBytes: 1,
      maxBytes: 99,
      isolationLevel: 1,
      topics: [{ name: 'orders', partitions: [{ partition: 3, fetchOffset: 42, partitionMaxBytes: 900 }] }],
    },
  ],
  [
    'listOffsets',
    2,
    3,
    { replicaId: -1, isolationLevel: 1, topics: kafkajsTopics },
    { isolationLevel: 1, topics: [{ name: 'orders', partitions: [{ partition: 3, timestamp: -2 }] }] },
  ],
  [
    'metadata',
    4,
    6,
    { topics: ['orders'], allowAutoTopicCreation: false },
    { topics: [{ name: 'orders' }], allowAutoTopicCreation: false },
  ],
  [
    'offsetCommit',
    5,
    5,
    { groupId: 'g', groupGenerationId: 4, memberId: 'm', topics: kafkajsTopics },
    {
      groupId: 'g',
      generationId: 4,
      memberId: 'm',
      topics: [{ name: 'orders', partitions: [{ partition: 3, committedOffset: 42, committedMetadata: 'm' }] }],
    },
  ],
  [
    'offsetCommit',
    2,
    4,
    { groupId: 'g', groupGenerationId: 4, memberId: 'm', retentionTime: '-1', topics: kafkajsTopics },
    { groupId: 'g', generationId: 4, retentionTimeMs: -1 },
  ],
  [
    'offsetFetch',
    1,
    4,
    { groupId: 'g', topics: kafkajsTopics },
    { groupId: 'g', topics: [{ name: 'orders', partitions: [3] }] },
  ],
  ['findCoordinator', 1, 2, { coordinatorKey: 'tx', coordinatorType: 1 }, { key: 'tx', keyType: 1 }],
  [
    'joinGroup',
    1,
    5,
    {
      groupId: 'g',
      sessionTimeout: 6,
      rebalanceTimeout: 9,
      memberId: '',
      groupInstanceId: 'i',
      protocolType: 'consumer',
      groupProtocols: [{ name: 'range', metadata: Buffer.from('x') }],
    },
    {
      sessionTimeoutMs: 6,
      rebalanceTimeoutMs: 9,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.from('x') }],
    },
  ],
  [
    'heartbeat',
    0,
    3,
    { groupId: 'g', groupGenerationId: 4, memberId: 'm', groupInstanceId: null },
    { groupId: 'g', generationId: 4, memberId: 'm', groupInstanceId: null },
  ],
  ['leaveGroup', 0, 2, { groupId: 'g', memberId: 'm' }, { groupId: 'g', memberId: 'm' }],
  [
    'leaveGroup',
    3,
    3,
    { groupId: 'g', members: [{ memberId: 'm', groupInstanceId: 'i' }] },
    { groupId: 'g', members: [{ memberId: 'm', groupInstanceId: 'i', reason: null }] },
  ],
  [
    'syncGroup',
    0,
    3,
    {
      groupId: 'g',
      generationId: 4,
      memberId: 'm',
      groupAssignment: [{ memberId: 'm', memberAssignment: Buffer.from('a') }],
    },
    { groupId: 'g', generationId: 4, assignments: [{ memberId: 'm', assignment: Buffer.from('a') }] },
  ],
  [
    'createTopics',
    2,
    3,
    {
      timeout: 8,
      validateOnly: true,
      topics: [{ topic: 'orders', numPartitions: 2, replicationFactor: 1, configEntries: [{ name: 'n', value: 'v' }] }],
    },
    {
      timeoutMs: 8,
      validateOnly: true,
      topics: [
        {
          name: 'orders',
          numPartitions: 2,
          replicationFactor: 1,
          assignments: [],
          configs: [{ name: 'n', value: 'v' }],
        },
      ],
    },
  ],
  ['deleteTopics', 1, 1, { topics: ['orders'], timeout: 8 }, { topicNames: ['orders'], timeoutMs: 8 }],
  [
    'deleteRecords',
    0,
    1,
    { topics: kafkajsTopics, timeout: 8 },
    { topics: [{ name: 'orders', partitions: [{ partition: 3, offset: 42 }] }], timeoutMs: 8 },
  ],
  [
    'initProducerId',
    0,
    1,
    { transactionalId: 'tx', transactionTimeout: 9 },
    { transactionalId: 'tx', transactionTimeoutMs: 9 },
  ],
  [
    'addPartitionsToTxn',
    0,
    1,
    { ...producer, topics: [{ topic: 'orders', partitions: [1, 2] }] },
    { ...ourProducer, topics: [{ name: 'orders', partitions: [1, 2] }] },
  ],
  ['addOffsetsToTxn', 0, 1, { ...producer, groupId: 'g' }, { ...ourProducer, groupId: 'g' }],
  ['endTxn', 0, 1, { ...producer, transactionResult: true }, { ...ourProducer, committed: true }],
  [
    'txnOffsetCommit',
    0,
    1,
    { ...producer, groupId: 'g', topics: kafkajsTopics },
    { ...ourProducer, topics: [{ name: 'orders', partitions: [{ partition: 3, committedOffset: 42 }] }] },
  ],
  ['describeGroups', 0, 2, { groupIds: ['a', 'b'] }, { groups: ['a', 'b'] }],
  ['listGroups', 0, 2, {}, {}],
  [
    'describeConfigs',
    1,
    2,
    { resources: [{ type: 2, name: 'orders', configNames: ['n'] }], includeSynonyms: true },
    { resources: [{ resourceType: 2, resourceName: 'orders', configurationKeys: ['n'] }], includeSynonyms: true },
  ],
  [
    'createPartitions',
    0,
    1,
    { topicPartitions: [{ topic: 'orders', count: 5 }], timeout: 8 },
    { topics: [{ name: 'orders', count: 5, assignments: null }], timeoutMs: 8, validateOnly: false },
  ],
  ['deleteGroups', 0, 1, ['a'], { groups: ['a'] }],
  ['saslHandshake', 0, 1, { mechanism: 'PLAIN' }, { mechanism: 'PLAIN' }],
];

describe.for(requests)('a %s request of kafkajs', ([api, first, last, input, expected]) => {
  const versions = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  it.for(versions)('is read to its last byte in version %i', async (version) => {
    const { buffer } = await foreignRequest(api, version, input).encode();
    const { value, end } = decode(apis[api].request, version, buffer);
    expect(value).toMatchObject(expected);
    expect(end).toBe(buffer.length);
  });
});

const ours = {
  topics: [{ name: 'orders', partitions: [{ partition: 3, errorCode: 0 }] }],
  results: [{ name: 'orders', partitions: [{ partition: 3, errorCode: 0 }] }],
};

type ResponseCase = readonly [api: ApiName, first: number, last: number, value: object, expected: object];

const responses: readonly ResponseCase[] = [
  [
    'produce',
    5,
    7,
    { topics: [{ name: 'orders', partitions: [{ partition: 3, errorCode: 0, baseOffset: 42 }] }] },
    {
      topics: [
        { topicName: 'orders', partitions: [{ partition: 3, errorCode: 0, baseOffset: '42', logStartOffset: '-1' }] },
      ],
    },
  ],
  [
    'listOffsets',
    2,
    3,
    { topics: [{ name: 'orders', partitions: [{ partition: 3, errorCode: 0, timestamp: 5, offset: 42 }] }] },
    { responses: [{ topic: 'orders', partitions: [{ partition: 3, timestamp: '5', offset: '42' }] }] },
  ],
  [
    'metadata',
    5,
    6,
    {
      brokers: [{ nodeId: 1, host: 'h', port: 9 }],
      clusterId: 'c',
      controllerId: 1,
      topics: [
        {
          errorCode: 0,
          name: 'orders',
          isInternal: true,
          partitions: [
            { errorCode: 0, partition: 3, leaderId: 1, replicaNodes: [1], isrNodes: [1], offlineReplicas: [] },
          ],
        },
      ],
    },
    {
      brokers: [{ nodeId: 1, host: 'h', port: 9, rack: null }],
      clusterId: 'c',
      controllerId: 1,
      topicMetadata: [
        { topic: 'orders', isInternal: true, partitionMetadata: [{ partitionId: 3, leader: 1, isr: [1] }] },
      ],
    },
  ],
  [
    'offsetCommit',
    3,
    5,
    { topics: ours.topics },
    { responses: [{ topic: 'orders', partitions: [{ partition: 3, errorCode: 0 }] }] },
  ],
  [
    'offsetFetch',
    3,
    4,
    {
      errorCode: 0,
      topics: [{ name: 'orders', partitions: [{ partition: 3, committedOffset: 42, metadata: 'm', errorCode: 0 }] }],
    },
    { errorCode: 0, responses: [{ topic: 'orders', partitions: [{ partition: 3, offset: '42', metadata: 'm' }] }] },
  ],
  [
    'findCoordinator',
    1,
    2,
    { errorCode: 0, errorMessage: null, nodeId: 1, host: 'h', port: 9 },
    { errorCode: 0, coordinator: { nodeId: 1, host: 'h', port: 9 } },
  ],
  [
    'joinGroup',
    5,
    5,
    {
      errorCode: 0,
      generationId: 4,
      protocolName: 'range',
      leader: 'm',
      memberId: 'm',
      members: [{ memberId: 'm', groupInstanceId: 'i', metadata: Buffer.from('x') }],
    },
    {
      generationId: 4,
      groupProtocol: 'range',
      leaderId: 'm',
      members: [{ memberId: 'm', groupInstanceId: 'i', memberMetadata: Buffer.from('x') }],
    },
  ],
  ['heartbeat', 0, 3, { errorCode: 27 }, { errorCode: 27 }],
  [
    'leaveGroup',
    3,
    3,
    { errorCode: 0, members: [{ memberId: 'm', groupInstanceId: null, errorCode: 25 }] },
    { errorCode: 0, members: [{ memberId: 'm', groupInstanceId: null, errorCode: 25 }] },
  ],
  [
    'syncGroup',
    0,
    3,
    { errorCode: 0, assignment: Buffer.from('a') },
    { errorCode: 0, memberAssignment: Buffer.from('a') },
  ],
  [
    'describeGroups',
    0,
    2,
    {
      groups: [
        {
          errorCode: 0,
          groupId: 'g',
          groupState: 'Stable',
          protocolType: 'consumer',
          protocolName: 'range',
          members: [
            {
              memberId: 'm',
              clientId: 'c',
              clientHost: '/h',
              memberMetadata: Buffer.from('x'),
              memberAssignment: Buffer.from('y'),
            },
          ],
        },
      ],
    },
    {
      groups: [
        {
          groupId: 'g',
          state: 'Stable',
          protocol: 'range',
          members: [{ memberId: 'm', clientHost: '/h', memberAssignment: Buffer.from('y') }],
        },
      ],
    },
  ],
  [
    'listGroups',
    0,
    2,
    { errorCode: 0, groups: [{ groupId: 'g', protocolType: 'consumer' }] },
    { errorCode: 0, groups: [{ groupId: 'g', protocolType: 'consumer' }] },
  ],
  [
    'apiVersions',
    0,
    2,
    { errorCode: 0, apiKeys: [{ apiKey: 3, minVersion: 0, maxVersion: 9 }] },
    { errorCode: 0, apiVersions: [{ apiKey: 3, minVersion: 0, maxVersion: 9 }] },
  ],
  [
    'createTopics',
    2,
    3,
    { topics: [{ name: 'orders', errorCode: 36, errorMessage: 'e' }] },
    { topicErrors: [{ topic: 'orders', errorCode: 36, errorMessage: 'e' }] },
  ],
  [
    'deleteTopics',
    1,
    1,
    { responses: [{ name: 'orders', errorCode: 3 }] },
    { topicErrors: [{ topic: 'orders', errorCode: 3 }] },
  ],
  [
    'initProducerId',
    0,
    1,
    { errorCode: 0, producerId: 7, producerEpoch: 2 },
    { errorCode: 0, producerId: '7', producerEpoch: 2 },
  ],
  [
    'addPartitionsToTxn',
    0,
    1,
    { topics: ours.topics },
    { errors: [{ topic: 'orders', partitionErrors: [{ partition: 3, errorCode: 0 }] }] },
  ],
  ['addOffsetsToTxn', 0, 1, { errorCode: 51 }, { errorCode: 51 }],
  ['endTxn', 0, 1, { errorCode: 51 }, { errorCode: 51 }],
  [
    'txnOffsetCommit',
    0,
    1,
    { topics: ours.topics },
    { topics: [{ topic: 'orders', partitions: [{ partition: 3, errorCode: 0 }] }] },
  ],
  [
    'describeConfigs',
    1,
    2,
    {
      results: [
        {
          errorCode: 0,
          errorMessage: null,
          resourceType: 2,
          resourceName: 'orders',
          configs: [
            {
              name: 'n',
              value: 'v',
              readOnly: true,
              configSource: 5,
              isSensitive: false,
              synonyms: [{ name: 's', value: 'v', source: 5 }],
            },
          ],
        },
      ],
    },
    {
      resources: [
        {
          resourceName: 'orders',
          configEntries: [
            {
              configName: 'n',
              configValue: 'v',
              readOnly: true,
              configSynonyms: [{ configName: 's', configSource: 5 }],
            },
          ],
        },
      ],
    },
  ],
  [
    'createPartitions',
    0,
    1,
    { results: [{ name: 'orders', errorCode: 0, errorMessage: 'e' }] },
    { topicErrors: [{ topic: 'orders', errorCode: 0, errorMessage: 'e' }] },
  ],
  [
    'deleteGroups',
    0,
    1,
    { results: [{ groupId: 'g', errorCode: 68 }] },
    { results: [{ groupId: 'g', errorCode: 68 }] },
  ],
  ['saslHandshake', 0, 1, { errorCode: 33, mechanisms: ['PLAIN'] }, { errorCode: 33, enabledMechanisms: ['PLAIN'] }],
];

describe.for(responses)('kafkajs reads our %s response', ([api, first, last, value, expected]) => {
  const versions = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  it.for(versions)('in version %i', async (version) => {
    const bytes = Buffer.concat(encode(apis[api].response, version, value as never));
    expect(await foreignResponse(api, version).decode(bytes)).toMatchObject(expected);
  });
});

const records = [
  { timestamp: 1_700_000_000_000, key: 'k', value: 'first ü', headers: [{ key: 'trace', value: 'abc' }] },
  { timestamp: 1_700_000_000_123, key: null, value: 'x'.repeat(9000), headers: [] },
];

describe('record batches', () => {
  it.for([4, 5, 6, 7, 8, 9, 10, 11])(
    'of ours are read by kafkajs in a fetch response of version %i',
    async (version) => {
      const batch = encodeBatch(records, { producerId: 7, producerEpoch: 2, baseSequence: 5, isTransactional: true });
      batch.writeBigInt64BE(100n, 0);
      const partition = {
        partition: 3,
        errorCode: 0,
        highWatermark: 102,
        lastStableOffset: 102,
        abortedTransactions: [{ producerId: 9, firstOffset: 50 }],
        records: [batch, batch],
      };
      const body = { topics: [{ name: 'orders', partitions: [partition] }] };
      const decoded = await foreignResponse('fetch', version).decode(
        Buffer.concat(encode(apis.fetch.response, version, body)),
      );
      const message = (offset: string, index: number): object => ({
        offset,
        timestamp: String(records[index]?.timestamp),
        value: Buffer.from(records[index]?.value ?? ''),
      });
      expect(decoded).toMatchObject({
        responses: [
          {
            topicName: 'orders',
            partitions: [
              {
                highWatermark: '102',
                lastStableOffset: '102',
                abortedTransactions: [{ producerId: '9', firstOffset: '50' }],
                messages: [message('100', 0), message('101', 1), message('100', 0), message('101', 1)],
              },
            ],
          },
        ],
      });
    },
  );

  it.for([3, 4, 5, 6, 7])('of kafkajs are read in a produce request of version %i', async (version) => {
    const messages = records.map(({ key, value, timestamp, headers }) => ({
      key: key === null ? null : Buffer.from(key),
      value: Buffer.from(value),
      timestamp: String(timestamp),
      headers: Object.fromEntries(headers.map((header) => [header.key, Buffer.from(header.value)])),
    }));
    const input = {
      acks: -1,
      timeout: 8,
      ...producer,
      topicData: [{ topic: 'orders', partitions: [{ partition: 3, firstSequence: 5, messages }] }],
    };
    const { buffer } = await foreignRequest('produce', version, input).encode();
    const { value, end } = decode(apis.produce.request, version, buffer);
    expect(end).toBe(buffer.length);
    expect(value).toMatchObject({ transactionalId: 'tx', acks: -1, timeoutMs: 8 });
    const bytes = value.topics[0]?.partitions[0]?.records ?? Buffer.alloc(0);
    // batchesIn checks length, magic and checksum.
    expect([...batchesIn(bytes)].map(({ header }) => header)).toMatchObject([
      { producerId: 7, producerEpoch: 2, baseSequence: 5, isTransactional: true, recordCount: 2 },
    ]);
    expect(decodeBatch(bytes).records).toMatchObject([
      { offset: 0, timestamp: 1_700_000_000_000, key: Buffer.from('k'), value: Buffer.from('first ü') },
      { offset: 1, timestamp: 1_700_000_000_123, key: null, value: Buffer.from('x'.repeat(9000)) },
    ]);
  });
});
