import { type Api, apis, encodeBatch, type RequestInput, type Response } from '@millrace/wire';
import {
  type Acl,
  type AclOperation,
  clusterResource,
  groupResource,
  type Resource,
  topicResource,
  transactionalIdResource,
} from '../../src/security/acl.ts';
import { fetchOf, recordsOf } from '../running-broker.ts';
import { anyAcl } from './any-acl.ts';

/** What an API takes, and how it says that something is missing. */
export interface AccessCase {
  readonly api: Api;
  readonly version: number;
  readonly body: RequestInput<Api>;
  /** Permitted already. */
  readonly given: readonly Acl[];
  /** What is then missing. */
  readonly missing: Acl;
  /** The error codes of the response, whose every one must be `error` while it is missing. */
  readonly codes: (response: never) => readonly number[];
  readonly error: number;
}

export const TOPIC = 'orders';
export const GROUP = 'billing';
const TRANSACTIONAL_ID = 'mover';

const topic = topicResource(TOPIC);
const group = groupResource(GROUP);
const transactionalId = transactionalIdResource(TRANSACTIONAL_ID);

export function allow(operation: AclOperation, { type, name }: Resource): Acl {
  return {
    resourceType: type,
    resourceName: name,
    patternType: 'LITERAL',
    principal: 'User:*',
    host: '*',
    operation,
    permission: 'ALLOW',
  };
}

const refusals = { TOPIC: 29, GROUP: 30, CLUSTER: 31, TRANSACTIONAL_ID: 53 } as const;

export const authorizationErrors: readonly number[] = Object.values(refusals);

interface Wanted<A extends Api> {
  readonly given?: readonly Acl[];
  readonly missing: readonly [AclOperation, Resource];
  readonly version?: number;
  readonly error?: number;
  readonly body: RequestInput<A>;
  readonly codes: (response: Response<A>) => readonly number[];
}

function on<A extends Api>(api: A, wanted: Wanted<A>): AccessCase {
  const { given = [], missing, version = api.versions[1], body, codes } = wanted;
  const error = wanted.error ?? refusals[missing[1].type];
  return { api, version, body, given, missing: allow(...missing), codes, error };
}

interface OfPartitions {
  readonly topics: readonly { readonly partitions: readonly { readonly errorCode: number }[] }[];
}
const ofPartitions = ({ topics }: OfPartitions) =>
  topics.flatMap(({ partitions }) => partitions.map(({ errorCode }) => errorCode));
const ofTop = ({ errorCode }: { readonly errorCode: number }) => [errorCode];
const ofEach = (results: readonly { readonly errorCode: number }[]) => results.map(({ errorCode }) => errorCode);

const batch = encodeBatch(recordsOf('a'));
const partitions = [{ name: TOPIC, partitions: [0] }];
const transaction = { transactionalId: TRANSACTIONAL_ID, producerId: 1, producerEpoch: 0 };
const transactionalBatch = encodeBatch(recordsOf('a'), {
  producerId: 1,
  producerEpoch: 0,
  baseSequence: 0,
  isTransactional: true,
});
const produceBody = (transactionalId: string | null, records = batch) => ({
  transactionalId,
  acks: 1,
  timeoutMs: 5_000,
  topics: [{ name: TOPIC, partitions: [{ partition: 0, records }] }],
});
const commitPartition = { partition: 0, committedOffset: 0, committedMetadata: null };

/**
 * Every API that is authorised, with a row for each permission that it takes (Kafka's security guide, "Operations and
 * Resources on Protocols"). What is served and missing here fails the test beside this file.
 */
