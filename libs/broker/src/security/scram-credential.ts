export type ScramMechanism = 'SCRAM-SHA-256' | 'SCRAM-SHA-512';

/**
 * What the broker keeps of a password (RFC 5802, section 3): enough to check a proof, not enough to make one. Base64.
 */
export interface ScramCredential {
  readonly salt: string;
  readonly iterations: number;
  readonly storedKey: string;
  readonly serverKey: string;
}
