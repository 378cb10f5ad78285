import { setTimeout as delay } from 'node:timers/promises';
import { type Admin, Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import type { Log } from './log.ts';

/** Knows when topics come to exist. The engine creates them with the settings they need; a client that made one by asking for it
 *  would give it the broker's defaults for good. */
export class TopicWatch {
  readonly #admin: Admin;
  readonly #log: Log;
  readonly #signal: AbortSignal;
  #listing: Promise<ReadonlySet<string>> | undefined;
  #warned = false;

  constructor(config: KafkaConfig, log: Log, signal: AbortSignal) {
    // It tries again by itself, and says so once: kafkajs would block a stop for its own ten seconds of retries.
    const kafka = new Kafka({ ...config, retry: { retries: 0 }, logLevel: logLevel.NOTHING });
    this.#admin = kafka.admin();
    this.#log = log;
    this.#signal = signal;
  }

  /** False when it was stopped before. */
  async waitFor(topic: string): Promise<boolean> {
    for (let told = false; !this.#signal.aborted; ) {
      if ((await this.#topics()).has(topic)) return true;
      if (!told) this.#log.info(`waiting for the topic ${topic}`);
      told = true;
      await delay(TOPIC_POLL_MS, undefined, { signal: this.#signal }).catch(() => undefined);
    }
    return false;
  }

  async close(): Promise<void> {
    await this.#listing;
    await this.#admin.disconnect();
  }

  /** One request serves everyone who waits. */
  async #topics(): Promise<ReadonlySet<string>> {
    this.#listing ??= this.#list().finally(() => {
      this.#listing = undefined;
    });
    return await this.#listing;
  }

  async #list(): Promise<ReadonlySet<string>> {
    try {
      await this.#admin.connect();
      const names = await this.#admin.listTopics();
      this.#warned = false;
      return new Set(names);
    } catch (error) {
      if (!this.#warned) this.#log.warn(`waiting for the broker: ${String(error)}`);
      this.#warned = true;
      return new Set();
    }
  }
}

const TOPIC_POLL_MS = 250;
