import { headers } from './headers.ts';
import { type JsonObject, limits, readJsonObject } from './json.ts';
import { type ReceivedRecord, headerText } from './record.ts';
import { type Unusable, unusable } from './unusable.ts';

/** A record on `core.message.event.process`: `{ messageName, correlationKey?, data?, ttlMs?, messageId? }`. */
export interface MessageEvent {
  readonly kind: 'message';
  readonly name: string;
  /** Empty for a message that only starts instances. */
  readonly correlationKey: string;
  readonly variables: JsonObject;
  /** How long it waits for a subscription when none is open yet. */
  readonly ttlMs: number | undefined;
  readonly messageId: string | undefined;
  readonly traceparent: string | undefined;
}

export function readMessageEvent(
  record: ReceivedRecord,
  bytesMax: number = limits.valueBytesMax,
): MessageEvent | Unusable {
  const read = readJsonObject(record.value ?? '', bytesMax);
  if (read.kind === 'unusable') return read;
  const { messageName, correlationKey, data, ttlMs, messageId } = read.value;
  if (typeof messageName !== 'string' || messageName === '') return wrong('"messageName" to be a string');
  if (correlationKey !== undefined && typeof correlationKey !== 'string' && typeof correlationKey !== 'number') {
    return wrong('"correlationKey" to be a string or a number');
  }
  if (data !== undefined && (typeof data !== 'object' || data === null || Array.isArray(data))) {
    return wrong('"data" to be a JSON object');
  }
  if (ttlMs !== undefined && !(Number.isSafeInteger(ttlMs) && Number(ttlMs) >= 0)) {
    return wrong('"ttlMs" to be milliseconds');
  }
  if (messageId !== undefined && typeof messageId !== 'string') return wrong('"messageId" to be a string');
  return {
    kind: 'message',
    name: messageName,
    correlationKey: correlationKey === undefined ? '' : String(correlationKey),
    variables: data ?? {},
    ttlMs: ttlMs === undefined ? undefined : Number(ttlMs),
    messageId,
    traceparent: headerText(record, headers.traceparent),
  };
}

function wrong(expected: string): Unusable {
  return unusable('WRONG_SHAPE', `expected ${expected}`);
}
