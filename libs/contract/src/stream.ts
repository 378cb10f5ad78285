/**
 * What a watcher receives. By SSE the payload is the `data` field and the position is the `id` field; events of the
 * engine have no `event` field (so `onmessage` sees them all), the two notices are named `reset` and `too-slow`.
 * By WebSocket each message is one `StreamMessage`, with the position in `id`.
 */
import { z } from 'zod';
import { limits } from './limits.ts';
import { processInstanceUuid, timestamp } from './rest/common.ts';
import { exactly } from './exactly.ts';

/** One event as history, SSE and WebSocket show it. `data` is the record of `core.events` as it is. */
export const watchedEvent = z
  .object({
    partition: z.int(),
    offset: z.int().describe('Order holds within a partition, and so within an instance'),
    time: timestamp,
    type: z.string().describe('`instance.started`, `element.entered`, …'),
    processInstanceUuid: processInstanceUuid.optional(),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'WatchedEvent' });
export type WatchedEvent = z.infer<typeof watchedEvent>;

export const resetNotice = z
  .object({
    reason: z.enum(['EPOCH_CHANGED', 'EXPIRED', 'AHEAD_OF_LOG', 'NOT_A_POSITION']),
    message: z.string().describe('What was seen before may have gaps; read the status again'),
  })
  .meta({ id: 'ResetNotice' });
export type ResetNotice = z.infer<typeof resetNotice>;

export const tooSlowNotice = z
  .object({ bufferedBytes: z.int(), bufferedBytesMax: z.int(), message: z.string() })
  .meta({ id: 'TooSlowNotice' });
export type TooSlowNotice = z.infer<typeof tooSlowNotice>;

export const streamMessage = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('event'), id: z.string(), event: watchedEvent }),
  z.object({ kind: z.literal('position'), id: z.string().describe('Everything before has been sent; nothing new') }),
  z.object({ kind: z.literal('heartbeat') }),
  z.object({ kind: z.literal('reset'), reset: resetNotice }),
  z.object({ kind: z.literal('too-slow'), tooSlow: tooSlowNotice }),
]);
export type StreamMessage = z.infer<typeof streamMessage>;

const lastEventId = z
  .string()
  .max(8_192)
  .optional()
  .describe('The id of the last event seen, where the header `Last-Event-ID` cannot be set; the header wins');
const from = z
  .enum(['start', 'now'])
  .optional()
  .describe('Where a stream without an id begins: an instance at its start, all at now, unless this says otherwise');

export const watchInstanceQuery = exactly({ lastEventId, from });
export const watchAllQuery = exactly({
  lastEventId,
  from,
  definition: z.string().max(limits.nameLengthMax).optional(),
  type: z.string().max(1_024).optional().describe('Event types, separated by commas; `job.*` takes all of a kind'),
  businessKey: z.string().max(limits.businessKeyLengthMax).optional(),
});
export type WatchAllQuery = z.infer<typeof watchAllQuery>;

/** History as JSON: the same path as the stream of an instance, without `Accept: text/event-stream`. */
export const historyQuery = exactly({
  limit: z
    .string()
    .regex(/^\d{1,4}$/)
    .refine((text) => Number(text) >= 1 && Number(text) <= limits.historyPageMax, {
      error: `expected a number from 1 to ${limits.historyPageMax}`,
    })
    .optional(),
  cursor: z.string().max(64).optional(),
});
export const historyAnswer = z.object({
  processInstanceUuid,
  items: z.array(watchedEvent),
  nextCursor: z.string().optional(),
  lastEventId: z.string().optional().describe('Where to resume a stream behind the last of these'),
});
