import type { StateRecord } from '../effects.ts';
import { encodeVersioned } from '../records/keyed.ts';
import {
  producerIdsKey,
  producerIdsValue,
  transactionLogKey,
  transactionLogValue,
  written,
} from '../records/transaction-records.ts';
import { type Transaction, phases } from './transaction.ts';

export function transactionRecord(transaction: Transaction): StateRecord {
  const holdsPartitions = transaction.phase === 'Ongoing' || transaction.isEnding;
  const value = encodeVersioned(transactionLogValue, written.transactionLogValue, {
    producerId: transaction.producerId,
    producerEpoch: transaction.producerEpoch,
    transactionTimeoutMs: transaction.timeoutMs,
    transactionStatus: phases.indexOf(transaction.phase),
    transactionPartitions: holdsPartitions
      ? transaction.partitions.topics().map(([topic, partitions]) => ({ topic, partitionIds: [...partitions.keys()] }))
      : null,
    transactionLastUpdateTimestampMs: transaction.updatedAt,
    transactionStartTimestampMs: transaction.startedAt,
  });
  return { key: transactionKey(transaction.id), value };
}

export function transactionTombstone(transactionalId: string): StateRecord {
  return { key: transactionKey(transactionalId), value: null };
}

export function producerIdsRecord(nextProducerId: number): StateRecord {
  return {
    key: encodeVersioned(producerIdsKey, written.producerIdsKey, {}),
    value: encodeVersioned(producerIdsValue, written.producerIdsValue, { nextProducerId }),
  };
}

function transactionKey(transactionalId: string): Buffer {
  return encodeVersioned(transactionLogKey, written.transactionLogKey, { transactionalId });
}
