import { setTimeout as delay } from 'node:timers/promises';
import { type IHeaders, type Kafka, type Message, Partitioners, type Producer } from 'kafkajs';
import type { Log } from './log.ts';
import { within } from './within.ts';

export interface Outgoing {
  readonly topic: string;
  readonly key: string;
  readonly value: string;
  readonly headers: IHeaders;
}

/**
 * Sends replies in batches: while one is on its way the next gathers. A request per reply would cap a plugin at a few
 * hundred jobs per second, since an idempotent producer of kafkajs has one request in flight.
 *
 * R1. `send` resolves when every in-sync replica has the outgoing. Only then may its job's offset be committed.
 * R2. A reply that the broker refuses for good (no such topic, not allowed) rejects, and takes no other with it.
 * R3. What `close` could not send in its time rejects: a process must be able to end while the broker is away.
 */
export class Sender {
  readonly #kafka: Kafka;
  readonly #log: Log;
  #producer: Producer | undefined;
  #queue: Waiting[] = [];
  #running: Promise<void> | undefined;
  #hasGivenUp = false;
  #giveUp: (() => void) | undefined;

  constructor(kafka: Kafka, log: Log) {
    this.#kafka = kafka;
    this.#log = log;
  }

  async send(outgoing: Outgoing): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#queue.push({ outgoing, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Sends what waits, for at most so long. */
  async close(timeoutMs: number): Promise<void> {
    await within(timeoutMs, this.#running);
    // R3. Also what somebody sends from now on.
    this.#hasGivenUp = true;
    this.#giveUp?.();
    await this.#running;
    await within(DISCONNECT_MS_MAX, this.#producer?.disconnect());
    this.#producer = undefined;
  }

  async #run(): Promise<void> {
    // Replies that finish in the same turn of the event loop leave in the same request.
    await Promise.resolve();
    while (this.#queue.length > 0) await this.#sendBatch(this.#queue.splice(0, BATCH_MAX));
    // In the turn that found the queue empty: what is sent a moment later must find nobody running, and begin anew.
    this.#running = undefined;
  }

  async #sendBatch(batch: readonly Waiting[]): Promise<void> {
    const error = await this.#try(batch);
    if (error === undefined) {
      for (const { resolve } of batch) resolve();
    } else if (batch.length === 1) {
      for (const { reject } of batch) reject(error);
    } else {
      for (const waiting of batch) await this.#sendBatch([waiting]);
    }
  }

  /** Tries until it is sent, refused for good, or given up (R3). There is no point in giving up before: the jobs are done, and
   *  dropping their replies would do them again. */
  async #try(batch: readonly Waiting[]): Promise<Error | undefined> {
    while (!this.#hasGivenUp) {
      try {
        await this.#orGiveUp(this.#trySending(batch));
        return undefined;
      } catch (error) {
        if (isRefusal(error)) return error;
        if (this.#hasGivenUp) break;
        this.#log.warn(`could not send ${batch.length} records, trying again: ${String(error)}`);
        // A producer that lost its sequence (fenced, or unknown to the broker) never recovers: start with a new one.
        await this.#producer?.disconnect().catch(() => undefined);
        this.#producer = undefined;
        await this.#orGiveUp(delay(RETRY_AFTER_MS)).catch(() => undefined);
      }
    }
    return new Error(GIVEN_UP);
  }

  /** For one thing at a time. A race with a promise that lives as long as this does would keep something of every batch. */
  #orGiveUp(something: Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#giveUp = () => reject(new Error(GIVEN_UP));
      something.then(resolve, reject);
    });
  }

  async #trySending(batch: readonly Waiting[]): Promise<void> {
    const producer = await this.#connected();
    await producer.sendBatch({ acks: -1, topicMessages: byTopic(batch) });
  }

  async #connected(): Promise<Producer> {
    if (this.#producer !== undefined) return this.#producer;
    const producer = this.#kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      // Unbounded is kafkajs's default for idempotent producers, and would retry a topic that does not exist for ever.
      retry: { retries: 5 },
    });
    await producer.connect();
    if (this.#hasGivenUp) {
      // Nobody waits for it any more.
      await producer.disconnect();
      throw new Error(GIVEN_UP);
    }
    this.#producer = producer;
    return producer;
  }
}

interface Waiting {
  readonly outgoing: Outgoing;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

const BATCH_MAX = 200;
const GIVEN_UP = 'expected to send it before the plugin stopped';
const RETRY_AFTER_MS = 500;
const DISCONNECT_MS_MAX = 2_000;

function byTopic(batch: readonly Waiting[]): { topic: string; messages: Message[] }[] {
  const topics = new Map<string, Message[]>();
  for (const { outgoing } of batch) {
    const messages = topics.get(outgoing.topic) ?? [];
    messages.push({ key: outgoing.key, value: outgoing.value, headers: outgoing.headers });
    topics.set(outgoing.topic, messages);
  }
  return [...topics].map(([topic, messages]) => ({ topic, messages }));
}

const refusals: ReadonlySet<string> = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'INVALID_TOPIC_EXCEPTION',
  'TOPIC_AUTHORIZATION_FAILED',
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
]);

/** By name and not by class: kafkajs's error classes cannot be imported by name from an ES module. */
function isRefusal(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  const cause = error.cause instanceof Error ? error.cause : error;
  return cause.name === 'KafkaJSProtocolError' && refusals.has(String((cause as { type?: unknown }).type));
}
