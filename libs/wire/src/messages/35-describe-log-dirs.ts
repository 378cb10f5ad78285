import {
  type MessageSchema,
  array,
  boolean,
  defaulted,
  int16,
  int32,
  int64,
  nullable,
  since,
  string,
  struct,
} from '../schema.ts';

/**
 * DescribeLogDirs, versions 0 to 4. 2 brought compact encoding, 3 an error of the whole, 4 the size of the volume (KIP-827).
 * Null asks for all topics.
 */
export const describeLogDirsRequest = {
  apiKey: 35,
  name: 'DescribeLogDirs',
  versions: [0, 4],
  flexibleSince: 2,
  fields: { topics: nullable(array(struct({ topic: string, partitions: array(int32) }))) },
} as const satisfies MessageSchema;

export const describeLogDirsResponse = {
  apiKey: 35,
  name: 'DescribeLogDirs response',
  versions: [0, 4],
  flexibleSince: 2,
  fields: {
    throttleTimeMs: defaulted(int32),
    errorCode: since(3, int16),
    results: array(
      struct({
        errorCode: int16,
        logDir: string,
        topics: array(
          struct({
            name: string,
            partitions: array(
              struct({ partition: int32, partitionSize: int64, offsetLag: int64, isFutureKey: defaulted(boolean) }),
            ),
          }),
        ),
        totalBytes: since(4, int64, -1),
        usableBytes: since(4, int64, -1),
      }),
    ),
  },
} as const satisfies MessageSchema;
