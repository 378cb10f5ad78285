import type { ReceivedRecord } from '@millrace/bus';
import { type DeadLetterOutput, type Decision, type Output, apply, decide, dueTimers } from '@millrace/engine';
import { type Command, type Event, commandKey, timerKey } from '@millrace/records';
import { type EncodeContext, type TransactionRecord, eventRecord, outputRecord } from './encode.ts';
import type { RuntimeLimits } from './options.ts';
import type { PartitionState } from './partition-state.ts';
import type { Position } from './store.ts';

/** A record of `core.commands`. */
export interface QueuedCommand {
  readonly offset: number;
  /** Of the record: what `now` is for deciding it (R8). */
  readonly timestamp: number;
  readonly bytes: number;
  /** R9. The end of `core.definitions` that its sender had seen. */
  readonly definitionsSeen: number;
  readonly content: { readonly command: Command } | { readonly undecodable: ReceivedRecord; readonly problem: string };
}

/** A command that was refused, or could not even be read, and whose record goes to the dead letters. */
export type DeadLetter = Pick<DeadLetterOutput, 'source'> & {
  readonly rejection: { readonly reason: string; readonly message: string };
  /** Known only of what came from `core.commands` itself; otherwise it is fetched from the source. */
  readonly record?: ReceivedRecord;
};

function isDefinition({ kind }: Output): boolean {
  return kind === 'definition' || kind === 'decisions' || kind === 'form';
}

/** What a batch of inputs has led to; nothing of it is in the log yet. */
export interface Batch {
  readonly events: readonly TransactionRecord[];
  readonly outputs: readonly TransactionRecord[];
  readonly deadLetters: readonly DeadLetter[];
  /** How many of the queued commands it took. */
  readonly commands: number;
  readonly timers: number;
  readonly rejections: number;
  readonly nextCommand: number;
  readonly defines: boolean;
}

interface BatchInput {
  /** Over the overlay that the batch fills. */
  readonly state: PartitionState;
  readonly encode: EncodeContext;
  readonly queue: Iterable<QueuedCommand>;
  readonly position: Position;
  readonly definitionsSeen: number;
  readonly limits: RuntimeLimits;
  readonly clock: { now(): number; monotonic(): number };
}

/**
 * Decides due timers and queued commands until the batch is full (R7) or there are no more.
 *
 * Timers come first: they were due before the commands arrived, and a flood of commands must not starve them.
 */
export function decideBatch(input: BatchInput): Batch {
  const { state, encode, queue, position, definitionsSeen, limits, clock } = input;
  const startedAt = clock.monotonic();
  const now = clock.now();
  const events: TransactionRecord[] = [];
  const outputs: TransactionRecord[] = [];
  const deadLetters: DeadLetter[] = [];
  let bytes = 0;
  let rejections = 0;
  let defines = false;
  let timers = 0;
  let commands = 0;

  // R15. What waits is taken, however late the machine lets us come to it: nobody would wake an owner that found nothing to do.
  const isFull = (): boolean =>
    timers + commands > 0 &&
    (defines || bytes >= limits.batchBytesMax || clock.monotonic() - startedAt >= limits.batchMs);

  const happened = (event: Event): void => {
    apply(state, event);
    const record = eventRecord(encode, event, position.sequence + events.length);
    events.push(record);
    bytes += sizeOf(record);
  };

  const take = (decision: Decision): void => {
    for (const event of decision.events) happened(event);
    for (const output of decision.outputs) {
      if (output.kind === 'deadLetter') {
        deadLetters.push(output);
        continue;
      }
      const record = outputRecord(encode, output, definitionsSeen, now);
      outputs.push(record);
      bytes += sizeOf(record);
      // A later input may already speak of it, and the definition is there only when its record has been read (R9).
      if (isDefinition(output)) defines = true;
    }
    if (decision.rejected !== undefined) rejections++;
  };

  for (const timer of dueTimers(state, now, limits.timersPerBatchMax)) {
    if (isFull()) break;
    const sequence = position.sequence + events.length;
    let counter = 0;
    take(decide(state, timer, { now, nextKey: () => timerKey(state.partition, sequence, counter++) }));
    timers++;
  }

  let { nextCommand } = position;
  for (const { offset, timestamp, content, definitionsSeen: senderSaw } of queue) {
    if (isFull() || senderSaw > definitionsSeen) break;
    if ('command' in content) {
      let counter = 0;
      const nextKey = (): string => commandKey(state.partition, offset, counter++);
      take(decide(state, content.command, { now: timestamp, nextKey }));
    } else {
      // R10, R2. The event is what carries the input position past it.
      const source = { topic: encode.topics.commands, partition: encode.partition, offset };
      happened({ kind: 'ingress.advanced', version: 1, at: timestamp, source });
      deadLetters.push({
        source,
        rejection: { reason: 'UNDECODABLE_COMMAND', message: content.problem },
        record: content.undecodable,
      });
    }
    commands++;
    nextCommand = offset + 1;
  }
  return { events, outputs, deadLetters, commands, timers, rejections, nextCommand, defines };
}

/** Close to what the record will take: its value, and headers of a usual size. */
function sizeOf({ value }: TransactionRecord): number {
  return 250 + (value?.length ?? 0);
}
