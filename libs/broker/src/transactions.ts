import {
  type Marker,
  type ProducerIdentity,
  TransactionCoordinator,
  type TopicPartition,
  type WriteMarkers,
} from '@millrace/coordinator';
import type { AppendResult, Log } from '@millrace/log';
import { assert } from '@millrace/std';
import { encodeControlBatch, type ErrorName, errors } from '@millrace/wire';
import { CoordinatorShell, type ShellOptions } from './coordinator-shell.ts';
import type { GroupShells } from './groups.ts';
import type { BrokerConfig } from './options.ts';
import { isInternal, OFFSETS_TOPIC, TRANSACTIONS_TOPIC } from './topic-names.ts';
import type { Topics } from './topics.ts';

/** One: the coordinator keeps all transactions and producer ids in one partition. */
export const TRANSACTIONS_PARTITIONS = 1;

/** Of every marker: coordination never moves to another broker. */
const COORDINATOR_EPOCH = 0;

type Environment = Pick<ShellOptions<TransactionCoordinator>, 'commit' | 'deadlines' | 'onFailure'>;

/** The transactions, and the markers that end them in the partitions they touched. */
export class TransactionShell {
  readonly shell: CoordinatorShell<TransactionCoordinator>;
  readonly #topics: Topics;
  readonly #groups: GroupShells;
  readonly #environment: Environment;

  constructor(config: BrokerConfig, topics: Topics, groups: GroupShells, environment: Environment) {
    this.#topics = topics;
    this.#groups = groups;
    this.#environment = environment;
    const log = topics.log(TRANSACTIONS_TOPIC, 0);
    assert(log !== undefined, `expected ${TRANSACTIONS_TOPIC}-0 to exist`);
    const { transactionTimeoutMsMax: timeoutMsMax, transactionalIdsMax: idsMax } = config.limits;
    const { transactionsBytesMax: totalBytesMax } = config.limits;
    const coordinator = new TransactionCoordinator({
      partitionExists: (topic, partition) => topics.log(topic, partition) !== undefined,
      offsetsPartition: (groupId) => groups.partitionOf(groupId),
      coordinatorEpoch: COORDINATOR_EPOCH,
      limits: { timeoutMsMax, idsMax, totalBytesMax },
    });
    const writeMarkers = (effect: WriteMarkers): void => this.#writeMarkers(effect);
    this.shell = new CoordinatorShell({ ...environment, coordinator, log, writeMarkers });
  }

  /** Whether a transactional batch may be appended now; null if so. To be asked in the same turn as the append. */
  verify(
    transactionalId: string | null,
    producer: ProducerIdentity,
    partition: TopicPartition,
  ): { readonly errorCode: number; readonly message: string } | null {
    if (transactionalId === null) {
      const message = 'expected a transactional id beside a transactional batch, found none';
      return { errorCode: errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code, message };
    }
    const refused = this.shell.coordinator.verify(transactionalId, producer, partition);
    if (refused === null) return null;
    const { code, message } = errors[refused];
    return { errorCode: code, message: `${transactionalId}: ${message}` };
  }

  /** Ends what an administrator wants ended (WriteTxnMarkers). `then` hears how that went once the marker is durable. */
  mark({ topic, partition }: TopicPartition, marker: Marker, then: (error: ErrorName) => void): void {
    const log = this.#topics.log(topic, partition);
    if (log === undefined) return then('UNKNOWN_TOPIC_OR_PARTITION');
    if (topic === TRANSACTIONS_TOPIC) return then('INVALID_TOPIC_EXCEPTION');
    // Further than the coordinator's own it would refuse the coordinator from then on, and nobody could end anything here.
    if (marker.coordinatorEpoch > COORDINATOR_EPOCH) return then('TRANSACTION_COORDINATOR_FENCED');
    if (topic === OFFSETS_TOPIC) return this.#groups.writeMarker(partition, marker, () => then('NONE'));
    const { error } = this.#append(log, marker);
    if (error !== undefined) return then(error);
    this.#environment.commit.whenDurable(() => then(log.state.kind === 'online' ? 'NONE' : 'KAFKA_STORAGE_ERROR'));
  }

  load(): void {
    this.shell.load();
  }

  /** Carries decided transactions to their end, then ends those that no transactional id owns. */
  start(): void {
    this.shell.start();
    for (const { name: topic, partitions } of this.#topics.all()) {
      for (let partition = 0; partition < partitions; partition++) this.#abortOrphans({ topic, partition });
    }
  }

  close(): void {
    this.shell.close();
  }

  /**
   * B9. The decision is durable by now. All markers are appended in this turn, so that none of them can end the next
   * transaction of the producer; then we wait until they are durable.
   */
  #writeMarkers(effect: WriteMarkers): void {
    const { commit } = this.#environment;
    const { producerId, producerEpoch, result, coordinatorEpoch } = effect;
    const marker: Marker = { producerId, producerEpoch, result, coordinatorEpoch };
    const logs: Log[] = [];
    let isWritten = true;
    // One for the data partitions, and one for each partition of offsets.
    let open = 1;
    const done = (): void => {
      if (--open > 0) return;
      const isDurable = isWritten && logs.every((log) => log.state.kind === 'online');
      this.shell.run((coordinator, now) =>
        isDurable ? coordinator.markersWritten(effect, now) : coordinator.markersFailed(effect, now),
      );
    };
    for (const { topic, partition } of effect.partitions) {
      if (topic === OFFSETS_TOPIC) {
        open++;
        this.#groups.writeMarker(partition, marker, done);
        continue;
      }
      const log = this.#topics.log(topic, partition);
      // A topic that was deleted meanwhile has nothing left to end.
      if (log === undefined) continue;
      if (this.#appendMarker(log, marker)) logs.push(log);
      else isWritten = false;
    }
    commit.whenDurable(done);
  }

  #appendMarker(log: Log, marker: Marker): boolean {
    // Any other refusal says that a newer epoch of the producer has written here: its InitProducerId ended this one.
    return this.#append(log, marker).error !== 'KAFKA_STORAGE_ERROR';
  }

  #append(log: Log, marker: Marker): AppendResult {
    const { commit, deadlines } = this.#environment;
    const batch = encodeControlBatch(marker.result, { ...marker, timestamp: deadlines.now() });
    const result = log.append(batch, { origin: 'coordinator' });
    if (result.error === undefined) commit.touch(log);
    return result;
  }

  /**
   * A power loss may keep a batch and lose the record that its partition joined the transaction: nobody would ever end
   * it, and read_committed readers would wait for good.
   */
  #abortOrphans({ topic, partition }: TopicPartition): void {
    const log = this.#topics.log(topic, partition);
    if (log === undefined || topic === TRANSACTIONS_TOPIC) return;
    for (const { producerId, producerEpoch, currentTransactionStartOffset } of log.producers()) {
      if (currentTransactionStartOffset === -1) continue;
      if (this.shell.coordinator.isOngoing(producerId, { topic, partition })) continue;
      const marker = { producerId, producerEpoch, result: 'abort', coordinatorEpoch: COORDINATOR_EPOCH } as const;
      if (isInternal(topic)) this.#groups.writeMarker(partition, marker, () => {});
      else this.#appendMarker(log, marker);
    }
  }
}
