import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, type IssuedCertificate, type TestAuthority } from '@millrace/testing';
import { exportJWK, generateKeyPair, type GenerateKeyPairResult, SignJWT } from 'jose';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  Kafka,
  type KafkaConfig,
  logLevel,
  ResourcePatternTypes,
} from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it, type TestContext } from 'vitest';
import { BrokerProcess } from '../support/broker-process.ts';
import { createTopic, Reader, withProducer } from '../support/kafkajs-client.ts';
import { need, python, run } from '../support/programs.ts';
import { freePorts } from '../support/server-process.ts';
import { until } from '../support/until.ts';

const users = { admin: 'admin-Pa55word', alice: 'alice-Pa55word' };
const issuer = 'https://issuer.example';
const audience = 'millrace';

let directory: string;
let authority: TestAuthority;
let carol: IssuedCertificate;
let keys: GenerateKeyPairResult;
let broker: BrokerProcess;
let [saslSsl, ssl] = [0, 0];

/** A file of the directory of this test. */
const at = (name: string): string => join(directory, name);

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-security-'));
  authority = await createAuthority();
  const own = await authority.issue({ subject: 'CN=broker', hosts: ['127.0.0.1'] });
  carol = await authority.issue({ subject: 'O=Millrace, CN=carol' });
  keys = await generateKeyPair('ES256');
  const files = {
    'ca.pem': authority.certificate,
    'broker.pem': own.certificate,
    'broker.key': own.key,
    'carol.pem': carol.certificate,
    'carol.key': carol.key,
    'jwks.json': JSON.stringify({ keys: [{ ...(await exportJWK(keys.publicKey)), kid: 'k', alg: 'ES256' }] }),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(at(name), text);
  [saslSsl = 0, ssl = 0] = await freePorts(2);
  broker = await BrokerProcess.startWith(
    {
      MILLRACE_USERS: Object.entries(users)
        .map((pair) => pair.join(':'))
        .join(','),
      MILLRACE_SUPER_USERS: 'User:admin',
    },
    ...flagsOf({ saslSsl, ssl }),
  );
  await createTopic(admin(), 'secret');
});

function flagsOf(ports: { readonly saslSsl: number; readonly ssl: number }): string[] {
  return [
    '--protocol',
    'SASL_PLAINTEXT',
    '--listeners',
    `SASL_SSL://127.0.0.1:${ports.saslSsl},SSL://127.0.0.1:${ports.ssl}`,
    '--tls-cert',
    at('broker.pem'),
    '--tls-key',
    at('broker.key'),
    '--tls-client-auth',
    'required',
    '--tls-client-ca',
    at('ca.pem'),
    '--tls-principal-rules',
    'RULE:^CN=([^,]*),.*$/$1/',
    '--sasl-mechanisms',
    'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    '--log-level',
    'trace',
    '--oauth-jwks',
    at('jwks.json'),
    '--oauth-issuer',
    issuer,
    '--oauth-audience',
    audience,
  ];
}

afterAll(async () => {
  await broker.remove();
  rmSync(directory, { recursive: true, force: true });
});

const kafkaWith = (port: number, config: Partial<KafkaConfig>): Kafka =>
  new Kafka({ brokers: [`127.0.0.1:${port}`], logLevel: logLevel.NOTHING, retry: { retries: 2 }, ...config });

const admin = (): Kafka =>
  kafkaWith(broker.port, { sasl: { mechanism: 'scram-sha-512', username: 'admin', password: users.admin } });

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;

/** Of dora, for an hour. */
const token = () =>
  new SignJWT({ sub: 'dora', iss: issuer, aud: audience })
    .setProtectedHeader({ alg: 'ES256', kid: 'k' })
    .setExpirationTime('1h')
    .sign(keys.privateKey);