export const accessTable: readonly AccessCase[] = [
  on(apis.produce, { missing: ['WRITE', topic], body: produceBody(null), codes: ofPartitions }),
  on(apis.produce, {
    given: [allow('WRITE', topic)],
    missing: ['WRITE', transactionalId],
    body: produceBody(TRANSACTIONAL_ID, transactionalBatch),
    codes: ofPartitions,
  }),
  on(apis.fetch, { missing: ['READ', topic], body: fetchOf(TOPIC), codes: ofPartitions }),
  on(apis.listOffsets, {
    missing: ['DESCRIBE', topic],
    body: { replicaId: -1, topics: [{ name: TOPIC, partitions: [{ partition: 0, timestamp: -1 }] }] },
    codes: ofPartitions,
  }),
  on(apis.metadata, {
    missing: ['DESCRIBE', topic],
    body: { topics: [{ name: TOPIC }] },
    codes: ({ topics }) => ofEach(topics),
  }),
  on(apis.metadata, {
    given: [allow('DESCRIBE', topicResource('new'))],
    missing: ['CREATE', topicResource('new')],
    body: { topics: [{ name: 'new' }], allowAutoTopicCreation: true },
    codes: ({ topics }) => ofEach(topics),
  }),
  on(apis.offsetCommit, {
    given: [allow('READ', topic)],
    missing: ['READ', group],
    body: { groupId: GROUP, topics: [{ name: TOPIC, partitions: [commitPartition] }] },
    codes: ofPartitions,
  }),
  on(apis.offsetCommit, {
    given: [allow('READ', group)],
    missing: ['READ', topic],
    body: { groupId: GROUP, topics: [{ name: TOPIC, partitions: [commitPartition] }] },
    codes: ofPartitions,
  }),
  on(apis.offsetFetch, {
    given: [allow('DESCRIBE', topic)],
    missing: ['DESCRIBE', group],
    body: { groups: [{ groupId: GROUP, topics: partitions }] },
    codes: ({ groups }) => ofEach(groups),
  }),
  on(apis.offsetFetch, {
    given: [allow('DESCRIBE', topic)],
    missing: ['DESCRIBE', group],
    version: 7,
    body: { groupId: GROUP, topics: partitions },
    codes: ofTop,
  }),
  on(apis.offsetFetch, {
    given: [allow('DESCRIBE', group)],
    missing: ['DESCRIBE', topic],
    body: { groups: [{ groupId: GROUP, topics: partitions }] },
    codes: ({ groups }) => groups.flatMap(ofPartitions),
  }),
  on(apis.findCoordinator, {
    missing: ['DESCRIBE', group],
    body: { keyType: 0, key: '', coordinatorKeys: [GROUP] },
    codes: ({ coordinators }) => ofEach(coordinators),
  }),
  on(apis.findCoordinator, {
    missing: ['DESCRIBE', transactionalId],
    version: 3,
    body: { keyType: 1, key: TRANSACTIONAL_ID },
    codes: ofTop,
  }),
  on(apis.joinGroup, {
    missing: ['READ', group],
    body: {
      groupId: GROUP,
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 10_000,
      memberId: '',
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
    },
    codes: ofTop,
  }),
  on(apis.heartbeat, {
    missing: ['READ', group],
    body: { groupId: GROUP, generationId: 1, memberId: 'm' },
    codes: ofTop,
  }),
  on(apis.leaveGroup, { missing: ['READ', group], body: { groupId: GROUP, members: [] }, codes: ofTop }),
  on(apis.syncGroup, {
    missing: ['READ', group],
    body: {
      groupId: GROUP,
      generationId: 1,
      memberId: 'm',
      protocolType: 'consumer',
      protocolName: 'range',
      assignments: [],
    },
    codes: ofTop,
  }),
  on(apis.describeGroups, {
    missing: ['DESCRIBE', group],
    body: { groups: [GROUP] },
    codes: ({ groups }) => ofEach(groups),
  }),
  on(apis.createTopics, {
    missing: ['CREATE', topicResource('made')],
    body: { topics: [{ name: 'made', numPartitions: 1, replicationFactor: 1 }], timeoutMs: 5_000 },
    codes: ({ topics }) => ofEach(topics),
  }),
  on(apis.createTopics, {
    missing: ['CREATE', clusterResource],
    error: refusals.TOPIC,
    body: { topics: [{ name: 'made', numPartitions: 1, replicationFactor: 1 }], timeoutMs: 5_000 },
    codes: ({ topics }) => ofEach(topics),
  }),
  on(apis.deleteTopics, {
    missing: ['DELETE', topic],
    version: 5,
    body: { topicNames: [TOPIC], timeoutMs: 5_000 },
    codes: ({ responses }) => ofEach(responses),
  }),
  on(apis.deleteRecords, {
    missing: ['DELETE', topic],
    body: { topics: [{ name: TOPIC, partitions: [{ partition: 0, offset: 0 }] }], timeoutMs: 5_000 },
    codes: ofPartitions,
  }),
  on(apis.initProducerId, {
    missing: ['WRITE', transactionalId],
    body: { transactionalId: TRANSACTIONAL_ID, transactionTimeoutMs: 1_000 },
    codes: ofTop,
  }),
  on(apis.initProducerId, {
    missing: ['IDEMPOTENT_WRITE', clusterResource],
    body: { transactionalId: null, transactionTimeoutMs: 1_000 },
    codes: ofTop,
  }),
  on(apis.initProducerId, {
    missing: ['WRITE', topic],
    error: refusals.CLUSTER,
    body: { transactionalId: null, transactionTimeoutMs: 1_000 },
    codes: ofTop,
  }),
  on(apis.offsetForLeaderEpoch, {
    missing: ['DESCRIBE', topic],
    body: { topics: [{ name: TOPIC, partitions: [{ partition: 0, leaderEpoch: 0 }] }] },
    codes: ofPartitions,
  }),
  on(apis.addPartitionsToTxn, {
    given: [allow('WRITE', topic)],
    missing: ['WRITE', transactionalId],
    body: { ...transaction, topics: partitions },
    codes: ofPartitions,
  }),
  on(apis.addPartitionsToTxn, {
    given: [allow('WRITE', transactionalId)],
    missing: ['WRITE', topic],
    body: { ...transaction, topics: partitions },
    codes: ofPartitions,
  }),
  on(apis.addOffsetsToTxn, {
    given: [allow('READ', group)],
    missing: ['WRITE', transactionalId],
    body: { ...transaction, groupId: GROUP },
    codes: ofTop,
  }),
  on(apis.addOffsetsToTxn, {
    given: [allow('WRITE', transactionalId)],
    missing: ['READ', group],
    body: { ...transaction, groupId: GROUP },
    codes: ofTop,
  }),
  on(apis.endTxn, { missing: ['WRITE', transactionalId], body: { ...transaction, committed: true }, codes: ofTop }),
  ...(
    [
      ['WRITE', transactionalId],
      ['READ', group],
      ['READ', topic],
    ] as const
  ).map((missing, index, all) =>
    on(apis.txnOffsetCommit, {
      given: all.filter((_, other) => other !== index).map(([operation, resource]) => allow(operation, resource)),
      missing,
      body: { ...transaction, groupId: GROUP, topics: [{ name: TOPIC, partitions: [commitPartition] }] },
      codes: ofPartitions,
    }),
  ),
  ...(['CLUSTER_ACTION', 'ALTER'] as const).map((operation) =>
    on(apis.writeTxnMarkers, {
      missing: [operation, clusterResource],
      body: {
        markers: [{ producerId: 1, producerEpoch: 0, isCommit: false, topics: partitions, coordinatorEpoch: 0 }],
      },
      codes: ({ markers }) => markers.flatMap(ofPartitions),
    }),
  ),
  on(apis.describeAcls, { missing: ['DESCRIBE', clusterResource], body: anyAcl, codes: ofTop }),
  on(apis.createAcls, {
    missing: ['ALTER', clusterResource],
    body: {
      creations: [
        {
          resourceType: 2,
          resourceName: 'x',
          patternType: 3,
          principal: 'User:x',
          host: '*',
          operation: 3,
          permissionType: 3,
        },
      ],
    },
    codes: ({ results }) => ofEach(results),
  }),
  on(apis.deleteAcls, {
    missing: ['ALTER', clusterResource],
    body: { filters: [{ ...anyAcl, resourceName: 'nothing of this name' }] },
    codes: ({ filterResults }) => ofEach(filterResults),
  }),
  on(apis.describeConfigs, {
    missing: ['DESCRIBE_CONFIGS', topic],
    body: { resources: [{ resourceType: 2, resourceName: TOPIC, configurationKeys: null }] },
    codes: ({ results }) => ofEach(results),
  }),
  on(apis.describeConfigs, {
    missing: ['DESCRIBE_CONFIGS', clusterResource],
    body: { resources: [{ resourceType: 4, resourceName: '1', configurationKeys: null }] },
    codes: ({ results }) => ofEach(results),
  }),
  on(apis.describeConfigs, {
    missing: ['DESCRIBE_CONFIGS', group],
    body: { resources: [{ resourceType: 32, resourceName: GROUP, configurationKeys: null }] },
    codes: ({ results }) => ofEach(results),
  }),
  ...(
    [
      ['READ', group],
      ['DESCRIBE', topic],
    ] as const
  ).map((missing, index, all) =>
    on(apis.consumerGroupHeartbeat, {
      given: all.filter((_, other) => other !== index).map(([operation, resource]) => allow(operation, resource)),
      missing,
      body: {
        groupId: GROUP,
        memberId: 'm',
        memberEpoch: 0,
        rebalanceTimeoutMs: 1_000,
        subscribedTopicNames: [TOPIC],
        topicPartitions: [],
      },
      codes: ofTop,
    }),
  ),
  on(apis.consumerGroupDescribe, {
    given: [allow('DESCRIBE', topic)],
    missing: ['DESCRIBE', group],
    body: { groupIds: [GROUP] },
    codes: ({ groups }) => ofEach(groups),
  }),
  ...[apis.alterConfigs, apis.incrementalAlterConfigs].flatMap((api) =>
    (
      [
        [2, TOPIC, topic],
        [4, '1', clusterResource],
        [32, GROUP, group],
      ] as const
    ).map(([resourceType, resourceName, resource]) =>
      on(api, {
        missing: ['ALTER_CONFIGS', resource],
        body: { resources: [{ resourceType, resourceName, configs: [] }] },
        codes: ({ responses }) => ofEach(responses),
      }),
    ),
  ),
  on(apis.alterReplicaLogDirs, {
    missing: ['ALTER', clusterResource],
    body: { dirs: [{ path: '/nowhere', topics: partitions }] },
    codes: ({ results }) => ofPartitions({ topics: results }),
  }),
  on(apis.describeLogDirs, {
    missing: ['DESCRIBE', clusterResource],
    body: { topics: null },
    codes: ofTop,
  }),
  on(apis.electLeaders, {
    missing: ['ALTER', clusterResource],
    body: { topicPartitions: [{ topic: TOPIC, partitions: [0] }] },
    codes: ({ errorCode, replicaElectionResults }) => [
      errorCode,
      ...replicaElectionResults.flatMap((one) => ofEach(one.partitions)),
    ],
  }),
  on(apis.alterPartitionReassignments, {
    missing: ['ALTER', clusterResource],
    body: { topics: [{ name: TOPIC, partitions: [{ partition: 0, replicas: [1] }] }] },
    codes: ofTop,
  }),
  on(apis.listPartitionReassignments, {
    missing: ['DESCRIBE', clusterResource],
    body: { topics: null },
    codes: ofTop,
  }),
  on(apis.offsetDelete, {
    given: [allow('READ', topic)],
    missing: ['DELETE', group],
    body: { groupId: GROUP, topics: [{ name: TOPIC, partitions: [{ partition: 0 }] }] },
    codes: ofTop,
  }),
  on(apis.offsetDelete, {
    given: [allow('DELETE', group)],
    missing: ['READ', topic],
    body: { groupId: GROUP, topics: [{ name: TOPIC, partitions: [{ partition: 0 }] }] },
    codes: ofPartitions,
  }),
  on(apis.describeProducers, {
    missing: ['READ', topic],
    body: { topics: partitions },
    codes: ofPartitions,
  }),
  on(apis.describeTransactions, {
    missing: ['DESCRIBE', transactionalId],
    body: { transactionalIds: [TRANSACTIONAL_ID] },
    codes: ({ transactionStates }) => ofEach(transactionStates),
  }),
  on(apis.createPartitions, {
    missing: ['ALTER', topic],
    body: { topics: [{ name: TOPIC, count: 3, assignments: null }], timeoutMs: 5_000, validateOnly: true },
    codes: ({ results }) => ofEach(results),
  }),
  on(apis.deleteGroups, {
    missing: ['DELETE', group],
    body: { groups: [GROUP] },
    codes: ({ results }) => ofEach(results),
  }),
  on(apis.describeClientQuotas, {
    missing: ['DESCRIBE_CONFIGS', clusterResource],
    body: { components: [], strict: false },
    codes: ofTop,
  }),
  on(apis.alterClientQuotas, {
    missing: ['ALTER_CONFIGS', clusterResource],
    body: {
      entries: [{ entity: [{ entityType: 'user', entityName: 'nobody' }], ops: [] }],
      validateOnly: true,
    },
    codes: ({ entries }) => ofEach(entries),
  }),
  on(apis.describeUserScramCredentials, {
    missing: ['DESCRIBE', clusterResource],
    body: { users: [{ name: 'nobody' }] },
    codes: (response) => [response.errorCode, ...ofEach(response.results)],
  }),
  on(apis.alterUserScramCredentials, {
    missing: ['ALTER', clusterResource],
    body: { deletions: [{ name: 'nobody', mechanism: 1 }], upsertions: [] },
    codes: ({ results }) => ofEach(results),
  }),
  on(apis.listConfigResources, {
    missing: ['DESCRIBE_CONFIGS', clusterResource],
    body: { resourceTypes: [] },
    codes: ofTop,
  }),
  on(apis.describeTopicPartitions, {
    missing: ['DESCRIBE', topic],
    body: { topics: [{ name: TOPIC }] },
    codes: ({ topics }) => ofEach(topics),
  }),
];

/** APIs without a row: these anybody may call, and what they list is tested by itself. */
export const openApis: Readonly<Record<number, string>> = {
  [apis.apiVersions.key]: 'says nothing but what is served, before anybody can authenticate',
  [apis.describeCluster.key]: 'says where the nodes are, as Metadata does',
  [apis.listTransactions.key]: 'leaves out the ids that the caller may not describe',
  [apis.saslHandshake.key]: 'begins to say who asks',
  [apis.saslAuthenticate.key]: 'says who asks',
  [apis.listGroups.key]: 'leaves out the groups that the caller may not describe',
};
