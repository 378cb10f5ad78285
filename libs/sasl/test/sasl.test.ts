import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  credentialOf,
  isPassword,
  readOAuthBearer,
  readPlain,
  saltPassword,
  type ScramCredential,
  type ScramMechanism,
  scramClient,
  scramServer,
  writeOAuthBearer,
  writePlain,
} from '../src/index.ts';
import { clientKeyOf, hmac, storedKeyOf, xor } from '../src/scram-keys.ts';

const mechanisms: readonly ScramMechanism[] = ['SCRAM-SHA-256', 'SCRAM-SHA-512'];

async function credentialFor(mechanism: ScramMechanism, password: string): Promise<ScramCredential> {
  const parameters = { salt: Buffer.from('some salt').toString('base64'), iterations: 4_096 };
  return credentialOf(mechanism, await saltPassword(mechanism, password, parameters), parameters);
}

/** Runs an exchange to its end; what went wrong, or null. */
async function exchange(mechanism: ScramMechanism, user: string, password: string, credential: ScramCredential) {
  const client = scramClient(mechanism, user, password, 'client-nonce');
  const server = scramServer(mechanism, client.first, 'server-nonce', () => credential);
  if ('problem' in server) return server.problem;
  expect(server.user).toBe(user);
  const proven = await client.prove(server.challenge);
  if ('problem' in proven) return proven.problem;
  const checked = server.check(proven.proof);
  if ('problem' in checked) return checked.problem;
  return proven.isServer(checked.signature) ? null : 'the server is not the one';
}

describe('SCRAM', () => {
  it('speaks the exchange of RFC 7677, section 3', async () => {
    const salt = 'W22ZaJ0SNY7soEsUEjb6gQ==';
    const client = scramClient('SCRAM-SHA-256', 'user', 'pencil', 'rOprNGfwEbeRWgbNEkqO');
    expect(client.first.toString()).toBe('n,,n=user,r=rOprNGfwEbeRWgbNEkqO');
    const parameters = { salt, iterations: 4_096 };
    const salted = await saltPassword('SCRAM-SHA-256', 'pencil', parameters);
    const credential = credentialOf('SCRAM-SHA-256', salted, parameters);
    const nonce = '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
    const server = scramServer('SCRAM-SHA-256', client.first, nonce, () => credential);
    if ('problem' in server) throw new Error(server.problem);
    expect(server.challenge.toString()).toBe(
      'r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096',
    );
    const proven = await client.prove(server.challenge);
    if ('problem' in proven) throw new Error(proven.problem);
    expect(proven.proof.toString()).toBe(
      'c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    );
    const checked = server.check(proven.proof);
    expect(checked).toEqual({ signature: Buffer.from('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=') });
  });

  it.for(mechanisms)('proves with %s who knows the password, and nobody else', async (mechanism) => {
    const credential = await credentialFor(mechanism, 'pässword');
    expect(await exchange(mechanism, 'alice', 'pässword', credential)).toBeNull();
    expect(await exchange(mechanism, 'a=b,c', 'pässword', credential)).toBeNull();
    expect(await exchange(mechanism, 'alice', 'password', credential)).toBe('expected another password');
    expect(await isPassword(mechanism, 'pässword', credential)).toBe(true);
    expect(await isPassword(mechanism, 'password', credential)).toBe(false);
  });

  it('shows the client a server that does not know it', async () => {
    const credential = await credentialFor('SCRAM-SHA-256', 'secret');
    const forged = { ...credential, serverKey: Buffer.alloc(32).toString('base64') };
    expect(await exchange('SCRAM-SHA-256', 'alice', 'secret', forged)).toBe('the server is not the one');
  });

  it.for([
    ['with a nonce of its own', 'r=other,s=c2FsdA==,i=4096', 'nonce'],
    ['that does not extend the nonce', 'r=mine,s=c2FsdA==,i=4096', 'nonce'],
    ['with few iterations', 'r=mine-more,s=c2FsdA==,i=1', 'iterations'],
    ['with endless iterations', 'r=mine-more,s=c2FsdA==,i=2000000000', 'iterations'],
    ['that says something else', 'e=other-error', 'first message'],
  ] as const)('does not answer a server %s (K4)', async ([, challenge, problem]) => {
    const answer = await scramClient('SCRAM-SHA-256', 'alice', 'secret', 'mine').prove(Buffer.from(challenge));
    expect(answer).toEqual({ problem: expect.stringContaining(problem) as string });
  });

  it.for([
    ['channel binding', 'p=tls-unique,,n=alice,r=abc'],
    ['another identity to act as', 'n,a=bob,n=alice,r=abc'],
    ['an extension that must be understood', 'n,,m=x,n=alice,r=abc'],
    ['no name', 'n,,n=,r=abc'],
    ['a name with a stray =', 'n,,n=a=b,r=abc'],
    ['no nonce', 'n,,n=alice'],
  ] as const)('refuses a first message with %s', async ([, message]) => {
    const credential = await credentialFor('SCRAM-SHA-256', 'secret');
    expect(scramServer('SCRAM-SHA-256', Buffer.from(message), 'n', () => credential)).toHaveProperty('problem');
  });

  it('takes a last message in which the nonce of the client comes twice, as librdkafka sent it', async () => {
    const credential = await credentialFor('SCRAM-SHA-256', 'secret');
    const first = Buffer.from('n,,n=alice,r=mine');
    const server = scramServer('SCRAM-SHA-256', first, 'ours', () => credential);
    if ('problem' in server) throw new Error(server.problem);
    const withoutProof = 'c=biws,r=minemineours';
    const salted = await saltPassword('SCRAM-SHA-256', 'secret', credential);
    const clientKey = clientKeyOf('SCRAM-SHA-256', salted);
    const signed = `n=alice,r=mine,${server.challenge.toString()},${withoutProof}`;
    const proof = xor(clientKey, hmac('SCRAM-SHA-256', storedKeyOf('SCRAM-SHA-256', clientKey), signed));
    expect(server.check(Buffer.from(`${withoutProof},p=${proof.toString('base64')}`))).toHaveProperty('signature');
  });

  it('refuses a last message of another exchange, or with another binding', async () => {
    const credential = await credentialFor('SCRAM-SHA-256', 'secret');
    const client = scramClient('SCRAM-SHA-256', 'alice', 'secret', 'mine');
    const server = scramServer('SCRAM-SHA-256', client.first, 'one', () => credential);
    const other = scramServer('SCRAM-SHA-256', client.first, 'two', () => credential);
    if ('problem' in server || 'problem' in other) throw new Error('expected both servers to go on');
    const proven = await client.prove(server.challenge);
    if ('problem' in proven) throw new Error(proven.problem);
    expect(other.check(proven.proof)).toHaveProperty('problem');
    const rebound = Buffer.from(proven.proof.toString().replace('c=biws', 'c=eSws'));
    expect(server.check(rebound)).toHaveProperty('problem');
    expect(server.check(proven.proof)).toHaveProperty('signature');
  });

  it('ends with a problem, and nothing worse, on any bytes', async () => {
    const credential = await credentialFor('SCRAM-SHA-256', 'secret');
    const client = scramClient('SCRAM-SHA-256', 'alice', 'secret', 'mine');
    const server = scramServer('SCRAM-SHA-256', client.first, 'one', () => credential);
    if ('problem' in server) throw new Error(server.problem);
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 80 }), async (bytes) => {
        expect(scramServer('SCRAM-SHA-256', Buffer.from(bytes), 'n', () => credential)).toHaveProperty('problem');
        expect(server.check(Buffer.from(bytes))).toHaveProperty('problem');
        expect(await client.prove(Buffer.from(bytes))).toHaveProperty('problem');
      }),
    );
  });
});

