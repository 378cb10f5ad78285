import { type BatchBuilder, apis, errors } from '@millrace/wire';

import { Backoff, retrying } from './backoff.ts';
import { ClientError, asClientError, refused } from './client-error.ts';
import type { Cluster } from './cluster.ts';
import { produce } from './produce-request.ts';
import { advanceSequence } from './sequence.ts';

interface Identity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

/** A partition, and how far its sequence has come. At most one batch of it is being delivered at a time. */
export interface DeliveryTarget {
  readonly topic: string;
  readonly partition: number;
  identity: Identity | undefined;
  nextSequence: number;
}

/** What one request came to. */
type Attempt =
  | { readonly baseOffset: number; readonly failure?: undefined }
  | { readonly failure: ClientError; readonly mayBeThere: boolean };

export interface DeliveryOptions {
  readonly acks: 'all' | 'leader';
  readonly deliveryTimeoutMs: number;
}

const LANE = 'produce';
export const UNKNOWN_OFFSET = -1;

/**
 * Brings batches into the log, each once, over lost answers and moved leaders: the broker knows a batch by producer id, epoch
 * and sequence, so sending it again does no harm.
 *
 * C2. Sequence numbers are used up by a batch that is in the log. When it was refused for good the next batch takes them; when nobody knows,
 *     the producer id ends instead: a later batch with the same numbers would pass for the lost one and be dropped.
 */
export class Delivery {
  readonly #cluster: Cluster;
  readonly #options: DeliveryOptions;
  #identity: Promise<Identity> | undefined;
  /** What `#identity` came to. */
  #current: Identity | undefined;

  constructor(cluster: Cluster, options: DeliveryOptions) {
    this.#cluster = cluster;
    this.#options = options;
  }

  /** @returns the offset of the first record, or `UNKNOWN_OFFSET` */
  async deliver(target: DeliveryTarget, builder: BatchBuilder, since: number): Promise<number> {
    const { clock } = this.#cluster.environment;
    const deadline = since + this.#options.deliveryTimeoutMs;
    const identity = await this.#identify();
    if (target.identity !== identity) {
      target.identity = identity;
      target.nextSequence = 0;
    }
    const baseSequence = target.nextSequence;
    const bytes = builder.seal({ ...identity, baseSequence });
    const backoff = new Backoff(this.#cluster.environment);
    let mayBeThere = false;
    for (;;) {
      const attempt = await this.#attempt(target, bytes);
      if (attempt.failure === undefined) {
        target.nextSequence = advanceSequence(baseSequence, builder.recordCount);
        return attempt.baseOffset;
      }
      const { failure } = attempt;
      mayBeThere ||= attempt.mayBeThere;
      if (failure.retriable && clock.monotonic() < deadline) {
        this.#cluster.forgetTopic(target.topic);
        await backoff.wait();
        continue;
      }
      // C2. Otherwise it was refused for good, and the next batch takes its numbers.
      if (mayBeThere || lostState.has(failure.kafka?.code ?? 0)) this.#forgetIdentity(identity);
      throw mayBeThere && failure.retriable ? this.#undelivered(target, failure) : failure;
    }
  }

  async #attempt({ topic, partition }: DeliveryTarget, bytes: Buffer): Promise<Attempt> {
    let mayBeThere = false;
    try {
      const node = await this.#cluster.leaderOf(topic, partition);
      mayBeThere = true; // From here on only an answer says that it is not.
      const [outcome] = await produce(this.#cluster, node, [{ topic, partition, bytes }], {
        lane: LANE,
        acks: this.#options.acks === 'all' ? -1 : 1,
        timeoutMs: this.#options.deliveryTimeoutMs,
      });
      const { errorCode, baseOffset } = outcome ?? { errorCode: -1, baseOffset: -1 };
      if (errorCode === 0) return { baseOffset };
      // A repetition of a batch so old that the broker has forgotten where it lies: it is there, that is what counts.
      if (errorCode === errors.DUPLICATE_SEQUENCE_NUMBER.code) return { baseOffset: UNKNOWN_OFFSET };
      const failure = refused(errorCode, `append to ${topic}-${partition}`);
      return { failure, mayBeThere: refusedAfterAppending.has(errorCode) };
    } catch (error) {
      return { failure: asClientError(error), mayBeThere };
    }
  }

  #undelivered({ topic, partition }: DeliveryTarget, failure: ClientError): ClientError {
    return new ClientError(
      'DELIVERY_TIMED_OUT',
      `expected ${topic}-${partition} to take the record within ${this.#options.deliveryTimeoutMs} ms: ${failure.message}`,
      { cause: failure },
    );
  }

  #identify(): Promise<Identity> {
    this.#identity ??= retrying(this.#cluster.environment, async () => {
      const answer = await this.#cluster.requestAny(apis.initProducerId, {
        transactionalId: null,
        transactionTimeoutMs: 0,
      });
      if (answer.errorCode !== 0) throw refused(answer.errorCode, 'give a producer id');
      this.#current = { producerId: answer.producerId, producerEpoch: answer.producerEpoch };
      return this.#current;
    }).catch((error: unknown) => {
      this.#identity = undefined;
      throw error;
    });
    return this.#identity;
  }

  #forgetIdentity(identity: Identity): void {
    if (this.#current !== identity) return; // Another partition was faster.
    this.#identity = undefined;
    this.#current = undefined;
  }
}

/** Errors of an append that has happened, though not as durably as it was asked for, or may have. */
const refusedAfterAppending = new Set<number>([
  errors.UNKNOWN_SERVER_ERROR.code,
  errors.REQUEST_TIMED_OUT.code,
  errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND.code,
  errors.KAFKA_STORAGE_ERROR.code,
]);

/** The broker no longer knows where this producer was, or knows another. */
const lostState = new Set<number>([
  errors.OUT_OF_ORDER_SEQUENCE_NUMBER.code,
  errors.UNKNOWN_PRODUCER_ID.code,
  errors.INVALID_PRODUCER_EPOCH.code,
]);
