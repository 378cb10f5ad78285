import type { OutgoingRecord, Topics } from '@millrace/bus';
import { deadLetter } from '@millrace/bus';
import { type Client, type Consumer, type Fetched, type Producer, type TopicPartitionOffset } from '@millrace/client';
import { type Clock, messageOf } from '@millrace/std';
import { commandRecord } from './encode.ts';
import type { ExchangeTopics } from './exchange-topics.ts';
import { type IngressContext, type IngressRecord, translate } from './ingress-translate.ts';
import type { Logger, RuntimeLimits } from './options.ts';
import { CORE_RECORD_BYTES_MAX } from './topology.ts';

interface IngressOptions {
  readonly client: Client;
  readonly topics: Topics;
  readonly exchange: ExchangeTopics;
  readonly partitionCount: number;
  readonly definitionsSeen: () => number;
  readonly clock: Clock;
  readonly limits: RuntimeLimits;
  readonly logger: Logger;
}

const RETRY_MS = 200;
/** One batch of the producer: see R11 below. Leaves room for what a command adds to its record. */
const ROUND_BYTES_MAX = 512 * 1024;

/**
 * Brings records from the bus in as commands.
 *
 * R11. Works in rounds: a piece of each source partition becomes commands, all are acknowledged, then their offsets may be committed. A round's
 * commands for one target partition are one batch of the producer, which is in the log whole or not at all. Else a later
 * command could be there without an earlier one of the same source, whose repetition the watermark would then drop.
 */
export class Ingress {
  readonly #options: IngressOptions;
  readonly #context: IngressContext;
  readonly #groupId: string;
  readonly #counts = { records: 0, deadLetters: 0 };
  #producer: Producer;
  #consumer: Consumer | undefined;
  /** Partitions read, by topic. */
  #sources = new Map<string, number>();
  readonly #uncommitted = new Map<string, TopicPartitionOffset>();
  #committing: Promise<void> | undefined;
  #run: Promise<void> | undefined;
  #cancelRefresh: (() => void) | undefined;
  #isStopping = false;
  #problem: string | undefined;
  #stopWaiting: (() => void) | undefined;

