export type { SaslOptions } from './authentication.ts';
export type { Admin, Isolation, NewTopic, OffsetSpec, TopicPartition, TopicPartitionOffset } from './admin.ts';
export { type Client, createClient } from './client.ts';
export { ClientError, type ClientErrorCode } from './client-error.ts';
export type { Consumer, ConsumerOptions, Fetched } from './consumer.ts';
export type { GroupMember, GroupOptions } from './group.ts';
export type { ClientLimits, ClientOptions, TlsOptions } from './options.ts';
export { partitionOfKey } from './partitioner.ts';
export type { Delivered, OutgoingRecord, Producer, ProducerOptions } from './producer.ts';
export type {
  TransactionalProducer,
  TransactionalProducerOptions,
  TransactionalRecord,
} from './transactional-producer.ts';
