export { EffectGate, type HeldEffect, type NumberedAppend } from './effect-gate.ts';
export type {
  Append,
  AppendMarker,
  Caller,
  Effect,
  Marker,
  ProducerIdentity,
  Reply,
  ReplyTo,
  StateRecord,
  TopicPartition,
  WriteMarkers,
} from './effects.ts';
export { GroupCoordinator } from './groups/group-coordinator.ts';
export {
  type ConsumerTimes,
  defaultGroupLimits,
  type GroupLimits,
  type GroupOptions,
  type TopicDirectory,
} from './groups/group-options.ts';
export type * from './groups/messages.ts';
export { partitionOf } from './partition-of.ts';
export type { StoredBatch } from './records/stored-batch.ts';
export type * from './transactions/messages.ts';
export { TransactionCoordinator } from './transactions/transaction-coordinator.ts';
export {
  defaultTransactionLimits,
  type TransactionLimits,
  type TransactionOptions,
} from './transactions/transaction-options.ts';
