import { systemClock, systemRandom } from '@millrace/std';

import { Admin } from './admin.ts';
import { Cluster } from './cluster.ts';
import { Consumer, type ConsumerOptions } from './consumer.ts';
import { GroupMember, type GroupOptions } from './group.ts';
import { type ClientOptions, defaultLimits } from './options.ts';
import { Producer, type ProducerOptions } from './producer.ts';
import { TransactionalProducer, type TransactionalProducerOptions } from './transactional-producer.ts';

/** A cluster as seen from one process. Connections are opened when they are needed and shared by use. */
export interface Client {
  readonly admin: Admin;
  producer(options?: ProducerOptions): Producer;
  transactionalProducer(options: TransactionalProducerOptions): TransactionalProducer;
  consumer(options?: ConsumerOptions): Consumer;
  group(options: GroupOptions): GroupMember;
  /** Ends every connection; what is under way fails with `CLOSED`. Close producers first to keep what they hold. */
  close(): void;
}

export function createClient(options: ClientOptions): Client {
  const cluster = new Cluster(options.brokers, {
    clientId: options.clientId,
    tls: options.tls,
    sasl: options.sasl,
    clock: options.clock ?? systemClock,
    random: options.random ?? systemRandom,
    limits: { ...defaultLimits, ...options.limits },
  });
  return {
    admin: new Admin(cluster),
    producer: (producerOptions = {}) => new Producer(cluster, producerOptions),
    transactionalProducer: (producerOptions) => new TransactionalProducer(cluster, producerOptions),
    consumer: (consumerOptions = {}) => new Consumer(cluster, consumerOptions),
    group: (groupOptions) => new GroupMember(cluster, groupOptions),
    close: () => cluster.close(),
  };
}
