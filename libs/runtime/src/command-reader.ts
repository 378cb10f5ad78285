import type { Client, Consumer } from '@millrace/client';
import { messageOf } from '@millrace/std';
import type { CommandRecord } from './command-queue.ts';
import type { Logger } from './options.ts';

interface Receiver {
  readonly receive: (records: readonly CommandRecord[]) => void;
  readonly hasRoom: () => boolean;
}

interface CommandReaderOptions {
  readonly client: Client;
  readonly topic: string;
  readonly logger: Logger;
  /** Reading has ended for a reason that waiting does not mend. */
  readonly onFailure: (error: unknown) => void;
}

/** One consumer for the commands of all owned partitions, so that an idle engine holds one fetch at the broker, not one each. */
export class CommandReader {
  readonly #options: CommandReaderOptions;
  readonly #receivers = new Map<number, Receiver>();
  readonly #paused = new Set<number>();
  readonly #consumer: Consumer;
  #run: Promise<void> | undefined;

  constructor(options: CommandReaderOptions) {
    this.#options = options;
    this.#consumer = options.client.consumer({ isolation: 'read_committed', maxWaitMs: 5_000 });
  }

  /** Gives the partition's commands from `offset` on to the receiver, until the returned function is called. */
  read(partition: number, offset: number, receiver: Receiver): () => void {
    const { topic } = this.#options;
    this.#run ??= this.#follow();
    this.#receivers.set(partition, receiver);
    this.#paused.delete(partition);
    this.#consumer.add({ topic, partition, offset });
    return () => {
      if (this.#receivers.get(partition) !== receiver) return;
      this.#receivers.delete(partition);
      this.#consumer.remove({ topic, partition });
    };
  }

  /** A receiver that had no room has some. */
  resume(partition: number): void {
    if (this.#receivers.get(partition)?.hasRoom() !== true || !this.#paused.delete(partition)) return;
    this.#consumer.resume({ topic: this.#options.topic, partition });
  }

  async stop(): Promise<void> {
    this.#consumer.close();
    await this.#run;
  }

  async #follow(): Promise<void> {
    try {
      for await (const { partition, records } of this.#consumer) {
        const receiver = this.#receivers.get(partition);
        if (receiver === undefined) continue;
        receiver.receive(records);
        if (receiver.hasRoom()) continue;
        this.#paused.add(partition);
        this.#consumer.pause({ topic: this.#options.topic, partition });
      }
    } catch (error) {
      this.#options.logger.error({ error: messageOf(error) }, 'commands can not be read');
      this.#options.onFailure(error);
    }
  }
}
