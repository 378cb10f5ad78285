import { randomBytes } from 'node:crypto';
import { type Client, type ClientOptions, createClient } from '@millrace/client';
import { saltPassword, type ScramMechanism, scramMechanisms } from '@millrace/sasl';
import { createAuthority } from '@millrace/testing';
import { apis } from '@millrace/wire';
import { generateKeyPair, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WireConnection } from '../../libs/broker/test/wire-connection.ts';
import { until } from '../support/until.ts';
import { setAcls } from './brokers/access-rules.ts';
import { brokerKind } from './brokers/index.ts';
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

const clients: Client[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.close();
});

const clientOf = (options: Pick<ClientOptions, 'tls' | 'sasl' | 'limits'>): Client => {
  const port = options.sasl === undefined ? secured.ssl : secured.saslSsl;
  const tls = { ca: secured.authority.certificate, ...options.tls };
  const client = createClient({ brokers: [`127.0.0.1:${port}`], clientId: 'test', ...options, tls });
  clients.push(client);
  return client;
};

/** Lets the user, and nobody else, do everything with the topic. */
async function grant(user: string, topic: string): Promise<void> {
  const rule = { patternType: 'LITERAL', host: '*', permission: 'ALLOW', operation: 'ALL' } as const;
  await setAcls(admin, [{ ...rule, principal: `User:${user}`, resourceType: 'TOPIC', resourceName: topic }]);
}

/** By every connection that a client has: administration, producer, consumer. */
async function roundTrip(client: Client, topic: string): Promise<void> {
  await client.admin.createTopics([{ name: topic, partitions: 1 }]);
  const producer = client.producer();
  await producer.send({ topic, partition: 0, key: null, value: Buffer.from('hello'), headers: [] });
  await producer.close();
  const consumer = client.consumer({ maxWaitMs: 100 });
  consumer.add({ topic, partition: 0, offset: 0 });
  expect((await consumer.take())?.records[0]?.value?.toString()).toBe('hello');
  consumer.close();
}

const isRefused = async (client: Client, code: string): Promise<void> => {
  await expect(client.admin.createTopics([{ name: 'x', partitions: 1 }])).rejects.toMatchObject({ code });
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

describe('our own client', () => {
  it.for(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)('comes in by SASL_SSL and %s', async (mechanism) => {
    const [username, password] = mechanism === 'PLAIN' ? ['bob', users.bob] : ['carol', 'carol-Pa55word'];
    if (mechanism !== 'PLAIN') await createScramUser(username, password, mechanism);
    const topic = `by-${mechanism}`;
    await grant(username, topic);
    await roundTrip(clientOf({ sasl: { mechanism, username, password } }), topic);
  });

  it('is told that its password is wrong', async () => {
    const sasl = { mechanism: 'SCRAM-SHA-256', username: 'nobody', password: 'a guess' } as const;
    await isRefused(clientOf({ sasl }), 'AUTHENTICATION_FAILED');
  });

  it('comes in by SASL_SSL and OAUTHBEARER, as the user whom its token names', async () => {
    await grant('dave', 'by-token');
    const clientWith = (token: () => Promise<string>): Client =>
      clientOf({ sasl: { mechanism: 'OAUTHBEARER', token } });
    await roundTrip(
      clientWith(() => secured.token('dave')),
      'by-token',
    );
    const { admin: other } = clientWith(() => secured.token('eve'));
    await expect(other.createTopics([{ name: 'by-token', partitions: 1 }])).rejects.toMatchObject({
      kafka: { name: 'TOPIC_AUTHORIZATION_FAILED' },
    });
  });

  it.for([
    ['expired', { exp: Math.floor(Date.now() / 1_000) - 3_600 }],
    ['for somebody else', { aud: 'another broker' }],
    ['from somebody else', { iss: 'https://elsewhere.example' }],
  ] as const)('is told that its token is %s', async ([, claims]) => {
    await isRefused(
      clientOf({ sasl: { mechanism: 'OAUTHBEARER', token: () => secured.token('dave', claims) } }),
      'AUTHENTICATION_FAILED',
    );
  });

  it('is told that its token is signed by somebody else', async () => {
    const { privateKey } = await generateKeyPair('ES256');
    const [, body = ''] = (await secured.token('dave')).split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, string>;
    const token = (): Promise<string> =>
      new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'ours' }).sign(privateKey);
    await isRefused(clientOf({ sasl: { mechanism: 'OAUTHBEARER', token } }), 'AUTHENTICATION_FAILED');
  });

  it('comes in by its certificate, as the distinguished name in it', async () => {
    await grant('O=Mill,CN=frank', 'by-certificate');
    const clientOfCertificate = async (subject: string): Promise<Client> => {
      const { certificate, key } = await secured.authority.issue({ subject });
      return clientOf({ tls: { cert: certificate, key } });
    };
    await roundTrip(await clientOfCertificate('CN=frank, O=Mill'), 'by-certificate');
    const { admin: other } = await clientOfCertificate('CN=grace, O=Mill');
    await expect(other.createTopics([{ name: 'by-certificate', partitions: 1 }])).rejects.toMatchObject({
      kafka: { name: 'TOPIC_AUTHORIZATION_FAILED' },
    });
  });

  // Node has no means to send the alert by which Kafka says why it closes.
  it('is refused without a certificate, and with one that another authority issued; Kafka says why', async () => {
    const { certificate: cert, key } = await (await createAuthority()).issue({ subject: 'CN=frank, O=Mill' });
    for (const tls of [{}, { cert, key }]) {
      const client = clientOf({ tls, limits: { retryMs: 100 } });
      await isRefused(client, brokerKind === 'kafka' ? 'AUTHENTICATION_FAILED' : 'DISCONNECTED');
    }
  });
});
