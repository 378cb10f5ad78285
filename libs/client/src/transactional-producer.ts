import {
  type Api,
  BATCH_HEADER_BYTES,
  BatchBuilder,
  type RequestInput,
  type Response,
  apis,
  errors,
  type RecordInput,
  recordBytesMax,
} from '@millrace/wire';

import { Backoff, retrying } from './backoff.ts';
import { ClientError, asClientError, refused } from './client-error.ts';
import type { Cluster } from './cluster.ts';
import type { OutgoingRecord } from './producer.ts';
import { type SealedBatch, produce } from './produce-request.ts';
import { advanceSequence } from './sequence.ts';

export interface TransactionalRecord extends OutgoingRecord {
  readonly partition: number;
}

export interface TransactionalProducerOptions {
  readonly transactionalId: string;
  /** The broker aborts a transaction that is open for longer. */
  readonly transactionTimeoutMs?: number;
  /** A partition's records are sent in batches of at most this size. Keep it under `max.message.bytes`. */
  readonly batchBytesMax?: number;
  /** A larger record than `batchBytesMax` goes as a batch of its own, up to this; default `batchBytesMax`. */
  readonly recordBytesMax?: number;
  /** How long a commit is asked for again when no answer comes; then it is `UNCLEAR`. */
  readonly commitTimeoutMs?: number;
}

interface Session {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly sequences: Map<string, number>;
}

interface PartitionBatches {
  readonly topic: string;
  readonly partition: number;
  readonly batches: { readonly builder: BatchBuilder; readonly indexes: number[] }[];
}

/** Completing the last transaction takes the coordinator a few ms; kafkajs would sleep 300. */
const CONCURRENT_RETRY_MS = 2;
const CONCURRENT_WAIT_MS_MAX = 10_000;

const defaults = { transactionTimeoutMs: 10_000, batchBytesMax: 768 * 1024, commitTimeoutMs: 10_000 };

/** Commits prepared sets of records, each whole or not at all, one after the other. */
export class TransactionalProducer {
  readonly #cluster: Cluster;
  readonly #options: Required<TransactionalProducerOptions>;
  readonly #lane: string;
  #session: Session | undefined;
  #isBusy = false;

  constructor(cluster: Cluster, options: TransactionalProducerOptions) {
    this.#cluster = cluster;
    const settings = { ...defaults, ...options };
    this.#options = { ...settings, recordBytesMax: options.recordBytesMax ?? settings.batchBytesMax };
    this.#lane = `transaction ${options.transactionalId}`;
  }

  /** C3. Whether `commit` can be called; not before `init`, nor after a commit that failed. */
  get isReady(): boolean {
    return this.#session !== undefined;
  }

