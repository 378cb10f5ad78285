import { writePlain } from '@millrace/sasl';
import { VirtualClock } from '@millrace/testing';
import { apis, encodeRequest, encodeResponse, errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import type { BrokerOptions } from '../../src/index.ts';
import { createTopic, type RunningBroker, startBroker } from '../running-broker.ts';
import { authenticate, handshake, sendToken } from '../sasl.ts';
import type { WireConnection } from '../wire-connection.ts';

const users = { alice: 'alice-secret', bob: 'bob-secret' };
const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

function startSasl(options: Partial<BrokerOptions> = {}): Promise<RunningBroker> {
  return startBroker({
    listeners: [{ host: '127.0.0.1', port: 0, sasl: { mechanisms } }],
    authentication: { users },
    limits: { authenticationFailureDelayMs: 1 },
    ...options,
  });
}

const ask = (connection: WireConnection) => connection.request(apis.metadata, 9, { topics: [] });

const audited = (broker: RunningBroker) => broker.lines.filter(({ fields }) => fields['audit'] === true);

/** No password, nor anything that it could be found by, in what the broker says of itself. */
function expectNoSecrets(broker: RunningBroker): void {
  const log = JSON.stringify(broker.lines);
  for (const secret of Object.values(users)) {
    expect(log).not.toContain(secret);
    expect(log).not.toContain(Buffer.from(secret).toString('base64'));
  }
}

describe('a SASL listener', () => {
  it.for(mechanisms)('lets in who proves itself by %s', async (mechanism) => {
    const broker = await startSasl();
    const connection = await broker.connect();
    const answer = await authenticate(connection, 'alice', 'alice-secret', mechanism);
    expect(answer).toMatchObject({ errorCode: 0, errorMessage: null, sessionLifetimeMs: 0 });
    await createTopic(connection, 'orders');
    expect(audited(broker)).toEqual([]);
  });

  it.for(
    mechanisms.flatMap((mechanism) => [
      [mechanism, 'a wrong password', 'alice', 'guess'] as const,
      [mechanism, 'an unknown name', 'nobody', 'alice-secret'] as const,
    ]),
  )('refuses %s with %s, says so, and ends the connection (N4)', async ([mechanism, , user, password]) => {
    const broker = await startSasl();
    const connection = await broker.connect();
    const answer = await authenticate(connection, user, password, mechanism);
    expect(answer).toMatchObject({
      errorCode: errors.SASL_AUTHENTICATION_FAILED.code,
      errorMessage: 'the credentials were refused',
    });
    expect(answer.authBytes).toHaveLength(0);
    await connection.closed;
    expect(audited(broker)).toMatchObject([
      { level: 'warn', fields: { principal: `User:${user}`, host: '127.0.0.1', mechanism } },
    ]);
    expectNoSecrets(broker);
  });

  it('answers the same for a name that is there and one that is not (A8)', async () => {
    const broker = await startSasl();
    const challengeOf = async (user: string) => {
      const connection = await broker.connect();
      await handshake(connection, 'SCRAM-SHA-256');
      const { authBytes } = await sendToken(connection, Buffer.from(`n,,n=${user},r=abc`));
      return /s=([^,]*),i=(\d+)$/.exec(authBytes.toString())?.slice(1);
    };
    const [known, unknown, again] = [await challengeOf('alice'), await challengeOf('x'), await challengeOf('x')];
    expect(unknown?.[0]).toHaveLength(known?.[0]?.length ?? 0);
    expect(unknown?.[1]).toBe(known?.[1]);
    expect(again).toEqual(unknown);
  });

  it('answers a failure only after a while, and starts nothing meanwhile', async () => {
    const clock = new VirtualClock();
    const broker = await startSasl({ clock, limits: { authenticationFailureDelayMs: 500 } });
    const connection = await broker.connect();
    await handshake(connection, 'PLAIN');
    const answer = sendToken(connection, writePlain('alice', 'guess'));
    let isAnswered = false;
    void answer.then(() => (isAnswered = true));
    await expect.poll(() => audited(broker)).toHaveLength(1);
    clock.advance(499);
    await ask(await loggedIn(broker));
    expect(isAnswered).toBe(false);
    clock.advance(1);
    expect(await answer).toMatchObject({ errorCode: errors.SASL_AUTHENTICATION_FAILED.code });
    await connection.closed;
  });

  it('answers nothing but ApiVersions before (N1)', async () => {
    const broker = await startSasl();
    const connection = await broker.connect();
    expect((await connection.request(apis.apiVersions, 3, {})).errorCode).toBe(0);
    await expect(ask(connection)).rejects.toThrow('closed');
    expect(audited(broker)).toMatchObject([
      {
        message: 'authentication refused: expected authentication first, found Metadata',
        fields: { host: '127.0.0.1' },
      },
    ]);
  });

  it('judges what was sent behind a token by the outcome (N2)', async () => {
    const broker = await startSasl();
    const good = await broker.connect();
    await handshake(good, 'PLAIN');
    const [answer, after] = await Promise.all([sendToken(good, writePlain('alice', 'alice-secret')), ask(good)]);
    expect(answer.errorCode).toBe(0);
    expect(after.brokers).toHaveLength(1);
    const bad = await broker.connect();
    await handshake(bad, 'PLAIN');
    const results = await Promise.allSettled([sendToken(bad, writePlain('alice', 'guess')), ask(bad)]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  });

  it('lists the mechanisms that are enabled to who asks for another', async () => {
    const broker = await startSasl();
    const connection = await broker.connect();
    const answer = await connection.request(apis.saslHandshake, 1, { mechanism: 'GSSAPI' });
    expect(answer).toEqual({ errorCode: errors.UNSUPPORTED_SASL_MECHANISM.code, mechanisms });
    await connection.closed;
  });

  it('refuses a token without a handshake', async () => {
    const broker = await startSasl();
    const connection = await broker.connect();
    const answer = await sendToken(connection, writePlain('alice', 'alice-secret'));
    expect(answer.errorCode).toBe(errors.ILLEGAL_SASL_STATE.code);
    await connection.closed;
  });

  it.for(['no token', '\0alice', 'n,,n=alice,r=x'])('refuses "%s" as name and password', async (token) => {
    const connection = await (await startSasl()).connect();
    await handshake(connection, 'PLAIN');
    const { errorCode } = await sendToken(connection, Buffer.from(token));
    expect(errorCode).toBe(errors.SASL_AUTHENTICATION_FAILED.code);
  });

  it('takes bare tokens after SaslHandshake 0, and closes on a wrong one', async () => {
    const broker = await startSasl();
    const bare = async (password: string): Promise<Buffer> => {
      const { socket } = await broker.connect();
      socket.removeAllListeners('data');
      const sent = { api: apis.saslHandshake, version: 0, correlationId: 7, clientId: null };
      socket.write(
        Buffer.concat([...encodeRequest(sent, { mechanism: 'PLAIN' }), framed(writePlain('alice', password))]),
      );
      const received: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => received.push(chunk));
      if (password === 'alice-secret') socket.end();
      await new Promise((resolve) => socket.once('close', resolve));
      return Buffer.concat(received);
    };
    const answered = Buffer.concat(
      encodeResponse(apis.saslHandshake, 0, 7, { errorCode: 0, mechanisms: [...mechanisms] }),
    );
    expect(await bare('alice-secret')).toEqual(Buffer.concat([answered, framed(Buffer.alloc(0))]));
    expect(audited(broker)).toEqual([]);
    expect(await bare('guess')).toEqual(answered);
    expect(audited(broker)).toHaveLength(1);
  });

  it('does not let who is unknown send large frames, or take its time', async () => {
    const clock = new VirtualClock();
    const broker = await startSasl({ clock, limits: { saslTokenBytesMax: 1_000, authenticationTimeoutMs: 5_000 } });
    const large = await broker.connect();
    large.socket.write(Buffer.from([0, 0, 0x03, 0xe9]));
    await large.closed;
    const slow = await broker.connect();
    const known = await loggedIn(broker);
    await slow.request(apis.apiVersions, 3, {});
    clock.advance(6_001);
    await slow.closed;
    expect((await ask(known)).brokers).toHaveLength(1);
  });

  it('gives each user its own permissions', async () => {
    const superUsers = ['User:alice'];
    const broker = await startSasl({ authorization: { superUsers } });
    const [alice, bob] = [await loggedIn(broker), await broker.connect()];
    await authenticate(bob, 'bob', 'bob-secret');
    await createTopic(alice, 'orders');
    await expect(createTopic(bob, 'other')).rejects.toThrow('not authorised');
  });
});

describe('without SASL', () => {
  it('there is nothing to authenticate for', async () => {
    const connection = await (await startBroker()).connect();
    const { errorCode } = await connection.request(apis.saslHandshake, 1, { mechanism: 'PLAIN' });
    expect(errorCode).toBe(errors.ILLEGAL_SASL_STATE.code);
    const answer = await sendToken(connection, writePlain('a', 'b'));
    expect(answer.errorCode).toBe(errors.ILLEGAL_SASL_STATE.code);
    expect((await ask(connection)).brokers).toHaveLength(1);
  });
});

describe('pitfall 42: a session that has a lifetime', () => {
  async function startLimited() {
    const clock = new VirtualClock();
    const broker = await startSasl({ clock, authentication: { users, maxReauthMs: 10_000 } });
    return { clock, broker };
  }

  it('tells it, and is prolonged by proving again on the same connection (N3)', async () => {
    const { clock, broker } = await startLimited();
    const connection = await broker.connect();
    const first = await authenticate(connection, 'alice', 'alice-secret', 'SCRAM-SHA-512');
    expect(first.sessionLifetimeMs).toBe(10_000);
    clock.advance(9_000);
    const second = await authenticate(connection, 'alice', 'alice-secret', 'SCRAM-SHA-512');
    expect(second).toMatchObject({ errorCode: 0, sessionLifetimeMs: 10_000 });
    clock.advance(9_000);
    expect((await ask(connection)).brokers).toHaveLength(1);
  });

  it('can be prolonged after its end, if that is the first thing that comes', async () => {
    const { clock, broker } = await startLimited();
    const connection = await broker.connect();
    await authenticate(connection, 'alice', 'alice-secret');
    clock.advance(9_500);
    await ask(connection);
    // Less than until the next sweep.
    clock.advance(501);
    expect((await authenticate(connection, 'alice', 'alice-secret')).errorCode).toBe(0);
    expect((await ask(connection)).brokers).toHaveLength(1);
  });

  it('ends the connection that asks for something else past it', async () => {
    const { clock, broker } = await startLimited();
    const connection = await broker.connect();
    await authenticate(connection, 'alice', 'alice-secret');
    clock.advance(9_500);
    await ask(connection);
    clock.advance(501);
    await expect(ask(connection)).rejects.toThrow('closed');
    expect(audited(broker)).toMatchObject([
      { message: expect.stringContaining('expected authentication anew') as string },
    ]);
  });

  it('ends the connection that only waits, too', async () => {
    const { clock, broker } = await startLimited();
    const connection = await broker.connect();
    await authenticate(connection, 'alice', 'alice-secret');
    clock.advance(11_001);
    await connection.closed;
  });

  it.for([
    ['another user', 'bob', 'bob-secret', 'PLAIN', errors.SASL_AUTHENTICATION_FAILED.code],
    ['a wrong password', 'alice', 'guess', 'PLAIN', errors.SASL_AUTHENTICATION_FAILED.code],
  ] as const)('is not prolonged by %s (N3)', async ([, user, password, mechanism, code]) => {
    const { clock, broker } = await startLimited();
    const connection = await broker.connect();
    await authenticate(connection, 'alice', 'alice-secret');
    const again = authenticate(connection, user, password, mechanism);
    await expect.poll(() => audited(broker)).toHaveLength(1);
    clock.advance(1);
    expect((await again).errorCode).toBe(code);
    await connection.closed;
  });

  it.for([
    ['another mechanism', 'SCRAM-SHA-256', 1],
    ['bare tokens', 'PLAIN', 0],
  ] as const)('is not prolonged by %s (N3)', async ([, mechanism, version]) => {
    const { clock, broker } = await startLimited();
    const connection = await broker.connect();
    await authenticate(connection, 'alice', 'alice-secret');
    const again = handshake(connection, mechanism, version);
    await expect.poll(() => audited(broker)).toHaveLength(1);
    clock.advance(1);
    expect(await again).toBe(errors.ILLEGAL_SASL_STATE.code);
    await connection.closed;
  });
});

async function loggedIn(broker: RunningBroker): Promise<WireConnection> {
  const connection = await broker.connect();
  await authenticate(connection, 'alice', 'alice-secret');
  return connection;
}

function framed(token: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(token.length);
  return Buffer.concat([length, token]);
}
