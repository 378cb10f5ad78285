import { assert } from '@millrace/std';
import type { StateRecord } from '../effects.ts';
import { decodeVersioned, versionOf } from '../records/keyed.ts';
import { producerIdsValue, transactionLogKey, transactionLogValue, written } from '../records/transaction-records.ts';
import type { StoredBatch } from '../records/stored-batch.ts';
import type { Turn } from '../turn.ts';
import { complete, requestMarkers } from './markers.ts';
import { Transaction, phases } from './transaction.ts';
import type { Transactions } from './transactions.ts';

/** One batch of the log, in order: the last record of an id is its state. */
export function loadBatch(transactions: Transactions, batch: StoredBatch): void {
  if (batch.kind === 'marker') return;
  for (const { key, value } of batch.records) {
    const version = versionOf(key);
    if (version === written.transactionLogKey) loadTransaction(transactions, { key, value });
    else if (version === written.producerIdsKey && value !== null) {
      const { nextProducerId } = decodeVersioned(producerIdsValue, value);
      claimBelow(transactions, nextProducerId);
    }
  }
}

/** T1. What was decided is carried out; what was open goes on, its timeout counted from when it began. */
export function startTransactions(transactions: Transactions, turn: Turn): void {
  for (const transaction of transactions.byId.values()) {
    if (transaction.isEnding && !requestMarkers(transactions, turn, transaction))
      complete(transactions, turn, transaction);
    transactions.settle(transaction);
  }
}

function loadTransaction(transactions: Transactions, { key, value }: StateRecord): void {
  const { transactionalId } = decodeVersioned(transactionLogKey, key);
  transactions.byId.delete(transactionalId);
  if (value === null) return;
  const stored = decodeVersioned(transactionLogValue, value);
  const phase = phases[stored.transactionStatus];
  assert(
    phase !== undefined,
    `expected transaction ${transactionalId} in a known state, found ${stored.transactionStatus}`,
  );
  const { producerId, transactionTimeoutMs, transactionLastUpdateTimestampMs } = stored;
  const transaction = new Transaction(
    transactionalId,
    producerId,
    transactionTimeoutMs,
    transactionLastUpdateTimestampMs,
  );
  transaction.producerEpoch = stored.producerEpoch;
  transaction.phase = phase;
  transaction.startedAt = stored.transactionStartTimestampMs;
  for (const { topic, partitionIds } of stored.transactionPartitions ?? []) {
    for (const partition of partitionIds) transaction.partitions.set(topic, partition, true);
  }
  transactions.byId.set(transactionalId, transaction);
  // A log that came from elsewhere has no claims of ours.
  claimBelow(transactions, producerId + 1);
}

/** T4. The rest of a claim is lost: nobody knows how much of it was given out. */
function claimBelow(transactions: Transactions, nextProducerId: number): void {
  transactions.nextProducerId = Math.max(transactions.nextProducerId, nextProducerId);
  transactions.claimedProducerIds = transactions.nextProducerId;
}
