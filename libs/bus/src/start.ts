import { FX_PROCESS_NAME, startByRecordBody } from '@millrace/contract';
import { headers } from './headers.ts';
import { type JsonObject, isObject, readJsonObject } from './json.ts';
import { wrongShape } from './message-event.ts';
import { type ReceivedRecord, headerText } from './record.ts';
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
export function readStart(record: ReceivedRecord, bytesMax?: number): StartRequest | Unusable {
  const read = readJsonObject(record.value === null || record.value.length === 0 ? '{}' : record.value, bytesMax);
  if (read.kind === 'unusable') return read;
  const traceparent = headerText(record, headers.traceparent);
  const named = headerText(record, FX_PROCESS_NAME);
  if (named !== undefined && named !== '') {
    return { kind: 'start', processName: named, variables: read.value, traceparent };
  }
  const body = startByRecordBody.safeParse(read.value);
  if (!body.success) return wrongShape(`the header ${FX_PROCESS_NAME} or { processName, … }`, body.error);
  const { processName: _, params, ...rest } = read.value;
  if (params !== undefined && !isObject(params))
    return unusable('WRONG_SHAPE', 'expected "params" to be a JSON object');
  return { kind: 'start', processName: body.data.processName, variables: params ?? rest, traceparent };
}
