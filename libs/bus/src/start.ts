import { headers } from './headers.ts';
import { type JsonObject, limits, readJsonObject } from './json.ts';
import { type OutgoingRecord, type ReceivedRecord, headerText, headersOf } from './record.ts';
import type { Topics } from './topics.ts';
import { type Unusable, unusable } from './unusable.ts';

/** A record on `core.trigger.start.process`. */
export interface StartRequest {
  readonly kind: 'start';
  readonly processName: string;
  readonly variables: JsonObject;
  readonly traceparent: string | undefined;
}

/**
 * Two spellings: since FlowX 4.6 the header `Fx-ProcessName` names the process and the body is its parameters; up to 3.x
 * the body is `{ processName, params? }`, and without `params` its other fields are the parameters.
 */
export function readStart(record: ReceivedRecord, bytesMax: number = limits.valueBytesMax): StartRequest | Unusable {
  const read = readJsonObject(record.value === null || record.value.length === 0 ? '{}' : record.value, bytesMax);
  if (read.kind === 'unusable') return read;
  const traceparent = headerText(record, headers.traceparent);
  const named = headerText(record, headers.flowxProcessName);
  if (named !== undefined && named !== '') {
    return { kind: 'start', processName: named, variables: read.value, traceparent };
  }
  const { processName, params, ...rest } = read.value;
  if (typeof processName !== 'string' || processName === '') {
    return unusable('WRONG_SHAPE', `expected the header ${headers.flowxProcessName} or a body with "processName"`);
  }
  if (params === undefined) return { kind: 'start', processName, variables: rest, traceparent };
  if (typeof params !== 'object' || params === null || Array.isArray(params)) {
    return unusable('WRONG_SHAPE', 'expected "params" to be a JSON object');
  }
  return { kind: 'start', processName, variables: params, traceparent };
}

export interface StartConfirmation {
  readonly processName: string;
  readonly instanceId: string | undefined;
  /** Of the trigger record: echoed, so that its sender recognises the answer. */
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly rejected?: { readonly reason: string; readonly message: string } | undefined;
}

/** The reply on `core.confirm.start.process`: which instance it became, or why none. */
export function startConfirmation(topics: Topics, confirmation: StartConfirmation): OutgoingRecord {
  const { processName, instanceId, rejected } = confirmation;
  return {
    topic: topics.startConfirmation,
    key: confirmation.key,
    value: JSON.stringify(
      rejected === undefined
        ? { processName, processInstanceUuid: instanceId, processInstanceId: instanceId, success: true }
        : { processName, success: false, code: rejected.reason, message: rejected.message },
    ),
    headers: headersOf({
      ...confirmation.headers,
      [headers.instanceUuid]: instanceId,
      [headers.instanceId]: instanceId,
    }),
  };
}
