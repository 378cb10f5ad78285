/** `core.events` as the projection needs it. One implementation reads it through the client; tests may keep one in memory. */

export interface LogRecord {
  readonly offset: number;
  readonly value: Uint8Array;
}

/** What one read gave. `nextOffset` also moves past what read_committed leaves out (markers, aborted records). */
export interface LogBatch {
  readonly partition: number;
  readonly records: readonly LogRecord[];
  readonly nextOffset: number;
}

export interface LogBounds {
  readonly start: number;
  /** The offset behind the last committed record. */
  readonly end: number;
}

/** Offsets from `from` up to, but without, `to`. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

export interface Following {
  close(): Promise<void>;
}

export interface EventLog {
  readonly partitionCount: number;
  /** Names one life of the log: offsets of another life mean other events. */
  readonly epoch: string;
  bounds(): Promise<readonly LogBounds[]>;
  /**
   * Every committed record of every partition from these offsets on, in order within a partition, for ever. The next
   * batch is handed over when `onBatch` has returned. `onFailure` is called once, for what cannot pass by itself.
   */
  follow(from: readonly number[], onBatch: (batch: LogBatch) => void, onFailure: (error: unknown) => void): Following;
  /**
   * The committed records of one partition within some stretches, in their order, batch by batch. A batch may reach beyond
   * its stretch. Stretches must end at or below the committed end, or reading waits for it.
   */
  read(partition: number, stretches: Iterable<Stretch>): AsyncIterable<LogBatch>;
}
