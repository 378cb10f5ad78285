import {
  type CommandOf,
  type InstanceId,
  type MessageStartRow,
  type Reached,
  type TimerPurpose,
  bytesFromText,
  instanceId,
  partitionForKey,
  partitionOfCorrelationKey,
  partitionOfInstance,
  partitionOfKey,
} from '@millrace/records';
import { collect } from '../collect.ts';
import { entriesSize } from '../json-size.ts';
import { VARIABLES_BYTES_MAX } from '../limits.ts';
import { conditionStartRow, messageStartPrefix, signalPrefix, startLockRow } from '../row-keys.ts';
import type { Context, Refusal } from './context.ts';
import { refuse } from './context.ts';
import { isTrue } from './expressions.ts';
import { repeat } from './repeat.ts';
import { isDefinitionSuspended, notWithheld } from './suspend-definition.ts';

/** Partition 0's side: start events that wait for a message or a time. */
export function offerMessageStart(context: Context, command: CommandOf<'offerMessageStart'>): Refusal | undefined {
  const { messageKey, name, correlationKey } = command;
  const owner = partitionOfKey(messageKey);
  if (owner === undefined) return refuse('INVALID_ARGUMENT', `expected a message key, found "${messageKey}"`);
  const started: Reached[] = [];
  const starts = collect(context.draft, 'messageStart', { prefix: messageStartPrefix(name) });
  for (const start of notWithheld(context, starts)) {
    if (!command.taken.includes(start.processId) && !isLocked(context, start, correlationKey)) {
      started.push(startByMessage(context, command, start));
    }
  }
  if (started.length === 0) context.emit({ kind: 'startEvent.declined', messageKey, name, correlationKey });
  context.send(owner, { kind: 'answerMessageStart', version: 1, messageKey, name, correlationKey, started });
  return undefined;
}

/** One live instance per process and correlation key, as far as messages start it. Without a key, any number. */
function isLocked(context: Context, { processId, name }: MessageStartRow, correlationKey: string): boolean {
  if (correlationKey === '') return false;
  return context.draft.get('startLock', startLockRow(processId, name, correlationKey)) !== undefined;
}

function startByMessage(context: Context, command: CommandOf<'offerMessageStart'>, start: MessageStartRow): Reached {
  const { messageKey, name, correlationKey, variables, hops, via, traceparent } = command;
  const { processId, definitionKey, elementId } = start;
  const message = { messageKey, name, correlationKey };
  const id = derivedId(context, `${messageKey}/${processId}/${elementId}`);
  context.emit({
    kind: 'startEvent.triggered',
    processId,
    definitionKey,
    elementId,
    instanceId: id,
    message,
  });
  context.send(partitionOfInstance(id), {
    kind: 'startInstance',
    version: 1,
    instanceId: id,
    processId,
    definitionVersion: versionOf(definitionKey),
    startEventId: elementId,
    variables,
    ...(correlationKey === '' ? undefined : { message: { name, correlationKey } }),
    ...(hops === undefined ? undefined : { hops }),
    ...(via === undefined ? undefined : { via }),
    ...(traceparent === undefined ? undefined : { traceparent }),
  });
  return { processId, instanceId: id, elementId };
}

/** A signal starts every process that waits for it. */
export function startBySignal(context: Context, command: CommandOf<'deliverSignal'>): Reached[] {
  const { signalKey, name, variables, hops, via, traceparent } = command;
  const starts = collect(context.draft, 'signalStart', { prefix: signalPrefix(name) });
  return notWithheld(context, starts).map((start) => {
    const { processId, definitionKey, elementId } = start;
    const id = derivedId(context, `${signalKey}/${processId}/${elementId}`);
    context.emit({ kind: 'startEvent.triggered', processId, definitionKey, elementId, instanceId: id });
    context.send(partitionOfInstance(id), {
      kind: 'startInstance',
      version: 1,
      instanceId: id,
      processId,
      definitionVersion: versionOf(definitionKey),
      startEventId: elementId,
      variables,
      ...(hops === undefined ? undefined : { hops }),
      ...(via === undefined ? undefined : { via }),
      ...(traceparent === undefined ? undefined : { traceparent }),
    });
    return { processId, instanceId: id, elementId };
  });
}

