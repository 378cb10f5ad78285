import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, type BrokerOptions, createBroker } from '@millrace/broker';
import { afterEach } from 'vitest';
import { type Client, type ClientLimits, type Fetched, createClient } from '../../src/index.ts';
import { FaultyLink } from './faulty-link.ts';

/** The built-in broker on a directory of its own, reached only through a link that can fail. Gone when the test ends. */
export class Mill {
  readonly link: FaultyLink;
  readonly #directory = mkdtempSync(join(tmpdir(), 'millrace-client-'));
  readonly #clients: Client[] = [];
  readonly #options: Partial<BrokerOptions>;
  #broker: Broker | undefined;

  constructor(link: FaultyLink, options: Partial<BrokerOptions>) {
    this.link = link;
    this.#options = options;
  }

  async start(): Promise<void> {
    const { port } = this.link;
    this.#broker = createBroker({
      // Tests let members die, and wait for that to be noticed.
      groups: { sessionTimeoutMsMin: 1_000 },
      dataDirectory: this.#directory,
      listeners: [{ host: '127.0.0.1', port: 0, advertised: { host: '127.0.0.1', port } }],
      fsync: 'never',
      ...this.#options,
    });
    const [address] = await this.#broker.start();
    this.link.target = address?.port ?? 0;
  }

  /** Ends the broker; what it had acknowledged is there when it starts again. */
  async stop(): Promise<void> {
    await this.#broker?.close();
    this.#broker = undefined;
  }

  client(limits: Partial<ClientLimits> = {}): Client {
    const client = createClient({ brokers: [`127.0.0.1:${this.link.port}`], clientId: 'test', limits });
    this.#clients.push(client);
    return client;
  }

  /** A client beside a topic of these partitions. */
  async withTopic(name: string, partitions = 1, configs: Record<string, string> = {}): Promise<Client> {
    const client = this.client();
    await client.admin.createTopics([{ name, partitions, configs }]);
    return client;
  }

  async end(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.link.close();
    await this.stop();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

const mills: Mill[] = [];

afterEach(async () => {
  for (const mill of mills.splice(0)) await mill.end();
});

export async function startMill(options: Partial<BrokerOptions> = {}): Promise<Mill> {
  const mill = new Mill(await FaultyLink.open(), options);
  mills.push(mill);
  await mill.start();
  return mill;
}

/** The values of a partition from the start to its end, as a consumer of the isolation level reads them. */
export async function valuesOf(
  client: Client,
  topic: string,
  partition = 0,
  isolation: 'read_committed' | 'read_uncommitted' = 'read_committed',
): Promise<string[]> {
  const [end = 0] = await client.admin.listOffsets([{ topic, partition }], 'latest', isolation);
  const consumer = client.consumer({ isolation, maxWaitMs: 50 });
  consumer.add({ topic, partition, offset: 0 });
  const values: string[] = [];
  while ((consumer.position({ topic, partition }) ?? end) < end) {
    const fetched = await consumer.take();
    values.push(...valuesIn(fetched));
  }
  consumer.close();
  return values;
}

export function valuesIn(fetched: Fetched | undefined): string[] {
  return fetched?.records.map((record) => record.value?.toString() ?? '') ?? [];
}
