/** The whole of Millrace where the log asks who its clients are: the built-in broker, and one that runs elsewhere. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Kafka, logLevel } from 'kafkajs';
import { describe, expect, it, onTestFinished } from 'vitest';
import { BrokerProcess } from '../support/broker-process.ts';
import { Reader } from '../support/kafkajs-client.ts';
import { until } from '../support/until.ts';
import { RunningServer } from './running-server.ts';

const PASSWORD = 'admin-Pa55word';
const users = { MILLRACE_USERS: `admin:${PASSWORD}` };
const secured = ['--protocol', 'SASL_PLAINTEXT', '--fsync', 'never'];

const kafkaOf = (address: string, password = PASSWORD): Kafka =>
  new Kafka({
    brokers: [address],
    logLevel: logLevel.NOTHING,
    retry: { retries: 1 },
    sasl: { mechanism: 'scram-sha-256', username: 'admin', password },
  });

/** The demo's plugin does its job, and so the instance comes to its next wait. */
async function expectPluginsToWork(server: RunningServer): Promise<void> {
  await until('the demo to be deployed', async () => (await server.get('/api/definitions/onboarding')).status === 200);
  const uuid = await server.startInstance('onboarding', {
    customer: { id: 'c-100', name: 'Ada', email: 'a@b.example' },
  });
  await until('the plugin to have done its job', async () => {
    const { body } = await server.get(`/api/process/${uuid}/status`);
    return JSON.stringify(body).includes('AwaitSignedDocument');
  });
}

describe('a built-in broker that asks who its clients are', () => {
  it('knows the engine and the plugins beside it, lets in whom it knows, and nobody else', async () => {
    await using server = await RunningServer.start(secured, users);
    await expectPluginsToWork(server);
    const reader = await Reader.of(kafkaOf(server.process.kafka), 'millrace.core.events.v1', 'looking-on');
    await until('events', () => reader.seen.length > 0);
    await reader.stop();
    await expect(kafkaOf(server.process.kafka, 'a guess').admin().connect()).rejects.toThrow();
    const unknown = new Kafka({ brokers: [server.process.kafka], logLevel: logLevel.NOTHING, retry: { retries: 0 } });
    await expect(
      unknown
        .admin()
        .connect()
        .then(() => unknown.admin().listTopics()),
    ).rejects.toThrow();
    expect(server.process.output).not.toContain(PASSWORD);
  });

  it('is not opened to other machines without that', async () => {
    const data = mkdtempSync(join(tmpdir(), 'millrace-e2e-'));
    onTestFinished(() => rmSync(data, { recursive: true, force: true }));
    const main = fileURLToPath(new URL('../../apps/millrace/src/main.ts', import.meta.url));
    const args = [main, 'up', '--kafka', '0.0.0.0:0', '--http', '127.0.0.1:0', '--data', data];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [exitCode] = (await once(child, 'close')) as [number | null];
    expect(exitCode).toBe(1);
    expect(output).toContain('INSECURE_LISTENER');
    expect(output).toContain('--insecure true');
  });
});

describe('a broker elsewhere that asks who its clients are', () => {
  it('is used with the credentials of the environment', async () => {
    const broker = await BrokerProcess.startWith(users, ...secured);
    onTestFinished(() => broker.remove());
    await using server = await RunningServer.start([], {
      KAFKA_BROKERS: broker.address,
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
      KAFKA_SASL_USERNAME: 'admin',
      KAFKA_SASL_PASSWORD: PASSWORD,
    });
    await expectPluginsToWork(server);
    expect(server.process.output).not.toContain(PASSWORD);
  });
});
