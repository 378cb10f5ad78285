import { randomUUID } from 'node:crypto';
import { Problem } from '@millrace/contract';
import { type BatchFilter, type BatchOperation, partitionOfInstance } from '@millrace/records';
import type { RouteDependencies } from './dependencies.ts';

/** Asks every partition, and says the batch's id when each has begun. */
export async function startBatch(
  { commander, runtime }: Pick<RouteDependencies, 'commander' | 'runtime'>,
  operation: BatchOperation,
  filter: BatchFilter,
): Promise<string> {
  const batchId = randomUUID();
  const { instanceIds } = filter;
  const asked = Array.from({ length: runtime.partitionCount }, (_, partition) =>
    commander.ask(
      {
        kind: 'startBatch',
        version: 1,
        batchId,
        partition,
        operation,
        filter:
          instanceIds === undefined
            ? filter
            : { ...filter, instanceIds: instanceIds.filter((id) => partitionOfInstance(id) === partition) },
      },
      { ifNotFound: (message) => new Problem('BATCH_NOT_FOUND', message) },
    ),
  );
  await Promise.all(asked);
  return batchId;
}
