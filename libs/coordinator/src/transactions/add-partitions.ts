import { type KafkaError, errors } from '@millrace/wire';
import type { Caller, ProducerIdentity, TopicPartition } from '../effects.ts';
import type { Turn } from '../turn.ts';
import { checkProducer, fencedError } from './check-producer.ts';
import type {
  AddOffsetsToTxnRequest,
  AddOffsetsToTxnResponse,
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
} from './messages.ts';
import type { Transaction } from './transaction.ts';
import { transactionRecord } from './transaction-record.ts';
import type { Transactions } from './transactions.ts';

/** AddPartitionsToTxn: opens a transaction, or adds to it. All partitions or none. */
export function addPartitions(
  transactions: Transactions,
  turn: Turn,
  request: AddPartitionsToTxnRequest,
  caller: Caller<AddPartitionsToTxnResponse>,
): void {
  const asked = request.topics.flatMap(({ name, partitions }) =>
    partitions.map((partition) => ({ topic: name, partition })),
  );
  const exists = ({ topic, partition }: TopicPartition): boolean => transactions.partitionExists(topic, partition);
  if (!asked.every(exists)) {
    const errorOf = (one: TopicPartition): KafkaError =>
      exists(one) ? errors.OPERATION_NOT_ATTEMPTED : errors.UNKNOWN_TOPIC_OR_PARTITION;
    return turn.reply(caller.to, perPartition(request, errorOf));
  }
  add(transactions, turn, {
    producer: request,
    partitions: asked,
    fenced: fencedError('addPartitionsToTxn', caller.apiVersion),
    answer: (later, error) =>
      later.reply(
        caller.to,
        perPartition(request, () => error),
      ),
    retry: (later) => addPartitions(transactions, later, request, caller),
  });
}

/** AddOffsetsToTxn: the partition that keeps the group's offsets joins the transaction, rebalance or not. */
export function addOffsets(
  transactions: Transactions,
  turn: Turn,
  request: AddOffsetsToTxnRequest,
  caller: Caller<AddOffsetsToTxnResponse>,
): void {
  add(transactions, turn, {
    producer: request,
    partitions: [transactions.offsetsPartition(request.groupId)],
    fenced: fencedError('addOffsetsToTxn', caller.apiVersion),
    answer: (later, error) => later.reply(caller.to, { errorCode: error.code }),
    retry: (later) => addOffsets(transactions, later, request, caller),
  });
}

interface Addition {
  readonly producer: ProducerIdentity & { readonly transactionalId: string };
  readonly partitions: readonly TopicPartition[];
  readonly fenced: KafkaError;
  readonly answer: (turn: Turn, error: KafkaError) => void;
  readonly retry: (turn: Turn) => void;
}

function add(transactions: Transactions, turn: Turn, { producer, partitions, fenced, answer, retry }: Addition): void {
  const transaction = checkProducer(transactions, producer, fenced);
  if ('code' in transaction) return answer(turn, transaction);
  if (transaction.isEnding) {
    const giveUp = (later: Turn, reason: 'waited' | 'unloaded'): void =>
      answer(later, reason === 'waited' ? errors.CONCURRENT_TRANSACTIONS : errors.NOT_COORDINATOR);
    if (!transactions.wait(transaction, { isForEnd: false, since: turn.now, retry, giveUp })) giveUp(turn, 'waited');
    return;
  }
  const isFresh = ({ topic, partition }: TopicPartition): boolean => !transaction.partitions.has(topic, partition);
  if (!transactions.hasRoom && partitions.some(isFresh)) return answer(turn, errors.POLICY_VIOLATION);
  if (join(turn.now, transaction, partitions.filter(isFresh))) turn.append([transactionRecord(transaction)]);
  transactions.settle(transaction);
  answer(turn, errors.NONE);
}

/** Whether that changed anything. */
function join(now: number, transaction: Transaction, fresh: readonly TopicPartition[]): boolean {
  if (transaction.phase === 'Ongoing' && fresh.length === 0) return false;
  if (transaction.phase !== 'Ongoing') transaction.startedAt = now;
  transaction.enter('Ongoing', now);
  for (const { topic, partition } of fresh) transaction.partitions.set(topic, partition, true);
  return true;
}

function perPartition(
  request: AddPartitionsToTxnRequest,
  errorOf: (one: TopicPartition) => KafkaError,
): AddPartitionsToTxnResponse {
  return {
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((partition) => {
        const { code } = errorOf({ topic: name, partition });
        return { partition, errorCode: code };
      }),
    })),
  };
}
