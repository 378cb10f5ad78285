import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { type Broker, type BrokerOptions, createBroker, type ListenerOptions } from '@millrace/broker';
import { createAuthority, type IssuedCertificate, type TestAuthority, VirtualClock } from '@millrace/testing';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Client, type ClientOptions, createClient } from '../src/index.ts';

let directory: string;
let authority: TestAuthority;
let own: IssuedCertificate;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-client-tls-'));
  authority = await createAuthority();
  own = await authority.issue({ subject: 'CN=engine' });
  const { certificate, key } = await authority.issue({ subject: 'CN=broker', hosts: ['127.0.0.1'] });
  for (const [name, text] of Object.entries({
    'ca.pem': authority.certificate,
    'broker.pem': certificate,
    'broker.key': key,
  }))
    writeFileSync(join(directory, name), text);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

type Listener = Pick<ListenerOptions, 'tls' | 'sasl'>;

interface Secured {
  readonly broker: Broker;
  readonly client: (options?: Partial<ClientOptions>) => Client;
}

async function secured(listener: Listener, options: Partial<BrokerOptions> = {}): Promise<Secured> {
  const data = mkdtempSync(join(tmpdir(), 'millrace-client-'));
  const broker = createBroker({
    dataDirectory: data,
    listeners: [{ host: '127.0.0.1', port: 0, ...listener }],
    authentication: { users: { engine: 'engine-secret' } },
    fsync: 'never',
    ...options,
  });
  const [address] = await broker.start();
  closing.push(() => rmSync(data, { recursive: true, force: true }));
  closing.push(() => broker.close());
  const client = (more: Partial<ClientOptions> = {}): Client => {
    const one = createClient({ brokers: [`127.0.0.1:${address?.port}`], clientId: 'test', ...more });
    closing.push(() => one.close());
    return one;
  };
  return { broker, client };
}

const tls = () => ({ certificateFile: join(directory, 'broker.pem'), keyFile: join(directory, 'broker.key') });

const orders = { name: 'orders', partitions: 1 };

/** Uses all lanes: admin, producer, consumer. */
async function roundTrip(client: Client): Promise<string> {
  await client.admin.createTopics([orders]);
  const producer = client.producer();
  await producer.send({ topic: 'orders', partition: 0, key: null, value: Buffer.from('a'), headers: [] });
  await producer.close();
  const consumer = client.consumer({ maxWaitMs: 50 });
  consumer.add({ topic: 'orders', partition: 0, offset: 0 });
  const fetched = await consumer.take();
  consumer.close();
  return fetched?.records[0]?.value?.toString() ?? '';
}