  constructor(options: IngressOptions) {
    this.#options = options;
    const { topics, partitionCount, limits } = options;
    this.#context = {
      topics,
      partitionCount,
      valueBytesMax: limits.valueBytesMax,
      messageTtlMs: limits.messageTtlMs,
    };
    this.#groupId = `${topics.namespace}ingress`;
    this.#producer = this.#createProducer();
  }

  health(): { readonly isRunning: boolean; readonly problem?: string } {
    const isRunning = this.#consumer !== undefined && this.#problem === undefined;
    return this.#problem === undefined ? { isRunning } : { isRunning, problem: this.#problem };
  }

  stats(): { readonly records: number; readonly deadLetters: number; readonly topics: number } {
    return { ...this.#counts, topics: this.#sources.size };
  }

  /** Resolves when the topics that are there now are being read. */
  async start(): Promise<void> {
    await this.#open();
    this.#run = this.#follow();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#cancelRefresh?.();
    this.#consumer?.close();
    this.#stopWaiting?.();
    await this.#run;
    await this.#producer.close();
    await this.#committing;
  }

  async #follow(): Promise<void> {
    while (!this.#isStopping) {
      try {
        if (this.#consumer === undefined) await this.#open();
        if (this.#consumer !== undefined) await this.#rounds(this.#consumer);
      } catch (error) {
        if (this.#isStopping) return;
        this.#problem = messageOf(error);
        this.#options.logger.warn({ error: this.#problem }, 'ingress begins again at its committed offsets');
        this.#consumer?.close();
        this.#consumer = undefined;
        // What it may still hold belongs to a round that has failed.
        void this.#producer.close();
        this.#producer = this.#createProducer();
        await this.#pause(RETRY_MS);
      }
    }
  }

  async #open(): Promise<void> {
    const consumer = this.#options.client.consumer({
      isolation: 'read_committed',
      maxWaitMs: 5_000,
      partitionMaxBytes: ROUND_BYTES_MAX,
    });
    this.#sources = new Map();
    try {
      await this.#addSources(consumer);
    } catch (error) {
      consumer.close();
      throw error;
    }
    // Stopped meanwhile: nobody would close this one any more, and who takes from it would wait for ever.
    if (this.#isStopping) return consumer.close();
    this.#consumer = consumer;
    this.#problem = undefined;
    this.#scheduleRefresh(consumer);
  }

  async #rounds(consumer: Consumer): Promise<void> {
    for (;;) {
      const first = await consumer.take();
      if (first === undefined) return;
      const round: Fetched[] = [first];
      let bytes = sizeOf(first);
      while (bytes < ROUND_BYTES_MAX) {
        const next = consumer.takeReady();
        if (next === undefined) break;
        round.push(next);
        bytes += sizeOf(next);
      }
      await this.#bringIn(round);
    }
  }

  async #bringIn(round: readonly Fetched[]): Promise<void> {
    const { topics, clock, definitionsSeen, exchange } = this.#options;
    const commands: ReturnType<typeof commandRecord>[] = [];
    const others: OutgoingRecord[] = [];
    for (const { topic, partition, records } of round) {
      for (const each of records) {
        this.#counts.records++;
        const record: IngressRecord = { ...each, topic, partition };
        const translation = translate(this.#context, record);
        if (translation.command !== undefined) {
          commands.push(
            commandRecord(
              topics,
              translation.command.partition,
              translation.command.command,
              definitionsSeen(),
              clock.now(),
            ),
          );
        }
        others.push(...(translation.records ?? []));
        if (translation.unusable !== undefined) {
          this.#counts.deadLetters++;
          others.push(deadLetter(topics, record, record, translation.unusable));
        }
      }
    }
    for (const topic of new Set(others.map((record) => record.topic))) await exchange.ensure(topic);
    const sendable = others.filter(
      ({ topic }) => topic === topics.deadLetters || exchange.partitionCount(topic) !== undefined,
    );
    // In one turn of the event loop, so that the producer makes one batch of what goes to one partition.
    await Promise.all([...commands, ...sendable].map((record) => this.#producer.send(record)));
    for (const { topic, partition, nextOffset } of round) {
      this.#uncommitted.set(`${topic}/${partition}`, { topic, partition, offset: nextOffset });
    }
    this.#committing ??= this.#commitOffsets();
  }

  /** R11. Beside the next round, not between two: an offset that is committed late only costs a repetition. */
  async #commitOffsets(): Promise<void> {
    const { client, logger } = this.#options;
    try {
      while (this.#uncommitted.size > 0) {
        const offsets = [...this.#uncommitted];
        await client.admin.commitOffsets(
          this.#groupId,
          offsets.map(([, offset]) => offset),
        );
        for (const [key, offset] of offsets) {
          if (this.#uncommitted.get(key) === offset) this.#uncommitted.delete(key);
        }
      }
    } catch (error) {
      logger.warn({ error: messageOf(error) }, 'ingress offsets were not committed; the next round tries again');
    }
    this.#committing = undefined;
  }

  #scheduleRefresh(consumer: Consumer): void {
    const { clock, limits, logger } = this.#options;
    this.#cancelRefresh?.();
    this.#cancelRefresh = clock.after(limits.topicRefreshMs, () => {
      if (this.#isStopping || this.#consumer !== consumer) return;
      void this.#addSources(consumer)
        .catch((error: unknown) => logger.warn({ error: messageOf(error) }, 'new reply topics were not looked for'))
        .finally(() => {
          if (this.#consumer === consumer) this.#scheduleRefresh(consumer);
        });
    });
  }

  /** Reads what is not read yet, from where the last owner was, and lets go of topics that are gone. */
  async #addSources(consumer: Consumer): Promise<void> {
    const { client, topics } = this.#options;
    const wanted = new Set([topics.startTrigger, topics.messageEvent, topics.operations, topics.operationsBulk]);
    const found = (await client.admin.listTopics()).filter(({ name }) => wanted.has(name) || topics.isReceive(name));
    const added = found.flatMap(({ name, partitions }) => {
      const known = this.#sources.get(name) ?? 0;
      return Array.from({ length: Math.max(0, partitions - known) }, (_, index) => ({
        topic: name,
        partition: known + index,
      }));
    });
    for (const { topic, partition, offset } of await this.#startOffsets(added))
      consumer.add({ topic, partition, offset });

    const names = new Set(found.map(({ name }) => name));
    for (const [topic, partitions] of this.#sources) {
      if (names.has(topic)) continue;
      for (let partition = 0; partition < partitions; partition++) consumer.remove({ topic, partition });
    }
    this.#sources = new Map(found.map(({ name, partitions }) => [name, partitions]));
  }

  /** Where the group was; from the first record on where it was not, or where what it knew is gone. */
  async #startOffsets(
    partitions: readonly { topic: string; partition: number }[],
  ): Promise<{ topic: string; partition: number; offset: number }[]> {
    if (partitions.length === 0) return [];
    const { admin } = this.#options.client;
    const [starts, ends, committed] = await Promise.all([
      admin.listOffsets(partitions, 'earliest'),
      admin.listOffsets(partitions, 'latest'),
      admin.committedOffsets(this.#groupId, partitions),
    ]);
    return partitions.map(({ topic, partition }, index) => {
      const known = committed.find((one) => one.topic === topic && one.partition === partition)?.offset;
      const start = starts[index] ?? 0;
      const end = ends[index] ?? start;
      return { topic, partition, offset: known === undefined || known > end ? start : Math.max(known, start) };
    });
  }

  #createProducer(): Producer {
    return this.#options.client.producer({ batchBytesMax: CORE_RECORD_BYTES_MAX });
  }

  async #pause(delayMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(delayMs, resolve);
      this.#stopWaiting = () => {
        cancel();
        resolve();
      };
    });
    this.#stopWaiting = undefined;
  }
}

function sizeOf({ records }: Fetched): number {
  return records.reduce((sum, { value }) => sum + (value?.length ?? 0) + 300, 0);
}
