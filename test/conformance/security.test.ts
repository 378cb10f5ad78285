import { randomBytes } from 'node:crypto';
import { type Client, createClient, type SaslOptions } from '@millrace/client';
import { saltPassword, type ScramMechanism, scramMechanisms } from '@millrace/sasl';
import { apis } from '@millrace/wire';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Acl } from '../../libs/broker/src/security/acl.ts';
import { wireAclOf } from '../../libs/broker/src/security/acl-wire.ts';
import { authenticate, handshake, sendToken } from '../../libs/broker/test/sasl.ts';
import { accessTable, authorizationErrors, GROUP, TOPIC } from '../../libs/broker/test/security/access-table.ts';
import { WireConnection } from '../../libs/broker/test/wire-connection.ts';
import { until } from '../support/until.ts';
import { type SecuredBroker, startSecured, users } from './brokers/secured.ts';

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

const everything = {
  resourceType: 1,
  resourceName: null,
  patternType: 1,
  principal: null,
  host: null,
  operation: 1,
  permissionType: 1,
};

/** Makes these the rules of the broker, and waits until it goes by them. */
async function setAcls(acls: readonly Acl[]): Promise<void> {
  await admin.request(apis.deleteAcls, 3, { filters: [everything] });
  if (acls.length > 0) {
    const { results } = await admin.request(apis.createAcls, 3, { creations: acls.map(wireAclOf) });
    expect(results.map(({ errorCode }) => errorCode)).toEqual(acls.map(() => 0));
  }
  await until('the rules', async () => {
    const { resources } = await admin.request(apis.describeAcls, 3, everything);
    return resources.flatMap((resource) => resource.acls).length === acls.length;
  });
}

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
    await setAcls(row.given);
    const connection = await connectionOf('alice');
    const codesOf = async () => row.codes((await connection.request(row.api, row.version, row.body)) as never);
    const denied = await codesOf();
    await setAcls([...row.given, row.missing]);
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
    expect([...answer.mechanisms].sort()).toEqual(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']);
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

describe('our own client', () => {
  const clients: Client[] = [];
  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
  });

  const clientOf = (sasl: SaslOptions): Client => {
    const tls = { ca: secured.authority };
    const client = createClient({ brokers: [`127.0.0.1:${secured.saslSsl}`], clientId: 'test', tls, sasl });
    clients.push(client);
    return client;
  };

  async function createScramUser(name: string, password: string, mechanism: ScramMechanism): Promise<void> {
    const [salt, iterations] = [randomBytes(16), 8_192];
    const saltedPassword = await saltPassword(mechanism, password, { salt: salt.toString('base64'), iterations });
    const upsertion = { name, mechanism: scramMechanisms[mechanism].code, iterations, salt, saltedPassword };
    const { results } = await admin.request(apis.alterUserScramCredentials, 0, {
      deletions: [],
      upsertions: [upsertion],
    });
    expect(results).toMatchObject([{ user: name, errorCode: 0 }]);
    await until('the credential', async () => {
      const described = await admin.request(apis.describeUserScramCredentials, 0, { users: [{ name }] });
      return described.results[0]?.credentialInfos.some(({ mechanism: code }) => code === upsertion.mechanism);
    });
  }

  it.for(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)('comes in by SASL_SSL and %s', async (mechanism) => {
    const [username, password] = mechanism === 'PLAIN' ? ['bob', users.bob] : ['carol', 'carol-Pa55word'];
    if (mechanism !== 'PLAIN') await createScramUser(username, password, mechanism);
    const topic = `client-${mechanism}`;
    const rule = { patternType: 'LITERAL', principal: `User:${username}`, host: '*', permission: 'ALLOW' } as const;
    await setAcls([{ ...rule, resourceType: 'TOPIC', resourceName: topic, operation: 'ALL' }]);
    const client = clientOf({ mechanism, username, password });
    await client.admin.createTopics([{ name: topic, partitions: 1 }]);
    const producer = client.producer();
    await producer.send({ topic, partition: 0, key: null, value: Buffer.from('hello'), headers: [] });
    await producer.close();
    const consumer = client.consumer({ maxWaitMs: 100 });
    consumer.add({ topic, partition: 0, offset: 0 });
    expect((await consumer.take())?.records[0]?.value?.toString()).toBe('hello');
    consumer.close();
  });

  it('is told that its password is wrong', async () => {
    const { admin: client } = clientOf({ mechanism: 'SCRAM-SHA-256', username: 'nobody', password: 'a guess' });
    await expect(client.createTopics([{ name: 'x', partitions: 1 }])).rejects.toMatchObject({
      code: 'AUTHENTICATION_FAILED',
    });
  });
});
