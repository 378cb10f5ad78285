import type { ErrorName } from '@millrace/wire';
import type { ProducerIdentity, TopicPartition } from '../effects.ts';
import type { Transactions } from './transactions.ts';

/** Why a transactional batch may not be appended. */
export type Refused = Extract<
  ErrorName,
  'INVALID_PRODUCER_ID_MAPPING' | 'INVALID_PRODUCER_EPOCH' | 'INVALID_TXN_STATE'
>;

export function verifyTransaction(
  transactions: Transactions,
  transactionalId: string,
  { producerId, producerEpoch }: ProducerIdentity,
  { topic, partition }: TopicPartition,
): Refused | null {
  const transaction = transactions.byId.get(transactionalId);
  if (transaction === undefined || transaction.producerId !== producerId) return 'INVALID_PRODUCER_ID_MAPPING';
  // On the data path a stale epoch has this name, which older clients know; coordinators say PRODUCER_FENCED.
  if (transaction.producerEpoch !== producerEpoch) return 'INVALID_PRODUCER_EPOCH';
  const isOpen = transaction.phase === 'Ongoing' && transaction.partitions.has(topic, partition);
  return isOpen ? null : 'INVALID_TXN_STATE';
}

export function isOngoing(
  transactions: Transactions,
  producerId: number,
  { topic, partition }: TopicPartition,
): boolean {
  for (const transaction of transactions.byId.values()) {
    if (transaction.producerId !== producerId || !transaction.partitions.has(topic, partition)) continue;
    return transaction.phase === 'Ongoing' || transaction.isEnding;
  }
  return false;
}
