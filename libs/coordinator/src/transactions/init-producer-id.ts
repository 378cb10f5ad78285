import { type KafkaError, errors } from '@millrace/wire';
import type { Caller, ProducerIdentity } from '../effects.ts';
import type { Turn } from '../turn.ts';
import { fencedError } from './check-producer.ts';
import { abortAndFence } from './end-transaction.ts';
import type { InitProducerIdRequest, InitProducerIdResponse } from './messages.ts';
import { Transaction } from './transaction.ts';
import { transactionRecord } from './transaction-record.ts';
import type { Transactions } from './transactions.ts';

/** The last epoch that is given out; one more is left, to fence its owner with. */
const EPOCH_MAX = 2 ** 15 - 2;

type InitCaller = Caller<InitProducerIdResponse>;

/**
 * InitProducerId. Who asks takes the transactional id over: a higher epoch fences who had it, whose open transaction is
 * aborted first. A producer that names its identity (KIP-360, version 3) gets a new epoch only if it still is the owner.
 */
export function initProducerId(
  transactions: Transactions,
  turn: Turn,
  request: InitProducerIdRequest,
  caller: InitCaller,
): void {
  const answer = (identity: ProducerIdentity): void => turn.reply(caller.to, { errorCode: 0, ...identity });
  const refuse = (error: KafkaError): void =>
    turn.reply(caller.to, { errorCode: error.code, producerId: -1, producerEpoch: -1 });
  const { transactionalId, transactionTimeoutMs, producerId, producerEpoch } = request;

  if (transactionalId === null) return answer({ producerId: transactions.takeProducerId(turn), producerEpoch: 0 });
  if (transactionalId === '' || producerId < 0 !== producerEpoch < 0) return refuse(errors.INVALID_REQUEST);
  if (transactionTimeoutMs <= 0 || transactionTimeoutMs > transactions.limits.timeoutMsMax) {
    return refuse(errors.INVALID_TRANSACTION_TIMEOUT);
  }
  const known = transactions.byId.get(transactionalId);
  const isFull = transactions.byId.size >= transactions.limits.idsMax || !transactions.hasRoom;
  if (known === undefined && isFull) return refuse(errors.POLICY_VIOLATION);

  const claimed = producerId < 0 ? null : { producerId, producerEpoch };
  if (known?.phase === 'Ongoing') {
    if (claimed !== null && !isCurrent(known, claimed)) return refuse(fencedError('initProducerId', caller.apiVersion));
    abortAndFence(transactions, turn, known, claimed);
  }
  if (known?.isEnding === true) {
    const isWaiting = transactions.wait(known, {
      isForEnd: false,
      since: turn.now,
      retry: (later) => initProducerId(transactions, later, request, caller),
      giveUp: (later, reason) => {
        const error = reason === 'waited' ? errors.CONCURRENT_TRANSACTIONS : errors.NOT_COORDINATOR;
        later.reply(caller.to, { errorCode: error.code, producerId: -1, producerEpoch: -1 });
      },
    });
    return isWaiting ? undefined : refuse(errors.CONCURRENT_TRANSACTIONS);
  }
  if (known !== undefined && claimed !== null && !isCurrent(known, claimed)) {
    // Either a retry of what changed the identity, which gets the same answer, or somebody that was fenced.
    if (!isPrevious(known, claimed)) return refuse(fencedError('initProducerId', caller.apiVersion));
    if (known.producerEpoch <= EPOCH_MAX) return answer(identityOf(known));
  }
  const transaction =
    known ?? new Transaction(transactionalId, transactions.takeProducerId(turn), transactionTimeoutMs, turn.now);
  transactions.byId.set(transactionalId, transaction);
  raiseEpoch(transactions, turn, transaction, claimed);
  transaction.timeoutMs = transactionTimeoutMs;
  transaction.startedAt = -1;
  transaction.enter('Empty', turn.now);
  turn.append([transactionRecord(transaction)]);
  transactions.settle(transaction);
  answer(identityOf(transaction));
}

function raiseEpoch(
  transactions: Transactions,
  turn: Turn,
  transaction: Transaction,
  claimed: ProducerIdentity | null,
): void {
  transaction.previous = claimed;
  if (transaction.producerEpoch < EPOCH_MAX) transaction.producerEpoch++;
  else {
    transaction.producerId = transactions.takeProducerId(turn);
    transaction.producerEpoch = 0;
  }
}

function isCurrent(transaction: Transaction, { producerId, producerEpoch }: ProducerIdentity): boolean {
  return transaction.producerId === producerId && transaction.producerEpoch === producerEpoch;
}

function isPrevious({ previous }: Transaction, { producerId, producerEpoch }: ProducerIdentity): boolean {
  return previous?.producerId === producerId && previous.producerEpoch === producerEpoch;
}

function identityOf({ producerId, producerEpoch }: Transaction): ProducerIdentity {
  return { producerId, producerEpoch };
}
