import { type MessageSchema, array, int16, int32, since, string, struct } from '../schema.ts';

/**
 * ApiVersions, versions 0 to 4. 3 brought compact encoding and the software of the client, 4 features
 * whose first version is 0 (there are none). The response header stays at
 * version 0 for ever, and a request in a version we lack is answered with a body in version 0.
 */
export const apiVersionsRequest = {
  apiKey: 18,
  name: 'ApiVersions',
  versions: [0, 4],
  flexibleSince: 3,
  fields: { clientSoftwareName: since(3, string), clientSoftwareVersion: since(3, string) },
} as const satisfies MessageSchema;

export const apiVersionsResponse = {
  apiKey: 18,
  name: 'ApiVersions response',
  versions: [0, 4],
  flexibleSince: 3,
  fields: {
    errorCode: int16,
    apiKeys: array(struct({ apiKey: int16, minVersion: int16, maxVersion: int16 })),
    throttleTimeMs: since(1, int32),
  },
} as const satisfies MessageSchema;
