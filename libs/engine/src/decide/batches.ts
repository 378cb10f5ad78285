import { unreachable } from '@millrace/std';
import type {
  BatchFailure,
  BatchFilter,
  BatchOperation,
  BatchRow,
  Command,
  CommandOf,
  InstanceRow,
} from '@millrace/records';
import { collect } from '../collect.ts';
import { BATCHES_MAX, BATCH_ID_LENGTH_MAX, BATCH_INSTANCES_PER_STEP, BATCH_ROWS_PER_STEP } from '../limits.ts';
import { ofInstance } from '../row-keys.ts';
import { Context, type Refusal, noCause, refuse } from './context.ts';

/** Decides one command within a decision; the dispatcher of decide.ts. */
export type Execute = (context: Context, command: Command) => Refusal | undefined;

export function startBatch(context: Context, command: CommandOf<'startBatch'>, execute: Execute): Refusal | undefined {
  const { batchId, partition, operation, filter } = command;
  const { draft } = context;
  if (partition !== draft.partition)
    return refuse('INVALID_ARGUMENT', `expected a batch for partition ${draft.partition}`);
  if (batchId === '' || batchId.length > BATCH_ID_LENGTH_MAX) {
    return refuse('INVALID_ARGUMENT', `expected a batch id of 1 to ${BATCH_ID_LENGTH_MAX} characters`);
  }
  if (draft.get('batch', batchId) !== undefined) return refuse('ALREADY_EXISTS', `batch ${batchId} is under way`);
  if (collect(draft, 'batch', { prefix: '', limit: BATCHES_MAX }).length === BATCHES_MAX) {
    return refuse('LIMIT_REACHED', `expected at most ${BATCHES_MAX} batches at a time`);
  }
  context.emit({ kind: 'batch.started', batchId, partition, operation, filter, partitions: draft.partitionCount });
  return continueBatch(context, { kind: 'continueBatch', version: 1, batchId, partition }, execute);
}

/** E3. The next slice: so many instances are looked at, and so many of them are operated on. */
export function continueBatch(context: Context, command: CommandOf<'continueBatch'>, execute: Execute): undefined {
  const { batchId, partition } = command;
  const batch = context.draft.get('batch', batchId);
  if (batch === undefined) return;
  const { operation, filter } = batch;
  const candidates = nextInstances(context, batch);
  const failures: BatchFailure[] = [];
  let { cursor, done, failed } = batch;
  let operated = 0;
  for (const instance of candidates) {
    if (operated === BATCH_INSTANCES_PER_STEP) break;
    const { instanceId } = instance;
    cursor = instanceId;
    if (!fits(instance, filter)) continue;
    operated += 1;
    const refusal = operate(context, instance, operation, execute);
    if (refusal === undefined) done += 1;
    else {
      failed += 1;
      failures.push({ instanceId, reason: refusal.rejection.reason, message: refusal.rejection.message });
    }
  }
  if (cursor !== batch.cursor) {
    context.emit({ kind: 'batch.progressed', batchId, partition, cursor, done, failed, failures });
  }
  const isThrough = candidates.length < BATCH_ROWS_PER_STEP && cursor === (candidates.at(-1)?.instanceId ?? cursor);
  if (isThrough) context.emit({ kind: 'batch.ended', batchId, partition, isCancelled: false, done, failed });
  else context.send(partition, { kind: 'continueBatch', version: 1, batchId, partition });
}

export function cancelBatch(context: Context, { batchId, partition }: CommandOf<'cancelBatch'>): Refusal | undefined {
  const batch = context.draft.get('batch', batchId);
  if (batch === undefined) return refuse('NOT_FOUND', `expected batch ${batchId} to be under way`);
  const { done, failed } = batch;
  context.emit({ kind: 'batch.ended', batchId, partition, isCancelled: true, done, failed });
  return undefined;
}

/** In the order of their ids. Instances that start behind the cursor while the batch runs are met too. */
function nextInstances({ draft }: Context, { cursor, filter }: BatchRow): InstanceRow[] {
  if (filter.instanceIds === undefined) {
    return collect(draft, 'instance', { from: `${cursor}0`, to: AFTER_ANY_ID, limit: BATCH_ROWS_PER_STEP });
  }
  const left = filter.instanceIds.filter((id) => id > cursor).sort();
  const found: InstanceRow[] = [];
  for (const id of left) {
    if (found.length === BATCH_ROWS_PER_STEP) break;
    const row = draft.get('instance', id);
    if (row !== undefined) found.push(row);
  }
  return found;
}

/** Ids are hexadecimal. */
const AFTER_ANY_ID = 'g';

function fits(instance: InstanceRow, filter: BatchFilter): boolean {
  const { processId, definitionVersion, businessKey, isSuspended, startedBefore, startedFrom } = filter;
  return (
    instance.phase === 'active' &&
    (processId === undefined || instance.processId === processId) &&
    (definitionVersion === undefined || instance.definitionVersion === definitionVersion) &&
    (businessKey === undefined || instance.businessKey === businessKey) &&
    (isSuspended === undefined || (instance.isSuspended === true) === isSuspended) &&
    (startedBefore === undefined || instance.startedAt < startedBefore) &&
    (startedFrom === undefined || instance.startedAt >= startedFrom)
  );
}

function operate(
  context: Context,
  instance: InstanceRow,
  operation: BatchOperation,
  execute: Execute,
): Refusal | undefined {
  for (const command of commandsFor(context, instance, operation)) {
    // A refusal must leave nothing behind of what was decided before it: each is decided on a draft of its own.
    const trial = new Context(context.draft, context.step, noCause);
    const refusal = execute(trial, command);
    if (refusal !== undefined) return refusal;
    context.adopt(trial);
  }
  return undefined;
}

function commandsFor(context: Context, { instanceId }: InstanceRow, operation: BatchOperation): Command[] {
  const of = { version: 1, instanceId } as const;
  switch (operation.kind) {
    case 'suspend':
      return [{ ...of, ...operation, kind: 'suspendInstance' }];
    case 'resume':
      return [{ ...of, kind: 'resumeInstance' }];
    case 'cancel':
      return [{ ...of, ...operation, kind: 'cancelInstance' }];
    case 'updateVariables':
      return [{ ...of, ...operation }];
    case 'modify':
      return [{ ...of, ...operation, kind: 'modifyInstance' }];
    case 'migrate':
      return [{ ...of, ...operation, kind: 'migrateInstance' }];
    case 'resolveIncidents': {
      const retries = operation.retries === undefined ? undefined : { retries: operation.retries };
      return incidentsOf(context, instanceId).map((incidentKey) => ({
        kind: 'resolveIncident',
        version: 1,
        incidentKey,
        ...retries,
      }));
    }
    default:
      return unreachable(operation);
  }
}

function incidentsOf({ draft }: Context, instanceId: string): string[] {
  const range = { ...ofInstance(instanceId), limit: BATCH_ROWS_PER_STEP };
  const rows = [...collect(draft, 'element', range), ...collect(draft, 'deferred', range)];
  return rows.map((row) => row.incidentKey).filter((key) => key !== undefined);
}
