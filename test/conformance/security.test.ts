import { apis } from '@millrace/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authenticate, handshake, sendToken } from '../../libs/broker/test/sasl.ts';
import { accessTable, authorizationErrors, GROUP, TOPIC } from '../../libs/broker/test/security/access-table.ts';
import { WireConnection } from '../../libs/broker/test/wire-connection.ts';
import { until } from '../support/until.ts';
import { setAcls } from './brokers/access-rules.ts';
import { mechanisms, type SecuredBroker, startSecured, users } from './brokers/secured.ts';

let secured: SecuredBroker;
let admin: WireConnection;

beforeAll(async () => {
  secured = await startSecured();
  admin = await WireConnection.open(secured.broker.port);
}, 120_000);
afterAll(async () => {
  admin.close();
  await secured.remove();
});

async function prepareTopicAndGroup(): Promise<void> {
  await admin.request(apis.createTopics, 7, {
    topics: [{ name: TOPIC, numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] }],
    timeoutMs: 5_000,
  });
  await until('the topic', async () => {
    const { topics } = await admin.request(apis.listOffsets, 7, {
      replicaId: -1,
      topics: [{ name: TOPIC, partitions: [{ partition: 0, timestamp: -1 }] }],
    });
    return topics[0]?.partitions[0]?.errorCode === 0;
  });
  await until('the group', async () => {
    const { coordinators } = await admin.request(apis.findCoordinator, 4, { keyType: 0, coordinatorKeys: [GROUP] });
    return coordinators[0]?.errorCode === 0;
  });
}

async function connectionOf(user: keyof typeof users): Promise<WireConnection> {
  const connection = await WireConnection.open(secured.saslPlaintext);
  const { errorCode } = await authenticate(connection, user, users[user]);
  expect(errorCode).toBe(0);
  return connection;
}

describe('what each API takes', () => {
  const rows = accessTable.map((row) => {
    const { operation, resourceType } = row.missing;
    return [`${row.api.name} ${row.version} without ${operation} on ${resourceType}`, row] as const;
  });

  it.for(rows)('%s', async ([, row]) => {
    await prepareTopicAndGroup();
    await setAcls(admin, row.given);
    const connection = await connectionOf('alice');
    const codesOf = async () => row.codes((await connection.request(row.api, row.version, row.body)) as never);
    const denied = await codesOf();
    await setAcls(admin, [...row.given, row.missing]);
    const given = await codesOf();
    connection.close();
    expect(new Set(denied)).toEqual(new Set([row.error]));
    expect(given.filter((code) => authorizationErrors.includes(code))).toEqual([]);
  });
});

describe('authentication', () => {
  it('refuses a wrong password and an unknown mechanism alike, and ends the connection', async () => {
    const wrong = await WireConnection.open(secured.saslPlaintext);
    expect((await authenticate(wrong, 'alice', 'a guess')).errorCode).toBe(58);
    await wrong.closed;
    const other = await WireConnection.open(secured.saslPlaintext);
    const answer = await other.request(apis.saslHandshake, 1, { mechanism: 'GSSAPI' });
    expect(answer.errorCode).toBe(33);
    expect(answer.mechanisms.toSorted()).toEqual(mechanisms.toSorted());
    await other.closed;
  });

  it('answers ILLEGAL_SASL_STATE where there is nothing to authenticate for', async () => {
    expect(await handshake(admin, 'PLAIN')).toBe(34);
    expect((await sendToken(admin, Buffer.from('\0a\0b'))).errorCode).toBe(34);
  });

  it('closes on a request that comes before', async () => {
    const connection = await WireConnection.open(secured.saslPlaintext);
    await expect(connection.request(apis.metadata, 9, { topics: [] })).rejects.toThrow('closed');
  });
});
