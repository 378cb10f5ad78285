import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type TestContext, afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestBroker, startBroker } from './brokers/index.ts';
import { createTopic, kafkaOf, withProducer } from '../support/kafkajs-client.ts';
import { need, run } from '../support/programs.ts';
import { until } from '../support/until.ts';

let broker: TestBroker;

beforeAll(async () => {
  broker = await startBroker();
});

afterAll(() => broker.remove());

const kcat = (context: TestContext, args: readonly string[], input?: string): Promise<string> =>
  run(context, 'kcat', ['-b', broker.address, ...args], input);

describe('kcat', () => {
  it('produces to a topic that comes into being by it, and consumes keys, headers and values', async (context) => {
    need(context, 'kcat');
    await kcat(context, ['-P', '-t', 'made', '-K', ':', '-H', 'one=a', '-H', 'two=b'], 'k1:v1\nk2:v2\n');
    const format = '%t %p %o %k %h %s\n';
    const read = await kcat(context, ['-C', '-t', 'made', '-o', 'beginning', '-e', '-q', '-f', format]);
    expect(read).toBe('made 0 0 k1 one=a,two=b v1\nmade 0 1 k2 one=a,two=b v2\n');
  });

  it('lists brokers, topics and partitions', async (context) => {
    need(context, 'kcat');
    await createTopic(kafkaOf(broker), 'listed', 3);
    const metadata = JSON.parse(await kcat(context, ['-L', '-J'])) as {
      brokers: { name: string }[];
      topics: { topic: string; partitions: unknown[] }[];
    };
    expect(metadata.brokers).toMatchObject([{ name: broker.address }]);
    expect(metadata.topics.find(({ topic }) => topic === 'listed')?.partitions).toHaveLength(3);
  });

  it('writes ten thousand records of any size idempotently, compressed by gzip, and reads each once in order', async (context) => {
    need(context, 'kcat');
    await createTopic(kafkaOf(broker), 'many');
    const lines = Array.from({ length: 10_000 }, (_, index) => `${index}:${'x'.repeat(index % 500)}`);
    const options = ['-X', 'enable.idempotence=true', '-z', 'gzip'];
    await kcat(context, ['-P', '-t', 'many', ...options], `${lines.join('\n')}\n`);
    const read = await kcat(context, ['-C', '-t', 'many', '-o', 'beginning', '-e', '-q']);
    expect(read.trimEnd().split('\n')).toEqual(lines);
  });

  it('finds the offset of a time', async (context) => {
    need(context, 'kcat');
    const kafka = kafkaOf(broker);
    await createTopic(kafka, 'timed');
    const messages = [1_000, 2_000, 3_000].map((timestamp) => ({ value: 'v', timestamp: `${timestamp}` }));
    await withProducer(kafka, (producer) => producer.send({ topic: 'timed', messages }));
    expect(await kcat(context, ['-Q', '-t', 'timed:0:1500'])).toContain('timed [0] offset 1');
  });

  it('consumes as a member of a group and goes on from where it left off', async (context) => {
    need(context, 'kcat');
    const kafka = kafkaOf(broker);
    await createTopic(kafka, 'grouped');
    const send = (value: string): Promise<unknown> =>
      withProducer(kafka, (producer) => producer.send({ topic: 'grouped', messages: [{ value }] }));
    await send('before');
    const member = ['-G', 'kcat-group', '-X', 'auto.offset.reset=earliest', '-c', '1', '-q', 'grouped'];
    expect(await kcat(context, member)).toBe('before\n');
    await send('after');
    expect(await kcat(context, member)).toBe('after\n');
  });

  it('reads nothing of an aborted transaction, and all of it when told to', async (context) => {
    need(context, 'kcat');
    const kafka = kafkaOf(broker);
    await createTopic(kafka, 'mixed');
    const options = { transactionalId: 'mixed', idempotent: true };
    await withProducer(
      kafka,
      async (producer) => {
        for (const [value, commits] of [
          ['kept', true],
          ['dropped', false],
          ['kept too', true],
        ] as const) {
          const transaction = await producer.transaction();
          await transaction.send({ topic: 'mixed', messages: [{ value }] });
          await (commits ? transaction.commit() : transaction.abort());
        }
      },
      options,
    );
    const read = (level: string): Promise<string> =>
      kcat(context, ['-C', '-t', 'mixed', '-o', 'beginning', '-e', '-q', '-X', `isolation.level=${level}`]);
    expect(await read('read_committed')).toBe('kept\nkept too\n');
    expect(await read('read_uncommitted')).toBe('kept\ndropped\nkept too\n');
  });

  it('commits what it was given in one transaction, and aborts it when it is interrupted', async (context) => {
    need(context, 'kcat');
    await createTopic(kafkaOf(broker), 'at-once');
    const produce = ['-P', '-t', 'at-once', '-p', '0', '-X', 'transactional.id=kcat'];
    await kcat(context, produce, 'one\ntwo\n');
    const interrupted = spawn('kcat', ['-b', broker.address, ...produce, '-X', 'linger.ms=0', '-vvv']);
    const ended = once(interrupted, 'close');
    let said = '';
    interrupted.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    // It reads by the block, and says what became of a record when it sends another.
    const writing = setInterval(() => interrupted.stdin.write('never\n'.repeat(1_000)), 20);
    await until('a record to be there', () => said.includes('Message delivered'));
    interrupted.kill('SIGINT');
    await ended;
    clearInterval(writing);
    await kcat(context, produce, 'three\n');
    const read = (level: string): Promise<string> =>
      kcat(context, ['-C', '-t', 'at-once', '-o', 'beginning', '-e', '-q', '-X', `isolation.level=${level}`]);
    expect(await read('read_committed')).toBe('one\ntwo\nthree\n');
    expect(await read('read_uncommitted')).toContain('never');
  });
});
