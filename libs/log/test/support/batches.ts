import { type ControlType, encodeBatch, encodeControlBatch, type RecordInput } from '@millrace/wire';

/** A producer of batches with its own sequence. */
export interface TestProducer {
  readonly producerId: number;
  readonly producerEpoch: number;
  baseSequence: number;
}

export function producer(producerId: number, producerEpoch = 0, baseSequence = 0): TestProducer {
  return { producerId, producerEpoch, baseSequence };
}

export function values(...texts: readonly string[]): RecordInput[] {
  return texts.map((value, index) => ({ timestamp: 1_000 + index, value }));
}

/** A batch of plain records. */
export function plain(...texts: readonly string[]): Buffer {
  return encodeBatch(values(...texts));
}

/** The next batch of a producer; its sequence moves on. */
export function next(from: TestProducer, texts: readonly string[], isTransactional = false): Buffer {
  const batch = encodeBatch(values(...texts), { ...from, isTransactional });
  from.baseSequence = (from.baseSequence + texts.length) % 2 ** 31;
  return batch;
}

export function marker(type: ControlType, from: TestProducer, coordinatorEpoch = 0, timestamp = 1_000): Buffer {
  const { producerId, producerEpoch } = from;
  return encodeControlBatch(type, { producerId, producerEpoch, coordinatorEpoch, timestamp });
}