/** kafkajs as it is configured for each way in. */
function waysIn(): Record<string, Kafka> {
  const tls = { ca: authority.certificate };
  const alice = { username: 'alice', password: users.alice };
  return {
    ...Object.fromEntries(
      mechanisms.map((mechanism) => [
        `SASL_SSL ${mechanism}`,
        kafkaWith(saslSsl, { ssl: tls, sasl: { mechanism: mechanism as 'plain', ...alice } }),
      ]),
    ),
    'SSL, by certificate': kafkaWith(ssl, { ssl: { ...tls, cert: carol.certificate, key: carol.key } }),
    oauthbearer: kafkaWith(broker.port, {
      sasl: { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await token() }) },
    }),
  };
}

/** Lets a user use the topics and groups that begin so. */
async function grant(principal: string, prefix: string): Promise<void> {
  const client = admin().admin();
  await client.connect();
  const acl = [AclResourceTypes.TOPIC, AclResourceTypes.GROUP].map((resourceType) => ({
    resourceType,
    resourceName: prefix,
    resourcePatternType: ResourcePatternTypes.PREFIXED,
    principal,
    host: '*',
    operation: AclOperationTypes.ALL,
    permissionType: AclPermissionTypes.ALLOW,
  }));
  await client.createAcls({ acl });
  await client.disconnect();
}

describe('kafkajs', () => {
  it.for([
    ['SASL_SSL plain', 'User:alice'],
    ['SASL_SSL scram-sha-256', 'User:alice'],
    ['SASL_SSL scram-sha-512', 'User:alice'],
    ['SSL, by certificate', 'User:carol'],
    ['oauthbearer', 'User:dora'],
  ] as const)('comes in by %s as %s, and does what it may', async ([way, principal]) => {
    const kafka = waysIn()[way] as Kafka;
    const topic = `of-${way.replaceAll(/\W/g, '-')}`;
    await expect(createTopic(kafka, topic)).rejects.toThrow();
    await grant(principal, topic);
    await createTopic(kafka, topic);
    await withProducer(kafka, (producer) => producer.send({ topic, messages: [{ value: way }] }));
    const reader = await Reader.of(kafka, topic, `${topic}-readers`);
    await until('the record', () => reader.values().includes(way));
    await reader.stop();
    await expect(
      withProducer(kafka, (producer) => producer.send({ topic: 'secret', messages: [{ value: 'x' }] })),
    ).rejects.toThrow(/[Nn]ot authorized/);
  });

  it.for(mechanisms)('is told that its password is wrong, by %s', async (mechanism) => {
    const sasl = { mechanism: mechanism as 'plain', username: 'alice', password: 'a guess' };
    const client = kafkaWith(broker.port, { sasl }).admin();
    await expect(client.connect()).rejects.toMatchObject({ name: 'KafkaJSSASLAuthenticationError' });
  });

  it('proves again who it is whenever its session is about to end (KIP-368)', async () => {
    let count = 0;
    const counted = async (): Promise<{ value: string }> => {
      count++;
      return { value: await token() };
    };
    // As long as the token counts: so the session is always about to end, and each request comes with a new proof.
    const reauthenticationThreshold = 3_600_000;
    const sasl = { mechanism: 'oauthbearer', oauthBearerProvider: counted } as const;
    const client = kafkaWith(broker.port, { sasl, reauthenticationThreshold }).admin();
    await client.connect();
    for (let round = 0; round < 3; round++) await client.listTopics();
    await client.disconnect();
    expect(count).toBeGreaterThan(3);
  });

  it('keeps the rules of the broker', async () => {
    const client = admin().admin();
    await client.connect();
    const rule = {
      resourceType: AclResourceTypes.TOPIC,
      resourceName: 'ruled',
      resourcePatternType: ResourcePatternTypes.LITERAL,
      principal: 'User:erin',
      host: '*',
      operation: AclOperationTypes.READ,
      permissionType: AclPermissionTypes.DENY,
    };
    await client.createAcls({ acl: [rule] });
    const filter = { ...rule, resourcePatternType: ResourcePatternTypes.MATCH };
    const { resources } = await client.describeAcls(filter);
    expect(resources).toMatchObject([{ resourceName: 'ruled', acls: [{ principal: 'User:erin', permissionType: 2 }] }]);
    const { filterResponses } = await client.deleteAcls({ filters: [rule] });
    expect(filterResponses[0]?.matchingAcls).toHaveLength(1);
    expect((await client.describeAcls(filter)).resources).toEqual([]);
    await client.disconnect();
  });
});

