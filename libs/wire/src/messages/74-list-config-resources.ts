import { type MessageSchema, array, defaulted, int16, int32, int8, since, string, struct } from '../schema.ts';

const CLIENT_METRICS = 16;

/**
 * ListConfigResources, versions 0 and 1: what has a configuration. 0 (KIP-714) lists subscriptions to metrics of clients, 1
 * (KIP-1142) resources of the types that are asked for; no types stand for all.
 */
export const listConfigResourcesRequest = {
  apiKey: 74,
  name: 'ListConfigResources',
  versions: [0, 1],
  flexibleSince: 0,
  fields: { resourceTypes: since(1, array(int8)) },
} as const satisfies MessageSchema;

export const listConfigResourcesResponse = {
  apiKey: 74,
  name: 'ListConfigResources response',
  versions: [0, 1],
  flexibleSince: 0,
  fields: {
    throttleTimeMs: defaulted(int32),
    errorCode: int16,
    configResources: array(struct({ resourceName: string, resourceType: since(1, int8, CLIENT_METRICS) })),
  },
} as const satisfies MessageSchema;
