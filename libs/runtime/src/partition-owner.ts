import type { Topics } from '@millrace/bus';
import { type Client, ClientError } from '@millrace/client';
import { nextDueAt } from '@millrace/engine';
import { type Clock, assert, messageOf } from '@millrace/std';
import { type Batch, decideBatch } from './batch.ts';
import { Checkpoints } from './checkpoint.ts';
import { CommandQueue, type CommandRecord } from './command-queue.ts';
import { completeBatch } from './complete-batch.ts';
import type { Definitions } from './definitions.ts';
import type { ExchangeTopics } from './exchange-topics.ts';
import type { LogReader } from './log-reader.ts';
import type { Logger, RuntimeLimits } from './options.ts';
import { Overlay } from './overlay.ts';
import { PartitionRows, digestOf } from './partition-rows.ts';
import { PartitionState } from './partition-state.ts';
import type { PartitionHealth, PartitionPhase, PartitionStats } from './health.ts';
import { Signal } from './signal.ts';
import type { Store } from './store.ts';
import { type Producers, createProducers, takeOver } from './take-over.ts';

export interface PartitionOwnerOptions {
  readonly partition: number;
  readonly partitionCount: number;
  readonly client: Client;
  readonly log: LogReader;
  readonly topics: Topics;
  readonly exchange: ExchangeTopics;
  readonly definitions: Definitions;
  readonly openStore: () => Store;
  readonly clock: Clock;
  readonly limits: RuntimeLimits;
  readonly logger: Logger;
  /** Reads the partition's commands from an offset and gives them to `receive`; the answer stops that. */
  readonly readCommands: (offset: number) => () => void;
  /** The queue has room again. */
  readonly onRoom: () => void;
}

/** After a failed take-over or commit. Grows to the maximum, and starts over with the next commit. */
const RETRY_MS_FIRST = 10;
const RETRY_MS_MAX = 2_000;
/** Kafka's usual limit of 1 MB, less the batch around the record. */
const FOREIGN_RECORD_BYTES_MAX = 1_000_000;

/** The life of one owned partition: taken over, decided on batch by batch, taken over again when its state is unclear (R6). */
export class PartitionOwner {
  readonly #options: PartitionOwnerOptions;
  readonly #producers: Producers;
  readonly #queue: CommandQueue;
  readonly #wake = new Signal();
  readonly #counts = { commands: 0, events: 0, timers: 0, rejections: 0, batches: 0, takeOvers: 0 };
  readonly #running = Promise.withResolvers<void>();
  #phase: PartitionPhase = 'takingOver';
  #problem: string | undefined;
  #store: Store | undefined;
  #rows: PartitionRows | undefined;
  #checkpoints: Checkpoints | undefined;
  #run: Promise<void> | undefined;
  #isStopping = false;
  #failures = 0;
  #nextDueAt: number | undefined;

  constructor(options: PartitionOwnerOptions) {
    this.#options = options;
    this.#queue = new CommandQueue(options.partition, options.partitionCount);
    this.#producers = createProducers(options.client, options.topics, options.partition, options.limits);
  }

  /** Resolves when commands are decided, or never will be: `health` says which. */
  start(): Promise<void> {
    this.#run ??= this.#live();
    return this.#running.promise;
  }

