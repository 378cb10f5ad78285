import { type MessageSchema, array, int16, string } from '../schema.ts';

/**
 * SaslHandshake, versions 0 and 1. After 0 the tokens follow as bare frames, after 1 in SaslAuthenticate requests.
 */
export const saslHandshakeRequest = {
  apiKey: 17,
  name: 'SaslHandshake',
  versions: [0, 1],
  flexibleSince: Infinity,
  fields: { mechanism: string },
} as const satisfies MessageSchema;

export const saslHandshakeResponse = {
  apiKey: 17,
  name: 'SaslHandshake response',
  versions: [0, 1],
  flexibleSince: Infinity,
  fields: { errorCode: int16, mechanisms: array(string) },
} as const satisfies MessageSchema;
