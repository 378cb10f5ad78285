import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(pbkdf2);

/** The mechanisms with Kafka's number for each (KIP-554), and what they hash with. */
export const scramMechanisms = {
  'SCRAM-SHA-256': { code: 1, hash: 'sha256', bytes: 32 },
  'SCRAM-SHA-512': { code: 2, hash: 'sha512', bytes: 64 },
} as const;

export type ScramMechanism = keyof typeof scramMechanisms;

/** RFC 7677, section 4, asks for at least as many. */
export const ITERATIONS_MIN = 4_096;

/** K1. What a server keeps of a password (RFC 5802, section 3). In base64, to be stored as JSON. */
export interface ScramCredential {
  readonly salt: string;
  readonly iterations: number;
  readonly storedKey: string;
  readonly serverKey: string;
}

/** The slow part: everything else follows from this and the messages. */
export function saltPassword(
  mechanism: ScramMechanism,
  password: string,
  { salt, iterations }: Pick<ScramCredential, 'salt' | 'iterations'>,
): Promise<Buffer> {
  const { hash, bytes } = scramMechanisms[mechanism];
  return derive(Buffer.from(password, 'utf8'), Buffer.from(salt, 'base64'), iterations, bytes, hash);
}

export function credentialOf(
  mechanism: ScramMechanism,
  saltedPassword: Uint8Array,
  { salt, iterations }: Pick<ScramCredential, 'salt' | 'iterations'>,
): ScramCredential {
  const storedKey = storedKeyOf(mechanism, clientKeyOf(mechanism, saltedPassword)).toString('base64');
  const serverKey = hmac(mechanism, saltedPassword, 'Server Key').toString('base64');
  return { salt, iterations, storedKey, serverKey };
}

/** Whether the password is the one of the credential: for PLAIN, which hands it over as it is. */
export async function isPassword(
  mechanism: ScramMechanism,
  password: string,
  credential: ScramCredential,
): Promise<boolean> {
  const salted = await saltPassword(mechanism, password, credential);
  return isSame(credentialOf(mechanism, salted, credential).storedKey, credential.storedKey);
}

export function clientKeyOf(mechanism: ScramMechanism, saltedPassword: Uint8Array): Buffer {
  return hmac(mechanism, saltedPassword, 'Client Key');
}

export function storedKeyOf(mechanism: ScramMechanism, clientKey: Uint8Array): Buffer {
  return createHash(scramMechanisms[mechanism].hash).update(clientKey).digest();
}

export function hmac(mechanism: ScramMechanism, key: Uint8Array, text: string): Buffer {
  return createHmac(scramMechanisms[mechanism].hash, key).update(text, 'utf8').digest();
}

export function xor(left: Uint8Array, right: Uint8Array): Buffer {
  return Buffer.from(left.map((byte, index) => byte ^ (right[index] ?? 0)));
}

/** K2. Both in base64. */
export function isSame(left: string, right: string): boolean {
  const [a, b] = [Buffer.from(left, 'base64'), Buffer.from(right, 'base64')];
  return a.length === b.length && timingSafeEqual(a, b);
}
