import { randomBytes } from 'node:crypto';
import { readPlain, type ScramMechanism, type ScramServer, scramServer } from '@millrace/sasl';
import type { Credentials } from './credentials.ts';
import { proven, type SaslExchange, unproven } from './sasl-mechanism.ts';

/** One token: name and password. */
export function plainExchange(credentials: Credentials): SaslExchange {
  return async (bytes) => {
    const token = readPlain(bytes);
    if (token === null) return unproven('expected a name and a password');
    const { authorizationId, user, password } = token;
    const isRight = await credentials.hasPassword(user, password);
    if (!isRight) return unproven('expected another password', user);
    if (authorizationId !== '' && authorizationId !== user)
      return unproven('expected a user that acts as itself', user);
    return proven(user);
  };
}

const NONCE_BYTES = 24;

/** Two tokens: who, and the proof. */
export function scramExchange(mechanism: ScramMechanism, credentials: Credentials): SaslExchange {
  let server: ScramServer | undefined;
  return (token) => {
    if (server === undefined) {
      const nonce = randomBytes(NONCE_BYTES).toString('base64url');
      const begun = scramServer(mechanism, token, nonce, (user) => credentials.find(mechanism, user));
      if ('problem' in begun) return Promise.resolve(unproven(begun.problem));
      server = begun;
      return Promise.resolve({ kind: 'challenge', bytes: begun.challenge });
    }
    const checked = server.check(token);
    const { user } = server;
    return Promise.resolve(
      'problem' in checked ? unproven(checked.problem, user) : proven(user, { bytes: checked.signature }),
    );
  };
}