  /** Fences every other producer with this transactional id; what one of them had open is aborted first. */
  async init(): Promise<void> {
    this.#session = undefined;
    const { transactionalId, transactionTimeoutMs } = this.#options;
    const answer = await retrying(this.#cluster.environment, async () => {
      const result = await this.#ask(
        apis.initProducerId,
        { transactionalId, transactionTimeoutMs },
        (one) => one.errorCode,
      );
      if (result.errorCode !== 0) throw refused(result.errorCode, `initialise transactional id ${transactionalId}`);
      return result;
    });
    this.#session = { producerId: answer.producerId, producerEpoch: answer.producerEpoch, sequences: new Map() };
  }

  /**
   * Writes the records in one transaction: AddPartitionsToTxn, Produce, EndTxn.
   *
   * @returns the offset of each record, in the order given
   * @throws ClientError with `FENCED`, `ABORTED` or `UNCLEAR` (C3), or with `RECORD_TOO_LARGE` before anything was sent
   */
  async commit(records: readonly TransactionalRecord[]): Promise<number[]> {
    const session = this.#session;
    if (session === undefined)
      throw new ClientError(
        'ABORTED',
        `expected transactional id ${this.#options.transactionalId} to be initialised before a commit`,
      );
    if (this.#isBusy) throw new ClientError('ABORTED', 'expected one commit at a time');
    if (records.length === 0) return [];
    const partitions = this.#batch(records);
    this.#isBusy = true;
    try {
      return await this.#commit(session, partitions, records.length);
    } catch (error) {
      this.#session = undefined; // C3. Only a new epoch makes the state known again.
      throw error;
    } finally {
      this.#isBusy = false;
    }
  }

  async #commit(session: Session, partitions: readonly PartitionBatches[], count: number): Promise<number[]> {
    let offsets: number[];
    let hasBegun = false;
    try {
      await this.#addPartitions(session, partitions);
      hasBegun = true;
      offsets = await this.#produceAll(session, partitions, count);
    } catch (error) {
      // Nobody asked for a commit, so there is none. The abort only lets readers go on sooner than the time-out would.
      if (hasBegun) await this.#end(session, false).catch(() => {});
      throw this.#failure(error);
    }
    await this.#end(session, true);
    return offsets;
  }

  #batch(records: readonly TransactionalRecord[]): PartitionBatches[] {
    const { batchBytesMax, recordBytesMax: limit } = this.#options;
    const now = this.#cluster.environment.clock.now();
    const partitions = new Map<string, PartitionBatches>();
    records.forEach((record, index) => {
      let input: RecordInput = {
        timestamp: record.timestamp ?? now,
        key: record.key ?? null,
        value: record.value ?? null,
        headers: record.headers ?? [],
      };
      let bytes = recordBytesMax(input);
      if (bytes + BATCH_HEADER_BYTES > batchBytesMax) {
        // The bound takes three bytes for a character: where that is too much, what text really takes decides.
        input = { ...input, key: asBytes(input.key ?? null), value: asBytes(input.value ?? null) };
        bytes = recordBytesMax(input);
      }
      if (bytes + BATCH_HEADER_BYTES > limit) {
        throw new ClientError(
          'RECORD_TOO_LARGE',
          `expected a record of at most ${limit} bytes for ${record.topic}, found one of ${bytes}`,
        );
      }
      const key = `${record.topic}/${record.partition}`;
      let of = partitions.get(key);
      if (of === undefined)
        partitions.set(key, (of = { topic: record.topic, partition: record.partition, batches: [] }));
      let batch = of.batches.at(-1);
      if (batch === undefined || batch.builder.sizeInBytes + bytes > batchBytesMax) {
        batch = { builder: new BatchBuilder(), indexes: [] };
        of.batches.push(batch);
      }
      batch.builder.append(input);
      batch.indexes.push(index);
    });
    return [...partitions.values()];
  }

  async #addPartitions({ producerId, producerEpoch }: Session, partitions: readonly PartitionBatches[]): Promise<void> {
    const { transactionalId } = this.#options;
    const topics = [...Map.groupBy(partitions, (one) => one.topic)].map(([name, of]) => ({
      name,
      partitions: of.map((one) => one.partition),
    }));
    const errorCodeOf = (answer: {
      readonly topics: readonly { readonly partitions: readonly { readonly errorCode: number }[] }[];
    }): number =>
      answer.topics
        .flatMap((topic) => topic.partitions.map((one) => one.errorCode))
        // Every partition of a failed request has an error; those that were not attempted say the least.
        .reduce((worst, code) => (worst === 0 || worst === errors.OPERATION_NOT_ATTEMPTED.code ? code : worst), 0);
    const { clock } = this.#cluster.environment;
    const deadline = clock.monotonic() + CONCURRENT_WAIT_MS_MAX;
    for (;;) {
      const body = { transactionalId, producerId, producerEpoch, topics };
      const errorCode = errorCodeOf(await this.#ask(apis.addPartitionsToTxn, body, errorCodeOf));
      if (errorCode === 0) return;
      const mayPass =
        errorCode === errors.CONCURRENT_TRANSACTIONS.code || errorCode === errors.UNKNOWN_TOPIC_OR_PARTITION.code;
      if (!mayPass || clock.monotonic() >= deadline)
        throw refused(errorCode, `add partitions to the transaction of ${transactionalId}`);
      await new Promise<void>((resolve) => void clock.after(CONCURRENT_RETRY_MS, resolve));
    }
  }

  /** A partition's batches go one after the other; those of different partitions travel together. */
  async #produceAll(session: Session, partitions: readonly PartitionBatches[], count: number): Promise<number[]> {
    const offsets = Array.from<number>({ length: count });
    const rounds = Math.max(...partitions.map((one) => one.batches.length));
    for (let round = 0; round < rounds; round += 1) {
      const taken = partitions.flatMap(({ topic, partition, batches }) => {
        const batch = batches[round];
        return batch === undefined ? [] : [{ ...batch, sealed: this.#seal(session, topic, partition, batch.builder) }];
      });
      const outcomes = await this.#produceRetrying(taken.map((one) => one.sealed));
      taken.forEach(({ indexes }, at) => {
        indexes.forEach((index, position) => {
          offsets[index] = (outcomes[at] ?? 0) + position;
        });
      });
    }
    return offsets;
  }

  #seal(session: Session, topic: string, partition: number, builder: BatchBuilder): SealedBatch {
    const key = `${topic}/${partition}`;
    const baseSequence = session.sequences.get(key) ?? 0;
    session.sequences.set(key, advanceSequence(baseSequence, builder.recordCount));
    const { producerId, producerEpoch } = session;
    return {
      topic,
      partition,
      bytes: builder.seal({ producerId, producerEpoch, baseSequence, isTransactional: true }),
    };
  }

  /** Sends again only what has not been taken; the broker knows a repeated batch by its sequence. */
  async #produceRetrying(batches: readonly SealedBatch[]): Promise<number[]> {
    const { clock } = this.#cluster.environment;
    const deadline = clock.monotonic() + this.#options.transactionTimeoutMs;
    const backoff = new Backoff(this.#cluster.environment);
    const baseOffsets = new Map<SealedBatch, number>();
    for (;;) {
      const missing = batches.filter((batch) => !baseOffsets.has(batch));
      if (missing.length === 0) return batches.map((batch) => baseOffsets.get(batch) ?? -1);
      try {
        await this.#produceOnce(missing, baseOffsets);
        continue;
      } catch (error) {
        const failure = asClientError(error);
        if (!failure.retriable || clock.monotonic() >= deadline) throw failure;
        for (const { topic } of missing) this.#cluster.forgetTopic(topic);
      }
      await backoff.wait();
    }
  }

  async #produceOnce(batches: readonly SealedBatch[], baseOffsets: Map<SealedBatch, number>): Promise<void> {
    const leaders = await Promise.all(batches.map(({ topic, partition }) => this.#cluster.leaderOf(topic, partition)));
    const byLeader = Map.groupBy(batches.keys(), (index) => leaders[index] as number);
    await Promise.all(
      [...byLeader].map(async ([node, indexes]) => {
        const of = indexes.map((index) => batches[index] as SealedBatch);
        const { transactionalId, transactionTimeoutMs: timeoutMs } = this.#options;
        const outcomes = await produce(this.#cluster, node, of, {
          lane: this.#lane,
          acks: -1,
          transactionalId,
          timeoutMs,
        });
        let failure: ClientError | undefined;
        outcomes.forEach(({ errorCode, baseOffset }, at) => {
          const batch = of[at] as SealedBatch;
          if (errorCode === 0) baseOffsets.set(batch, baseOffset);
          else failure ??= refused(errorCode, `append to ${batch.topic}-${batch.partition}`);
        });
        if (failure !== undefined) throw failure;
      }),
    );
  }

  /** C3. Once a commit has been asked for, only an answer tells what became of it. */
  async #end({ producerId, producerEpoch }: Session, committed: boolean): Promise<void> {
    const { transactionalId, commitTimeoutMs } = this.#options;
    const { clock } = this.#cluster.environment;
    const deadline = clock.monotonic() + commitTimeoutMs;
    const backoff = new Backoff(this.#cluster.environment);
    for (let attempt = 1; ; attempt += 1) {
      let failure: ClientError;
      try {
        const node = await this.#cluster.coordinator('transaction', transactionalId);
        const { errorCode } = await this.#cluster.request(node, this.#lane, apis.endTxn, {
          transactionalId,
          producerId,
          producerEpoch,
          committed,
        });
        if (errorCode === 0) return;
        failure = refused(errorCode, `end the transaction of ${transactionalId}`);
        // The first answer is about this very request; a later one may be about what an earlier one has done.
        if (!failure.retriable && attempt === 1) throw this.#failure(failure);
      } catch (error) {
        failure = asClientError(error);
        if (failure.code === 'FENCED' || failure.code === 'ABORTED') throw failure;
      }
      if (!failure.retriable || clock.monotonic() >= deadline) {
        throw new ClientError(
          'UNCLEAR',
          `expected to learn whether the transaction of ${transactionalId} has committed: ${failure.message}`,
          { cause: failure },
        );
      }
      this.#cluster.forgetCoordinator('transaction', transactionalId);
      await backoff.wait();
    }
  }

  #failure(error: unknown): ClientError {
    const cause = asClientError(error);
    const { transactionalId } = this.#options;
    if (cause.kafka !== undefined && fencing.has(cause.kafka.code)) {
      return new ClientError(
        'FENCED',
        `expected to own transactional id ${transactionalId}, found that it was taken over: ${cause.message}`,
        { cause },
      );
    }
    return new ClientError('ABORTED', `the transaction of ${transactionalId} did not commit: ${cause.message}`, {
      cause,
    });
  }

  #ask<A extends Api>(
    api: A,
    body: RequestInput<A>,
    errorCodeOf: (answer: Response<A>) => number,
  ): Promise<Response<A>> {
    return this.#cluster.askCoordinator(
      'transaction',
      this.#options.transactionalId,
      this.#lane,
      api,
      body,
      errorCodeOf,
    );
  }
}

const fencing = new Set<number>([
  errors.PRODUCER_FENCED.code,
  errors.INVALID_PRODUCER_EPOCH.code,
  errors.INVALID_PRODUCER_ID_MAPPING.code,
  errors.TRANSACTION_COORDINATOR_FENCED.code,
]);

const asBytes = (value: string | Uint8Array | null | undefined): Uint8Array | null =>
  typeof value === 'string' ? Buffer.from(value) : (value ?? null);
