import type { Topics } from '@millrace/bus';
import type { Admin, TransactionalProducer } from '@millrace/client';
import { type Clock, messageOf } from '@millrace/std';
import { RuntimeError } from './errors.ts';
import type { Logger, RuntimeLimits } from './options.ts';
import type { PartitionRows } from './partition-rows.ts';
import { CHECKPOINT_KEY } from './restore.ts';
import type { Change, Position } from './store.ts';

interface CheckpointsOptions {
  readonly rows: PartitionRows;
  readonly producer: TransactionalProducer;
  readonly topics: Topics;
  readonly partition: number;
  readonly admin: Admin;
  readonly clock: Clock;
  readonly limits: RuntimeLimits;
  readonly logger: Logger;
}

/**
 * Writes checkpoints of one partition beside its batches, now and then. They only shorten a restore, so nobody waits for one.
 *
 * R4. The producer is initialised by a take-over and never here: an owner that has been fenced without knowing would fence
 * its successor, and overwrite rows with older ones. So after a failure the next one asks for a take-over.
 */
export class Checkpoints {
  readonly #options: CheckpointsOptions;
  #lastAt: number;
  #lastSequence: number;
  #underWay: Promise<void> | undefined;
  #failure: { readonly error: unknown } | undefined;
  #written = 0;
  #isStopped = false;

  constructor(options: CheckpointsOptions) {
    this.#options = options;
    this.#lastAt = options.clock.monotonic();
    this.#lastSequence = options.rows.position.sequence;
  }

  get written(): number {
    return this.#written;
  }

  /** Called behind every commit. */
  consider(): void {
    const { rows, clock, limits } = this.#options;
    if (this.#failure !== undefined) throw this.#failure.error;
    if (this.#underWay !== undefined || this.#isStopped) return;
    const isMuch = rows.position.sequence - this.#lastSequence >= limits.checkpointEvents;
    const isOld = clock.monotonic() - this.#lastAt >= limits.checkpointMs;
    if (!isMuch && !isOld) return;
    if (!this.#options.producer.isReady) {
      throw new RuntimeError('CHECKPOINT_FAILED', 'expected to write a checkpoint, found that the last one has failed');
    }
    this.#underWay = this.#write()
      // The store could not be read or written: the partition hears of it at its next commit.
      .catch((error: unknown) => {
        this.#failure = { error };
      })
      .finally(() => {
        this.#underWay = undefined;
      });
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#underWay;
  }

  async #write(): Promise<void> {
    const { rows, producer, topics, partition, admin, clock, logger } = this.#options;
    this.#lastAt = clock.monotonic();
    this.#lastSequence = rows.position.sequence;
    rows.flush();
    const { position } = rows;
    const changes = rows.store.beginCheckpoint();
    let isCommitted = false;
    try {
      await producer.commit(checkpointRecords(topics.state, partition, changes, position));
      isCommitted = true;
      this.#written++;
    } catch (error) {
      logger.warn(
        { partition, error: messageOf(error) },
        'checkpoint was not written; the next one will have its rows',
      );
    } finally {
      rows.store.endCheckpoint(changes, isCommitted);
    }
    if (!isCommitted || this.#isStopped) return;
    try {
      // R14. Restoring begins with this checkpoint at the earliest, so no command before it is ever read again.
      await admin.deleteRecords([{ topic: topics.commands, partition, offset: position.nextCommand }]);
    } catch (error) {
      logger.debug({ partition, error: messageOf(error) }, 'commands were not trimmed');
    }
  }
}

/** R13. The changed rows and, last, the position they reflect. It touches `core.state` alone, which nobody follows, so it may be larger than a batch. */
function checkpointRecords(
  topic: string,
  partition: number,
  changes: readonly Change[],
  position: Position,
): { topic: string; partition: number; key: string; value: string | null }[] {
  const records = changes.map(([key, json]) => ({ topic, partition, key, value: json ?? null }));
  return [...records, { topic, partition, key: CHECKPOINT_KEY, value: JSON.stringify(position) }];
}
