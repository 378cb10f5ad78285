import { apis } from '@millrace/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { handlers } from '../../src/api/index.ts';
import { type Acl, aclOperations, clusterResource, groupResource, topicResource } from '../../src/security/acl.ts';
import { wireAclOf } from '../../src/security/acl-wire.ts';
import { createTopic, produce, recordsOf, RunningBroker } from '../running-broker.ts';
import { authenticate } from '../sasl.ts';
import type { WireConnection } from '../wire-connection.ts';
import { type AccessCase, accessTable, allow, authorizationErrors, GROUP, openApis, TOPIC } from './access-table.ts';
import { anyAcl } from './any-acl.ts';

const users = { root: 'root-secret', alice: 'alice-secret' };
const broker = new RunningBroker({
  listeners: [{ host: '127.0.0.1', port: 0, sasl: { mechanisms: ['PLAIN'] } }],
  authentication: { users },
  authorization: { superUsers: ['User:root'] },
});
let admin: WireConnection;

beforeAll(async () => {
  await broker.start();
  admin = await connectAs('root');
});
afterAll(async () => {
  await broker.end();
  expect(broker.failures).toEqual([]);
});

async function connectAs(user: keyof typeof users): Promise<WireConnection> {
  const connection = await broker.connect();
  await authenticate(connection, user, users[user]);
  return connection;
}

/** There is a topic and a group, and everybody has these permissions on them and no others. */
async function permit(acls: readonly Acl[]): Promise<WireConnection> {
  const { topics } = await admin.request(apis.metadata, 9, { topics: null });
  if (!topics.some(({ name }) => name === TOPIC)) await createTopic(admin, TOPIC, { partitions: 2 });
  await produce(admin, TOPIC, recordsOf('a'));
  const committed = { partition: 0, committedOffset: 1, committedMetadata: null };
  await admin.request(apis.offsetCommit, 8, { groupId: GROUP, topics: [{ name: TOPIC, partitions: [committed] }] });
  await admin.request(apis.deleteAcls, 3, { filters: [anyAcl] });
  await admin.request(apis.createAcls, 3, { creations: acls.map(wireAclOf) });
  broker.lines.splice(0);
  return connectAs('alice');
}

async function codesOf(
  connection: WireConnection,
  { api, version, body, codes }: AccessCase,
): Promise<readonly number[]> {
  return codes((await connection.request(api, version, body)) as never);
}

const refusals = () => broker.lines.filter(({ fields }) => fields['audit'] === true);

describe('every API', () => {
  it('is in the table of what it takes, or among those that anybody may call', () => {
    const known = new Set([...accessTable.map(({ api }) => api.key), ...Object.keys(openApis).map(Number)]);
    const unknown = handlers.filter(({ api }) => !known.has(api.key)).map(({ api }) => api.name);
    expect(unknown, 'expected a row in access-table.ts for each').toEqual([]);
  });

  const rows = accessTable.map((row): [string, AccessCase] => {
    const { operation, resourceType } = row.missing;
    return [`${row.api.name} ${row.version} without ${operation} on ${resourceType}`, row];
  });

  it.for(rows)('refuses %s, and logs who wanted what', async ([, row]) => {
    const connection = await permit(row.given);
    const codes = await codesOf(connection, row);
    expect(codes.length).toBeGreaterThan(0);
    expect(new Set(codes)).toEqual(new Set([row.error]));
    const logged = refusals();
    expect(logged.length).toBeGreaterThan(0);
    expect(logged[0]).toMatchObject({
      level: 'warn',
      message: 'authorization refused',
      fields: { principal: 'User:alice', host: '127.0.0.1' },
    });
  });

  it.for(rows)('does not refuse %s once it is given', async ([, row]) => {
    const connection = await permit([...row.given, row.missing]);
    const codes = await codesOf(connection, row);
    expect(codes.length).toBeGreaterThan(0);
    expect(codes.filter((code) => authorizationErrors.includes(code))).toEqual([]);
    expect(refusals()).toEqual([]);
  });
});

