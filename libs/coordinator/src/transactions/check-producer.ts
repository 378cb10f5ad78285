import { type KafkaError, errors } from '@millrace/wire';
import type { ProducerIdentity } from '../effects.ts';
import type { Transaction } from './transaction.ts';
import type { Transactions } from './transactions.ts';

/** The versions from which on the requests know PRODUCER_FENCED; before, it was INVALID_PRODUCER_EPOCH. */
const fencedSince = { initProducerId: 4, addPartitionsToTxn: 2, addOffsetsToTxn: 2, endTxn: 2 } as const;

export function fencedError(api: keyof typeof fencedSince, apiVersion: number): KafkaError {
  return apiVersion >= fencedSince[api] ? errors.PRODUCER_FENCED : errors.INVALID_PRODUCER_EPOCH;
}

/** The transaction that a producer may act on, or why it may not (T3). */
export function checkProducer(
  transactions: Transactions,
  request: ProducerIdentity & { readonly transactionalId: string },
  fenced: KafkaError,
): Transaction | KafkaError {
  if (request.transactionalId === '') return errors.INVALID_REQUEST;
  const transaction = transactions.byId.get(request.transactionalId);
  if (transaction === undefined || transaction.producerId !== request.producerId) {
    return errors.INVALID_PRODUCER_ID_MAPPING;
  }
  return transaction.producerEpoch === request.producerEpoch ? transaction : fenced;
}
