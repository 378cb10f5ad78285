import { type MessageSchema, bytes, int16, int64, nullable, since, string } from '../schema.ts';

/** SaslAuthenticate, versions 0 to 2. 1 brought the lifetime of the session, 2 compact encoding. */
export const saslAuthenticateRequest = {
  apiKey: 36,
  name: 'SaslAuthenticate',
  versions: [0, 2],
  flexibleSince: 2,
  fields: { authBytes: bytes },
} as const satisfies MessageSchema;

export const saslAuthenticateResponse = {
  apiKey: 36,
  name: 'SaslAuthenticate response',
  versions: [0, 2],
  flexibleSince: 2,
  fields: {
    errorCode: int16,
    errorMessage: nullable(string),
    authBytes: bytes,
    sessionLifetimeMs: since(1, int64),
  },
} as const satisfies MessageSchema;
