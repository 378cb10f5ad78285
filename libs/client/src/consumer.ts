import { type Response, type WireRecord, apis, errors } from '@millrace/wire';

import type { Isolation, TopicPartition, TopicPartitionOffset } from './admin.ts';
import { Backoff } from './backoff.ts';
import { type ClientError, asClientError, refused } from './client-error.ts';
import type { Cluster } from './cluster.ts';
import { readRecords } from './committed-records.ts';

export interface ConsumerOptions {
  /** Default `read_committed`. */
  readonly isolation?: Isolation;
  /** How long the broker may hold a fetch that has nothing to give. */
  readonly maxWaitMs?: number;
  /** Of one answer. */
  readonly maxBytes?: number;
  readonly partitionMaxBytes?: number;
}

/** What one fetch brought of one partition. `records` may be empty when only markers or aborted records were passed. */
export interface Fetched {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly WireRecord[];
  /** Where the partition is read next. */
  readonly nextOffset: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
}

interface Assignment {
  readonly topic: string;
  readonly partition: number;
  /** Where the next fetch begins: behind what waits to be taken. */
  fetchOffset: number;
  /** Where whoever takes is. */
  position: number;
  isFetching: boolean;
  /** C5. Something of it waits to be taken. */
  isWaiting: boolean;
  isPaused: boolean;
}

type FetchPartition = Response<typeof apis.fetch>['topics'][number]['partitions'][number];

const defaults = {
  isolation: 'read_committed',
  maxWaitMs: 500,
  maxBytes: 8 * 1024 * 1024,
  partitionMaxBytes: 1024 * 1024,
} as const;

let consumers = 0;

/**
 * Reads the partitions it is given, from the offsets it is given; iterate over it to take what was fetched. Partitions can be added, removed,
 * paused and moved while it runs.
 */
export class Consumer implements AsyncIterable<Fetched> {
  readonly #cluster: Cluster;
  readonly #options: Required<ConsumerOptions>;
  readonly #assignments = new Map<string, Assignment>();
  readonly #ready: { readonly assignment: Assignment; readonly fetched: Fetched }[] = [];
  readonly #name: string;
  readonly #busyLanes = new Set<number>();
  #wake: (() => void) | undefined;
  #isPlanned = false;
  #failure: ClientError | undefined;
  #isClosed = false;
  readonly #backoff: Backoff;

  constructor(cluster: Cluster, options: ConsumerOptions) {
    this.#cluster = cluster;
    this.#options = { ...defaults, ...options };
    this.#backoff = new Backoff(cluster.environment);
    consumers += 1;
    this.#name = `fetch ${consumers}`;
  }

