import type { Topics } from '@millrace/bus';
import { type Client, ClientError, type Producer } from '@millrace/client';
import { type Command, partitionOfCommand } from '@millrace/records';
import type { Clock } from '@millrace/std';
import { commandRecord } from './encode.ts';
import { RuntimeError } from './errors.ts';
import { CORE_RECORD_BYTES_MAX } from './topology.ts';

export interface SentCommand {
  readonly partition: number;
  readonly offset: number;
}

/**
 * Appends commands to `core.commands`. Resolves when the command is durable, not when it is decided: whoever wants the
 * answer puts a `requestId` into the command and waits for the event or rejection that carries it.
 */
export interface CommandSender {
  /**
   * To the partition that the command's instance, key or correlation key leads to.
   *
   * @throws RuntimeError with NO_SUCH_PARTITION when what the command names can't exist, OVERLOADED when too much waits for the broker
   */
  send(command: Command): Promise<SentCommand>;
}

interface CommandSenderOptions {
  readonly client: Client;
  readonly topics: Topics;
  readonly partitionCount: () => number;
  /** R9. What a command may speak of. */
  readonly definitionsSeen: () => number;
  readonly clock: Clock;
  readonly sendBytesMax: number;
}

export class ProducingCommandSender implements CommandSender {
  readonly #options: CommandSenderOptions;
  readonly #producer: Producer;

  constructor(options: CommandSenderOptions) {
    this.#options = options;
    this.#producer = options.client.producer({
      bufferBytesMax: options.sendBytesMax,
      batchBytesMax: CORE_RECORD_BYTES_MAX,
    });
  }

  async send(command: Command): Promise<SentCommand> {
    const { topics, partitionCount, definitionsSeen, clock } = this.#options;
    const partition = partitionOfCommand(command, partitionCount());
    if (partition === undefined) {
      throw new RuntimeError('NO_SUCH_PARTITION', `expected ${command.kind} to name something that can exist here`);
    }
    try {
      const { offset } = await this.#producer.send(
        commandRecord(topics, partition, command, definitionsSeen(), clock.now()),
      );
      return { partition, offset };
    } catch (error) {
      if (error instanceof ClientError && error.code === 'BUFFER_FULL') {
        throw new RuntimeError('OVERLOADED', error.message, { cause: error });
      }
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#producer.close();
  }
}
