import { scramClient, type ScramMechanism, writeOAuthBearer, writePlain } from '@millrace/sasl';
import { messageOf } from '@millrace/std';
import { type Api, apis, errorOf, errors, type RequestInput, type Response } from '@millrace/wire';
import { ClientError } from './client-error.ts';
import type { Environment } from './options.ts';

/** How the client says who it is (SASL). */
export type SaslOptions =
  | { readonly mechanism: 'PLAIN' | ScramMechanism; readonly username: string; readonly password: string }
  | {
      readonly mechanism: 'OAUTHBEARER';
      /** Asked on every connection, and again before the session ends that the last token began. */
      readonly token: () => Promise<string>;
    };

/** The two requests on a connection that nothing else is sent on meanwhile. */
interface Authenticating {
  readonly address: string;
  ask<A extends Api>(api: A, body: RequestInput<A>): Promise<Response<A>>;
}

const NONCE_BYTES = 24;

/**
 * Proves to the broker who we are.
 *
 * @returns how long the session lasts, in ms; 0: as long as the connection
 * @throws ClientError `AUTHENTICATION_FAILED`, with a message that holds no secret
 */
export async function authenticate(
  connection: Authenticating,
  sasl: SaslOptions,
  { random }: Environment,
): Promise<number> {
  const { mechanism } = sasl;
  const handshake = await connection.ask(apis.saslHandshake, { mechanism });
  if (handshake.errorCode !== errors.NONE.code) {
    const { name } = errorOf(handshake.errorCode);
    const enabled = handshake.mechanisms.join(', ') || 'none';
    throw failed(connection, `${mechanism} enabled, found ${name} (enabled: ${enabled})`);
  }
  const send = async (authBytes: Buffer): Promise<Response<typeof apis.saslAuthenticate>> => {
    const answer = await connection.ask(apis.saslAuthenticate, { authBytes });
    if (answer.errorCode === errors.NONE.code) return answer;
    const { name, message } = errorOf(answer.errorCode);
    throw failed(connection, `our credentials to be taken, found ${name}: ${answer.errorMessage ?? message}`);
  };
  if (mechanism === 'OAUTHBEARER') {
    const token = await sasl.token().catch((error: unknown) => {
      throw failed(connection, `a token of our own, found: ${messageOf(error)}`);
    });
    const answer = await send(writeOAuthBearer(token));
    // RFC 7628, section 3.2.2: a refusal comes as a challenge, which tells no more than that it is one.
    if (answer.authBytes.length > 0) throw failed(connection, 'our token to be taken, found it refused');
    return answer.sessionLifetimeMs;
  }
  const { username, password } = sasl;
  if (mechanism === 'PLAIN') return (await send(writePlain(username, password))).sessionLifetimeMs;
  const nonce = Buffer.from(random.bytes(NONCE_BYTES)).toString('base64url');
  const client = scramClient(mechanism, username, password, nonce);
  const proven = await client.prove((await send(client.first)).authBytes);
  if ('problem' in proven) throw failed(connection, `SCRAM: ${proven.problem}`);
  const last = await send(proven.proof);
  if (!proven.isServer(last.authBytes)) throw failed(connection, 'a broker that knows our password');
  return last.sessionLifetimeMs;
}

function failed({ address }: Authenticating, expected: string): ClientError {
  return new ClientError('AUTHENTICATION_FAILED', `${address}: expected ${expected}`);
}
