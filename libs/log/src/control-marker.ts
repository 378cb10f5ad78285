import { type ControlType, controlTypeOf, decodeBatch } from '@millrace/wire';

/** What the control batch that ends a transaction says. */
export interface Marker {
  /** Undefined for a type that a newer writer may know. */
  readonly type: ControlType | undefined;
  readonly coordinatorEpoch: number;
}

/** Undefined when it is no marker after all: an empty control batch that compaction left, or not the size of one. */
export function readMarker(batch: Buffer): Marker | undefined {
  const record = decodeBatch(batch).records[0];
  // Version (int16), then the coordinator epoch (int32).
  if (record === undefined || record.value === null || record.value.length < 6) return undefined;
  return { type: controlTypeOf(record), coordinatorEpoch: record.value.readInt32BE(2) };
}