describe('a client', () => {
  it.for(['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const)(
    'proves who it is by %s, over TLS',
    async (mechanism) => {
      const { client } = await secured({ tls: tls(), sasl: { mechanisms: [mechanism] } });
      const sasl = { mechanism, username: 'engine', password: 'engine-secret' };
      expect(await roundTrip(client({ tls: { ca: authority.certificate }, sasl }))).toBe('a');
    },
  );

  it('proves who it is by OAUTHBEARER, with a token for every connection', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const jwks = join(directory, 'jwks.json');
    writeFileSync(jwks, JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'k', alg: 'ES256' }] }));
    const oauthBearer = { jwks, issuer: 'https://issuer.example', audience: 'millrace' };
    const { client } = await secured({ sasl: { mechanisms: ['OAUTHBEARER'] } }, { authentication: { oauthBearer } });
    let count = 0;
    const token = (): Promise<string> => {
      count++;
      return new SignJWT({ sub: 'engine', iss: oauthBearer.issuer, aud: oauthBearer.audience })
        .setProtectedHeader({ alg: 'ES256', kid: 'k' })
        .setExpirationTime('1h')
        .sign(privateKey);
    };
    expect(await roundTrip(client({ sasl: { mechanism: 'OAUTHBEARER', token } }))).toBe('a');
    expect(count).toBeGreaterThan(1);
    const failing = client({ sasl: { mechanism: 'OAUTHBEARER', token: () => Promise.reject(new Error('no issuer')) } });
    await expect(failing.admin.createTopics([orders])).rejects.toMatchObject({ code: 'AUTHENTICATION_FAILED' });
  });

  it('shows its own certificate', async () => {
    const { client } = await secured({
      tls: { ...tls(), clientAuth: 'required', clientAuthorityFile: join(directory, 'ca.pem') },
    });
    const ca = authority.certificate;
    expect(await roundTrip(client({ tls: { ca, cert: own.certificate, key: own.key } }))).toBe('a');
  });

  it('does not try again where a broker wants a certificate that it does not have', async () => {
    const { certificate: cert, key } = await authority.issue({ subject: 'CN=broker', hosts: ['127.0.0.1'] });
    const options = { cert, key, ca: authority.certificate, requestCert: true, rejectUnauthorized: true };
    const server = createServer(options).listen(0, '127.0.0.1');
    closing.push(() => server.close());
    await once(server, 'listening');
    const brokers = [`127.0.0.1:${(server.address() as AddressInfo).port}`];
    const client = createClient({ brokers, clientId: 'test', tls: { ca: authority.certificate } });
    closing.push(() => client.close());
    await expect(client.admin.createTopics([orders])).rejects.toMatchObject({
      code: 'AUTHENTICATION_FAILED',
      retriable: false,
    });
  });

  it('does not try again with credentials that were refused, and does not tell them', async () => {
    const { client } = await secured({ sasl: { mechanisms: ['SCRAM-SHA-256'] } });
    const sasl = { mechanism: 'SCRAM-SHA-256', username: 'engine', password: 'a wrong guess' } as const;
    const failure = await client({ sasl }).admin.createTopics([orders]).catch(String);
    expect(failure).toContain('SASL_AUTHENTICATION_FAILED');
    expect(failure).not.toContain('a wrong guess');
    const plain = { mechanism: 'PLAIN', username: 'engine', password: 'engine-secret' } as const;
    await expect(client({ sasl: plain }).admin.createTopics([orders])).rejects.toMatchObject({
      code: 'AUTHENTICATION_FAILED',
      retriable: false,
      message: expect.stringContaining('(enabled: SCRAM-SHA-256)') as string,
    });
  });

  it('does not talk to a broker whose certificate it does not trust', async () => {
    const { client } = await secured({ tls: tls() });
    for (const options of [{}, { ca: authority.certificate, servername: 'elsewhere.example' }]) {
      await expect(client({ tls: options }).admin.createTopics([orders])).rejects.toMatchObject({
        code: 'UNTRUSTED_BROKER',
        retriable: false,
      });
    }
  });

  it('proves again who it is before its session ends, on the same connection (C9)', async () => {
    const clock = new VirtualClock();
    const authentication = { users: { engine: 'engine-secret' }, maxReauthMs: 10_000 };
    const warnings: string[] = [];
    const none = (): void => {};
    const logger = {
      debug: none,
      info: none,
      error: none,
      warn: (_: object, line: string) => void warnings.push(line),
    };
    const sasl = { mechanism: 'SCRAM-SHA-256', username: 'engine', password: 'engine-secret' } as const;
    const listener = { sasl: { mechanisms: [sasl.mechanism] } };
    const { client, broker } = await secured(listener, { clock, authentication, logger });
    const { admin } = client({ sasl, clock });
    for (let round = 0; round < 4; round++) {
      const names = [0, 1, 2].map((one) => `topic-${round}-${one}`);
      await Promise.all(names.map((name) => admin.createTopics([{ name, partitions: 1 }])));
      clock.advance(9_000);
    }
    expect(broker.stats().connections).toBe(1);
    expect(warnings).toEqual([]);
  });
});
