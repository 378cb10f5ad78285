import { type ReceivedRecord, headerText, headers } from '@millrace/bus';
import { decodeCommand, partitionOfCommand } from '@millrace/records';
import { messageOf } from '@millrace/std';
import type { QueuedCommand } from './batch.ts';

/** A record of `core.commands` as the client gives it. */
export interface CommandRecord extends ReceivedRecord {
  readonly offset: number;
  readonly timestamp: number;
}

/**
 * Commands fetched and not yet decided. What is decided stays at its head until it is committed: a batch that is known
 * not to have been committed is simply decided again.
 */
export class CommandQueue implements Iterable<QueuedCommand> {
  readonly #partition: number;
  readonly #partitionCount: number;
  #commands: QueuedCommand[] = [];
  #bytes = 0;

  constructor(partition: number, partitionCount: number) {
    this.#partition = partition;
    this.#partitionCount = partitionCount;
  }

  get length(): number {
    return this.#commands.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get head(): QueuedCommand | undefined {
    return this.#commands[0];
  }

  add(records: Iterable<CommandRecord>): void {
    for (const record of records) {
      const command = this.#read(record);
      this.#commands.push(command);
      this.#bytes += command.bytes;
    }
  }

  /** The first `count` are committed. */
  drop(count: number): void {
    for (const { bytes } of this.#commands.splice(0, count)) this.#bytes -= bytes;
  }

  clear(): void {
    this.#commands = [];
    this.#bytes = 0;
  }

  [Symbol.iterator](): Iterator<QueuedCommand> {
    return this.#commands[Symbol.iterator]();
  }

  #read(record: CommandRecord): QueuedCommand {
    const { offset, timestamp, value } = record;
    const bytes = (value?.length ?? 0) + 100;
    try {
      if (value === null) throw new Error('expected a value, found none');
      const command = decodeCommand(value);
      // Throws for a kind that this build does not know, and for one without the fields that place it.
      const partition = partitionOfCommand(command, this.#partitionCount);
      if (partition !== this.#partition)
        throw new Error(`expected a command of partition ${this.#partition}, found one of ${partition ?? 'none'}`);
      return { offset, timestamp, bytes, definitionsSeen: definitionsSeenBy(record), content: { command } };
    } catch (error) {
      // R10. It names nothing that could be waited for.
      return {
        offset,
        timestamp,
        bytes,
        definitionsSeen: 0,
        content: { undecodable: record, problem: messageOf(error) },
      };
    }
  }
}

function definitionsSeenBy(record: CommandRecord): number {
  const seen = Number(headerText(record, headers.definitionsSeen) ?? 0);
  return Number.isSafeInteger(seen) && seen > 0 ? seen : 0;
}
