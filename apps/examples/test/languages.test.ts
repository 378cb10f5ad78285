import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createBroker } from '@millrace/broker';
import { jobRecord, topicsOf } from '@millrace/bus';
import { Kafka, Partitioners, logLevel } from 'kafkajs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startDemo } from '../src/index.ts';

const topics = topicsOf();
const instanceId = '01890000-0000-8000-8000-000000000001';
const python = ['python3', '/usr/bin/python3'].find((path) => spawnSync(path, ['-c', 'import kafka']).status === 0);
const hasShell = ['kcat', 'jq'].every((tool) => spawnSync(tool, ['-V']).error === undefined);

/** What a plugin does with a job: its output, or how it failed. */
interface Outcome {
  readonly jobKey: string | undefined;
  readonly key: string;
  readonly value: unknown;
  readonly errorCode: string | undefined;
  readonly isError: boolean;
  readonly taskHeaders: string | undefined;
}

const jobs: Readonly<Record<string, readonly Record<string, unknown>[]>> = {
  'credit-check': [{ customerId: 'c-100' }, { customerId: 'c-300' }, { customerId: 'nobody' }, { customerId: 7 }],
  notification: [
    { to: 'ada@example.com', template: 'welcome', details: { name: "Ada O'Lovelace, Countess" } },
    { to: 'ada@example.com', template: 'unheard-of', details: { name: 'Ada' } },
  ],
};

/** Offers the jobs of a type in a transaction, and gives what the started plugin answers. */
async function outcomesOf(type: string, start: (broker: string) => void): Promise<Outcome[]> {
  const directory = mkdtempSync(join(tmpdir(), 'millrace-examples-'));
  const broker = createBroker({
    dataDirectory: directory,
    listeners: [{ host: '127.0.0.1', port: 0 }],
    fsync: 'never',
    autoCreateTopics: false,
    readCommittedTopics: ['millrace.plugin.*'],
  });
  const [address] = await broker.start();
  onTestFinished(async () => {
    await broker.close();
    rmSync(directory, { recursive: true, force: true });
  });
  const kafka = new Kafka({ brokers: [`127.0.0.1:${address?.port ?? 0}`], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({
    topics: [topics.job(type), topics.reply].map((topic) => ({ topic, numPartitions: 2, replicationFactor: 1 })),
  });
  await admin.disconnect();

  start(`127.0.0.1:${address?.port ?? 0}`);
  await offer(kafka, type);
  return await replies(kafka, jobs[type]?.length ?? 0);
}

async function offer(kafka: Kafka, type: string): Promise<void> {
  const producer = kafka.producer({
    transactionalId: 'engine',
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  // Nobody may see what is taken back.
  for (const outcome of ['abort', 'commit'] as const) {
    const transaction = await producer.transaction();
    for (const [index, variables] of (jobs[type] ?? []).entries()) {
      const record = jobRecord(topics, {
        jobKey: `${outcome}-${index}`,
        type,
        instanceId,
        elementId: 'Element',
        attempt: 1,
        retries: 3,
        definition: 'onboarding',
        definitionVersion: 1,
        variables: JSON.parse(JSON.stringify(variables)) as Record<string, string>,
        taskHeaders: { 'a "quoted" name': "it's, a=b" },
      });
      const headers = Object.fromEntries(record.headers.map(({ key, value }) => [key, String(value)]));
      await transaction.send({
        topic: record.topic,
        messages: [{ key: instanceId, value: String(record.value), headers }],
      });
    }
    await transaction[outcome]();
  }
  await producer.disconnect();
}

async function replies(kafka: Kafka, count: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const consumer = kafka.consumer({ groupId: 'engine', maxWaitTimeInMs: 100 });
  onTestFinished(() => consumer.disconnect());
  await consumer.connect();
  await consumer.subscribe({ topics: [topics.reply], fromBeginning: true });
  await new Promise<void>((resolve, reject) => {
    const eachMessage: Parameters<typeof consumer.run>[0] = {
      eachMessage: async ({ message }) => {
        const header = (name: string): string | undefined => message.headers?.[name]?.toString();
        outcomes.push({
          jobKey: header('mr-job'),
          key: String(message.key),
          value: JSON.parse(String(message.value)),
          errorCode: header('mr-error-code'),
          isError: header('mr-error-message') !== undefined,
          taskHeaders: header('mr-task-headers'),
        });
        if (outcomes.length >= count) resolve();
      },
    };
    consumer.run(eachMessage).catch(reject);
  });
  return outcomes.sort((a, b) => String(a.jobKey).localeCompare(String(b.jobKey)));
}

function inTypeScript(type: string): Promise<Outcome[]> {
  return outcomesOf(type, (broker) => {
    const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const plugins = startDemo({ brokers: [broker], types: [type], log, deliver: () => undefined });
    onTestFinished(() => plugins.stop());
  });
}

function asScript(type: string, file: string, interpreter?: string): Promise<Outcome[]> {
  return outcomesOf(type, (broker) => {
    const path = fileURLToPath(new URL(`../plugins/${file}`, import.meta.url));
    const [command, ...args] = interpreter === undefined ? [path, broker] : [interpreter, path, broker];
    // A process group of its own: the shell's kcat must go with it.
    const child = spawn(command, args, { stdio: 'ignore', detached: true });
    onTestFinished(() => end(child));
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const exited = once(child, 'exit');
  process.kill(-child.pid, 'SIGKILL');
  await exited;
}

describe('the plugins of the demo', () => {
  it('answer in TypeScript', async () => {
    expect(await inTypeScript('credit-check')).toMatchObject([
      { jobKey: 'commit-0', key: instanceId, value: { score: 780, bureau: 'north' }, isError: false },
      { jobKey: 'commit-1', value: { score: 320 } },
      { jobKey: 'commit-2', errorCode: 'UNKNOWN_CUSTOMER', isError: true },
      { jobKey: 'commit-3', errorCode: undefined, isError: true },
    ]);
  });

  it.skipIf(python === undefined)('answer in Python as in TypeScript', async () => {
    expect(await asScript('credit-check', 'credit_check.py', python)).toEqual(await inTypeScript('credit-check'));
  });

  it.skipIf(!hasShell)('answer from a shell script as in TypeScript', async () => {
    expect(await asScript('notification', 'notify.sh')).toEqual(await inTypeScript('notification'));
  });

  it('refuse to run a type that there is no plugin for', () => {
    const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
    expect(() => execFileSync(process.execPath, [main, 'nonsense'], { stdio: 'pipe' })).toThrow(
      'expected some of credit-check, notification, found nonsense',
    );
  });
});
