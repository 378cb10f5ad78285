import { type MessageSchema, array, defaulted, int16, int32, string, struct } from '../schema.ts';

/** OffsetDelete, version 0 (KIP-496), which has no compact encoding. Removes committed offsets of topics that nobody reads. */
export const offsetDeleteRequest = {
  apiKey: 47,
  name: 'OffsetDelete',
  versions: [0, 0],
  flexibleSince: Infinity,
  fields: {
    groupId: string,
    topics: array(struct({ name: string, partitions: array(struct({ partition: int32 })) })),
  },
} as const satisfies MessageSchema;

export const offsetDeleteResponse = {
  apiKey: 47,
  name: 'OffsetDelete response',
  versions: [0, 0],
  flexibleSince: Infinity,
  fields: {
    errorCode: int16,
    throttleTimeMs: defaulted(int32),
    topics: array(struct({ name: string, partitions: array(struct({ partition: int32, errorCode: int16 })) })),
  },
} as const satisfies MessageSchema;
