import { assert } from '@millrace/std';
import type { WriteMarkers } from '../effects.ts';
import type { Turn } from '../turn.ts';
import type { Transaction } from './transaction.ts';
import { transactionRecord } from './transaction-record.ts';
import type { Transactions } from './transactions.ts';

/** Asks for a marker in every partition that is still there; false when there is none. */
export function requestMarkers(transactions: Transactions, turn: Turn, transaction: Transaction): boolean {
  const { id, producerId, producerEpoch, result, partitions } = transaction;
  assert(result !== null, 'expected a transaction to have an end before its markers');
  transaction.markersDueAt = Infinity;
  const present = Array.from(partitions.entries(), ({ topic, partition }) => ({ topic, partition })).filter((one) =>
    transactions.partitionExists(one.topic, one.partition),
  );
  if (present.length === 0) return false;
  const { coordinatorEpoch } = transactions;
  turn.writeMarkers(id, { producerId, producerEpoch, result, coordinatorEpoch }, present);
  return true;
}

export function markersWritten(transactions: Transactions, turn: Turn, effect: WriteMarkers): void {
  const transaction = ending(transactions, effect);
  if (transaction !== undefined) complete(transactions, turn, transaction);
}

export function markersFailed(transactions: Transactions, turn: Turn, effect: WriteMarkers): void {
  const transaction = ending(transactions, effect);
  if (transaction === undefined) return;
  transaction.markersDueAt = turn.now + transactions.limits.markerRetryMs;
  transactions.settle(transaction);
}

/**
 * The transaction is over. Who waits to hear just that is answered in front of the append: should the Complete record be
 * lost, the markers are written once more, and by T2 nothing newer can be in any log by then. Requests that go on from
 * here come behind it.
 */
export function complete(transactions: Transactions, turn: Turn, transaction: Transaction): void {
  transaction.enter(transaction.phase === 'PrepareCommit' ? 'CompleteCommit' : 'CompleteAbort', turn.now);
  transaction.partitions.clear();
  transaction.markersDueAt = Infinity;
  const { waiting } = transaction;
  transaction.waiting = [];
  for (const { isForEnd, retry } of waiting) if (isForEnd) retry(turn);
  turn.append([transactionRecord(transaction)]);
  for (const { isForEnd, retry } of waiting) if (!isForEnd) retry(turn);
  transactions.settle(transaction);
}

/** The transaction that the effect is about, unless that report is outdated. */
function ending(transactions: Transactions, effect: WriteMarkers): Transaction | undefined {
  const transaction = transactions.byId.get(effect.transactionalId);
  if (transaction === undefined || !transaction.isEnding || transaction.result !== effect.result) return undefined;
  const isSame = transaction.producerId === effect.producerId && transaction.producerEpoch === effect.producerEpoch;
  return isSame ? transaction : undefined;
}
