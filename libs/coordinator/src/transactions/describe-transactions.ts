import { errors } from '@millrace/wire';
import type { Caller } from '../effects.ts';
import type { Turn } from '../turn.ts';
import type {
  DescribeTransactionsRequest,
  DescribeTransactionsResponse,
  ListTransactionsRequest,
  ListTransactionsResponse,
} from './messages.ts';
import { type Phase, phases, type Transaction } from './transaction.ts';
import type { Transactions } from './transactions.ts';

type Described = DescribeTransactionsResponse['transactionStates'][number];

/** DescribeTransactions: how far each id is, and in which partitions. Those that nobody knows are named with an error. */
export function describeTransactions(
  transactions: Transactions,
  turn: Turn,
  { transactionalIds }: DescribeTransactionsRequest,
  caller: Caller<DescribeTransactionsResponse>,
): void {
  turn.reply(caller.to, {
    transactionStates: transactionalIds.map((id) => described(id, transactions.byId.get(id))),
  });
}

function described(transactionalId: string, transaction: Transaction | undefined): Described {
  if (transaction === undefined) {
    const error = transactionalId === '' ? errors.INVALID_REQUEST : errors.TRANSACTIONAL_ID_NOT_FOUND;
    return { ...unknown, errorCode: error.code, transactionalId };
  }
  return {
    errorCode: errors.NONE.code,
    transactionalId,
    transactionState: transaction.phase,
    transactionTimeoutMs: transaction.timeoutMs,
    transactionStartTimeMs: transaction.startedAt,
    producerId: transaction.producerId,
    producerEpoch: transaction.producerEpoch,
    topics: transaction.partitions
      .topics()
      .map(([topic, partitions]) => ({ topic, partitions: [...partitions.keys()] })),
  };
}

const unknown = {
  transactionState: '',
  transactionTimeoutMs: 0,
  transactionStartTimeMs: 0,
  producerId: 0,
  producerEpoch: 0,
  topics: [],
};

/**
 * ListTransactions: every id that passes all filters; an empty filter lets everything through. State names that do not
 * exist match nothing and are named in the answer. Duration counts for a transaction that is open, or on its way to its end.
 */
export function listTransactions(
  transactions: Transactions,
  turn: Turn,
  { stateFilters, producerIdFilters, durationFilterMs }: ListTransactionsRequest,
  caller: Caller<ListTransactionsResponse>,
): void {
  const passes = ({ phase, producerId, startedAt }: Transaction): boolean =>
    (stateFilters.length === 0 || stateFilters.includes(phase)) &&
    (producerIdFilters.length === 0 || producerIdFilters.includes(producerId)) &&
    (durationFilterMs < 0 || (startedAt >= 0 && turn.now - startedAt > durationFilterMs));
  turn.reply(caller.to, {
    errorCode: errors.NONE.code,
    unknownStateFilters: stateFilters.filter((name) => !phases.includes(name as Phase)),
    transactionStates: Array.from(transactions.byId.values())
      .filter(passes)
      .map(({ id, producerId, phase }) => ({ transactionalId: id, producerId, transactionState: phase })),
  });
}
