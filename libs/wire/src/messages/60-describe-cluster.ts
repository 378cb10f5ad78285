import {
  type MessageSchema,
  array,
  boolean,
  defaulted,
  int16,
  int32,
  int8,
  nullable,
  since,
  string,
  struct,
} from '../schema.ts';

/** Stands for "not asked for" in the bit field of authorised operations. */
const NOT_ASKED = -2_147_483_648;

/** DescribeCluster, versions 0 and 1 (KIP-700). 1 asks for brokers (1) or controllers (2), KIP-919. */
export const describeClusterRequest = {
  apiKey: 60,
  name: 'DescribeCluster',
  versions: [0, 1],
  flexibleSince: 0,
  fields: { includeClusterAuthorizedOperations: defaulted(boolean), endpointType: since(1, int8, 1) },
} as const satisfies MessageSchema;

export const describeClusterResponse = {
  apiKey: 60,
  name: 'DescribeCluster response',
  versions: [0, 1],
  flexibleSince: 0,
  fields: {
    throttleTimeMs: defaulted(int32),
    errorCode: int16,
    errorMessage: defaulted(nullable(string)),
    endpointType: since(1, int8, 1),
    clusterId: string,
    controllerId: int32,
    brokers: array(struct({ brokerId: int32, host: string, port: int32, rack: nullable(string) })),
    clusterAuthorizedOperations: defaulted(int32, NOT_ASKED),
  },
} as const satisfies MessageSchema;
