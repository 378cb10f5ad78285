/** Process variables: JSON values by name. */
export type Variables = Readonly<Record<string, unknown>>;

/** Where on the bus a command came from. The target partition keeps the highest offset seen per source partition. */
export interface Source {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

/** Where an answer on the bus goes: a full topic name, the key, and headers to send with it. */
export interface ReplyTo {
  readonly topic: string;
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What every command and the first event of its decision carry of their cause. */
export interface Cause {
  /** Chosen by whoever waits for the answer: the event or rejection with this id is it. */
  readonly requestId?: string;
  /** Only on commands that came in over the bus at least once: makes them count exactly once. */
  readonly source?: Source;
  /** W3C trace context, passed on to jobs. */
  readonly traceparent?: string;
}
