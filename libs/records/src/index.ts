export type * from './action-events.ts';
export type * from './ad-hoc.ts';
export type * from './batch.ts';
export type * from './commands.ts';
export type * from './condition-events.ts';
export type * from './envelope.ts';
export type * from './definition-rows.ts';
export type * from './instance-rows.ts';
export type * from './repetition-rows.ts';
export type * from './work-rows.ts';
export type * from './wait-rows.ts';
export type * from './definition-events.ts';
export type * from './instance-events.ts';
export type * from './element-events.ts';
export type * from './repetition-events.ts';
export type * from './job-events.ts';
export type * from './task-events.ts';
export type * from './topic-events.ts';
export type * from './timer-events.ts';
export type * from './incident-events.ts';
export type * from './events.ts';
export type * from './gateway-events.ts';
export type * from './listeners.ts';
export type * from './message-commands.ts';
export type * from './message-events.ts';
export type * from './operation-commands.ts';
export type * from './operation-events.ts';
export type * from './progress-events.ts';
export type * from './part-events.ts';
export type { Rejection, RejectionReason } from './rejection.ts';
export type * from './rows.ts';
export type * from './signal-commands.ts';
export type * from './signal-events.ts';
export type * from './suspension.ts';
export { tableNames } from './rows.ts';
export { RecordError, decodeCommand, decodeEvent, encodeCommand, encodeEvent, recordErrors } from './encoding.ts';
export { bytesFromText, murmur2, partitionForKey } from './hash.ts';
export {
  type InstanceId,
  type Key,
  PARTITION_COUNT_MAX,
  commandKey,
  decisionGraphKey,
  definitionKey,
  formKey,
  instanceId,
  instanceIdFromDigest,
  isInstanceId,
  partitionOfCorrelationKey,
  partitionOfInstance,
  partitionOfKey,
  timerKey,
} from './ids.ts';
export { partitionOfCommand, recordKeyOf } from './routing.ts';
