import { BatchBuilder, type Bytes, type HeaderInput, type RecordInput, recordBytesMax } from '@millrace/wire';

import { retrying } from './backoff.ts';
import { ClientError, asClientError } from './client-error.ts';
import type { Cluster } from './cluster.ts';
import { Delivery, type DeliveryTarget, UNKNOWN_OFFSET } from './delivery.ts';
import { partitionOfKey } from './partitioner.ts';

export interface OutgoingRecord {
  readonly topic: string;
  /** Without it the key decides, as Kafka's default partitioner has it; without a key, the partitions take turns. */
  readonly partition?: number;
  readonly key?: Bytes | null;
  readonly value?: Bytes | null;
  readonly headers?: readonly HeaderInput[];
  /** Epoch ms; now without it. */
  readonly timestamp?: number;
}

export interface ProducerOptions {
  /** `all` waits until the record is as durable as the topic makes it. */
  readonly acks?: 'all' | 'leader';
  /** How long a record may wait for company; 0 sends what one turn of the event loop brought together. */
  readonly lingerMs?: number;
  /** A batch is sent when it would grow above; a record above it is refused. Keep it under the topic's `max.message.bytes`. */
  readonly batchBytesMax?: number;
  /** Bytes taken over and not yet acknowledged; more is refused with `BUFFER_FULL`. */
  readonly bufferBytesMax?: number;
  /** A record is tried again until then; if it may be in the log nonetheless, it fails with `DELIVERY_TIMED_OUT`. */
  readonly deliveryTimeoutMs?: number;
}

export interface Delivered {
  readonly partition: number;
  /** -1 where the broker knows that it has the record and no longer where. */
  readonly offset: number;
}

interface Waiter {
  resolve(delivered: Delivered): void;
  reject(error: ClientError): void;
}

interface Filling {
  readonly builder: BatchBuilder;
  readonly waiters: Waiter[];
  readonly since: number;
  /** As counted against `bufferBytesMax`. */
  bytes: number;
}

interface PartitionQueue {
  readonly target: DeliveryTarget;
  /** Full ones first; the last may still grow. */
  readonly filling: Filling[];
  isSending: boolean;
  /** The next batch is likely to be as large: room for it at once saves growing there step by step. */
  lastBatchBytes: number;
}

const defaults = {
  acks: 'all',
  lingerMs: 0,
  batchBytesMax: 512 * 1024,
  bufferBytesMax: 32 * 1024 * 1024,
  deliveryTimeoutMs: 30_000,
} as const satisfies Required<ProducerOptions>;

/**
 * Sends single records, many at a time. While one batch of a partition is on its way the next one fills, so batches grow
 * with the load by themselves and an idle producer adds no delay.
 *
 * One batch per partition is in flight: retries then cannot reorder (C1), and a refused batch can give its sequence back (C2).
 */
export class Producer {
  readonly #cluster: Cluster;
  readonly #options: Required<ProducerOptions>;
  readonly #queues = new Map<string, PartitionQueue>();
  readonly #delivery: Delivery;
  #bufferedBytes = 0;
  #isScheduled = false;
  #roundRobin = 0;
  #sending = 0;
  #onIdle: (() => void) | undefined;
  #isClosed = false;

  constructor(cluster: Cluster, options: ProducerOptions) {
    this.#cluster = cluster;
    this.#options = { ...defaults, ...options };
    this.#delivery = new Delivery(cluster, this.#options);
  }

  /** Resolves when the record is acknowledged. */
  async send(record: OutgoingRecord): Promise<Delivered> {
    if (this.#isClosed) throw new ClientError('CLOSED', 'the producer was closed');
    const partition = record.partition ?? (await this.#choosePartition(record));
    return this.#append(this.#queue(record.topic, partition), {
      timestamp: record.timestamp ?? this.#cluster.environment.clock.now(),
      key: record.key ?? null,
      value: record.value ?? null,
      headers: record.headers ?? [],
    });
  }

