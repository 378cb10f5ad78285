import { encodeBatch } from './batch-builder.ts';
import { at, attribute, sealChecksum } from './batch-header.ts';
import type { WireRecord } from './record.ts';

export type ControlType = 'abort' | 'commit';

export interface ControlBatch {
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly timestamp: number;
}

const types: readonly ControlType[] = ['abort', 'commit'];

/** The marker that ends a producer's transaction on one partition. */
export function encodeControlBatch(type: ControlType, marker: ControlBatch): Buffer {
  const key = Buffer.alloc(4); // Version 0, then the type.
  key.writeInt16BE(types.indexOf(type), 2);
  const value = Buffer.alloc(6); // Version 0, then the coordinator epoch.
  value.writeInt32BE(marker.coordinatorEpoch, 2);
  const { producerId, producerEpoch, timestamp } = marker;
  const batch = encodeBatch([{ timestamp, key, value }], { producerId, producerEpoch, baseSequence: -1 });
  batch.writeInt16BE(attribute.transactional | attribute.control, at.attributes);
  sealChecksum(batch, 0);
  return batch;
}

/** What a control record says; undefined for types that newer brokers may write and readers skip. */
export function controlTypeOf(record: Pick<WireRecord, 'key'>): ControlType | undefined {
  if (record.key === null || record.key.length < 4) return undefined;
  return types[record.key.readInt16BE(2)];
}
