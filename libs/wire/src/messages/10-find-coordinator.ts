import { type MessageSchema, array, between, int16, int32, int8, nullable, since, string, struct } from '../schema.ts';

/**
 * FindCoordinator, versions 0 to 4. 1 brought the key type (0 group, 1 transaction), 3 compact encoding, 4 asks for
 * several keys at once and so moves everything into `coordinators`.
 */
export const findCoordinatorRequest = {
  apiKey: 10,
  name: 'FindCoordinator',
  versions: [0, 4],
  flexibleSince: 3,
  fields: {
    key: between(0, 3, string),
    keyType: since(1, int8),
    coordinatorKeys: since(4, array(string)),
  },
} as const satisfies MessageSchema;

export const findCoordinatorResponse = {
  apiKey: 10,
  name: 'FindCoordinator response',
  versions: [0, 4],
  flexibleSince: 3,
  fields: {
    throttleTimeMs: since(1, int32),
    errorCode: between(0, 3, int16),
    errorMessage: between(1, 3, nullable(string)),
    nodeId: between(0, 3, int32),
    host: between(0, 3, string),
    port: between(0, 3, int32),
    coordinators: since(
      4,
      array(
        struct({
          key: string,
          nodeId: int32,
          host: string,
          port: int32,
          errorCode: int16,
          errorMessage: nullable(string),
        }),
      ),
    ),
  },
} as const satisfies MessageSchema;
