import { messageEventBody } from '@millrace/contract';
import { headers } from './headers.ts';
import { type JsonObject, readJson } from './json.ts';
import { type ReceivedRecord, headerText } from './record.ts';
import { type Unusable, unusable } from './unusable.ts';

/** A record on `core.message.event.process`: `{ messageName, correlationKey?, data? }`. */
export interface MessageEvent {
  readonly kind: 'message';
  readonly name: string;
  /** Empty for a message that only starts instances. */
  readonly correlationKey: string;
  readonly variables: JsonObject;
  readonly traceparent: string | undefined;
}

export function readMessageEvent(record: ReceivedRecord, bytesMax?: number): MessageEvent | Unusable {
  const read = readJson(record.value ?? '', bytesMax);
  if (read.kind === 'unusable') return read;
  const body = messageEventBody.safeParse(read.value);
  if (!body.success) return wrongShape('{ messageName, correlationKey?, data? }', body.error);
  const { messageName, correlationKey, data } = body.data;
  return {
    kind: 'message',
    name: messageName,
    correlationKey: correlationKey === undefined ? '' : String(correlationKey),
    variables: (data ?? {}) as JsonObject,
    traceparent: headerText(record, headers.traceparent),
  };
}

interface ShapeError {
  readonly issues: readonly { readonly path: readonly PropertyKey[]; readonly message: string }[];
}

/** The first few issues with their place: a dead letter's reason is read by a person. */
export function wrongShape(expected: string, error: ShapeError): Unusable {
  const found = error.issues
    .slice(0, 3)
    .map(({ path, message }) => `${path.map(String).join('.') || 'the body'}: ${message}`);
  return unusable('WRONG_SHAPE', `expected ${expected}; ${found.join('; ')}`);
}
