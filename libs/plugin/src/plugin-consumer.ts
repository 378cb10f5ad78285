import { randomBytes } from 'node:crypto';
import type { Topics } from '@millrace/bus';
import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { answer } from './answer.ts';
import type { Log } from './log.ts';
import { OffsetTracker } from './offset-tracker.ts';
import type { Plugin } from './plugin.ts';
import type { Sender } from './sender.ts';
import { Slots } from './slots.ts';
import { within } from './within.ts';

/**
 * Consumes the job topic of one plugin. A slow job holds back neither the jobs behind it nor the group: the batch callback only
 * hands jobs out and returns, so that kafkajs goes on fetching and saying heartbeats, and offsets are committed by an
 * `OffsetTracker` per partition instead of kafkajs's own bookkeeping, which knows batches only.
 *
 * C1. A job's offset is committed after its reply is acknowledged (R1), never before: a crash repeats jobs, it loses none.
 * C2. Jobs are read committed: what the engine took back was never offered.
 * C3. kafkajs has no revoke callback. Jobs of a partition that moved away finish here and may run elsewhere too; the engine takes
 *     the first answer. Their offsets may still be committed by us: they are answered.
 */
export class PluginConsumer {
  readonly #plugin: Plugin;
  readonly #topic: string;
  readonly #replyTopic: string;
  readonly #consumer: Consumer;
  readonly #replies: Sender;
  readonly #log: Log;
  readonly #slots: Slots;
  readonly #trackers = new Map<number, OffsetTracker>();
  readonly #committed = new Map<number, number>();
  readonly #abort = new AbortController();
  readonly #running = new Set<Promise<unknown>>();
  #commitTimer: NodeJS.Timeout | undefined;
  #draining = false;

  constructor(plugin: Plugin, options: { kafka: Kafka; topics: Topics; groupId: string; replies: Sender; log: Log }) {
    this.#plugin = plugin;
    this.#topic = options.topics.job(plugin.type);
    this.#replyTopic = options.topics.reply;
    this.#replies = options.replies;
    this.#log = options.log;
    this.#slots = new Slots(plugin.concurrency);
    this.#consumer = options.kafka.consumer({
      groupId: options.groupId,
      readUncommitted: false,
      allowAutoTopicCreation: false,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      sessionTimeout: SESSION_MS,
      heartbeatInterval: HEARTBEAT_MS,
      // Jobs must be found whenever the broker comes back: kafkajs restarts the consumer after this many tries in a row.
      retry: { retries: 8, restartOnFailure: () => Promise.resolve(!this.#draining) },
    });
  }

