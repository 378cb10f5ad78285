import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, type IssuedCertificate, type TestAuthority, VirtualClock } from '@millrace/testing';
import { apis } from '@millrace/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BrokerOptions, ListenerOptions } from '../../src/index.ts';
import { createTopic, type RunningBroker, startBroker } from '../running-broker.ts';
import { authenticate } from '../sasl.ts';
import type { WireConnection } from '../wire-connection.ts';
import { anyAcl } from './any-acl.ts';

let directory: string;
let authority: TestAuthority;
let alice: IssuedCertificate;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-tls-'));
  authority = await createAuthority();
  alice = await authority.issue({ subject: 'O=Millrace, OU=billing, CN=alice' });
  writeFileSync(join(directory, 'ca.pem'), authority.certificate);
  await serve('127.0.0.1');
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Puts a certificate for the host where the broker looks for its own. */
async function serve(host: string): Promise<void> {
  const { certificate, key } = await authority.issue({ subject: `CN=${host}`, hosts: [host, '127.0.0.1'] });
  writeFileSync(join(directory, 'broker.pem'), certificate);
  writeFileSync(join(directory, 'broker.key'), key);
}

type Tls = Partial<NonNullable<ListenerOptions['tls']>>;

const listener = (tls: Tls = {}, rest: Partial<ListenerOptions> = {}): ListenerOptions => ({
  host: '127.0.0.1',
  port: 0,
  tls: { certificateFile: join(directory, 'broker.pem'), keyFile: join(directory, 'broker.key'), ...tls },
  ...rest,
});

const mutual = (tls: Tls = {}): ListenerOptions =>
  listener({ clientAuth: 'required', clientAuthorityFile: join(directory, 'ca.pem'), ...tls });

const trusting = () => ({ ca: authority.certificate });
const showing = (own: IssuedCertificate) => ({ ...trusting(), cert: own.certificate, key: own.key });

const start = (one: ListenerOptions, options: Partial<BrokerOptions> = {}) =>
  startBroker({ listeners: [one], authorization: { superUsers: ['User:root'] }, ...options });

/** Whom the broker takes the client for: the audit line of something that nobody may do says it. */
async function principalOf(broker: RunningBroker, connection: WireConnection): Promise<unknown> {
  await connection.request(apis.describeAcls, 3, anyAcl);
  return audited(broker).at(-1)?.fields['principal'];
}

const audited = (broker: RunningBroker) => broker.lines.filter(({ fields }) => fields['audit'] === true);

describe('a TLS listener', () => {
  it('serves whom trusts its certificate, with large frames in both directions', async () => {
    const broker = await startBroker({ listeners: [listener()] });
    const connection = await broker.connect(broker.port, trusting());
    const names = Array.from({ length: 50 }, (_, index) => `topic-${index}`);
    for (const name of names) await createTopic(connection, name);
    const { topics } = await connection.request(apis.metadata, 9, { topics: null });
    expect(topics.length).toBeGreaterThanOrEqual(names.length);
  });

  it('is not taken for another, nor by who does not trust it', async () => {
    const broker = await start(listener());
    await expect(broker.connect(broker.port, {})).rejects.toThrow();
    const options = { ...trusting(), servername: 'elsewhere.example' };
    await expect(broker.connect(broker.port, options)).rejects.toThrow();
    expect((await broker.connect(broker.port, trusting())).socket.destroyed).toBe(false);
  });

  it('closes on who does not speak TLS, and lets in nobody who begins with it and stops', async () => {
    const broker = await start(listener(), { limits: { authenticationTimeoutMs: 50 } });
    const plain = await broker.connect();
    plain.socket.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
    await plain.closed;
    expect(audited(broker)).toMatchObject([
      { message: expect.stringContaining('expected TLS') as string, fields: { host: '127.0.0.1' } },
    ]);
    const silent = await broker.connect();
    await silent.closed;
    expect(broker.broker.stats().connections).toBe(0);
  });

  it('counts whom it has not agreed with yet', async () => {
    const broker = await start(listener(), { limits: { connectionsMax: 2 } });
    const first = connect(broker.port, '127.0.0.1');
    await new Promise((resolve) => first.once('connect', resolve));
    await broker.connect(broker.port, trusting());
    await expect(broker.connect(broker.port, trusting())).rejects.toThrow();
    first.destroy();
    await expect
      .poll(() =>
        broker.connect(broker.port, trusting()).then(
          () => 'in',
          () => 'out',
        ),
      )
      .toBe('in');
  });

  it('says at the start which files are wrong', async () => {
    writeFileSync(join(directory, 'wrong.pem'), 'nothing of that kind');
    await expect(start(listener({ certificateFile: join(directory, 'wrong.pem') }))).rejects.toMatchObject({
      code: 'TLS_FAILED',
      message: expect.stringContaining('wrong.pem') as string,
    });
    await expect(start(listener({ keyFile: join(directory, 'missing.key') }))).rejects.toMatchObject({
      code: 'TLS_FAILED',
    });
    const rules = { principalMappingRules: 'RULE:nothing' };
    await expect(start(listener(rules))).rejects.toMatchObject({ code: 'TLS_FAILED' });
  });

  it('takes a renewed certificate into use without a restart, and keeps the old one while the new is broken', async () => {
    const clock = new VirtualClock();
    const broker = await start(listener(), { clock });
    const commonName = async () => {
      const { socket } = await broker.connect(broker.port, trusting());
      const { subject } = (
        socket as unknown as { getPeerCertificate(): { subject: { CN: string } } }
      ).getPeerCertificate();
      return subject.CN;
    };
    expect(await commonName()).toBe('127.0.0.1');
    writeFileSync(join(directory, 'broker.pem'), 'half a certif');
    clock.advance(10_000);
    expect(await commonName()).toBe('127.0.0.1');
    expect(broker.lines.at(-1)?.message).toBe('certificate could not be replaced, the old one stays');
    await serve('renewed.example');
    clock.advance(10_000);
    expect(await commonName()).toBe('renewed.example');
    await serve('127.0.0.1');
  });
});

