import {
  clientKeyOf,
  hmac,
  isSame,
  ITERATIONS_MIN,
  saltPassword,
  type ScramMechanism,
  storedKeyOf,
  xor,
} from './scram-keys.ts';
import { clientFirstBare, readServerFirst } from './scram-message.ts';
import type { Unproven } from './scram-server.ts';

const GS2_HEADER = 'n,,';
const ITERATIONS_MAX = 1_000_000;

/** The client of one exchange. */
export interface ScramClient {
  readonly first: Buffer;
  /** Answers the first message of the server. */
  prove(
    challenge: Buffer,
  ): Promise<{ readonly proof: Buffer; readonly isServer: (last: Buffer) => boolean } | Unproven>;
}

/** @param nonce from a secure source, without commas */
export function scramClient(mechanism: ScramMechanism, user: string, password: string, nonce: string): ScramClient {
  const bare = clientFirstBare(user, nonce);
  return {
    first: Buffer.from(GS2_HEADER + bare),
    async prove(token) {
      const challenge = token.toString('utf8');
      const server = readServerFirst(challenge);
      if (server === null) return { problem: 'expected the first message of a SCRAM server' };
      // K4.
      if (!server.nonce.startsWith(nonce) || server.nonce.length === nonce.length) {
        return { problem: 'expected the server to extend the nonce' };
      }
      const { iterations } = server;
      if (iterations < ITERATIONS_MIN || iterations > ITERATIONS_MAX) {
        return { problem: `expected ${ITERATIONS_MIN} to ${ITERATIONS_MAX} iterations, found ${iterations}` };
      }
      const salted = await saltPassword(mechanism, password, server);
      const withoutProof = `c=${Buffer.from(GS2_HEADER).toString('base64')},r=${server.nonce}`;
      const signed = `${bare},${challenge},${withoutProof}`;
      const clientKey = clientKeyOf(mechanism, salted);
      const proof = xor(clientKey, hmac(mechanism, storedKeyOf(mechanism, clientKey), signed));
      const verifier = hmac(mechanism, hmac(mechanism, salted, 'Server Key'), signed).toString('base64');
      return {
        proof: Buffer.from(`${withoutProof},p=${proof.toString('base64')}`),
        isServer: (last) => {
          const found = /^v=([A-Za-z0-9+/]+={0,2})(?:,|$)/.exec(last.toString('utf8'))?.[1];
          return found !== undefined && isSame(found, verifier);
        },
      };
    },
  };
}
