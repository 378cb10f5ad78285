import type { WireRecord } from '@millrace/wire';

import type { Isolation, TopicPartition, TopicPartitionOffset } from './admin.ts';
import { Backoff } from './backoff.ts';
import { ClientError, asClientError, refused } from './client-error.ts';
import type { Cluster } from './cluster.ts';
import { type FetchPartition, FetchLanes, keyOf } from './fetch-lanes.ts';
import { endOf, readRecords } from './committed-records.ts';

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
  /** C5. Something of it waits to be taken, or it has failed. */
  isWaiting: boolean;
  isPaused: boolean;
  readonly backoff: Backoff;
}

/** What waits to be taken. */
interface Ready {
  readonly assignment: Assignment;
  /** As it came: records are made of it only when it is taken, so that a burst does not hold up everything else. */
  readonly outcome: { readonly fetched: FetchPartition; readonly nextOffset: number } | ClientError;
}

const defaults = {
  isolation: 'read_committed',
  maxWaitMs: 500,
  maxBytes: 8 * 1024 * 1024,
  partitionMaxBytes: 1024 * 1024,
} as const;

/**
 * Reads the partitions it is given, from the offsets it is given; iterate over it to take what was fetched. Partitions can be added, removed,
 * paused and moved while it runs.
 */
export class Consumer implements AsyncIterable<Fetched> {
  readonly #cluster: Cluster;
  readonly #assignments = new Map<string, Assignment>();
  readonly #ready: Ready[] = [];
  readonly #lanes: FetchLanes;
  #wake: (() => void) | undefined;
  #isPlanned = false;
  #isClosed = false;

  constructor(cluster: Cluster, options: ConsumerOptions) {
    this.#cluster = cluster;
    this.#lanes = new FetchLanes(cluster, { ...defaults, ...options });
  }

