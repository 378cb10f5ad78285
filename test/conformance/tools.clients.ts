import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Kafka } from 'kafkajs';
import { type TestContext, afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Reader, createTopic, kafkaOf, withProducer } from '../support/kafkajs-client.ts';
import { run } from '../support/programs.ts';
import { until } from '../support/until.ts';
import { type TestBroker, startBroker } from './brokers/index.ts';
import { java4 } from './clients/java.ts';
import { java, kafkaJars } from './java/jars.ts';
import { numbered } from './suite/topics.ts';

let broker: TestBroker;
let kafka: Kafka;

beforeAll(async () => {
  broker = await startBroker();
  kafka = kafkaOf(broker);
});

afterAll(() => broker.remove());

/** Runs one of Kafka's own tools against the broker; its output. */
const tool = (context: TestContext, name: string, ...args: string[]): Promise<string> => {
  const flags = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-cp', kafkaJars];
  return run(context, java, [...flags, name, ...args]);
};

const atBroker = (): string[] => ['--bootstrap-server', broker.address];
const TOOLS = 'org.apache.kafka.tools';

async function write(topic: string, values: readonly string[]): Promise<void> {
  const messages = values.map((value) => ({ value, partition: 0 }));
  await withProducer(kafka, (producer) => producer.send({ topic, messages }));
}

