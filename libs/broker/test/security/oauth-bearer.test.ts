import { createServer } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeOAuthBearer } from '@millrace/sasl';
import { VirtualClock } from '@millrace/testing';
import { apis, errors } from '@millrace/wire';
import { exportJWK, generateKeyPair, type GenerateKeyPairResult, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BrokerOptions } from '../../src/index.ts';
import { type RunningBroker, startBroker } from '../running-broker.ts';
import { handshake, sendToken } from '../sasl.ts';
import type { WireConnection } from '../wire-connection.ts';

const issuer = 'https://issuer.example';
const audience = 'millrace';

let directory: string;
let keys: GenerateKeyPairResult;
let jwks: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-jwks-'));
  keys = await generateKeyPair('ES256');
  jwks = join(directory, 'jwks.json');
  writeFileSync(jwks, await jwksOf(keys, 'first'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function jwksOf({ publicKey }: GenerateKeyPairResult, kid: string): Promise<string> {
  return JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' }] });
}

interface TokenOptions {
  readonly clock: VirtualClock;
  readonly claims?: JWTPayload;
  readonly expiresInMs?: number;
  readonly by?: GenerateKeyPairResult;
  readonly kid?: string;
}

function tokenOf({
  clock,
  claims = {},
  expiresInMs = 60_000,
  by = keys,
  kid = 'first',
}: TokenOptions): Promise<string> {
  return new SignJWT({ sub: 'alice', iss: issuer, aud: audience, scope: 'kafka read', ...claims })
    .setProtectedHeader({ alg: 'ES256', kid })
    .setExpirationTime(Math.floor((clock.now() + expiresInMs) / 1_000))
    .sign(by.privateKey);
}

async function start(
  more: Partial<NonNullable<NonNullable<BrokerOptions['authentication']>['oauthBearer']>> = {},
  maxReauthMs = 0,
) {
  const clock = new VirtualClock();
  const broker = await startBroker({
    clock,
    listeners: [{ host: '127.0.0.1', port: 0, sasl: { mechanisms: ['OAUTHBEARER'] } }],
    authentication: { oauthBearer: { jwks, issuer, audience, ...more }, maxReauthMs },
    authorization: { superUsers: [] },
    limits: { authenticationFailureDelayMs: 1 },
  });
  return { broker, clock };
}

async function show(connection: WireConnection, token: string) {
  expect(await handshake(connection, 'OAUTHBEARER')).toBe(0);
  return sendToken(connection, writeOAuthBearer(token, { traceId: 'x' }));
}

const audited = (broker: RunningBroker) => broker.lines.filter(({ fields }) => fields['audit'] === true);

describe('a bearer token', () => {
  it('lets in the user it names, for as long as it counts', async () => {
    const { broker, clock } = await start();
    const connection = await broker.connect();
    const answer = await show(connection, await tokenOf({ clock }));
    expect(answer).toMatchObject({ errorCode: 0, sessionLifetimeMs: 60_000 });
    await connection.request(apis.describeConfigs, 4, {
      resources: [{ resourceType: 4, resourceName: '', configurationKeys: null }],
    });
    expect(audited(broker)).toMatchObject([{ fields: { principal: 'User:alice' } }]);
    clock.advance(61_000);
    await connection.closed;
  });

  it('counts no longer than sessions may last', async () => {
    const { broker, clock } = await start({}, 5_000);
    const answer = await show(await broker.connect(), await tokenOf({ clock }));
    expect(answer.sessionLifetimeMs).toBe(5_000);
  });

  it('prolongs the session of the one before it', async () => {
    const { broker, clock } = await start();
    const connection = await broker.connect();
    await show(connection, await tokenOf({ clock }));
    clock.advance(55_000);
    expect(await show(connection, await tokenOf({ clock }))).toMatchObject({ sessionLifetimeMs: 60_000 });
    clock.advance(55_000);
    expect((await connection.request(apis.metadata, 9, { topics: [] })).brokers).toHaveLength(1);
  });

  it('names the user in the claim that is configured', async () => {
    const { broker, clock } = await start({ principalClaim: 'client_id', scope: 'kafka' });
    const connection = await broker.connect();
    expect((await show(connection, await tokenOf({ clock, claims: { client_id: 'billing' } }))).errorCode).toBe(0);
  });

  it.for([
    ['has expired', { expiresInMs: -60_000 }, 'has not expired'],
    ['is about to expire within the tolerance of clocks', { expiresInMs: -10_000 }, 'has not expired'],
    ['comes from another issuer', { claims: { iss: 'https://elsewhere.example' } }, 'another claim "iss"'],
    ['is for somebody else', { claims: { aud: 'other' } }, 'another claim "aud"'],
    ['lacks the scope', { claims: { scope: 'read' } }, 'the scope "kafka"'],
    ['names nobody', { claims: { sub: '' } }, 'a name in the claim "sub"'],
    ['is not valid yet', { claims: { nbf: 4_000_000_000 } }, 'another claim "nbf"'],
    ['is signed by a key of the same name', { by: 'stranger' }, 'a known key has signed'],
    ['is signed by an unknown key', { by: 'stranger', kid: 'other' }, 'a known key has signed'],
  ] as const)(
    'is refused when it %s, and nothing of it is told',
    async ([, { by, ...options }, problem]: readonly [
      string,
      { readonly by?: 'stranger'; readonly expiresInMs?: number; readonly claims?: JWTPayload; readonly kid?: string },
      string,
    ]) => {
      const { broker, clock } = await start({ scope: 'kafka' });
      const stranger = by === undefined ? {} : { by: await generateKeyPair('ES256') };
      const token = await tokenOf({ clock, ...options, ...stranger });
      await expectRefused(broker, clock, token, problem);
    },
  );

  it('is refused without a signature, or signed with a secret', async () => {
    const { broker, clock } = await start();
    const claims = { sub: 'alice', iss: issuer, aud: audience, exp: 4_000_000_000 };
    await expectRefused(broker, clock, new UnsecuredJWT(claims).encode(), 'can be verified');
    const shared = await new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).sign(Buffer.alloc(32, 1));
    await expectRefused(broker, clock, shared, 'can be verified');
    await expectRefused(broker, clock, 'no-token-at-all', 'can be verified');
  });

  it('is checked with keys from an address, which are fetched anew for a key that is not among them', async () => {
    let served = await jwksOf(keys, 'first');
    const server = createServer(
      (_, response) => void response.setHeader('content-type', 'application/json').end(served),
    );
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    try {
      const { broker, clock } = await start({
        jwks: `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`,
      });
      expect((await show(await broker.connect(), await tokenOf({ clock }))).errorCode).toBe(0);
      served = '{"keys":[]}';
      expect((await show(await broker.connect(), await tokenOf({ clock }))).errorCode).toBe(0);
    } finally {
      server.close();
    }
  });

  it('is refused when the keys cannot be had', async () => {
    const { broker, clock } = await start({ jwks: 'http://127.0.0.1:1/jwks' });
    await expectRefused(broker, clock, await tokenOf({ clock }), 'the keys of the issuer');
  });

  it('has to have an issuer before it can be enabled', async () => {
    const listeners = [{ host: '127.0.0.1', port: 0, sasl: { mechanisms: ['OAUTHBEARER'] as const } }];
    await expect(startBroker({ listeners })).rejects.toMatchObject({ code: 'AUTHENTICATION_UNUSABLE' });
    const oauthBearer = { jwks: join(directory, 'missing.json'), issuer, audience };
    await expect(startBroker({ listeners, authentication: { oauthBearer } })).rejects.toMatchObject({
      code: 'AUTHENTICATION_UNUSABLE',
    });
  });
});

async function expectRefused(broker: RunningBroker, clock: VirtualClock, token: string, problem: string) {
  const before = audited(broker).length;
  const connection = await broker.connect();
  const answering = show(connection, token);
  await expect.poll(() => audited(broker).length).toBe(before + 1);
  clock.advance(1);
  const answer = await answering;
  expect(answer).toMatchObject({
    errorCode: errors.SASL_AUTHENTICATION_FAILED.code,
    errorMessage: 'the credentials were refused',
  });
  await connection.closed;
  expect(audited(broker).at(-1)?.message).toContain(problem);
  const log = JSON.stringify(broker.lines);
  for (const part of token.split('.').filter((text) => text !== '')) expect(log).not.toContain(part);
}
