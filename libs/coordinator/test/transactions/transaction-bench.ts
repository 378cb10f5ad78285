import type {
  AddPartitionsToTxnResponse,
  EndTxnResponse,
  InitProducerIdResponse,
  ProducerIdentity,
  TransactionLimits,
  WriteMarkers,
} from '../../src/index.ts';
import { TransactionCoordinator } from '../../src/index.ts';
import { Shell } from '../shell.ts';

const NEW = { producerId: -1, producerEpoch: -1 };

/** One transaction coordinator on the bench. Markers are written when the test says so. */
export class TransactionBench extends Shell<TransactionCoordinator> {
  /** Topics that have been deleted. */
  readonly deleted: Set<string>;

  constructor(limits: Partial<TransactionLimits> = {}) {
    const deleted = new Set(['missing']);
    super(
      () =>
        new TransactionCoordinator({
          partitionExists: (topic) => !deleted.has(topic),
          offsetsPartition: () => ({ topic: '__consumer_offsets', partition: 0 }),
          coordinatorEpoch: 3,
          limits,
        }),
    );
    this.deleted = deleted;
  }

  /** Sends InitProducerId and returns the token. */
  sendInit(
    claimed: ProducerIdentity = NEW,
    timeoutMs = 60_000,
    transactionalId: string | null = 'x',
    version = 4,
  ): number {
    const caller = this.caller(version);
    const { producerId, producerEpoch } = claimed;
    const request = { transactionalId, transactionTimeoutMs: timeoutMs, producerId, producerEpoch };
    this.run((transactions) => transactions.initProducerId(request, caller, this.now));
    return caller.to;
  }

  init(claimed?: ProducerIdentity, timeoutMs?: number, transactionalId?: string | null): InitProducerIdResponse {
    return this.initialized(this.sendInit(claimed, timeoutMs, transactionalId));
  }

  sendAdd(producer: ProducerIdentity, topic = 't', version = 3): number {
    const caller = this.caller(version);
    const { producerId, producerEpoch } = producer;
    const request = { transactionalId: 'x', producerId, producerEpoch, topics: [{ name: topic, partitions: [0] }] };
    this.run((transactions) => transactions.addPartitionsToTxn(request, caller, this.now));
    return caller.to;
  }

  add(producer: ProducerIdentity, topic?: string, version?: number): number {
    return this.added(this.sendAdd(producer, topic, version));
  }

  addOffsets({ producerId, producerEpoch }: ProducerIdentity): number {
    const caller = this.caller(3);
    const request = { transactionalId: 'x', producerId, producerEpoch, groupId: 'g' };
    this.run((transactions) => transactions.addOffsetsToTxn(request, caller, this.now));
    return this.ended(caller.to);
  }

  sendEnd({ producerId, producerEpoch }: ProducerIdentity, committed: boolean, version = 3): number {
    const caller = this.caller(version);
    const request = { transactionalId: 'x', producerId, producerEpoch, committed };
    this.run((transactions) => transactions.endTxn(request, caller, this.now));
    return caller.to;
  }

  /** Ends the transaction and writes its markers. */
  end(producer: ProducerIdentity, committed: boolean, version?: number): number {
    const token = this.sendEnd(producer, committed, version);
    this.writeMarkers();
    return this.ended(token);
  }

  /** Writes all markers that were asked for, and reports so. */
  writeMarkers(): WriteMarkers[] {
    const written = this.markers.splice(0);
    for (const effect of written) this.run((transactions) => transactions.markersWritten(effect, this.now));
    return written;
  }

  verify(producer: ProducerIdentity, topic = 't'): string | null {
    return this.coordinator.verify('x', producer, { topic, partition: 0 });
  }

  isOpen({ producerId }: ProducerIdentity, topic: string): boolean {
    return this.coordinator.isOngoing(producerId, { topic, partition: 0 });
  }

  initialized(token: number): InitProducerIdResponse {
    return this.#answer(token) as InitProducerIdResponse;
  }

  added(token: number): number {
    return (this.#answer(token) as AddPartitionsToTxnResponse).topics[0]?.partitions[0]?.errorCode ?? -1;
  }

  ended(token: number): number {
    return (this.#answer(token) as EndTxnResponse).errorCode;
  }

  #answer(token: number): unknown {
    if (!this.answers.has(token)) throw new Error(`expected request ${token} to be answered`);
    return this.answers.get(token);
  }
}
