import { type MessageSchema, array, defaulted, int16, int32, int8, nullable, string, struct } from '../schema.ts';

/** DescribeUserScramCredentials, version 0 (KIP-554). Null asks for all users. Mechanisms: 1 SCRAM-SHA-256, 2 SCRAM-SHA-512. */
export const describeUserScramCredentialsRequest = {
  apiKey: 50,
  name: 'DescribeUserScramCredentials',
  versions: [0, 0],
  flexibleSince: 0,
  fields: { users: nullable(array(struct({ name: string }))) },
} as const satisfies MessageSchema;

export const describeUserScramCredentialsResponse = {
  apiKey: 50,
  name: 'DescribeUserScramCredentials response',
  versions: [0, 0],
  flexibleSince: 0,
  fields: {
    throttleTimeMs: defaulted(int32),
    errorCode: int16,
    errorMessage: defaulted(nullable(string)),
    results: array(
      struct({
        user: string,
        errorCode: int16,
        errorMessage: defaulted(nullable(string)),
        credentialInfos: array(struct({ mechanism: int8, iterations: int32 })),
      }),
    ),
  },
} as const satisfies MessageSchema;
