import type { Command } from '@millrace/records';

export interface SentCommand {
  readonly partition: number;
  readonly offset: number;
}

/**
 * Appends commands to `core.commands`. Resolves when the command is durable, not when it is decided: whoever wants the
 * answer puts a `requestId` into the command and waits for the event or rejection that carries it.
 */
export interface CommandSender {
  /** To the partition that the command's instance, key or correlation key leads to. */
  send(command: Command): Promise<SentCommand>;
}