describe('PLAIN', () => {
  it('carries any name and password without zero bytes', () => {
    const text = fc.oneof(fc.string({ minLength: 1, maxLength: 20 }), fc.constantFrom('pässwörd', '🦊', 'a,b=c'));
    fc.assert(
      fc.property(text, text, (user, password) => {
        expect(readPlain(writePlain(user, password))).toEqual({ authorizationId: '', user, password });
      }),
    );
  });

  it.for(['', 'alice', '\0alice', '\0alice\0', '\0\0secret', '\0alice\0secret\0more'])('is not "%s"', (token) => {
    expect(readPlain(Buffer.from(token))).toBeNull();
  });
});

describe('OAUTHBEARER', () => {
  it('carries a token, with and without extensions', () => {
    expect(readOAuthBearer(writeOAuthBearer('a.b.c'))).toEqual({ authorizationId: '', token: 'a.b.c' });
    expect(readOAuthBearer(writeOAuthBearer('a.b.c', { traceId: '7' }))).toEqual({
      authorizationId: '',
      token: 'a.b.c',
    });
  });

  it.for([
    ['no end', 'n,,\x01auth=Bearer abc\x01'],
    ['no token', 'n,,\x01auth=Bearer \x01\x01'],
    ['another scheme', 'n,,\x01auth=Basic abc\x01\x01'],
    ['channel binding', 'p=x,,\x01auth=Bearer abc\x01\x01'],
    ['nothing', ''],
  ] as const)('is no message with %s', ([, message]) => {
    expect(readOAuthBearer(Buffer.from(message))).toBeNull();
  });
});
