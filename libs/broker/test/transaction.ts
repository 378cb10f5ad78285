import { apis } from '@millrace/wire';
import { produce, recordsOf } from './running-broker.ts';
import type { WireConnection } from './wire-connection.ts';

/** A transaction of one partition, request by request as a client sends them. */
export interface Transaction {
  readonly producerId: number;
  readonly producerEpoch: number;
  produce(value: string): Promise<number>;
  end(committed: boolean): Promise<number>;
}

export async function initProducer(connection: WireConnection, transactionalId: string, timeoutMs = 60_000) {
  return connection.request(apis.initProducerId, 4, { transactionalId, transactionTimeoutMs: timeoutMs });
}

export async function beginTransaction(
  connection: WireConnection,
  transactionalId: string,
  topic: string,
  partition = 0,
): Promise<Transaction> {
  const { producerId, producerEpoch } = await initProducer(connection, transactionalId);
  let sequence = 0;
  const added = await connection.request(apis.addPartitionsToTxn, 3, {
    transactionalId,
    producerId,
    producerEpoch,
    topics: [{ name: topic, partitions: [partition] }],
  });
  const errorCode = added.topics[0]?.partitions[0]?.errorCode;
  if (errorCode !== 0) throw new Error(`expected the partition to join the transaction, found error ${errorCode}`);
  return {
    producerId,
    producerEpoch,
    async produce(value) {
      const options = { partition, transactionalId, producerId, producerEpoch, baseSequence: sequence++ };
      return (await produce(connection, topic, recordsOf(value), options)).errorCode;
    },
    async end(committed) {
      const body = { transactionalId, producerId, producerEpoch, committed };
      return (await connection.request(apis.endTxn, 3, body)).errorCode;
    },
  };
}
