import type { Marker, ProducerIdentity, StateRecord } from '../effects.ts';

/** A batch of a coordinator's partition as `load` takes it, in log order. */
export type StoredBatch =
  | {
      readonly kind: 'records';
      readonly records: readonly StateRecord[];
      readonly transaction: ProducerIdentity | null;
    }
  | ({ readonly kind: 'marker' } & Omit<Marker, 'coordinatorEpoch'>);