/** Partition 0 asks every process that a condition starts. What is neither true nor false does not hold. */
export function evaluateConditions(context: Context, command: CommandOf<'evaluateConditions'>): Refusal | undefined {
  const { processId, variables, traceparent } = command;
  const bytes = entriesSize(variables);
  if (bytes > VARIABLES_BYTES_MAX) {
    return refuse('TOO_LARGE', `expected variables of at most ${VARIABLES_BYTES_MAX} bytes as JSON, found ${bytes}`);
  }
  if (processId !== undefined && isDefinitionSuspended(context, processId)) {
    return refuse('INVALID_STATE', `the process "${processId}" is suspended and starts no instances`);
  }
  const prefix = processId === undefined ? '' : conditionStartRow(processId, '');
  const around = { variables, now: context.now };
  const fulfilled = collect(context.draft, 'conditionStart', { prefix }).filter(({ condition }) =>
    isTrue(condition, around),
  );
  const cause = context.nextKey();
  const starting = fulfilled.filter((start) => !isDefinitionSuspended(context, start.processId));
  const started = starting.map((start) => ({
    processId: start.processId,
    instanceId: derivedId(context, `${cause}/${start.processId}/${start.elementId}`),
    elementId: start.elementId,
  }));
  context.emit({ kind: 'conditions.evaluated', started });
  // The answer comes first (V3), then what came of it.
  notWithheld(context, fulfilled);
  for (const [at, { definitionKey, elementId, ...start }] of starting.entries()) {
    const id = started[at]?.instanceId ?? '';
    context.emit({
      kind: 'startEvent.triggered',
      processId: start.processId,
      definitionKey,
      elementId,
      instanceId: id,
    });
    context.send(partitionOfInstance(id), {
      kind: 'startInstance',
      version: 1,
      instanceId: id,
      processId: start.processId,
      definitionVersion: versionOf(definitionKey),
      startEventId: elementId,
      variables,
      ...(traceparent === undefined ? undefined : { traceparent }),
    });
  }
  return undefined;
}

export function releaseMessageStart(context: Context, command: CommandOf<'releaseMessageStart'>): undefined {
  const { processId, name, correlationKey } = command;
  const lock = context.draft.get('startLock', startLockRow(processId, name, correlationKey));
  if (lock?.instanceId !== command.instanceId) return;
  context.emit({ kind: 'startLock.released', processId, name, correlationKey });
  context.send(partitionOfCorrelationKey(correlationKey, context.draft.partitionCount), {
    kind: 'reofferMessages',
    version: 1,
    processId,
    name,
    correlationKey,
  });
}

export function triggerTimerStart(
  context: Context,
  purpose: Extract<TimerPurpose, { readonly kind: 'start' }>,
  dueAt: number,
): void {
  const { processId, definitionKey, elementId } = purpose;
  const id = derivedId(context, `${definitionKey}/${elementId}/${context.nextKey()}`);
  context.emit({ kind: 'startEvent.triggered', processId, definitionKey, elementId, instanceId: id });
  repeat(context, purpose, dueAt);
  context.send(partitionOfInstance(id), {
    kind: 'startInstance',
    version: 1,
    instanceId: id,
    processId,
    definitionVersion: versionOf(definitionKey),
    startEventId: elementId,
    variables: {},
  });
}

/** The same cause gives the same id, and causes spread over all partitions. */
function derivedId(context: Context, cause: string): InstanceId {
  return instanceId(partitionForKey(cause, context.draft.partitionCount), bytesFromText(cause));
}

function versionOf(definitionKey: string): number {
  return Number(definitionKey.slice(definitionKey.lastIndexOf(':') + 1));
}
