import { type MessageSchema, int16, int32, nullable, since, string } from '../schema.ts';

/** Heartbeat, versions 0 to 4. 3 brought static members, 4 compact encoding. */
export const heartbeatRequest = {
  apiKey: 12,
  name: 'Heartbeat',
  versions: [0, 4],
  flexibleSince: 4,
  fields: {
    groupId: string,
    generationId: int32,
    memberId: string,
    groupInstanceId: since(3, nullable(string)),
  },
} as const satisfies MessageSchema;

export const heartbeatResponse = {
  apiKey: 12,
  name: 'Heartbeat response',
  versions: [0, 4],
  flexibleSince: 4,
  fields: { throttleTimeMs: since(1, int32), errorCode: int16 },
} as const satisfies MessageSchema;
