import { Deadlines } from '../deadlines.ts';
import type { Turn } from '../turn.ts';
import type { Transaction, Waiting } from './transaction.ts';
import { producerIdsRecord } from './transaction-record.ts';
import { type TransactionLimits, type TransactionOptions, defaultTransactionLimits } from './transaction-options.ts';

/**
 * The state of the transaction coordinator.
 *
 * T1. A transaction's end is decided by one record, PrepareCommit or PrepareAbort. Markers are written after it is durable,
 *     and are written again after every restart until a Complete record follows: no transaction ends both ways, and none
 *     without a marker in each of its partitions.
 * T2. While a transaction ends, no request of its id is decided: it waits. So no marker, late or repeated, can fall into
 *     the next transaction.
 * T3. Who asks with an older epoch changes nothing. Fencing raises the epoch before it aborts.
 * T4. A producer id is given out only after a durable record has claimed it; it is never given out twice.
 */
export class Transactions {
  readonly limits: TransactionLimits;
  readonly partitionExists: TransactionOptions['partitionExists'];
  readonly offsetsPartition: TransactionOptions['offsetsPartition'];
  readonly coordinatorEpoch: number;
  readonly byId = new Map<string, Transaction>();
  readonly deadlines = new Deadlines<Transaction>();
  nextProducerId = 0;
  #bytes = 0;
  /** Ids below this are claimed by a record that was appended before. */
  claimedProducerIds = 0;

  constructor({ partitionExists, offsetsPartition, coordinatorEpoch = 0, limits }: TransactionOptions) {
    this.limits = { ...defaultTransactionLimits, ...limits };
    this.partitionExists = partitionExists;
    this.offsetsPartition = offsetsPartition;
    this.coordinatorEpoch = coordinatorEpoch;
  }

  /** T4. The reply that carries the id comes behind the claim in the stream of effects. */
  takeProducerId(turn: Turn): number {
    if (this.nextProducerId >= this.claimedProducerIds) {
      this.claimedProducerIds = this.nextProducerId + this.limits.producerIdBlock;
      turn.append([producerIdsRecord(this.claimedProducerIds)]);
    }
    return this.nextProducerId++;
  }

  /** T2. False when too many wait already. */
  wait(transaction: Transaction, waiting: Waiting): boolean {
    if (transaction.waiting.length >= this.limits.waitingMax) return false;
    transaction.waiting.push(waiting);
    this.settle(transaction);
    return true;
  }

  /** Whether there is room for one more id, or for one more partition of a transaction. */
  get hasRoom(): boolean {
    return this.#bytes < this.limits.totalBytesMax;
  }

  /** To be called after every change: keeps the deadline, and account of the memory. */
  settle(transaction: Transaction): void {
    this.deadlines.set(transaction, this.#deadlineOf(transaction));
    this.#account(transaction, transaction.bytes);
  }

  forget(transaction: Transaction): void {
    this.byId.delete(transaction.id);
    this.#account(transaction, 0);
  }

  nextDeadline(): number {
    return this.deadlines.next();
  }

  #account(transaction: Transaction, bytes: number): void {
    this.#bytes += bytes - transaction.settledBytes;
    transaction.settledBytes = bytes;
  }

  #deadlineOf({ phase, isEnding, startedAt, timeoutMs, updatedAt, waiting, markersDueAt }: Transaction): number {
    const patience = waiting[0] === undefined ? Infinity : waiting[0].since + this.limits.waitMsMax;
    if (phase === 'Ongoing') return Math.min(patience, startedAt + timeoutMs);
    if (isEnding) return Math.min(patience, markersDueAt);
    return Math.min(patience, updatedAt + this.limits.idExpirationMs);
  }
}