  async start(onCrash: (error: Error) => void): Promise<void> {
    this.#consumer.on('consumer.crash', ({ payload }) => {
      if (!payload.restart && !this.#draining) onCrash(payload.error);
    });
    this.#consumer.on('consumer.group_join', () => this.#forgetIdle());
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: [this.#topic], fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 4,
      eachBatch: (payload) => this.#handOut(payload),
    });
  }

  /** Finishes the jobs in hand, commits them, leaves the group. After `timeoutMs` the rest is aborted and will run elsewhere. */
  async stop(timeoutMs: number): Promise<void> {
    this.#draining = true;
    this.#consumer.pause([{ topic: this.#topic }]);
    await this.#finish(timeoutMs);
    clearTimeout(this.#commitTimer);
    // kafkajs would try for a minute where the broker is away.
    await within(LEAVE_MS_MAX, this.#leave());
  }

  async #leave(): Promise<void> {
    await this.#commit();
    await this.#consumer.disconnect();
  }

  async #finish(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<'timeout'>((resolve) => {
      timer = setTimeout(() => resolve('timeout'), timeoutMs);
    });
    const outcome = await Promise.race([Promise.all(this.#running), timeout]);
    clearTimeout(timer);
    if (outcome !== 'timeout') return;
    this.#log.warn(
      `${this.#plugin.type}: ${this.#running.size} jobs did not finish within ${timeoutMs} ms and will run again`,
    );
    this.#abort.abort();
  }

  async #handOut(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const tracker = this.#trackerOf(batch.partition);
    for (const [index, message] of batch.messages.entries()) {
      while (!this.#slots.tryTake()) {
        await this.#slots.change(HEARTBEAT_MS);
        await payload.heartbeat();
        if (this.#draining) return;
      }
      if (this.#draining || !payload.isRunning() || payload.isStale()) {
        this.#slots.free();
        return;
      }
      const offset = Number(message.offset);
      // Behind the last record of a batch come transaction markers, which no callback ever sees.
      const next = index === batch.messages.length - 1 ? Number(batch.lastOffset()) + 1 : offset + 1;
      if (tracker.begin(offset, next)) this.#begin(message, offset, tracker);
      else this.#slots.free();
      payload.resolveOffset(message.offset);
    }
    await payload.heartbeat();
  }

  #begin(message: KafkaMessage, offset: number, tracker: OffsetTracker): void {
    const job: Promise<unknown> = this.#run(message).then((isDone) => {
      if (isDone) tracker.finish(offset);
      if (isDone) this.#commitSoon();
      this.#slots.free();
      return this.#running.delete(job);
    });
    this.#running.add(job);
  }

  /** Says whether the record may be left behind. Never rejects: `answer` does not, and a refused reply is logged. */
  async #run(message: KafkaMessage): Promise<boolean> {
    const record = { value: message.value, headers: message.headers ?? {} };
    const result = await answer(this.#plugin, record, {
      signal: this.#abort.signal,
      now: Date.now(),
      spanId: randomBytes(8),
      replyTopic: this.#replyTopic,
    });
    if (result.kind === 'skipped') {
      this.#log.info(`${this.#plugin.type}: skipped offset ${message.offset}: ${result.reason}`);
      return true;
    }
    if (result.outcome === 'failed') {
      this.#log.warn(`${this.#plugin.type}: job of instance ${result.key} failed: ${result.message ?? ''}`);
    }
    // C1. An aborted handler answers by chance: the job stays uncommitted and runs again elsewhere.
    if (this.#abort.signal.aborted) return false;
    const { topic, key, value, headers } = result;
    try {
      await this.#replies.send({ topic, key, value, headers });
    } catch (error) {
      // R3. Its reply was given up: the job runs again.
      if (this.#abort.signal.aborted) return false;
      // R2. Nobody can be told. Holding the partition back would stop every other job too.
      this.#log.error(
        `${this.#plugin.type}: the broker refused a reply for instance ${result.key} to ${topic}: ${String(error)}`,
      );
    }
    return true;
  }

  #trackerOf(partition: number): OffsetTracker {
    const tracker = this.#trackers.get(partition) ?? new OffsetTracker();
    this.#trackers.set(partition, tracker);
    return tracker;
  }

  /** After a rebalance, what is neither in hand nor to be committed is not ours to remember: the partition may have moved on
   *  without us, or be another one of the same name after the broker lost its data. */
  #forgetIdle(): void {
    for (const [partition, tracker] of this.#trackers) {
      if (tracker.inHand > 0 || tracker.committable !== this.#committed.get(partition)) continue;
      this.#trackers.delete(partition);
      this.#committed.delete(partition);
    }
  }

  #commitSoon(): void {
    this.#commitTimer ??= setTimeout(() => {
      this.#commitTimer = undefined;
      void this.#commit();
    }, COMMIT_AFTER_MS);
  }

  async #commit(): Promise<void> {
    const due = [...this.#trackers]
      .map(([partition, { committable }]) => ({ partition, offset: committable ?? -1 }))
      .filter(({ partition, offset }) => offset > (this.#committed.get(partition) ?? -1));
    if (due.length === 0) return;
    try {
      await this.#consumer.commitOffsets(
        due.map(({ partition, offset }) => ({ topic: this.#topic, partition, offset: String(offset) })),
      );
      for (const { partition, offset } of due) this.#committed.set(partition, offset);
    } catch (error) {
      // The group is rebalancing or the broker is away.
      this.#log.info(`${this.#plugin.type}: could not commit offsets yet: ${String(error)}`);
      if (!this.#draining) this.#commitSoon();
    }
  }
}

const FETCH_WAIT_MS = 500;
const SESSION_MS = 10_000;
const HEARTBEAT_MS = 2_000;
const COMMIT_AFTER_MS = 100;
const LEAVE_MS_MAX = 2_000;