describe('Kafka’s own tools', () => {
  it('measure: ProducerPerformance writes and ConsumerPerformance reads', async (context) => {
    await createTopic(kafka, 'measured', 2);
    const count = 20_000;
    const size = ['--num-records', `${count}`, '--record-size', '100', '--throughput', '-1'];
    const settings = ['--command-property', 'acks=all', '--command-property', 'compression.type=lz4'];
    const produced = await tool(
      context,
      `${TOOLS}.ProducerPerformance`,
      '--topic',
      'measured',
      ...atBroker(),
      ...size,
      ...settings,
    );
    expect(produced).toContain(`${count} records sent`);
    const read = ['--topic', 'measured', '--num-records', `${count}`, '--timeout', '20000', '--hide-header'];
    const consumed = await tool(context, `${TOOLS}.ConsumerPerformance`, ...atBroker(), ...read);
    expect(consumed).toContain(`, ${count}, `);
  });

  it('verify: VerifiableProducer is acknowledged, VerifiableConsumer sees as much and commits it', async (context) => {
    await createTopic(kafka, 'verified');
    const produced = await tool(
      context,
      `${TOOLS}.VerifiableProducer`,
      '--topic',
      'verified',
      '--max-messages',
      '1000',
      '--acks',
      '-1',
      ...atBroker(),
    );
    const summary = eventsOf(produced).find(({ name }) => name === 'tool_data');
    expect(summary).toMatchObject({ sent: 1_000, acked: 1_000 });
    const consumed = await tool(
      context,
      `${TOOLS}.VerifiableConsumer`,
      '--topic',
      'verified',
      '--group-id',
      'verifier',
      '--max-messages',
      '1000',
      '--reset-policy',
      'earliest',
      ...atBroker(),
    );
    const events = eventsOf(consumed);
    const counts = events.filter(({ name }) => name === 'records_consumed').map(({ count }) => Number(count));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1_000);
    const commits = events.filter(({ name }) => name === 'offsets_committed');
    expect(commits.at(-1)).toMatchObject({
      success: true,
      offsets: [{ topic: 'verified', partition: 0, offset: 1_000 }],
    });
  });

  it('copy in transactions with random aborts: TransactionalMessageCopier, exactly once', async (context) => {
    await createTopic(kafka, 'copied-from');
    await createTopic(kafka, 'copied-to');
    const values = numbered('v', 1_000);
    await write('copied-from', values);
    await tool(
      context,
      `${TOOLS}.TransactionalMessageCopier`,
      '--broker-list',
      broker.address,
      '--input-topic',
      'copied-from',
      '--output-topic',
      'copied-to',
      '--input-partition',
      '0',
      '--consumer-group',
      'copiers',
      '--transactional-id',
      'copier',
      '--transaction-size',
      '25',
      '--max-messages',
      '1000',
      '--enable-random-aborts',
      '--use-group-metadata',
    );
    await write('copied-to', ['end']);
    // With a client that reads the list of aborted transactions right: kafkajs does not.
    const client = await java4.open(broker.address);
    const read = { topic: 'copied-to', partition: 0, from: 0, count: 1_001, committed: true };
    const seen = (await client.call('read', read)).map(({ value }) => value);
    await client.end();
    expect(seen).toEqual([...values, 'end']);
  });

  it('administer topics: TopicCommand, ConfigCommand, GetOffsetShell, DeleteRecordsCommand, LogDirsCommand', async (context) => {
    const topics = (...args: string[]): Promise<string> =>
      tool(context, `${TOOLS}.TopicCommand`, ...atBroker(), ...args);
    const named = ['--topic', 'by-tools'];
    await topics('--create', ...named, '--partitions', '2', '--config', 'retention.ms=5000');
    const described = await topics('--describe', ...named);
    expect(described).toContain('PartitionCount: 2');
    expect(described).toContain('retention.ms=5000');
    await topics('--alter', ...named, '--partitions', '3');
    await until('the partition', async () => (await topics('--describe', ...named)).includes('PartitionCount: 3'));

    const entity = ['--entity-type', 'topics', '--entity-name', 'by-tools'];
    const configs = (...args: string[]): Promise<string> =>
      tool(context, 'kafka.admin.ConfigCommand', ...atBroker(), ...entity, ...args);
    await configs('--alter', '--add-config', 'segment.ms=7000', '--delete-config', 'retention.ms');
    const configured = await configs('--describe');
    expect(configured).toContain('segment.ms=7000');
    expect(configured).not.toContain('retention.ms');

    await write('by-tools', ['a', 'b', 'c']);
    const trimmed = join(tmpdir(), `millrace-trim-${process.pid}.json`);
    writeFileSync(
      trimmed,
      JSON.stringify({ version: 1, partitions: [{ topic: 'by-tools', partition: 0, offset: 2 }] }),
    );
    const deleted = await tool(context, `${TOOLS}.DeleteRecordsCommand`, ...atBroker(), '--offset-json-file', trimmed);
    expect(deleted).toContain('low_watermark: 2');
    const offsetsAt = (time: string): Promise<string> =>
      tool(context, `${TOOLS}.GetOffsetShell`, ...atBroker(), ...named, '--time', time);
    expect((await offsetsAt('earliest')).trim().split('\n')).toContain('by-tools:0:2');
    expect((await offsetsAt('latest')).trim().split('\n')).toContain('by-tools:0:3');
    const directories = await tool(
      context,
      `${TOOLS}.LogDirsCommand`,
      ...atBroker(),
      '--describe',
      '--topic-list',
      'by-tools',
    );
    expect(directories).toContain('"partition":"by-tools-0"');
    await topics('--delete', ...named);
    expect((await topics('--list')).split('\n')).not.toContain('by-tools');
  });

  it('administer groups and transactions: ConsumerGroupCommand, TransactionsCommand', async (context) => {
    await createTopic(kafka, 'watched');
    await write('watched', numbered('v', 10));
    const reader = await Reader.of(kafka, 'watched', 'watchers');
    await until('all records', () => reader.seen.length === 10);
    const groups = (...args: string[]): Promise<string> =>
      tool(context, `${TOOLS}.consumer.group.ConsumerGroupCommand`, ...atBroker(), ...args);
    const named = ['--group', 'watchers'];
    expect(await groups('--describe', ...named, '--state')).toContain('Stable');
    expect(await groups('--describe', ...named, '--members')).toContain('interop');
    await reader.stop();
    const reset = ['--reset-offsets', '--topic', 'watched', '--execute'];
    expect(await groups(...named, ...reset, '--shift-by', '-4')).toMatch(/watchers\s+watched\s+0\s+6/);
    expect(await groups('--describe', ...named, '--offsets')).toMatch(/watchers\s+watched\s+0\s+6\s+10\s+4/);
    expect(await groups('--delete-offsets', ...named, '--topic', 'watched')).toContain('Successful');
    await groups('--delete', ...named);
    expect((await groups('--list')).split('\n')).not.toContain('watchers');

    const producer = kafka.producer({ transactionalId: 'watched', idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic: 'watched', messages: [{ value: 'open' }] });
    const transactions = (...args: string[]): Promise<string> =>
      tool(context, `${TOOLS}.TransactionsCommand`, ...atBroker(), ...args);
    expect(await transactions('list')).toMatch(/watched\s.*Ongoing/);
    expect(await transactions('describe', '--transactional-id', 'watched')).toContain('watched-0');
    const described = await transactions('describe-producers', '--topic', 'watched', '--partition', '0');
    expect(described).toMatch(/\d+\s+\d+/);
    await transaction.commit();
    await producer.disconnect();
  });

  it('ask who is there: BrokerApiVersionsCommand, ClusterTool', async (context) => {
    const versions = await tool(context, `${TOOLS}.BrokerApiVersionsCommand`, ...atBroker());
    expect(versions).toContain(broker.address);
    expect(versions).toMatch(/Produce\(0\): 0 to \d+ \[usable: \d+\]/);
    const cluster = await tool(context, `${TOOLS}.ClusterTool`, 'cluster-id', ...atBroker());
    expect(cluster).toMatch(/Cluster ID: [\w-]{22}/);
  });
});

/** The lines of JSON that the verifiable tools print. */
function eventsOf(output: string): Record<string, unknown>[] {
  const lines = output.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}
