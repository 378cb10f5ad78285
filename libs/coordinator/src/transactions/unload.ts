import type { Turn } from '../turn.ts';
import type { Transactions } from './transactions.ts';

/** Nobody is left waiting (C3). */
export function unloadTransactions(transactions: Transactions, turn: Turn): void {
  for (const transaction of transactions.byId.values()) {
    const { waiting } = transaction;
    transaction.waiting = [];
    for (const { giveUp } of waiting) giveUp(turn, 'unloaded');
  }
}