describe('kcat', () => {
  const propertiesOf = (settings: Record<string, string>): string[] =>
    Object.entries(settings).flatMap(([name, value]) => ['-X', `${name}=${value}`]);

  const aliceBy = (mechanism: string): Record<string, string> => ({
    'security.protocol': 'SASL_SSL',
    'ssl.ca.location': at('ca.pem'),
    'sasl.mechanism': mechanism,
    'sasl.username': 'alice',
    'sasl.password': users.alice,
  });

  async function roundTrip(context: TestContext, port: number, topic: string, settings: Record<string, string>) {
    const common = ['-b', `127.0.0.1:${port}`, '-t', topic, ...propertiesOf(settings)];
    await run(context, 'kcat', ['-P', ...common], 'hello\n');
    return run(context, 'kcat', ['-C', '-e', '-q', '-o', 'beginning', ...common]);
  }

  it.for(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])('comes in by SASL_SSL and %s', async (mechanism, context) => {
    need(context, 'kcat');
    const topic = `kcat-${mechanism}`;
    await grant('User:alice', topic);
    expect(await roundTrip(context, saslSsl, topic, aliceBy(mechanism))).toBe('hello\n');
  });

  it('comes in by SSL with a certificate, and sees only the topics that it may describe', async (context) => {
    need(context, 'kcat');
    await grant('User:carol', 'kcat-tls');
    const settings = {
      'security.protocol': 'SSL',
      'ssl.ca.location': at('ca.pem'),
      'ssl.certificate.location': at('carol.pem'),
      'ssl.key.location': at('carol.key'),
    };
    expect(await roundTrip(context, ssl, 'kcat-tls', settings)).toBe('hello\n');
    const listed = await run(context, 'kcat', ['-L', '-b', `127.0.0.1:${ssl}`, ...propertiesOf(settings)]);
    expect(listed).toContain('kcat-tls');
    expect(listed).not.toContain('secret');
  });

  it('is refused with a wrong password', async (context) => {
    need(context, 'kcat');
    const flags = propertiesOf({ ...aliceBy('SCRAM-SHA-256'), 'sasl.password': 'a guess' });
    const listing = run(context, 'kcat', ['-L', '-m', '3', '-b', `127.0.0.1:${saslSsl}`, ...flags]);
    await expect(listing).rejects.toThrow(/credentials were refused|authentication/i);
  });
});

describe('kafka-python', () => {
  const script = `
import sys
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
port, ca, mechanism, topic, user, password = sys.argv[1:]
access = dict(bootstrap_servers='127.0.0.1:' + port, security_protocol='SASL_SSL', ssl_cafile=ca,
              sasl_mechanism=mechanism, sasl_plain_username=user, sasl_plain_password=password)
producer = KafkaProducer(**access)
producer.send(topic, b'hello').get(timeout=10)
consumer = KafkaConsumer(auto_offset_reset='earliest', **access)
consumer.assign([TopicPartition(topic, 0)])
print(next(consumer).value.decode())
`;

  it.for(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'])('comes in by SASL_SSL and %s', async (mechanism, context) => {
    need(context, 'python');
    const topic = `python-${mechanism}`;
    await grant('User:alice', topic);
    const args = [String(saslSsl), at('ca.pem'), mechanism, topic, 'alice', users.alice];
    expect(await python(context, script, ...args)).toBe('hello\n');
  });
});

it('leaves no password, token or key in the log of the broker', () => {
  const log = JSON.stringify(broker.lines());
  expect(log).toContain('authentication refused');
  for (const secret of [...Object.values(users), 'a guess', 'PRIVATE KEY', 'Bearer']) {
    expect(log).not.toContain(secret);
    expect(log).not.toContain(Buffer.from(secret).toString('base64').replace(/=+$/, ''));
  }
});
