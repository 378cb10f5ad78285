import type { Turn } from '../turn.ts';
import { abortAndFence } from './end-transaction.ts';
import { complete, requestMarkers } from './markers.ts';
import type { Transaction } from './transaction.ts';
import { transactionTombstone } from './transaction-record.ts';
import type { Transactions } from './transactions.ts';

/** Everything that happens because time has passed. */
export function tickTransactions(transactions: Transactions, turn: Turn): void {
  for (const transaction of transactions.deadlines.takeDue(turn.now)) {
    losePatience(transactions, turn, transaction);
    passTime(transactions, turn, transaction);
    if (transactions.byId.get(transaction.id) === transaction) transactions.settle(transaction);
  }
}

function losePatience(transactions: Transactions, turn: Turn, transaction: Transaction): void {
  const isOver = (since: number): boolean => turn.now >= since + transactions.limits.waitMsMax;
  const over = transaction.waiting.filter(({ since }) => isOver(since));
  transaction.waiting = transaction.waiting.filter(({ since }) => !isOver(since));
  for (const { giveUp } of over) giveUp(turn, 'waited');
}

function passTime(transactions: Transactions, turn: Turn, transaction: Transaction): void {
  const { phase, startedAt, timeoutMs, updatedAt, markersDueAt } = transaction;
  switch (phase) {
    case 'Ongoing':
      if (turn.now >= startedAt + timeoutMs) abortAndFence(transactions, turn, transaction, null);
      return;
    case 'PrepareCommit':
    case 'PrepareAbort':
      if (turn.now < markersDueAt) return;
      if (!requestMarkers(transactions, turn, transaction)) complete(transactions, turn, transaction);
      return;
    case 'Empty':
    case 'CompleteCommit':
    case 'CompleteAbort':
      if (turn.now < updatedAt + transactions.limits.idExpirationMs) return;
      transactions.forget(transaction);
      turn.append([transactionTombstone(transaction.id)]);
  }
}
