import { apis } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import { handlers } from '../../src/api/index.ts';
import { type Acl, clusterResource, groupResource, topicResource } from '../../src/security/acl.ts';
import { wireAclOf } from '../../src/security/acl-wire.ts';
import { createTopic, produce, recordsOf, type RunningBroker, startBroker } from '../running-broker.ts';
import { type AccessCase, accessTable, allow, authorizationErrors, GROUP, openApis, TOPIC } from './access-table.ts';

/** A broker with a topic and a group, on which everybody has these permissions and no others. */
async function brokerWith(acls: readonly Acl[]): Promise<RunningBroker> {
  const broker = await startBroker({ authorization: { superUsers: ['User:ANONYMOUS'] } });
  const admin = await broker.connect();
  await createTopic(admin, TOPIC, { partitions: 2 });
  await produce(admin, TOPIC, recordsOf('a'));
  const committed = { partition: 0, committedOffset: 1, committedMetadata: null };
  await admin.request(apis.offsetCommit, 8, { groupId: GROUP, topics: [{ name: TOPIC, partitions: [committed] }] });
  await admin.request(apis.createAcls, 3, { creations: acls.map(wireAclOf) });
  await broker.restart({ authorization: { superUsers: [] } });
  broker.lines.splice(0);
  return broker;
}

async function codesOf(broker: RunningBroker, { api, version, body, codes }: AccessCase): Promise<readonly number[]> {
  const response = await (await broker.connect()).request(api, version, body);
  return codes(response as never);
}

const refusalsIn = (broker: RunningBroker) => broker.lines.filter(({ fields }) => fields['audit'] === true);

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
    const broker = await brokerWith(row.given);
    const codes = await codesOf(broker, row);
    expect(codes.length).toBeGreaterThan(0);
    expect(new Set(codes)).toEqual(new Set([row.error]));
    const logged = refusalsIn(broker);
    expect(logged.length).toBeGreaterThan(0);
    expect(logged[0]).toMatchObject({
      level: 'warn',
      message: 'authorization refused',
      fields: { principal: 'User:ANONYMOUS', host: '127.0.0.1' },
    });
  });

  it.for(rows)('does not refuse %s once it is given', async ([, row]) => {
    const broker = await brokerWith([...row.given, row.missing]);
    const codes = await codesOf(broker, row);
    expect(codes.length).toBeGreaterThan(0);
    expect(codes.filter((code) => authorizationErrors.includes(code))).toEqual([]);
    expect(refusalsIn(broker)).toEqual([]);
  });
});

describe('lists', () => {
  it('leave out topics that the caller may not describe', async () => {
    const broker = await brokerWith([allow('READ', topicResource(TOPIC))]);
    const { topics } = await (await broker.connect()).request(apis.metadata, 9, { topics: null });
    expect(topics.map(({ name }) => name)).toEqual([TOPIC]);
    expect(refusalsIn(broker)).toEqual([]);
  });

  it.for([
    ['no groups to who may describe none', [], []],
    ['the groups that the caller may describe', [allow('READ', groupResource(GROUP))], [GROUP]],
    ['all groups to who may describe the cluster', [allow('DESCRIBE', clusterResource)], [GROUP]],
  ] as const)('show %s', async ([, acls, expected]) => {
    const broker = await brokerWith(acls);
    const { groups } = await (await broker.connect()).request(apis.listGroups, 4, { statesFilter: [] });
    expect(groups.map(({ groupId }) => groupId)).toEqual(expected);
  });

  it('show the transactions that the caller may describe', async () => {
    const id = { type: 'TRANSACTIONAL_ID', name: 'mine' } as const;
    const broker = await brokerWith([allow('WRITE', id)]);
    const connection = await broker.connect();
    await connection.request(apis.initProducerId, 4, { transactionalId: 'mine', transactionTimeoutMs: 1_000 });
    await broker.restart({ authorization: { superUsers: ['User:ANONYMOUS'] } });
    const admin = await broker.connect();
    await admin.request(apis.initProducerId, 4, { transactionalId: 'theirs', transactionTimeoutMs: 1_000 });
    await broker.restart({ authorization: { superUsers: [] } });
    const body = { stateFilters: [], producerIdFilters: [] };
    const { transactionStates } = await (await broker.connect()).request(apis.listTransactions, 1, body);
    expect(transactionStates.map(({ transactionalId }) => transactionalId)).toEqual(['mine']);
  });

  it('of committed offsets leave out topics that the caller may not describe', async () => {
    const broker = await brokerWith([allow('READ', groupResource(GROUP))]);
    const asked = { groups: [{ groupId: GROUP, topics: null }] };
    const { groups } = await (await broker.connect()).request(apis.offsetFetch, 8, asked);
    expect(groups).toMatchObject([{ errorCode: 0, topics: [] }]);
  });
});

describe('a request for several topics', () => {
  it('is refused only for those that the caller may not use', async () => {
    const broker = await brokerWith([allow('WRITE', topicResource(TOPIC)), allow('DESCRIBE', topicResource('gone'))]);
    const connection = await broker.connect();
    const { topics } = await connection.request(apis.listOffsets, 7, {
      replicaId: -1,
      topics: [TOPIC, 'secret', 'gone'].map((name) => ({ name, partitions: [{ partition: 0, timestamp: -1 }] })),
    });
    const codes = Object.fromEntries(topics.map(({ name, partitions }) => [name, partitions[0]?.errorCode]));
    expect(codes).toEqual({ [TOPIC]: 0, secret: 29, gone: 3 });
  });

  it('to a transaction adds none of them when one is refused', async () => {
    const broker = await brokerWith([
      allow('WRITE', topicResource(TOPIC)),
      allow('ALL', { type: 'TRANSACTIONAL_ID', name: '*' }),
    ]);
    const connection = await broker.connect();
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
