import { headers } from './headers.ts';
import { type JsonValue, limits, readJsonObject } from './json.ts';
import { type OutgoingRecord, type ReceivedRecord, headerText } from './record.ts';
import { type Unusable, unusable } from './unusable.ts';

export const operationTypes = ['ASSIGN', 'UNASSIGN', 'HOLD', 'UNHOLD', 'TERMINATE'] as const;
export type OperationType = (typeof operationTypes)[number];

/** One operation of a record on `core.trigger.operations` or its bulk form. */
export interface Operation {
  readonly operationType: OperationType;
  readonly instanceId: string;
  readonly taskId: string | undefined;
  readonly owner: string | undefined;
  readonly author: string | undefined;
}

export interface OperationsRequest {
  readonly kind: 'operations';
  readonly operations: readonly Operation[];
  /** Where the answer goes; without it nobody waits for one. */
  readonly callbackTopic: string | undefined;
}

/** Bounds what one record can make the engine do. */
const operationsMax = 1000;

export function readOperations(
  record: ReceivedRecord,
  bytesMax: number = limits.valueBytesMax,
): OperationsRequest | Unusable {
  const read = readJsonObject(record.value ?? '', bytesMax);
  if (read.kind === 'unusable') return read;
  const bulk = read.value['operations'];
  const list: readonly JsonValue[] = Array.isArray(bulk) ? bulk : [read.value];
  if (list.length > operationsMax) {
    return unusable('WRONG_SHAPE', `expected at most ${operationsMax} operations, found ${list.length}`);
  }
  const operations: Operation[] = [];
  for (const item of list) {
    const operation = readOperation(item);
    if (typeof operation === 'string') return unusable('WRONG_SHAPE', operation);
    operations.push(operation);
  }
  return { kind: 'operations', operations, callbackTopic: headerText(record, headers.callbackTopic) };
}

/** The answer on the callback topic: the request's own key and headers, and per operation what became of it. */
export function operationsReply(
  callbackTopic: string,
  request: ReceivedRecord,
  outcomes: readonly {
    readonly instanceId: string;
    readonly operationType: string;
    readonly error?: string | undefined;
  }[],
): OutgoingRecord {
  const results = outcomes.map(({ instanceId, operationType, error }) => ({
    processInstanceUuid: instanceId,
    operationType,
    ...(error === undefined ? { success: true } : { success: false, error }),
  }));
  return { topic: callbackTopic, key: request.key, value: JSON.stringify({ results }), headers: request.headers };
}

function readOperation(item: JsonValue): Operation | string {
  if (typeof item !== 'object' || item === null || Array.isArray(item))
    return 'expected an operation to be a JSON object';
  const { operationType, processInstanceUuid, taskId, owner, author } = item;
  const type = operationTypes.find((known) => known === operationType);
  if (type === undefined) return `expected "operationType" to be one of ${operationTypes.join(', ')}`;
  if (typeof processInstanceUuid !== 'string') return 'expected "processInstanceUuid" to be a string';
  return {
    operationType: type,
    instanceId: processInstanceUuid.toLowerCase(),
    taskId: textOf(taskId),
    owner: textOf(owner),
    author: textOf(author),
  };
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