  /** Begins to read a partition at an offset; one that is read already goes on from there instead. */
  add({ topic, partition, offset }: TopicPartitionOffset): void {
    this.remove({ topic, partition });
    this.#assignments.set(keyOf({ topic, partition }), {
      topic,
      partition,
      fetchOffset: offset,
      position: offset,
      isFetching: false,
      isWaiting: false,
      isPaused: false,
      backoff: new Backoff(this.#cluster.environment),
    });
    this.#plan();
  }

  /** Nothing of the partition is given out any more, not even what has been fetched. */
  remove({ topic, partition }: TopicPartition): void {
    const assignment = this.#assignments.get(keyOf({ topic, partition }));
    if (assignment === undefined) return;
    this.#assignments.delete(keyOf({ topic, partition }));
    const kept = this.#ready.filter((one) => one.assignment !== assignment);
    this.#ready.splice(0, this.#ready.length, ...kept);
  }

  /** Fetches no more of the partition until `resume`; what has been fetched is still given out. */
  pause({ topic, partition }: TopicPartition): void {
    const assignment = this.#assignments.get(keyOf({ topic, partition }));
    if (assignment !== undefined) assignment.isPaused = true;
  }

  resume({ topic, partition }: TopicPartition): void {
    const assignment = this.#assignments.get(keyOf({ topic, partition }));
    if (assignment === undefined) return;
    assignment.isPaused = false;
    this.#plan();
  }

  /** The offset behind what has been taken; undefined for a partition that is not read. */
  position({ topic, partition }: TopicPartition): number | undefined {
    return this.#assignments.get(keyOf({ topic, partition }))?.position;
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
    this.#lanes.close();
    this.#notify();
  }

  /**
   * Takes what was fetched, waiting for it; undefined once the consumer is closed.
   *
   * A partition that fails for good, by `OFFSET_OUT_OF_RANGE` or another code that waiting does not mend, throws its error here once and is not
   * read on until it is added anew. The other partitions are.
   */
  async take(): Promise<Fetched | undefined> {
    for (;;) {
      if (this.#isClosed) return undefined;
      const taken = this.takeReady();
      if (taken !== undefined) return taken;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** As `take`, without waiting: undefined when nothing has been fetched. */
  takeReady(): Fetched | undefined {
    const next = this.#ready.shift();
    if (next === undefined) return undefined;
    const { assignment, outcome } = next;
    if (outcome instanceof ClientError) throw outcome;
    const { topic, partition, position } = assignment;
    const { highWatermark, lastStableOffset, logStartOffset, abortedTransactions, records: bytes } = outcome.fetched;
    const records = readWhole(bytes, position, abortedTransactions);
    assignment.position = outcome.nextOffset;
    assignment.isWaiting = false;
    this.#plan();
    return {
      topic,
      partition,
      records,
      nextOffset: assignment.position,
      highWatermark,
      lastStableOffset,
      logStartOffset,
    };
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
    if (this.#isPlanned || this.#isClosed) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      void this.#fetchFree();
    });
  }

  async #fetchFree(): Promise<void> {
    const free = [...this.#assignments.values()].filter(isFree);
    for (const assignment of free) assignment.isFetching = true;
    const byLeader = new Map<number, Assignment[]>();
    await Promise.all(
      free.map(async (assignment) => {
        try {
          const leader = await this.#cluster.leaderOf(assignment.topic, assignment.partition);
          byLeader.set(leader, [...(byLeader.get(leader) ?? []), assignment]);
        } catch (error) {
          this.#fail(assignment, asClientError(error));
        }
      }),
    );
    if (this.#isClosed) return;
    for (const [node, partitions] of byLeader) void this.#fetchFrom(node, partitions);
  }

  async #fetchFrom(node: number, partitions: readonly Assignment[]): Promise<void> {
    try {
      const answered = await this.#lanes.fetch(node, partitions);
      for (const assignment of partitions) {
        const fetched = answered.get(keyOf(assignment));
        const failure =
          fetched === undefined ? refused(-1, `answer for ${spotOf(assignment)}`) : this.#receive(assignment, fetched);
        if (failure === undefined) assignment.isFetching = false;
        else this.#fail(assignment, failure);
      }
    } catch (error) {
      for (const assignment of partitions) this.#fail(assignment, asClientError(error));
    }
    this.#plan();
  }

  /** What passes is tried again after a while, partition by partition; anything else ends the reading of the partition. */
  #fail(assignment: Assignment, failure: ClientError): void {
    if (this.#isClosed) return;
    if (!failure.retriable) {
      this.#give({ assignment, outcome: failure });
      return;
    }
    this.#cluster.forgetTopic(assignment.topic);
    void this.#tryLater(assignment);
  }

  async #tryLater(assignment: Assignment): Promise<void> {
    await assignment.backoff.wait();
    assignment.isFetching = false;
    this.#plan();
  }

  #receive(assignment: Assignment, fetched: FetchPartition): ClientError | undefined {
    const { fetchOffset, backoff } = assignment;
    if (fetched.errorCode !== 0) {
      return refused(fetched.errorCode, `give ${spotOf(assignment)}`);
    }
    backoff.reset();
    const nextOffset = endOf(fetched.records, fetchOffset);
    if (nextOffset === fetchOffset) return undefined;
    assignment.fetchOffset = nextOffset;
    this.#give({ assignment, outcome: { fetched, nextOffset } });
    return undefined;
  }

  #give(ready: Ready): void {
    const { assignment } = ready;
    // Removed or moved while the fetch was under way: what it brought is nobody's.
    if (this.#assignments.get(keyOf(assignment)) !== assignment) return;
    assignment.isWaiting = true;
    this.#ready.push(ready);
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

function spotOf({ topic, partition, fetchOffset }: Assignment): string {
  return `${topic}-${partition} at ${fetchOffset}`;
}

function isFree({ isFetching, isWaiting, isPaused }: Assignment): boolean {
  return !isFetching && !isWaiting && !isPaused;
}

/** The partition stays as it is when its bytes can not be read: it waits for ever, as C5 has it. */
function readWhole(...fetched: Parameters<typeof readRecords>): WireRecord[] {
  try {
    return readRecords(...fetched);
  } catch (error) {
    throw asClientError(error);
  }
}