describe('a client certificate', () => {
  it('makes its subject the user', async () => {
    const broker = await start(mutual());
    const connection = await broker.connect(broker.port, showing(alice));
    expect(await principalOf(broker, connection)).toBe('User:CN=alice,OU=billing,O=Millrace');
  });

  it.for([
    ['RULE:^CN=([^,]+),.*$/$1/', 'User:alice'],
    ['RULE:^CN=([^,]+),OU=([^,]+),.*$/$1@$2/U', 'User:ALICE@BILLING'],
    ['RULE:^CN=nobody$/x/, RULE:^.*OU=(.*?),.*$/unit-$1/L, DEFAULT', 'User:unit-billing'],
    ['RULE:^CN=nobody$/x/,DEFAULT', 'User:CN=alice,OU=billing,O=Millrace'],
  ] as const)('is mapped by %s to %s', async ([principalMappingRules, principal]) => {
    const broker = await start(mutual({ principalMappingRules }));
    const connection = await broker.connect(broker.port, showing(alice));
    expect(await principalOf(broker, connection)).toBe(principal);
  });

  it.for([
    ['none', async () => trusting(), 'expected a certificate'],
    [
      'one of another authority',
      async () => showing(await (await createAuthority('CN=Impostor')).issue({ subject: 'CN=alice' })),
      'expected a certificate that is trusted',
    ],
    [
      'one that has expired',
      async () => showing(await authority.issue({ subject: 'CN=alice', notAfter: new Date(Date.now() - 1_000) })),
      'expected a certificate that is trusted (CERT_HAS_EXPIRED)',
    ],
  ] as const)('is required: %s gets the connection closed', async ([, options, problem]) => {
    const broker = await start(mutual());
    const connection = await broker.connect(broker.port, await options());
    await expect(connection.request(apis.apiVersions, 3, {})).rejects.toThrow('closed');
    expect(audited(broker)).toMatchObject([{ message: expect.stringContaining(problem) as string }]);
  });

  it('is optional where it is requested, but then has to be good', async () => {
    const broker = await start(mutual({ clientAuth: 'requested' }));
    const nobody = await broker.connect(broker.port, trusting());
    expect(await principalOf(broker, nobody)).toBe('User:ANONYMOUS');
    const known = await broker.connect(broker.port, showing(alice));
    expect(await principalOf(broker, known)).toBe('User:CN=alice,OU=billing,O=Millrace');
    const other = await (await createAuthority('CN=Impostor')).issue({ subject: 'CN=alice' });
    const bad = await broker.connect(broker.port, showing(other));
    await expect(bad.request(apis.apiVersions, 3, {})).rejects.toThrow('closed');
  });
});

describe('several listeners', () => {
  it('each have their own protocol', async () => {
    const sasl = { mechanisms: ['SCRAM-SHA-512'] } as const;
    const broker = await startBroker({
      listeners: [
        { host: '127.0.0.1', port: 0 },
        listener({}, { sasl }),
        mutual(),
        { host: '127.0.0.1', port: 0, sasl },
      ],
      authentication: { users: { bob: 'bob-secret' } },
      authorization: { superUsers: ['User:root'] },
    });
    const [plain = 0, saslSsl = 0, ssl = 0, saslPlain = 0] = broker.ports;
    expect(await principalOf(broker, await broker.connect(plain))).toBe('User:ANONYMOUS');
    for (const [port, tls] of [
      [saslSsl, trusting()],
      [saslPlain, undefined],
    ] as const) {
      const connection = await broker.connect(port, tls);
      expect((await authenticate(connection, 'bob', 'bob-secret', 'SCRAM-SHA-512')).errorCode).toBe(0);
      expect(await principalOf(broker, connection)).toBe('User:bob');
    }
    const certified = await broker.connect(ssl, showing(alice));
    expect(await principalOf(broker, certified)).toBe('User:CN=alice,OU=billing,O=Millrace');
  });
});
