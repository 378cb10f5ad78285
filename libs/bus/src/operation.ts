import { type OperationBody, bulkOperationsBody, operationBody } from '@millrace/contract';
import { headers } from './headers.ts';
import { readJsonObject } from './json.ts';
import { wrongShape } from './message-event.ts';
import { type OutgoingRecord, type ReceivedRecord, headerText } from './record.ts';
import type { Unusable } from './unusable.ts';

/** A record on `core.trigger.operations`, or its bulk form. */
export interface OperationsRequest {
  readonly kind: 'operations';
  readonly operations: readonly OperationBody[];
  /** Where the answer goes; without it nobody waits for one. */
  readonly callbackTopic: string | undefined;
}

export function readOperations(record: ReceivedRecord, bytesMax?: number): OperationsRequest | Unusable {
  const read = readJsonObject(record.value ?? '', bytesMax);
  if (read.kind === 'unusable') return read;
  const callbackTopic = headerText(record, headers.callbackTopic);
  if ('operations' in read.value) {
    const bulk = bulkOperationsBody.safeParse(read.value);
    if (!bulk.success) return wrongShape('{ operations: [{ operationType, … }] }', bulk.error);
    return { kind: 'operations', operations: bulk.data.operations, callbackTopic };
  }
  const single = operationBody.safeParse(read.value);
  if (!single.success) return wrongShape('{ operationType, processInstanceUuid, … }', single.error);
  return { kind: 'operations', operations: [single.data], callbackTopic };
}

export interface OperationOutcome {
  readonly operation: OperationBody;
  /** Why it was not done; absent when it was accepted. */
  readonly error?: string | undefined;
}

/** The answer on the callback topic: the request's own key and headers, and per operation what became of it. */
export function operationsReply(
  callbackTopic: string,
  request: ReceivedRecord,
  outcomes: readonly OperationOutcome[],
): OutgoingRecord {
  const results = outcomes.map(({ operation, error }) => ({
    processInstanceUuid: operation.processInstanceUuid,
    operationType: operation.operationType,
    ...(error === undefined ? { success: true } : { success: false, error }),
  }));
  return { topic: callbackTopic, key: request.key, value: JSON.stringify({ results }), headers: request.headers };
}
