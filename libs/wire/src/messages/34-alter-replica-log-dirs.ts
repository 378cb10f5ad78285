import { type MessageSchema, array, defaulted, int16, int32, string, struct } from '../schema.ts';

/** AlterReplicaLogDirs, versions 0 to 2 (KIP-113): moves replicas between the directories of a broker. 2 brought compact encoding. */
export const alterReplicaLogDirsRequest = {
  apiKey: 34,
  name: 'AlterReplicaLogDirs',
  versions: [0, 2],
  flexibleSince: 2,
  fields: {
    dirs: array(struct({ path: string, topics: array(struct({ name: string, partitions: array(int32) })) })),
  },
} as const satisfies MessageSchema;

export const alterReplicaLogDirsResponse = {
  apiKey: 34,
  name: 'AlterReplicaLogDirs response',
  versions: [0, 2],
  flexibleSince: 2,
  fields: {
    throttleTimeMs: defaulted(int32),
    results: array(struct({ name: string, partitions: array(struct({ partition: int32, errorCode: int16 })) })),
  },
} as const satisfies MessageSchema;
