import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConnectionOptions } from 'node:tls';
import { apis, encodeBatch, type RecordInput, type Response } from '@millrace/wire';
import { afterEach } from 'vitest';
import { type Broker, type BrokerOptions, createBroker } from '../src/index.ts';
import { WireConnection } from './wire-connection.ts';

type Options = Partial<BrokerOptions>;

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

/** A broker of its own data directory on a free port, and everything that a test asks it. Gone when the test ends. */
export class RunningBroker {
  readonly directory = mkdtempSync(join(tmpdir(), 'millrace-broker-'));
  readonly lines: LogLine[] = [];
  readonly failures: unknown[] = [];
  broker!: Broker;
  port = 0;
  /** One for each listener, in order; the first is `port`. */
  ports: number[] = [];
  #options: Options;
  #connections: WireConnection[] = [];

  constructor(options: Options) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const line = (level: string) => (fields: object, message: string) =>
      void this.lines.push({ level, message, fields: fields as Record<string, unknown> });
    this.broker = createBroker({
      dataDirectory: this.directory,
      listeners: [{ host: '127.0.0.1', port: 0 }],
      logger: { debug: line('debug'), info: line('info'), warn: line('warn'), error: line('error') },
      onFailure: (error) => this.failures.push(error),
      ...this.#options,
    });
    this.ports = (await this.broker.start()).map(({ port }) => port);
    this.port = this.ports[0] ?? 0;
  }

  /** Closes cleanly and starts again on the same data. */
  async restart(options: Options = {}): Promise<void> {
    this.#options = { ...this.#options, ...options };
    await this.broker.close();
    await this.start();
  }

  async connect(port = this.port, tls?: ConnectionOptions): Promise<WireConnection> {
    const connection = await WireConnection.open(port, tls);
    this.#connections.push(connection);
    return connection;
  }

  async end(): Promise<void> {
    for (const connection of this.#connections) connection.close();
    await this.broker.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

const running: RunningBroker[] = [];

afterEach(async () => {
  const failures: unknown[] = [];
  for (const one of running.splice(0)) {
    await one.end();
    failures.push(...one.failures);
  }
  // Whatever a test is about, no request may find an invariant of the broker broken.
  if (failures.length > 0) throw failures[0];
});

export async function startBroker(options: Options = {}): Promise<RunningBroker> {
  const broker = new RunningBroker(options);
  running.push(broker);
  await broker.start();
  return broker;
}

export async function createTopic(
  connection: WireConnection,
  name: string,
  options: { partitions?: number; configs?: Record<string, string> } = {},
): Promise<void> {
  const { topics } = await connection.request(apis.createTopics, 7, {
    topics: [
      {
        name,
        numPartitions: options.partitions ?? 1,
        replicationFactor: 1,
        configs: Object.entries(options.configs ?? {}).map(([name, value]) => ({ name, value })),
      },
    ],
    timeoutMs: 1_000,
  });
  if (topics[0]?.errorCode !== 0) throw new Error(`expected "${name}" to be created, found ${topics[0]?.errorMessage}`);
}

export interface ProduceOptions {
  readonly partition?: number;
  readonly acks?: number;
  readonly transactionalId?: string;
  readonly producerId?: number;
  readonly producerEpoch?: number;
  readonly baseSequence?: number;
  readonly batch?: Buffer;
}

export function recordsOf(...values: readonly string[]): RecordInput[] {
  return values.map((value, index) => ({ timestamp: 1_700_000_000_000 + index, key: `k-${value}`, value }));
}

/** Produces one batch to one partition and returns what the broker said of it. */
export async function produce(
  connection: WireConnection,
  topic: string,
  records: readonly RecordInput[],
  options: ProduceOptions = {},
): Promise<Response<typeof apis.produce>['topics'][number]['partitions'][number]> {
  const { producerId, producerEpoch = 0, baseSequence = 0, transactionalId = null, partition = 0 } = options;
  const isTransactional = transactionalId !== null;
  const producer = producerId === undefined ? undefined : { producerId, producerEpoch, baseSequence, isTransactional };
  const batch = options.batch ?? encodeBatch(records, producer);
  const { topics } = await connection.request(apis.produce, 9, {
    transactionalId,
    acks: options.acks ?? -1,
    timeoutMs: 1_000,
    topics: [{ name: topic, partitions: [{ partition, records: batch }] }],
  });
  const result = topics[0]?.partitions[0];
  if (result === undefined) throw new Error('expected an answer for the partition');
  return result;
}

export interface FetchOptions {
  readonly partition?: number;
  readonly offset?: number;
  readonly maxWaitMs?: number;
  readonly minBytes?: number;
  readonly maxBytes?: number;
  readonly partitionMaxBytes?: number;
  readonly isolationLevel?: number;
}

/** The body of a fetch of one partition. */
export function fetchOf(topic: string, options: FetchOptions = {}) {
  return {
    maxWaitMs: options.maxWaitMs ?? 0,
    minBytes: options.minBytes ?? 1,
    maxBytes: options.maxBytes ?? 1024 * 1024,
    isolationLevel: options.isolationLevel ?? 0,
    topics: [
      {
        name: topic,
        partitions: [
          {
            partition: options.partition ?? 0,
            fetchOffset: options.offset ?? 0,
            partitionMaxBytes: options.partitionMaxBytes ?? 1024 * 1024,
          },
        ],
      },
    ],
  };
}

export async function fetch(
  connection: WireConnection,
  topic: string,
  options: FetchOptions = {},
): Promise<Response<typeof apis.fetch>['topics'][number]['partitions'][number]> {
  const { topics } = await connection.request(apis.fetch, 12, fetchOf(topic, options));
  const result = topics[0]?.partitions[0];
  if (result === undefined) throw new Error('expected an answer for the partition');
  return result;
}