  /** Begins to read a partition at an offset; one that is read already goes on from there instead. */
  add({ topic, partition, offset }: TopicPartitionOffset): void {
    this.remove({ topic, partition });
    this.#assignments.set(keyOf(topic, partition), {
      topic,
      partition,
      fetchOffset: offset,
      position: offset,
      isFetching: false,
      isWaiting: false,
      isPaused: false,
    });
    this.#plan();
  }

  /** Nothing of the partition is given out any more, not even what has been fetched. */
  remove({ topic, partition }: TopicPartition): void {
    const assignment = this.#assignments.get(keyOf(topic, partition));
    if (assignment === undefined) return;
    this.#assignments.delete(keyOf(topic, partition));
    const kept = this.#ready.filter((one) => one.assignment !== assignment);
    this.#ready.splice(0, this.#ready.length, ...kept);
  }

  /** Fetches no more of the partition until `resume`; what has been fetched is still given out. */
  pause({ topic, partition }: TopicPartition): void {
    const assignment = this.#assignments.get(keyOf(topic, partition));
    if (assignment !== undefined) assignment.isPaused = true;
  }

  resume({ topic, partition }: TopicPartition): void {
    const assignment = this.#assignments.get(keyOf(topic, partition));
    if (assignment === undefined) return;
    assignment.isPaused = false;
    this.#plan();
  }

  /** The offset behind what has been taken; undefined for a partition that is not read. */
  position({ topic, partition }: TopicPartition): number | undefined {
    return this.#assignments.get(keyOf(topic, partition))?.position;
  }

  assigned(): TopicPartition[] {
    return [...this.#assignments.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  /** Ends the iteration, and the fetches under way. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#assignments.clear();
    this.#ready.length = 0;
    for (const lane of this.#busyLanes) this.#cluster.closeLane(this.#lane(lane));
    this.#notify();
  }

  /**
   * Takes what was fetched, waiting for it; undefined once the consumer is closed.
   *
   * @throws ClientError with `OFFSET_OUT_OF_RANGE` or another code that waiting does not mend
   */
  async take(): Promise<Fetched | undefined> {
    for (;;) {
      if (this.#isClosed) return undefined;
      const taken = this.takeReady();
      if (taken !== undefined) return taken;
      if (this.#failure !== undefined) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** As `take`, without waiting: undefined when nothing has been fetched. */
  takeReady(): Fetched | undefined {
    const next = this.#ready.shift();
    if (next === undefined) return undefined;
    next.assignment.isWaiting = false;
    next.assignment.position = next.fetched.nextOffset;
    this.#plan();
    return next.fetched;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Fetched, void, undefined> {
    for (;;) {
      const fetched = await this.take();
      if (fetched === undefined) return;
      yield fetched;
    }
  }

  /** Puts off fetching to the end of this turn, so that partitions that become free together are fetched together. */
  #plan(): void {
    if (this.#isPlanned || this.#isClosed || this.#failure !== undefined) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      void this.#fetchFree();
    });
  }

  async #fetchFree(): Promise<void> {
    const free = [...this.#assignments.values()].filter((one) => !one.isFetching && !one.isWaiting && !one.isPaused);
    if (free.length === 0 || this.#isClosed) return;
    for (const assignment of free) assignment.isFetching = true;
    try {
      const leaders = await Promise.all(free.map(({ topic, partition }) => this.#cluster.leaderOf(topic, partition)));
      const byLeader = Map.groupBy(free.keys(), (index) => leaders[index] as number);
      await Promise.all(
        [...byLeader].map(([node, indexes]) =>
          this.#fetch(
            node,
            indexes.map((index) => free[index] as Assignment),
          ),
        ),
      );
      this.#backoff.reset();
    } catch (error) {
      await this.#recover(free, asClientError(error));
    } finally {
      for (const assignment of free) assignment.isFetching = false;
    }
    this.#plan();
  }

  async #recover(partitions: readonly Assignment[], failure: ClientError): Promise<void> {
    if (this.#isClosed) return;
    if (!failure.retriable) {
      this.#fail(failure);
      return;
    }
    for (const { topic } of partitions) this.#cluster.forgetTopic(topic);
    await this.#backoff.wait();
  }

  async #fetch(node: number, partitions: readonly Assignment[]): Promise<void> {
    const { isolation, maxWaitMs, maxBytes, partitionMaxBytes } = this.#options;
    const lane = this.#takeLane();
    try {
      const topics = [...Map.groupBy(partitions, (one) => one.topic)].map(([name, of]) => ({
        name,
        partitions: of.map((one) => ({ partition: one.partition, fetchOffset: one.fetchOffset, partitionMaxBytes })),
      }));
      const isolationLevel = isolation === 'read_committed' ? 1 : 0;
      const answer = await this.#cluster.request(
        node,
        this.#lane(lane),
        apis.fetch,
        { maxWaitMs, minBytes: 1, maxBytes, isolationLevel, topics },
        maxWaitMs,
      );
      if (answer.errorCode !== 0) throw refused(answer.errorCode, 'answer a fetch');
      const byKey = new Map(partitions.map((one) => [keyOf(one.topic, one.partition), one]));
      for (const topic of answer.topics) {
        for (const fetched of topic.partitions) {
          const assignment = byKey.get(keyOf(topic.name, fetched.partition));
          if (assignment !== undefined) this.#receive(assignment, fetched);
        }
      }
    } finally {
      this.#busyLanes.delete(lane);
    }
  }

  #receive(assignment: Assignment, fetched: FetchPartition): void {
    const { topic, partition, fetchOffset } = assignment;
    // Removed or moved while the fetch was under way: what it brought is nobody's.
    if (this.#assignments.get(keyOf(topic, partition)) !== assignment) return;
    if (fetched.errorCode !== 0) {
      const spot = `${topic}-${partition} at ${fetchOffset}`;
      const range =
        fetched.errorCode === errors.OFFSET_OUT_OF_RANGE.code
          ? ` (it holds ${fetched.logStartOffset} to ${fetched.highWatermark})`
          : '';
      throw refused(fetched.errorCode, `give ${spot}${range}`);
    }
    const { records, nextOffset } = readRecords(fetched.records, fetchOffset, fetched.abortedTransactions);
    if (nextOffset === fetchOffset) return;
    assignment.fetchOffset = nextOffset;
    assignment.isWaiting = true;
    const { highWatermark, lastStableOffset, logStartOffset } = fetched;
    this.#ready.push({
      assignment,
      fetched: { topic, partition, records, nextOffset, highWatermark, lastStableOffset, logStartOffset },
    });
    this.#notify();
  }

  #fail(failure: ClientError): void {
    this.#failure = failure;
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  /** A fetch that waits holds its connection; the next one at the same time takes another. */
  #takeLane(): number {
    let lane = 0;
    while (this.#busyLanes.has(lane)) lane += 1;
    this.#busyLanes.add(lane);
    return lane;
  }

  #lane(lane: number): string {
    return `${this.#name}.${lane}`;
  }
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
