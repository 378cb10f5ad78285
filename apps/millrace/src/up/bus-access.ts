import type { KafkaAccess } from '@millrace/config';

/** Where the log is, and how this process gets in. */
export interface BusAccess extends KafkaAccess {
  readonly brokers: readonly string[];
}
