import type { ProducerIdentity } from '../effects.ts';
import { PartitionMap } from '../partition-map.ts';
import type { Turn } from '../turn.ts';

/** Kafka's transaction states by their stored numbers. `Dead` and later ones are never stored by us. */
export const phases = ['Empty', 'Ongoing', 'PrepareCommit', 'PrepareAbort', 'CompleteCommit', 'CompleteAbort'] as const;

export type Phase = (typeof phases)[number];

/** A request that waits until the transaction has ended, and is then decided anew. */
export interface Waiting {
  /** It asks for the very end that it waits for, so that its answer depends on nothing newer. */
  readonly isForEnd: boolean;
  readonly since: number;
  readonly retry: (turn: Turn) => void;
  /** It has waited long enough, or the coordinator goes away. */
  readonly giveUp: (turn: Turn, reason: 'waited' | 'unloaded') => void;
}

const TRANSACTION_BYTES = 600;
const PARTITION_BYTES = 100;

/** One transactional id: who may write under it, and how far its current transaction is. */
export class Transaction {
  readonly id: string;
  producerId: number;
  producerEpoch: number;
  /**
   * The identity before this one, if its owner changed it itself (KIP-360): a retry of that request is no stranger. Null when
   * the caller may have been anybody. Not stored, as in Kafka: after a restart the retry is fenced.
   */
  previous: ProducerIdentity | null = null;
  timeoutMs: number;
  phase: Phase = 'Empty';
  readonly partitions = new PartitionMap<true>();
  /** When the open transaction began, −1 when none has. */
  startedAt = -1;
  updatedAt: number;
  /** In the order in which they came. */
  waiting: Waiting[] = [];
  /** When to write the markers again. */
  markersDueAt = Infinity;
  /** `bytes` when it was last settled. */
  settledBytes = 0;

  constructor(id: string, producerId: number, timeoutMs: number, now: number) {
    this.id = id;
    this.producerId = producerId;
    this.producerEpoch = -1;
    this.timeoutMs = timeoutMs;
    this.updatedAt = now;
  }

  /** What it takes in memory, about. */
  get bytes(): number {
    return TRANSACTION_BYTES + 4 * this.id.length + PARTITION_BYTES * this.partitions.size;
  }

  get isEnding(): boolean {
    return this.phase === 'PrepareCommit' || this.phase === 'PrepareAbort';
  }

  /** What the transaction ends or ended in. */
  get result(): 'commit' | 'abort' | null {
    if (this.phase === 'PrepareCommit' || this.phase === 'CompleteCommit') return 'commit';
    return this.phase === 'PrepareAbort' || this.phase === 'CompleteAbort' ? 'abort' : null;
  }

  enter(phase: Phase, now: number): void {
    this.phase = phase;
    this.updatedAt = now;
  }
}
