import type { Caller, Effect, ProducerIdentity, TopicPartition, WriteMarkers } from '../effects.ts';
import type { StoredBatch } from '../records/stored-batch.ts';
import { Turn } from '../turn.ts';
import { addOffsets, addPartitions } from './add-partitions.ts';
import { describeTransactions, listTransactions } from './describe-transactions.ts';
import { endTransaction } from './end-transaction.ts';
import { tickTransactions } from './expire.ts';
import { initProducerId } from './init-producer-id.ts';
import { loadBatch, startTransactions } from './load.ts';
import { markersFailed, markersWritten } from './markers.ts';
import type {
  AddOffsetsToTxnRequest,
  AddOffsetsToTxnResponse,
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
  EndTxnRequest,
  EndTxnResponse,
  InitProducerIdRequest,
  InitProducerIdResponse,
  ListTransactionsRequest,
  ListTransactionsResponse,
} from './messages.ts';
import { Transactions } from './transactions.ts';
import type { TransactionOptions } from './transaction-options.ts';
import { unloadTransactions } from './unload.ts';
import { type Refused, isOngoing, verifyTransaction } from './verify.ts';

/**
 * `__transaction_state`, which has one partition: the claims of producer ids lie in it too, and a single node gains
 * nothing from more. Every call returns effects to be carried out as effects.ts says.
 */
export class TransactionCoordinator {
  readonly #transactions: Transactions;

  constructor(options: TransactionOptions) {
    this.#transactions = new Transactions(options);
  }

  /** Takes the partition's batches, all of them in log order, before anything else. */
  load(batch: StoredBatch): void {
    loadBatch(this.#transactions, batch);
  }

  /** Everything is loaded: transactions whose end was decided get their markers again; timeouts run on. */
  start(now: number): Effect[] {
    return this.#turn(now, (turn) => startTransactions(this.#transactions, turn));
  }

  initProducerId(request: InitProducerIdRequest, caller: Caller<InitProducerIdResponse>, now: number): Effect[] {
    return this.#turn(now, (turn) => initProducerId(this.#transactions, turn, request, caller));
  }

  addPartitionsToTxn(
    request: AddPartitionsToTxnRequest,
    caller: Caller<AddPartitionsToTxnResponse>,
    now: number,
  ): Effect[] {
    return this.#turn(now, (turn) => addPartitions(this.#transactions, turn, request, caller));
  }

  addOffsetsToTxn(request: AddOffsetsToTxnRequest, caller: Caller<AddOffsetsToTxnResponse>, now: number): Effect[] {
    return this.#turn(now, (turn) => addOffsets(this.#transactions, turn, request, caller));
  }

  /** The reply comes when the markers are written: whoever reads after it reads the transaction's end. */
  endTxn(request: EndTxnRequest, caller: Caller<EndTxnResponse>, now: number): Effect[] {
    return this.#turn(now, (turn) => endTransaction(this.#transactions, turn, request, caller));
  }

  describeTransactions(
    request: DescribeTransactionsRequest,
    caller: Caller<DescribeTransactionsResponse>,
    now: number,
  ): Effect[] {
    return this.#turn(now, (turn) => describeTransactions(this.#transactions, turn, request, caller));
  }

  listTransactions(request: ListTransactionsRequest, caller: Caller<ListTransactionsResponse>, now: number): Effect[] {
    return this.#turn(now, (turn) => listTransactions(this.#transactions, turn, request, caller));
  }

  /** Every marker of the effect is durable. Repeated and outdated reports do nothing. */
  markersWritten(effect: WriteMarkers, now: number): Effect[] {
    return this.#turn(now, (turn) => markersWritten(this.#transactions, turn, effect));
  }

  /** Some marker could not be written; the effect comes again after a while. */
  markersFailed(effect: WriteMarkers, now: number): Effect[] {
    return this.#turn(now, (turn) => markersFailed(this.#transactions, turn, effect));
  }

  /**
   * Whether a transactional batch may be appended to a partition: to be asked in the same turn as the append, by Produce
   * and TxnOffsetCommit. Without it, a request that was on its way when its transaction ended would open a transaction
   * that nobody ends, and hold back every read_committed reader of the partition for good.
   */
  verify(transactionalId: string, producer: ProducerIdentity, partition: TopicPartition): Refused | null {
    return verifyTransaction(this.#transactions, transactionalId, producer, partition);
  }

  /**
   * Whether some transaction of this producer will end in a marker for the partition. After `start` the shell asks this of
   * every open transaction in its logs, and appends an abort marker to those that nobody owns: their AddPartitionsToTxn
   * was lost with a power loss that kept the data.
   */
  isOngoing(producerId: number, partition: TopicPartition): boolean {
    return isOngoing(this.#transactions, producerId, partition);
  }

  /** Does what is due: transaction timeouts, marker retries, waits that end, ids that expire. */
  tick(now: number): Effect[] {
    return this.#turn(now, (turn) => tickTransactions(this.#transactions, turn));
  }

  /** When to call `tick` next, as it stands after the last call; `Infinity` when nothing is waiting. */
  nextDeadline(): number {
    return this.#transactions.nextDeadline();
  }

  /** Answers who still waits, with NOT_COORDINATOR: the broker closes, or this coordinator is dropped (C2). */
  unload(now: number): Effect[] {
    return this.#turn(now, (turn) => unloadTransactions(this.#transactions, turn));
  }

  #turn(now: number, act: (turn: Turn) => void): Effect[] {
    const turn = new Turn(now);
    act(turn);
    return turn.effects;
  }
}