  /** Finishes the batch under way. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#wake.notify();
    await this.#run;
  }

  receive(records: readonly CommandRecord[]): void {
    this.#queue.add(records);
    this.#wake.notify();
  }

  /** Whoever trimmed the commands has decided them: it owns the partition now. */
  lose(): void {
    if (this.#phase !== 'running') return;
    this.#phase = 'fenced';
    this.#problem = 'its next command was trimmed by another owner';
    this.#wake.notify();
  }

  get hasRoom(): boolean {
    return this.#queue.bytes < this.#options.limits.queueBytesMax;
  }

  /** Something outside that the partition may have waited for has changed. */
  look(): void {
    this.#wake.notify();
  }

  health(): PartitionHealth {
    const { partition } = this.#options;
    return {
      partition,
      phase: this.#phase,
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
  }

  stats(): PartitionStats {
    const position = this.#rows?.position;
    return {
      partition: this.#options.partition,
      phase: this.#phase,
      ...this.#counts,
      checkpoints: this.#checkpoints?.written ?? 0,
      nextCommandOffset: position?.nextCommand ?? 0,
      nextEventOffset: position?.nextEvent ?? 0,
      queuedCommands: this.#queue.length,
      ...(this.#nextDueAt === undefined ? {} : { nextDueAt: this.#nextDueAt }),
    };
  }

  async #live(): Promise<void> {
    while (!this.#isStopping && this.#phase !== 'fenced' && this.#phase !== 'failed') {
      try {
        await this.#own();
      } catch (error) {
        await this.#recover(error);
      }
    }
    await this.#store?.close();
    if (this.#isStopping) this.#phase = 'released';
    this.#running.resolve();
  }

  /** One ownership: from the fence to the first thing that makes the state unclear. */
  async #own(): Promise<void> {
    const { partition, partitionCount, definitions, clock, limits, logger, topics, client } = this.#options;
    this.#phase = 'takingOver';
    this.#counts.takeOvers++;
    this.#queue.clear();
    this.#store ??= this.#options.openStore();
    const rows = await takeOver({
      ...this.#options,
      producers: this.#producers,
      store: this.#store,
      createRows: () => new PartitionRows(this.#store as Store, clock, (error) => this.#fail(error)),
    });
    const checkpoints = new Checkpoints({
      rows,
      producer: this.#producers.checkpoints,
      topics,
      partition,
      admin: client.admin,
      clock,
      limits,
      logger,
    });
    this.#rows = rows;
    this.#checkpoints = checkpoints;

    const stopReading = this.#options.readCommands(rows.position.nextCommand);
    try {
      this.#phase = 'running';
      this.#problem = undefined;
      this.#running.resolve();
      const overlay = new Overlay(rows.held);
      const state = new PartitionState(partition, partitionCount, overlay, definitions);
      while (!this.#isStopping && this.#isRunning()) await this.#step(rows, overlay, state, checkpoints);
      // One that is fenced may have rows that are not the log's any more; it never wrote what it was not told is committed.
      if (this.#isRunning()) rows.flush();
    } finally {
      stopReading();
      rows.abandon();
      await checkpoints.stop();
    }
  }

  /** A flush that failed on its own time changes the phase while a step waits. */
  #isRunning(): boolean {
    return this.#phase === 'running';
  }

  async #step(rows: PartitionRows, overlay: Overlay, state: PartitionState, checkpoints: Checkpoints): Promise<void> {
    const { definitions, limits, clock, topics, partition, exchange, log } = this.#options;
    const batch = decideBatch({
      state,
      encode: { topics, partition },
      queue: this.#queue,
      position: rows.position,
      definitionsSeen: definitions.seen,
      limits,
      clock,
    });
    if (batch.commands === 0 && batch.timers === 0) {
      await this.#idle(state);
      return;
    }
    if (batch.events.length === 0) {
      assert(batch.outputs.length === 0 && batch.deadLetters.length === 0, 'R2: expected an event beside every effect');
      assert(overlay.size === 0, 'R3: expected no row to change without an event');
      // Repetitions, or timers that are gone: nothing to write down, and deciding them again would change nothing either.
      rows.advance({ ...rows.position, nextCommand: batch.nextCommand });
    } else {
      const records = await completeBatch(batch, {
        topics,
        exchange,
        log,
        foreignBytesMax: FOREIGN_RECORD_BYTES_MAX,
        now: clock.now(),
      });
      const offsets = await this.#producers.batches.commit(records);
      this.#committed(batch, offsets, rows, overlay);
      checkpoints.consider();
      if (batch.defines) await this.#waitForOwnDefinitions(records, offsets);
    }
    this.#queue.drop(batch.commands);
    this.#options.onRoom();
    this.#count(batch);
  }

  /** R5. From here on the batch has happened. */
  #committed(batch: Batch, offsets: readonly number[], rows: PartitionRows, overlay: Overlay): void {
    const offset = offsets[batch.events.length - 1] ?? -1;
    const last = batch.events.at(-1)?.value;
    assert(
      offset >= rows.position.nextEvent,
      `expected events to follow ${rows.position.nextEvent}, found them at ${offset}`,
    );
    overlay.mergeInto(rows.held);
    rows.advance({
      nextEvent: offset + 1,
      nextCommand: batch.nextCommand,
      sequence: rows.position.sequence + batch.events.length,
      last: { offset, digest: digestOf(last ?? null) },
    });
    this.#failures = 0;
  }

  /** R9. What this partition decides next may name what it has just deployed. */
  async #waitForOwnDefinitions(
    records: readonly { readonly topic: string }[],
    offsets: readonly number[],
  ): Promise<void> {
    const { definitions, topics, limits } = this.#options;
    const last = records.findLastIndex(({ topic }) => topic === topics.definitions);
    await definitions.waitForOffset((offsets[last] ?? -1) + 1, limits.definitionsWaitMs);
  }

  /** Until a command comes, a definition that the next one needs, a timer, or the end. */
  async #idle(state: PartitionState): Promise<void> {
    const { clock, definitions, limits } = this.#options;
    const cancels: (() => void)[] = [];
    this.#nextDueAt = nextDueAt(state);
    if (this.#nextDueAt !== undefined) {
      cancels.push(clock.after(this.#nextDueAt - clock.now(), () => this.#wake.notify()));
    }
    const head = this.#queue.head;
    if (head !== undefined && head.definitionsSeen > definitions.seen) {
      const problem = `command ${head.offset} waits for definition record ${head.definitionsSeen - 1}, read up to ${definitions.seen}`;
      cancels.push(clock.after(limits.definitionsWaitMs, () => (this.#problem = problem)));
    }
    await this.#wake.wait();
    for (const cancel of cancels) cancel();
    if (this.#isRunning()) this.#problem = undefined;
  }

  #count(batch: Batch): void {
    this.#counts.batches++;
    this.#counts.commands += batch.commands;
    this.#counts.events += batch.events.length;
    this.#counts.timers += batch.timers;
    this.#counts.rejections += batch.rejections;
  }

  /** R6. What passes is tried again from the start; whoever is fenced stops; anything else is ours, and stops visibly (R10). */
  async #recover(error: unknown): Promise<void> {
    const { partition, logger, clock, exchange } = this.#options;
    this.#problem = messageOf(error);
    if (error instanceof ClientError && error.code === 'FENCED') {
      this.#phase = 'fenced';
      logger.warn({ partition }, 'partition was taken over by another owner');
      return;
    }
    if (!isPassing(error)) {
      this.#fail(error);
      return;
    }
    this.#phase = 'takingOver';
    exchange.forget();
    logger.warn({ partition, error: this.#problem }, 'partition is taken over again');
    const delayMs = Math.min(RETRY_MS_FIRST * 2 ** this.#failures++, RETRY_MS_MAX);
    const cancel = clock.after(delayMs, () => this.#wake.notify());
    await this.#wake.wait();
    cancel();
  }

  #fail(error: unknown): void {
    this.#phase = 'failed';
    this.#problem = messageOf(error);
    this.#options.logger.error(
      { partition: this.#options.partition, err: error },
      'partition has failed and decides nothing any more',
    );
    this.#running.resolve();
    this.#wake.notify();
  }
}

/** A lost broker, an aborted or unclear commit, a definition that is late. */
function isPassing(error: unknown): boolean {
  return error instanceof Error && 'retriable' in error && error.retriable === true;
}
