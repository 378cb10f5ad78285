import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, createBroker } from '@millrace/broker';
import { headerText, headers, type ReceivedRecord, topicsOf } from '@millrace/bus';
import { type Client, createClient } from '@millrace/client';
import { createHttpServer, type Served, serve } from '@millrace/http';
import { openEventLog, type Projection, startProjection } from '@millrace/projection';
import { createRuntime, type Runtime } from '@millrace/runtime';
import { systemClock } from '@millrace/std';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { type PluginRegistry, registerEngine, startPluginRegistry } from '../../src/index.ts';

export const topics = topicsOf();
const PARTITIONS = 3;

export type Work = (input: Record<string, unknown>) => { output?: object; error?: string; message?: string };

/** Broker, runtime, read models and REST, all real, in this process; gone with `end`. */
export class Mill {
  readonly #directory = mkdtempSync(join(tmpdir(), 'millrace-engine-'));
  readonly #consumers: { close(): void }[] = [];
  readonly #broker: Broker;
  client!: Client;
  runtime!: Runtime;
  projection!: Projection;
  plugins!: PluginRegistry;
  server!: FastifyInstance;
  served!: Served;

  private constructor() {
    this.#broker = createBroker({
      dataDirectory: join(this.#directory, 'log'),
      listeners: [{ host: '127.0.0.1', port: 0 }],
      fsync: 'never',
      autoCreateTopics: false,
    });
  }

  static async start(): Promise<Mill> {
    const mill = new Mill();
    const [address] = await mill.#broker.start();
    mill.client = createClient({ brokers: [`127.0.0.1:${address?.port}`], clientId: 'test' });
    mill.runtime = createRuntime({
      client: mill.client,
      storeDirectory: join(mill.#directory, 'engine'),
      partitions: PARTITIONS,
      limits: { topicRefreshMs: 50 },
    });
    await mill.runtime.start();
    const logger = pino({ level: 'silent' });
    const log = await openEventLog(mill.client, topics.events);
    mill.projection = await startProjection({
      log,
      directory: join(mill.#directory, 'models'),
      clock: systemClock,
      logger,
    });
    await mill.projection.ready;
    mill.server = createHttpServer({ logger });
    mill.plugins = await startPluginRegistry(mill.client, topics.plugins, logger);
    await registerEngine(mill.server, {
      runtime: mill.runtime,
      projection: mill.projection,
      plugins: mill.plugins,
      clock: systemClock,
    });
    mill.served = await serve(mill.server, { host: '127.0.0.1', port: 0 }, systemClock);
    return mill;
  }

  async end(): Promise<void> {
    for (const consumer of this.#consumers) consumer.close();
    await this.served.close();
    await this.plugins.close();
    await this.projection.close();
    await this.runtime.stop();
    this.client.close();
    await this.#broker.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    headersToSend: Record<string, string> = {},
  ): Promise<Answer> {
    const isText = typeof body === 'string';
    const response = await fetch(this.served.url + path, {
      method,
      headers: {
        ...(body === undefined ? {} : { 'content-type': isText ? 'application/xml' : 'application/json' }),
        ...headersToSend,
      },
      body: body === undefined ? null : isText ? body : JSON.stringify(body),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
  }

  async deploy(xml: string): Promise<void> {
    const { status, body } = await this.call('POST', '/api/definitions', xml);
    if (status !== 201) throw new Error(JSON.stringify(body));
  }

  /** The deployment that needs a topic creates it, a moment later. */
  async #partitionsOf(topic: string): Promise<number> {
    for (;;) {
      const count = await this.client.admin.partitionCount(topic);
      if (count !== undefined) return count;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** A plugin: reads the jobs of a type and answers each as `work` says. */
  async plugin(type: string, work: Work): Promise<void> {
    const topic = topics.job(type);
    const producer = this.client.producer();
    const consumer = this.client.consumer({ isolation: 'read_committed', maxWaitMs: 100 });
    this.#consumers.push(consumer);
    const partitions = await this.#partitionsOf(topic);
    for (let partition = 0; partition < partitions; partition += 1) consumer.add({ topic, partition, offset: 0 });
    void (async () => {
      for await (const { records } of consumer) {
        for (const record of records) await producer.send(replyTo(record, work));
      }
    })();
  }
}

export interface Answer {
  readonly status: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- what came over the wire; each test says what it expects of it
  readonly body: any;
  readonly headers: Headers;
}

function replyTo(record: ReceivedRecord, work: Work) {
  const { output = {}, error, message } = work(JSON.parse(String(record.value)));
  return {
    topic: headerText(record, headers.replyTopic) ?? topics.reply,
    key: record.key === null ? null : Buffer.from(record.key),
    value: Buffer.from(JSON.stringify(output)),
    headers: [
      ...record.headers,
      ...(error === undefined ? [] : [{ key: headers.errorCode, value: Buffer.from(error) }]),
      ...(message === undefined ? [] : [{ key: headers.errorMessage, value: Buffer.from(message) }]),
    ].map(({ key, value }) => ({ key, value: value === null ? null : Buffer.from(value) })),
  };
}
