import type { Client } from '@millrace/client';
import type { Clock, Random } from '@millrace/std';

/** As pino's: the fields first, then the sentence. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export const silentLogger: Logger = { debug: nothing, info: nothing, warn: nothing, error: nothing };

function nothing(): void {}

export interface RuntimeLimits {
  /** R7. A batch takes no further input after deciding for this long. */
  readonly batchMs: number;
  /** R7. Or after this many bytes of records. */
  readonly batchBytesMax: number;
  /** Commands fetched and not yet decided, per partition: beyond it that partition is not fetched. */
  readonly queueBytesMax: number;
  /** One batch of records as it goes to the broker, under its usual limit of 1 MB. */
  readonly produceBytesMax: number;
  /** One record of a core topic; below their `max.message.bytes`. */
  readonly recordBytesMax: number;
  /** Due timers taken into one batch. */
  readonly timersPerBatchMax: number;
  /** Of an open transaction; the broker aborts it after that. */
  readonly transactionTimeoutMs: number;
  /** How long a command may wait for a definition that its sender claims to have seen, before the partition fails. */
  readonly definitionsWaitMs: number;
  /** A checkpoint is written with the first commit after this many events … */
  readonly checkpointEvents: number;
  /** … or after this long. */
  readonly checkpointMs: number;
  /** `group` mode: an owner that is silent for this long loses its partitions. */
  readonly sessionTimeoutMs: number;
  /** Between two looks at the broker's topics for new ones that replies may arrive on. */
  readonly topicRefreshMs: number;
  /** Size of one record's value on the way in. */
  readonly valueBytesMax: number;
  /** How long a message that came by record waits for somebody who wants it. */
  readonly messageTtlMs: number;
  /** Commands appended and not yet acknowledged, in bytes: beyond it senders are refused with OVERLOADED. */
  readonly sendBytesMax: number;
  /** Map size of the local store. Address space, not memory; LMDB can't grow beyond it. */
  readonly storeBytesMax: number;
}

export const defaultLimits: RuntimeLimits = {
  batchMs: 50,
  batchBytesMax: 512 * 1024,
  queueBytesMax: 4 * 1024 * 1024,
  produceBytesMax: 1_000_000,
  recordBytesMax: 8_000_000,
  timersPerBatchMax: 500,
  transactionTimeoutMs: 10_000,
  definitionsWaitMs: 30_000,
  checkpointEvents: 20_000,
  checkpointMs: 30_000,
  sessionTimeoutMs: 6_000,
  topicRefreshMs: 2_000,
  valueBytesMax: 768 * 1024,
  messageTtlMs: 3_600_000,
  sendBytesMax: 32 * 1024 * 1024,
  storeBytesMax: 64 * 1024 * 1024 * 1024,
};

export interface RuntimeOptions {
  readonly client: Client;
  /** Where the local store lies. Losing it costs a restore, never data (R1). */
  readonly storeDirectory: string;
  /** Prefix of all topic names; default `millrace.`. */
  readonly namespace?: string;
  /** Partitions of the core topics, if they don't exist yet; default 8. */
  readonly partitions?: number;
  /** `embedded`: this process owns every partition. `group`: the owners share them by consumer group. */
  readonly mode?: 'embedded' | 'group';
  /** Of the core topics when they are created; default 1, as the built-in broker is one node. */
  readonly replicationFactor?: number;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  readonly limits?: Partial<RuntimeLimits>;
}
