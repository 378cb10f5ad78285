import type { Topics } from '@millrace/bus';
import type { Client, TransactionalProducer } from '@millrace/client';
import type { Definitions } from './definitions.ts';
import { RuntimeError } from './errors.ts';
import type { LogReader } from './log-reader.ts';
import type { Logger, RuntimeLimits } from './options.ts';
import type { PartitionRows } from './partition-rows.ts';
import { type RestoreOptions, fold, prepareStore } from './restore.ts';
import type { Store } from './store.ts';

export interface Producers {
  /** Of every batch of the partition. */
  readonly batches: TransactionalProducer;
  /** Of its checkpoints, so that a large one does not stand in the way of a batch. */
  readonly checkpoints: TransactionalProducer;
}

/** The fixed set of transactional ids: two per partition, the same for every process that may own it. */
export function createProducers(client: Client, topics: Topics, partition: number, limits: RuntimeLimits): Producers {
  const producer = (what: string): TransactionalProducer =>
    client.transactionalProducer({
      transactionalId: `${topics.namespace}${what}-${partition}`,
      transactionTimeoutMs: limits.transactionTimeoutMs,
      batchBytesMax: limits.produceBytesMax,
      // A definition carries its XML and its model. Only core topics take so much; for others completeBatch checks it.
      recordBytesMax: limits.recordBytesMax,
    });
  return { batches: producer('partition'), checkpoints: producer('checkpoint') };
}

interface TakeOverOptions {
  readonly producers: Producers;
  readonly store: Store;
  readonly createRows: () => PartitionRows;
  readonly log: LogReader;
  readonly topics: Topics;
  readonly partition: number;
  readonly partitionCount: number;
  readonly definitions: Definitions;
  readonly limits: RuntimeLimits;
  readonly logger: Logger;
}

/** R4, in its order. Resolves with rows that reflect the whole log; commands begin at their position. */
export async function takeOver(options: TakeOverOptions): Promise<PartitionRows> {
  const { producers, store, createRows, log, topics, partition, partitionCount, definitions, limits, logger } = options;
  // Fence: from here on the end of the partition's events is ours to move. A checkpoint of the old owner would be as bad.
  await Promise.all([producers.batches.init(), producers.checkpoints.init()]);
  const end = await log.committedEnd(topics.events, partition);
  // Events may speak of any definition that was there before they were.
  await definitions.catchUp(limits.definitionsWaitMs);

  const restore: RestoreOptions = {
    log,
    eventsTopic: topics.events,
    stateTopic: topics.state,
    partition,
    partitionCount,
    definitions,
    end,
  };
  const outcome = await prepareStore(store, restore);
  const rows = createRows();
  const folded = await fold(rows, restore);
  await expectCommands(options, rows.position.nextCommand);
  logger.info({ partition, store: outcome, foldedEvents: folded, ...rows.position }, 'partition taken over');
  return rows;
}

/** R14 promises that whatever was not decided is still there, and keys derive from offsets: the log must not begin anew. */
async function expectCommands({ log, topics, partition }: TakeOverOptions, nextCommand: number): Promise<void> {
  const start = await log.start(topics.commands, partition);
  const end = await log.committedEnd(topics.commands, partition);
  if (start > nextCommand || end < nextCommand) {
    throw new RuntimeError(
      'COMMANDS_MISSING',
      `expected ${topics.commands}-${partition} to have the command ${nextCommand} next, found it to hold ${start} to ${end}`,
    );
  }
}
