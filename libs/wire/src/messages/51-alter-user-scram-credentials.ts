import {
  type MessageSchema,
  array,
  bytes,
  defaulted,
  int16,
  int32,
  int8,
  nullable,
  string,
  struct,
} from '../schema.ts';

/**
 * AlterUserScramCredentials, version 0 (KIP-554). The client salts and hashes: no password travels. Mechanisms: 1
 * SCRAM-SHA-256, 2 SCRAM-SHA-512.
 */
export const alterUserScramCredentialsRequest = {
  apiKey: 51,
  name: 'AlterUserScramCredentials',
  versions: [0, 0],
  flexibleSince: 0,
  fields: {
    deletions: array(struct({ name: string, mechanism: int8 })),
    upsertions: array(struct({ name: string, mechanism: int8, iterations: int32, salt: bytes, saltedPassword: bytes })),
  },
} as const satisfies MessageSchema;

export const alterUserScramCredentialsResponse = {
  apiKey: 51,
  name: 'AlterUserScramCredentials response',
  versions: [0, 0],
  flexibleSince: 0,
  fields: {
    throttleTimeMs: defaulted(int32),
    results: array(struct({ user: string, errorCode: int16, errorMessage: defaulted(nullable(string)) })),
  },
} as const satisfies MessageSchema;