  /** Sends what waits, and resolves when everything is acknowledged or has failed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#flush(true);
    if (this.#bufferedBytes > 0 || this.#sending > 0) {
      await new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
    }
  }

  #append(queue: PartitionQueue, record: RecordInput): Promise<Delivered> {
    const { batchBytesMax, bufferBytesMax } = this.#options;
    const bytes = recordBytesMax(record);
    if (bytes > batchBytesMax) {
      throw new ClientError(
        'RECORD_TOO_LARGE',
        `expected a record of at most ${batchBytesMax} bytes for ${queue.target.topic}, found one of ${bytes}`,
      );
    }
    if (this.#bufferedBytes + bytes > bufferBytesMax) {
      throw new ClientError(
        'BUFFER_FULL',
        `expected at most ${bufferBytesMax} bytes to wait for the broker, found ${this.#bufferedBytes}`,
      );
    }
    let filling = queue.filling.at(-1);
    if (filling === undefined || filling.builder.sizeInBytes + bytes > batchBytesMax) {
      filling = {
        builder: new BatchBuilder(queue.lastBatchBytes),
        waiters: [],
        since: this.#cluster.environment.clock.monotonic(),
        bytes: 0,
      };
      queue.filling.push(filling);
    }
    filling.builder.append(record);
    filling.bytes += bytes;
    this.#bufferedBytes += bytes;
    this.#schedule();
    const { promise, resolve, reject } = Promise.withResolvers<Delivered>();
    filling.waiters.push({ resolve, reject });
    return promise;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    const run = (): void => {
      this.#isScheduled = false;
      this.#flush(false);
    };
    if (this.#options.lingerMs > 0) this.#cluster.environment.clock.after(this.#options.lingerMs, run);
    else setImmediate(run);
  }

  #flush(all: boolean): void {
    const now = this.#cluster.environment.clock.monotonic();
    for (const queue of this.#queues.values()) {
      const [first] = queue.filling;
      if (queue.isSending || first === undefined) continue;
      const isDue = all || this.#isClosed || queue.filling.length > 1 || now - first.since >= this.#options.lingerMs;
      if (isDue) void this.#drain(queue);
      else this.#schedule();
    }
  }

  /** Sends batch after batch of one partition until none waits. */
  async #drain(queue: PartitionQueue): Promise<void> {
    queue.isSending = true;
    this.#sending += 1;
    for (;;) {
      const filling = queue.filling.shift();
      if (filling === undefined) break;
      queue.lastBatchBytes = filling.builder.sizeInBytes;
      try {
        const baseOffset = await this.#delivery.deliver(queue.target, filling.builder, filling.since);
        filling.waiters.forEach((waiter, index) =>
          waiter.resolve({
            partition: queue.target.partition,
            offset: baseOffset === UNKNOWN_OFFSET ? UNKNOWN_OFFSET : baseOffset + index,
          }),
        );
      } catch (error) {
        const failure = asClientError(error);
        for (const waiter of filling.waiters) waiter.reject(failure);
      }
      this.#bufferedBytes -= filling.bytes;
    }
    queue.isSending = false;
    this.#sending -= 1;
    if (this.#sending === 0 && this.#onIdle !== undefined) this.#onIdle();
  }

  async #choosePartition(record: OutgoingRecord): Promise<number> {
    const { leaders } = await retrying(this.#cluster.environment, () => this.#cluster.topic(record.topic));
    if (record.key === undefined || record.key === null) {
      this.#roundRobin = (this.#roundRobin + 1) % leaders.length;
      return this.#roundRobin;
    }
    return partitionOfKey(typeof record.key === 'string' ? Buffer.from(record.key) : record.key, leaders.length);
  }

  #queue(topic: string, partition: number): PartitionQueue {
    const key = `${topic}/${partition}`;
    let queue = this.#queues.get(key);
    if (queue === undefined) {
      const target = { topic, partition, identity: undefined, nextSequence: 0 };
      queue = { target, filling: [], isSending: false, lastBatchBytes: 0 };
      this.#queues.set(key, queue);
    }
    return queue;
  }
}
