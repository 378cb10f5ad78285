import { randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { saltPassword, type ScramMechanism, scramMechanisms } from '@millrace/sasl';
import { apis, errors } from '@millrace/wire';
import { describe, expect, it } from 'vitest';
import type { BrokerOptions } from '../../src/index.ts';
import { startBroker } from '../running-broker.ts';
import { authenticate, handshake, sendToken } from '../sasl.ts';
import { unreliableDisk } from '../unreliable-disk.ts';
import type { WireConnection } from '../wire-connection.ts';

const mechanisms = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

const options: Partial<BrokerOptions> = {
  listeners: [{ host: '127.0.0.1', port: 0, sasl: { mechanisms } }],
  authentication: { users: { admin: 'admin-secret' } },
  limits: { authenticationFailureDelayMs: 1 },
};

async function start(more: Partial<BrokerOptions> = {}) {
  const broker = await startBroker({ ...options, ...more });
  const admin = await broker.connect();
  await authenticate(admin, 'admin', 'admin-secret');
  return { broker, admin };
}

/** What a client makes of a password; the password itself stays with it. */
async function upsertion(
  name: string,
  password: string,
  mechanism: ScramMechanism = 'SCRAM-SHA-256',
  iterations = 4_096,
) {
  const salt = randomBytes(16);
  const saltedPassword = await saltPassword(mechanism, password, { salt: salt.toString('base64'), iterations });
  return { name, mechanism: scramMechanisms[mechanism].code as number, iterations, salt, saltedPassword };
}

const alter = (
  connection: WireConnection,
  upsertions: readonly Awaited<ReturnType<typeof upsertion>>[],
  deletions: readonly { name: string; mechanism: number }[] = [],
) => connection.request(apis.alterUserScramCredentials, 0, { deletions, upsertions });

const described = (connection: WireConnection, names: readonly string[] | null = null) =>
  connection.request(apis.describeUserScramCredentials, 0, { users: names?.map((name) => ({ name })) ?? null });

describe('credentials of the admin API', () => {
  it('let a user in by SCRAM and by PLAIN, before and after a restart (A6)', async () => {
    const { broker, admin } = await start();
    const { results } = await alter(admin, [await upsertion('carol', 'carol-secret', 'SCRAM-SHA-256', 8_192)]);
    expect(results).toEqual([{ user: 'carol', errorCode: 0, errorMessage: null }]);
    for (const round of ['before', 'after']) {
      for (const mechanism of ['PLAIN', 'SCRAM-SHA-256'] as const) {
        const answer = await authenticate(await broker.connect(), 'carol', 'carol-secret', mechanism);
        expect(answer.errorCode, `${mechanism}, ${round}`).toBe(0);
      }
      const other = await authenticate(await broker.connect(), 'carol', 'carol-secret', 'SCRAM-SHA-512');
      expect(other.errorCode).toBe(errors.SASL_AUTHENTICATION_FAILED.code);
      if (round === 'before') await broker.restart();
    }
    const stored = readFileSync(join(broker.directory, 'security'), 'utf8');
    expect(statSync(join(broker.directory, 'security')).mode & 0o077, 'readable by its owner alone').toBe(0);
    expect(stored).toContain('carol');
    expect(stored).not.toContain('carol-secret');
  });

  it('do not tell a user that is not there from one that is (A8)', async () => {
    const { broker, admin } = await start();
    await alter(admin, [await upsertion('carol', 'carol-secret', 'SCRAM-SHA-256', 8_192)]);
    const challengeOf = async (user: string): Promise<string> => {
      const connection = await broker.connect();
      await handshake(connection, 'SCRAM-SHA-256');
      const { authBytes } = await sendToken(connection, Buffer.from(`n,,n=${user},r=abc`));
      const [, salt = '', iterations] = /,s=([^,]*),i=(\d+)$/.exec(authBytes.toString()) ?? [];
      return `${salt.length}/${iterations}`;
    };
    const known = [await challengeOf('admin'), await challengeOf('carol')];
    const unknown = await Promise.all(Array.from({ length: 64 }, (_, index) => challengeOf(`nobody-${index}`)));
    expect(known[0]).not.toBe(known[1]);
    expect(new Set(unknown)).toEqual(new Set(known));
  });

  it('are shown without anything that would help to prove to be that user', async () => {
    const { admin } = await start();
    await alter(admin, [
      await upsertion('carol', 'a'),
      await upsertion('carol', 'a', 'SCRAM-SHA-512', 5_000),
      await upsertion('dave', 'b'),
    ]);
    const carol = {
      user: 'carol',
      errorCode: 0,
      errorMessage: null,
      credentialInfos: [
        { mechanism: 1, iterations: 4_096 },
        { mechanism: 2, iterations: 5_000 },
      ],
    };
    const all = await described(admin);
    expect(all.results.map(({ user }) => user)).toEqual(['carol', 'dave']);
    expect(all.results[0]).toEqual(carol);
    const some = await described(admin, ['carol', 'nobody', 'dave', 'dave']);
    expect(some.results).toEqual([
      carol,
      expect.objectContaining({ user: 'nobody', errorCode: errors.RESOURCE_NOT_FOUND.code }),
      expect.objectContaining({ user: 'dave', errorCode: errors.DUPLICATE_RESOURCE.code }),
    ]);
  });

  it('can be replaced, and removed', async () => {
    const { broker, admin } = await start();
    const codeOf = async (password: string) =>
      (await authenticate(await broker.connect(), 'carol', password, 'SCRAM-SHA-256')).errorCode;
    await alter(admin, [await upsertion('carol', 'first')]);
    await alter(admin, [await upsertion('carol', 'second')]);
    expect(await codeOf('first')).toBe(errors.SASL_AUTHENTICATION_FAILED.code);
    expect(await codeOf('second')).toBe(0);
    await alter(admin, [], [{ name: 'carol', mechanism: 1 }]);
    expect(await codeOf('second')).toBe(errors.SASL_AUTHENTICATION_FAILED.code);
  });

  it.for([
    ['few iterations', { iterations: 4_095 }, 'UNACCEPTABLE_CREDENTIAL'],
    ['many iterations', { iterations: 16_385 }, 'UNACCEPTABLE_CREDENTIAL'],
    ['no salt', { salt: Buffer.alloc(0) }, 'UNACCEPTABLE_CREDENTIAL'],
    ['a hash of another length', { saltedPassword: Buffer.alloc(20) }, 'UNACCEPTABLE_CREDENTIAL'],
    ['no name', { name: '' }, 'UNACCEPTABLE_CREDENTIAL'],
    ['a user of the options', { name: 'admin' }, 'UNACCEPTABLE_CREDENTIAL'],
    ['an unknown mechanism', { mechanism: 3 }, 'UNSUPPORTED_SASL_MECHANISM'],
  ] as const)('with %s are refused, for that user alone', async ([, wrong, error]) => {
    const { admin } = await start();
    const [bad, good] = [{ ...(await upsertion('carol', 'a')), ...wrong }, await upsertion('dave', 'b')];
    const { results } = await alter(admin, [bad, good]);
    expect(results.map(({ user, errorCode }) => [user, errorCode])).toEqual([
      [bad.name, errors[error].code],
      ['dave', 0],
    ]);
    expect((await described(admin)).results.map(({ user }) => user)).toEqual(['dave']);
  });

  it('are refused when a request contradicts itself, or removes what is not there', async () => {
    const { admin } = await start();
    const one = await upsertion('carol', 'a');
    const twice = await alter(admin, [one], [{ name: 'carol', mechanism: 1 }]);
    expect(twice.results[0]?.errorCode).toBe(errors.DUPLICATE_RESOURCE.code);
    const missing = await alter(admin, [], [{ name: 'carol', mechanism: 1 }]);
    expect(missing.results[0]?.errorCode).toBe(errors.RESOURCE_NOT_FOUND.code);
  });

  it('that cannot be written, or are too many, do not count', async () => {
    const disk = unreliableDisk();
    const { broker, admin } = await start({
      disk,
      limits: { authenticationFailureDelayMs: 1, scramCredentialsMax: 1 },
    });
    disk.failing = { writesTo: 'security' };
    const unwritten = await alter(admin, [await upsertion('carol', 'a')]);
    expect(unwritten.results[0]?.errorCode).toBe(errors.KAFKA_STORAGE_ERROR.code);
    disk.failing = {};
    const many = await alter(admin, [await upsertion('carol', 'a'), await upsertion('dave', 'a')]);
    expect(many.results.map(({ errorCode }) => errorCode)).toEqual([44, 44]);
    const refused = await authenticate(await broker.connect(), 'carol', 'a', 'SCRAM-SHA-256');
    expect(refused.errorCode).toBe(errors.SASL_AUTHENTICATION_FAILED.code);
    expect((await described(admin)).results).toEqual([]);
  });
});
