import { hmac, isSame, type ScramCredential, type ScramMechanism, storedKeyOf, xor } from './scram-keys.ts';
import { type ClientFirst, readClientFinal, readClientFirst, writeServerFirst } from './scram-message.ts';

/** Why an exchange ends without proof: a sentence for the log, which names no secret (K3). */
export interface Unproven {
  readonly problem: string;
}

/** The server of one exchange, after the first message of the client. */
export interface ScramServer {
  readonly user: string;
  /** The first message of the server. */
  readonly challenge: Buffer;
  /** Takes the last message of the client; gives the last one of the server, which proves to the client who that is. */
  check(token: Buffer): { readonly signature: Buffer } | Unproven;
}

/**
 * @param nonce of the server, from a secure source
 * @param find the credential of a user; for one that is not there another that no password fits, so that asking tells nothing
 */
export function scramServer(
  mechanism: ScramMechanism,
  token: Buffer,
  nonce: string,
  find: (user: string) => ScramCredential,
): ScramServer | Unproven {
  const first = readClientFirst(token.toString('utf8'));
  if (first === null) return { problem: 'expected the first message of a SCRAM client' };
  if (first.authorizationId !== '' && first.authorizationId !== first.user) {
    return { problem: 'expected a user that acts as itself' };
  }
  const credential = find(first.user);
  const wholeNonce = first.nonce + nonce;
  const challenge = writeServerFirst({ ...credential, nonce: wholeNonce });
  return {
    user: first.user,
    challenge: Buffer.from(challenge),
    check: (last) => check(mechanism, credential, first, challenge, wholeNonce, last),
  };
}

function check(
  mechanism: ScramMechanism,
  credential: ScramCredential,
  first: ClientFirst,
  challenge: string,
  nonce: string,
  token: Buffer,
): { readonly signature: Buffer } | Unproven {
  const last = readClientFinal(token.toString('utf8'));
  if (last === null) return { problem: 'expected the last message of a SCRAM client' };
  const isBound = last.binding === Buffer.from(first.gs2Header).toString('base64');
  // librdkafka before 2.6.1 puts its own nonce before ours once more; Kafka lets it, and what is signed holds ours either way.
  if (!isBound || !last.nonce.endsWith(nonce)) return { problem: 'expected the exchange that was begun' };
  const signed = `${first.bare},${challenge},${last.withoutProof}`;
  const signature = hmac(mechanism, Buffer.from(credential.storedKey, 'base64'), signed);
  const proof = Buffer.from(last.proof, 'base64');
  if (proof.length !== signature.length) return { problem: 'expected a proof of another length' };
  const storedKey = storedKeyOf(mechanism, xor(proof, signature)).toString('base64');
  if (!isSame(storedKey, credential.storedKey)) return { problem: 'expected another password' };
  const verifier = hmac(mechanism, Buffer.from(credential.serverKey, 'base64'), signed).toString('base64');
  return { signature: Buffer.from(`v=${verifier}`) };
}
