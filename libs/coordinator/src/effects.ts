/**
 * What a coordinator wants done. It does nothing itself: every call changes its state at once, in the order of the
 * calls, and returns effects for the shell to carry out.
 *
 * C1. The effects of one coordinator are one ordered stream. An append is carried out at once; every other effect waits
 *     until all appends before it in the stream are durable. So nobody hears of a state that a crash could take back,
 *     though requests that arrive meanwhile are decided on it. `EffectGate` keeps this rule for the shell.
 * C2. When an append fails, the state in memory is ahead of the log for good: the shell drops the coordinator, refuses
 *     the replies that the gate held, and loads a new one from the log. What the log kept is the truth.
 * C3. Every reply token is answered exactly once, over the life of the coordinator including `unload`.
 */
export type Effect = Append | AppendMarker | Reply | WriteMarkers;

/** Records for the coordinator's own partition, as one batch. */
export interface Append {
  readonly kind: 'append';
  readonly records: readonly StateRecord[];
  /** Set for the offsets of an open transaction: the batch carries the producer and stays invisible until its marker. */
  readonly transaction: ProducerIdentity | null;
}

/** A transaction's end, as a control batch for the coordinator's own partition. */
export interface AppendMarker extends Marker {
  readonly kind: 'appendMarker';
}

export interface Reply {
  readonly kind: 'reply';
  readonly to: ReplyTo<unknown>;
  readonly response: unknown;
}

/**
 * Write the marker to every partition, then report `markersWritten` (or `markersFailed`) with this very effect.
 * C4. The shell appends all markers of one effect in one turn and only waits for their durability: a marker appended
 *     late could end the producer's next transaction.
 */
export interface WriteMarkers extends Marker {
  readonly kind: 'writeMarkers';
  readonly transactionalId: string;
  readonly partitions: readonly TopicPartition[];
}

export interface Marker extends ProducerIdentity {
  readonly result: 'commit' | 'abort';
  readonly coordinatorEpoch: number;
}

export interface ProducerIdentity {
  readonly producerId: number;
  readonly producerEpoch: number;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A record of coordinator state. A null value deletes what the key says. */
export interface StateRecord {
  readonly key: Buffer;
  readonly value: Buffer | null;
}

declare const answers: unique symbol;

/** Whom a reply is for: a number that the shell made up, typed by what it is waiting for. */
export type ReplyTo<Response> = number & { readonly [answers]?: (response: Response) => void };

/** Who asks, and where the answer goes. */
export interface Caller<Response> {
  readonly to: ReplyTo<Response>;
  /** Of the request: some errors and fields differ by version. */
  readonly apiVersion: number;
  readonly clientId: string;
  readonly clientHost: string;
}
