/** What the suite asks of a client, whatever its language: each operation takes one JSON object and answers with JSON. */
export interface Operations {
  /** Offsets in the order of the records; with acks 0 nobody knows them, and the list is empty. */
  produce(args: ProduceArgs): readonly Placed[];
  /** Reads a partition without a group, until it has so many records. `from` may lie outside of the log: then from its start. */
  read(args: {
    topic: string;
    partition: number;
    from: number;
    count: number;
    committed?: boolean;
  }): readonly Incoming[];

  /** Begins to consume as a member of a group, from the earliest record on where nothing is committed; commits what it has seen. */
  join(args: {
    member: string;
    group: string;
    topics: readonly string[];
    strategy: Strategy;
    instanceId?: string;
  }): null;
  look(args: { member: string }): MemberView;
  /** Closes the member: a dynamic one leaves its group, a static one only goes away. */
  leave(args: { member: string }): null;

  open(args: { producer: string; transactionalId: string; timeoutMs?: number }): null;
  begin(args: { producer: string }): null;
  send(args: { producer: string; topic: string; partition: number; values: readonly string[] }): null;
  commit(args: { producer: string }): null;
  abort(args: { producer: string }): null;
  close(args: { producer: string }): null;
  /**
   * Consume, process, produce in transactions, until so many records of the source are copied to partition 0 of the target. Aborts each
   * `abortEvery`th transaction and copies its records again.
   */
  copy(args: {
    source: string;
    target: string;
    group: string;
    transactionalId: string;
    count: number;
    abortEvery: number;
  }): {
    readonly committed: number;
    readonly aborted: number;
  };

  /** Begins to produce 0, 1, 2, … to partition 0, idempotently where the client can, and without a pause for a broker that is gone. */
  stream(args: { topic: string }): null;
  /** Ends it: how many were sent, and how many of these the broker acknowledged when all were waited for. */
  finish(args: { topic: string }): { readonly sent: number; readonly acknowledged: number };

  createTopic(args: { topic: string; partitions: number; configs?: Readonly<Record<string, string>> }): null;
  createPartitions(args: { topic: string; count: number }): null;
  partitions(args: { topic: string }): number;
  listTopics(args: object): readonly string[];
  describeConfigs(args: { topic: string }): Readonly<Record<string, string | null>>;
  /** Sets these and leaves the others. */
  alterConfigs(args: { topic: string; configs: Readonly<Record<string, string>> }): null;
  /** The offset of the first record at or after a time, or of an end of the log; -1 if there is none. */
  listOffsets(args: { topic: string; partition: number; at: 'earliest' | 'latest' | 'max' | number }): number;
  deleteRecords(args: { topic: string; partition: number; before: number }): null;
  deleteTopic(args: { topic: string }): null;
  listGroups(args: object): readonly string[];
  describeGroup(args: { group: string }): { readonly state: string; readonly members: number };
  groupOffsets(args: { group: string }): readonly (readonly [topic: string, partition: number, offset: number])[];
  alterGroupOffsets(args: { group: string; topic: string; partition: number; offset: number }): null;
  deleteGroup(args: { group: string }): null;
}

export type Operation = keyof Operations;
type Codec = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd';
type Strategy = 'range' | 'roundrobin' | 'sticky' | 'cooperative';

interface ProduceArgs {
  readonly topic: string;
  readonly records: readonly Outgoing[];
  readonly codec?: Codec;
  readonly acks?: 0 | 1 | -1;
}

export interface Outgoing {
  readonly partition: number;
  readonly key?: string | null;
  readonly value: string | null;
  readonly headers?: readonly (readonly [name: string, value: string])[];
  readonly timestamp?: number;
}

interface Placed {
  readonly partition: number;
  readonly offset: number;
}

export interface Incoming {
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

export interface MemberView {
  /** Sorted partitions that it owns now. */
  readonly assignment: readonly (readonly [topic: string, partition: number])[];
  readonly seen: readonly Incoming[];
  /** Kafka's code of the error that ended it. */
  readonly error?: number;
}

export interface Client {
  call<O extends Operation>(operation: O, args: Parameters<Operations[O]>[0]): Promise<ReturnType<Operations[O]>>;
  end(): Promise<void>;
}

/** A client that the suite knows how to drive, and what of the suite it has the means for. */
export interface ClientKind {
  readonly name: string;
  readonly codecs: readonly Codec[];
  /** Whether an empty key or value that it reads is another than a missing one. */
  readonly tellsEmptyFromMissing: boolean;
  /** Whether it writes records with keys, headers and times, each its own. */
  readonly writesWholeRecords: boolean;
  readonly strategies: readonly Strategy[];
  readonly hasStaticMembers: boolean;
  /** Whether a static member whose name another takes reports that, and stops. */
  readonly hearsOfFencing: boolean;
  readonly isIdempotent: boolean;
  readonly hasTransactions: boolean;
  /** Whether it leaves out what the broker says was aborted, when a producer that aborts has committed before. */
  readonly filtersAborted: boolean;
  /** Whether it asks in a version of ListOffsets that knows the record with the highest timestamp (7, KIP-734). */
  readonly findsMaxTimestamp: boolean;
  readonly lacks: readonly Operation[];
  open(address: string): Promise<Client>;
}

/** A refusal that the client reported. */
export class ClientError extends Error {
  /** Kafka's error code; -1 where the client has an error of its own. */
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}
