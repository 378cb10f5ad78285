import { type Client, ClientError, type Consumer } from '@millrace/client';
import { messageOf } from '@millrace/std';
import type { CommandRecord } from './command-queue.ts';
import type { LogReader } from './log-reader.ts';
import type { Logger } from './options.ts';

interface Receiver {
  readonly receive: (records: readonly CommandRecord[]) => void;
  readonly hasRoom: () => boolean;
  /** The next command is gone: only another owner trims what this one has not decided. */
  readonly lose: () => void;
}

interface Reading extends Receiver {
  nextOffset: number;
  isPaused: boolean;
}

interface CommandReaderOptions {
  readonly client: Client;
  readonly log: LogReader;
  readonly topic: string;
  readonly logger: Logger;
  /** Reading has ended for a reason that waiting does not mend. */
  readonly onFailure: (error: unknown) => void;
}

/** One consumer for the commands of all owned partitions, so that an idle engine holds one fetch at the broker, not one each. */
export class CommandReader {
  readonly #options: CommandReaderOptions;
  readonly #readings = new Map<number, Reading>();
  #consumer: Consumer | undefined;
  #run: Promise<void> | undefined;
  #isStopping = false;

  constructor(options: CommandReaderOptions) {
    this.#options = options;
  }

  /** Gives the partition's commands from `offset` on to the receiver, until the returned function is called. */
  read(partition: number, offset: number, receiver: Receiver): () => void {
    const reading: Reading = { ...receiver, nextOffset: offset, isPaused: false };
    this.#readings.set(partition, reading);
    this.#consumer?.add({ topic: this.#options.topic, partition, offset });
    this.#run ??= this.#follow();
    return () => {
      if (this.#readings.get(partition) !== reading) return;
      this.#readings.delete(partition);
      this.#consumer?.remove({ topic: this.#options.topic, partition });
    };
  }

  /** A receiver that had no room has some. */
  resume(partition: number): void {
    const reading = this.#readings.get(partition);
    if (reading === undefined || !reading.isPaused || !reading.hasRoom()) return;
    reading.isPaused = false;
    this.#consumer?.resume({ topic: this.#options.topic, partition });
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#consumer?.close();
    await this.#run;
  }

  async #follow(): Promise<void> {
    while (!this.#isStopping) {
      try {
        await this.#consume();
      } catch (error) {
        const isOutOfRange = error instanceof ClientError && error.code === 'OFFSET_OUT_OF_RANGE';
        if (isOutOfRange && (await this.#loseWhatIsGone())) continue;
        this.#options.logger.error({ error: messageOf(error) }, 'commands can not be read');
        this.#options.onFailure(error);
        return;
      }
    }
  }

  async #consume(): Promise<void> {
    const { client, topic } = this.#options;
    const consumer = client.consumer({ isolation: 'read_committed', maxWaitMs: 5_000 });
    this.#consumer = consumer;
    for (const [partition, reading] of this.#readings) {
      reading.isPaused = false;
      consumer.add({ topic, partition, offset: reading.nextOffset });
    }
    for await (const { partition, records, nextOffset } of consumer) {
      const reading = this.#readings.get(partition);
      if (reading === undefined) continue;
      reading.nextOffset = nextOffset;
      reading.receive(records);
      if (reading.hasRoom()) continue;
      reading.isPaused = true;
      consumer.pause({ topic, partition });
    }
  }

  /** False when none is, so that trying again would not end. */
  async #loseWhatIsGone(): Promise<boolean> {
    let hasLost = false;
    for (const [partition, reading] of this.#readings) {
      if ((await this.#options.log.start(this.#options.topic, partition)) <= reading.nextOffset) continue;
      this.#readings.delete(partition);
      reading.lose();
      hasLost = true;
    }
    return hasLost;
  }
}
