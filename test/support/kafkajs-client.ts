import { type Consumer, Kafka, type KafkaMessage, type Producer, logLevel } from 'kafkajs';

export function kafkaOf(broker: { readonly address: string }): Kafka {
  const retry = { initialRetryTime: 50, maxRetryTime: 500, retries: 20 };
  return new Kafka({ clientId: 'interop', brokers: [broker.address], logLevel: logLevel.NOTHING, retry });
}

export interface Seen {
  readonly partition: number;
  readonly message: KafkaMessage;
  readonly value: string | undefined;
}

/** A consumer that only looks: everything of a topic from its beginning, under a group of its own. */
export class Reader {
  readonly seen: Seen[] = [];
  readonly consumer: Consumer;

  private constructor(consumer: Consumer) {
    this.consumer = consumer;
  }

  static async of(kafka: Kafka, topic: string, groupId: string, readUncommitted = false): Promise<Reader> {
    const consumer = kafka.consumer({ groupId, readUncommitted, maxWaitTimeInMs: 100, rebalanceTimeout: 5_000 });
    const reader = new Reader(consumer);
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      eachMessage: ({ partition, message }) => {
        reader.seen.push({ partition, message, value: message.value?.toString() });
        return Promise.resolve();
      },
    });
    return reader;
  }

  values(): (string | undefined)[] {
    return this.seen.map(({ value }) => value);
  }

  stop(): Promise<void> {
    return this.consumer.disconnect();
  }
}

export async function withProducer<T>(
  kafka: Kafka,
  act: (producer: Producer) => Promise<T>,
  options: { transactionalId?: string; idempotent?: boolean } = {},
): Promise<T> {
  const producer = kafka.producer({ ...options, maxInFlightRequests: 1 });
  await producer.connect();
  try {
    return await act(producer);
  } finally {
    await producer.disconnect();
  }
}

export async function createTopic(kafka: Kafka, topic: string, numPartitions = 1): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions }] });
  await admin.disconnect();
}
