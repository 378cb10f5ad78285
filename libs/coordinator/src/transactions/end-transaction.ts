import { type KafkaError, errors } from '@millrace/wire';
import type { Caller, ProducerIdentity } from '../effects.ts';
import type { Turn } from '../turn.ts';
import { checkProducer, fencedError } from './check-producer.ts';
import { complete, requestMarkers } from './markers.ts';
import type { EndTxnRequest, EndTxnResponse } from './messages.ts';
import type { Transaction, Waiting } from './transaction.ts';
import { transactionRecord } from './transaction-record.ts';
import type { Transactions } from './transactions.ts';

/** EndTxn. A repetition gets the answer of the first; the other way round is refused. */
export function endTransaction(
  transactions: Transactions,
  turn: Turn,
  request: EndTxnRequest,
  caller: Caller<EndTxnResponse>,
): void {
  const answer = (later: Turn, error: KafkaError): void => later.reply(caller.to, { errorCode: error.code });
  const transaction = checkProducer(transactions, request, fencedError('endTxn', caller.apiVersion));
  if ('code' in transaction) return answer(turn, transaction);
  const result = request.committed ? 'commit' : 'abort';

  if (transaction.phase === 'Ongoing') prepare(transactions, turn, transaction, result);
  if (transaction.result !== result) return answer(turn, errors.INVALID_TXN_STATE);
  if (!transaction.isEnding) return answer(turn, errors.NONE);
  const waiting: Waiting = {
    isForEnd: true,
    since: turn.now,
    retry: (later) => endTransaction(transactions, later, request, caller),
    // The end is decided and durable, the markers will be written: Kafka answers no later than this.
    giveUp: (later, reason) => answer(later, reason === 'waited' ? errors.NONE : errors.NOT_COORDINATOR),
  };
  if (!transactions.wait(transaction, waiting)) answer(turn, errors.CONCURRENT_TRANSACTIONS);
}

/**
 * Ends a transaction that its producer did not end. The epoch is raised first, and given to nobody: what the producer still
 * sends is refused everywhere the marker has been (T3).
 */
export function abortAndFence(
  transactions: Transactions,
  turn: Turn,
  transaction: Transaction,
  claimed: ProducerIdentity | null,
): void {
  transaction.previous = claimed;
  transaction.producerEpoch++;
  prepare(transactions, turn, transaction, 'abort');
}

/** T1. The record decides; markers come behind it in the stream of effects, so when it is durable. */
function prepare(transactions: Transactions, turn: Turn, transaction: Transaction, result: 'commit' | 'abort'): void {
  transaction.enter(result === 'commit' ? 'PrepareCommit' : 'PrepareAbort', turn.now);
  turn.append([transactionRecord(transaction)]);
  if (!requestMarkers(transactions, turn, transaction)) complete(transactions, turn, transaction);
  transactions.settle(transaction);
}
