import { type MessageSchema, array, defaulted, int16, int32, int64, string, struct } from '../schema.ts';

/** DeleteRecords, versions 0 to 2. 2 brought compact encoding. Offset -1 deletes up to the high watermark. */
export const deleteRecordsRequest = {
  apiKey: 21,
  name: 'DeleteRecords',
  versions: [0, 2],
  flexibleSince: 2,
  fields: {
    topics: array(struct({ name: string, partitions: array(struct({ partition: int32, offset: int64 })) })),
    timeoutMs: int32,
  },
} as const satisfies MessageSchema;

export const deleteRecordsResponse = {
  apiKey: 21,
  name: 'DeleteRecords response',
  versions: [0, 2],
  flexibleSince: 2,
  fields: {
    throttleTimeMs: defaulted(int32),
    topics: array(
      struct({
        name: string,
        partitions: array(struct({ partition: int32, lowWatermark: int64, errorCode: int16 })),
      }),
    ),
  },
} as const satisfies MessageSchema;
