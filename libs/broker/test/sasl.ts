import { randomUUID } from 'node:crypto';
import { scramClient, type ScramMechanism, writePlain } from '@millrace/sasl';
import { apis, errors, type Response } from '@millrace/wire';
import type { WireConnection } from './wire-connection.ts';

type Answer = Response<typeof apis.saslAuthenticate>;

export async function handshake(connection: WireConnection, mechanism: string, version = 1): Promise<number> {
  return (await connection.request(apis.saslHandshake, version, { mechanism })).errorCode;
}

export function sendToken(connection: WireConnection, authBytes: Uint8Array, version = 2): Promise<Answer> {
  return connection.request(apis.saslAuthenticate, version, { authBytes });
}

/** The whole exchange of a client; the last answer, whatever it is. */
export async function authenticate(
  connection: WireConnection,
  user: string,
  password: string,
  mechanism: ScramMechanism | 'PLAIN' = 'PLAIN',
): Promise<Answer> {
  const errorCode = await handshake(connection, mechanism);
  if (errorCode !== 0) throw new Error(`expected ${mechanism} to be enabled, found error ${errorCode}`);
  if (mechanism === 'PLAIN') return sendToken(connection, writePlain(user, password));
  const client = scramClient(mechanism, user, password, randomUUID());
  const challenge = await sendToken(connection, client.first);
  if (challenge.errorCode !== errors.NONE.code) return challenge;
  const proven = await client.prove(challenge.authBytes);
  if ('problem' in proven) throw new Error(proven.problem);
  const last = await sendToken(connection, proven.proof);
  if (last.errorCode === 0 && !proven.isServer(last.authBytes)) throw new Error('expected the server to prove itself');
  return last;
}