describe('lists', () => {
  it('leave out topics that the caller may not describe', async () => {
    const connection = await permit([allow('READ', topicResource(TOPIC))]);
    const { topics } = await connection.request(apis.metadata, 9, { topics: null });
    expect(topics.map(({ name }) => name)).toEqual([TOPIC]);
    expect(refusals()).toEqual([]);
  });

  it.for([
    ['no groups to who may describe none', [], []],
    ['the groups that the caller may describe', [allow('READ', groupResource(GROUP))], [GROUP]],
    ['all groups to who may describe the cluster', [allow('DESCRIBE', clusterResource)], [GROUP]],
  ] as const)('show %s', async ([, acls, expected]) => {
    const connection = await permit(acls);
    const { groups } = await connection.request(apis.listGroups, 4, { statesFilter: [] });
    expect(groups.map(({ groupId }) => groupId)).toEqual(expected);
  });

  it('show the transactions that the caller may describe', async () => {
    const id = { type: 'TRANSACTIONAL_ID', name: 'mine' } as const;
    const connection = await permit([allow('WRITE', id)]);
    await connection.request(apis.initProducerId, 4, { transactionalId: 'mine', transactionTimeoutMs: 1_000 });
    await admin.request(apis.initProducerId, 4, { transactionalId: 'theirs', transactionTimeoutMs: 1_000 });
    const body = { stateFilters: [], producerIdFilters: [] };
    const { transactionStates } = await connection.request(apis.listTransactions, 1, body);
    expect(transactionStates.map(({ transactionalId }) => transactionalId)).toEqual(['mine']);
  });

  it('of committed offsets leave out topics that the caller may not describe', async () => {
    const connection = await permit([allow('READ', groupResource(GROUP))]);
    const asked = { groups: [{ groupId: GROUP, topics: null }] };
    const { groups } = await connection.request(apis.offsetFetch, 8, asked);
    expect(groups).toMatchObject([{ errorCode: 0, topics: [] }]);
  });
});

describe('authorised operations (KIP-430)', () => {
  const bits = (...operations: (keyof typeof aclOperations)[]): number =>
    operations.reduce((field, operation) => field | (1 << aclOperations[operation]), 0);

  it('of topics, groups and the cluster are those that the caller has', async () => {
    const connection = await permit([
      allow('WRITE', topicResource(TOPIC)),
      allow('DELETE', groupResource(GROUP)),
      allow('DESCRIBE', clusterResource),
      allow('ALTER_CONFIGS', clusterResource),
    ]);
    const { topics, clusterAuthorizedOperations } = await connection.request(apis.metadata, 9, {
      topics: [{ name: TOPIC }],
      includeTopicAuthorizedOperations: true,
      includeClusterAuthorizedOperations: true,
    });
    expect(topics[0]?.topicAuthorizedOperations).toBe(bits('WRITE', 'DESCRIBE'));
    expect(clusterAuthorizedOperations).toBe(bits('DESCRIBE', 'ALTER_CONFIGS', 'DESCRIBE_CONFIGS'));
    const asked = { groups: [GROUP], includeAuthorizedOperations: true };
    const { groups } = await connection.request(apis.describeGroups, 5, asked);
    expect(groups[0]?.authorizedOperations).toBe(bits('DELETE', 'DESCRIBE'));
    const cluster = await connection.request(apis.describeCluster, 0, { includeClusterAuthorizedOperations: true });
    expect(cluster.clusterAuthorizedOperations).toBe(clusterAuthorizedOperations);
  });

  it('of the cluster are none for who may not describe it', async () => {
    const connection = await permit([allow('CREATE', clusterResource)]);
    const cluster = await connection.request(apis.describeCluster, 0, { includeClusterAuthorizedOperations: true });
    expect(cluster.clusterAuthorizedOperations).toBe(0);
  });
});

describe('what the broker says of its configuration', () => {
  it('holds no secret', async () => {
    await permit([]);
    const resources = [{ resourceType: 4, resourceName: '1', configurationKeys: null }];
    const { results } = await admin.request(apis.describeConfigs, 4, { resources, includeSynonyms: true });
    expect(results.every(({ errorCode, configs }) => errorCode === 0 && configs.length > 0)).toBe(true);
    const text = JSON.stringify(results);
    for (const secret of Object.values(users)) expect(text).not.toContain(secret);
  });
});

describe('a request for several topics', () => {
  it('is refused only for those that the caller may not use', async () => {
    const connection = await permit([allow('WRITE', topicResource(TOPIC)), allow('DESCRIBE', topicResource('gone'))]);
    const { topics } = await connection.request(apis.listOffsets, 7, {
      replicaId: -1,
      topics: [TOPIC, 'secret', 'gone'].map((name) => ({ name, partitions: [{ partition: 0, timestamp: -1 }] })),
    });
    const codes = Object.fromEntries(topics.map(({ name, partitions }) => [name, partitions[0]?.errorCode]));
    expect(codes).toEqual({ [TOPIC]: 0, secret: 29, gone: 3 });
  });

  it('to a transaction adds none of them when one is refused', async () => {
    const connection = await permit([
      allow('WRITE', topicResource(TOPIC)),
      allow('ALL', { type: 'TRANSACTIONAL_ID', name: '*' }),
    ]);
    const { topics } = await connection.request(apis.addPartitionsToTxn, 3, {
      transactionalId: 't',
      producerId: 1,
      producerEpoch: 0,
      topics: [TOPIC, 'secret'].map((name) => ({ name, partitions: [0] })),
    });
    const codes = Object.fromEntries(topics.map(({ name, partitions }) => [name, partitions[0]?.errorCode]));
    expect(codes).toEqual({ [TOPIC]: 55, secret: 29 });
  });
});
