/** What an operator meets: a start that cannot succeed ends with 1 and says why, a stop under load loses nothing. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { crc32 } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { freePorts } from '../support/server-process.ts';
import { until } from '../support/until.ts';
import { RunningServer } from './running-server.ts';

const main = fileURLToPath(new URL('../../apps/millrace/src/main.ts', import.meta.url));
const flags = ['--demo', 'false', '--fsync', 'never'];

describe('a start that cannot succeed', () => {
  let running: RunningServer;

  beforeAll(async () => {
    running = await RunningServer.start(flags);
  });
  afterAll(() => running[Symbol.asyncDispose]());

  it('names the HTTP port that is in use', async () => {
    const found = await failedStart({ http: `127.0.0.1:${running.httpPort}` });
    expect(found).toMatchObject({ exitCode: 1, code: 'HTTP_ADDRESS_UNUSABLE' });
    expect(found.message).toContain(`expected to listen on 127.0.0.1:${running.httpPort}`);
  });

  it('names the Kafka port that is in use', async () => {
    const found = await failedStart({ kafka: `127.0.0.1:${running.kafkaPort}` });
    expect(found).toMatchObject({ exitCode: 1, code: 'PORT_IN_USE' });
    expect(found.message).toContain(`expected 127.0.0.1:${running.kafkaPort} to be free`);
  });

  it('names the process that has locked the data directory, which goes on', async () => {
    const found = await failedStart({ data: running.dataDirectory });
    expect(found).toMatchObject({ exitCode: 1, code: 'DIRECTORY_LOCKED' });
    expect(found.message).toContain(`process ${running.process.pid} uses it`);
    expect(await running.get('/health/ready')).toMatchObject({ status: 200 });
  });

  it('refuses a data directory of another version, and leaves it as it is', async () => {
    const server = await RunningServer.start(flags);
    onTestFinished(() => server[Symbol.asyncDispose]());
    expect(await server.process.stop()).toBe(0);
    const path = join(server.dataDirectory, 'broker', 'format');
    const body = readFileSync(path, 'utf8').split('\n')[1]?.replace('"version":1', '"version":2') ?? '';
    const format = `${crc32(`${body}\n`).toString(16).padStart(8, '0')}\n${body}\n`;
    writeFileSync(path, format);

    const found = await failedStart({ data: server.dataDirectory });
    expect(found).toMatchObject({ exitCode: 1, code: 'FORMAT_UNSUPPORTED' });
    expect(found.message).toContain('expected a data directory of format millrace-log 1, found millrace-log 2');
    expect(readFileSync(path, 'utf8')).toBe(format);
  });

  it('says which setting is wrong, with exit code 2', async () => {
    const found = await failedStart({ http: 'here' });
    expect(found.exitCode).toBe(2);
    expect(found.output).toContain('--http');
  });
});

describe('SIGTERM', () => {
  it.for(['"level":30', 'partition taken over'])(
    'ends a server that is still starting (%s) with 0, and without a word of failure',
    async (seen) => {
      const data = mkdtempSync(join(tmpdir(), 'millrace-e2e-'));
      onTestFinished(() => rmSync(data, { recursive: true, force: true }));
      const [http = 0, kafka = 0] = await freePorts(2);
      const where = ['--http', `127.0.0.1:${http}`, '--kafka', `127.0.0.1:${kafka}`, '--data', data];
      const server = spawn(process.execPath, [main, 'up', ...where, ...flags]);
      onTestFinished(() => void server.kill('SIGKILL'));
      const exited = once(server, 'exit');
      let output = '';
      let isStopped = false;
      for (const stream of [server.stdout, server.stderr]) {
        stream.on('data', (chunk: Buffer) => {
          output += chunk.toString();
          if (!isStopped && output.includes(seen)) isStopped = server.kill('SIGTERM');
        });
      }
      expect(await exited).toEqual([0, null]);
      expect(output).not.toMatch(/"level":[456]0/);
    },
  );

  it.for(['at rest', 'as soon as it is ready'])(
    'ends a server with the demo %s, with 0 and within seconds',
    async (when) => {
      const server = await RunningServer.start(['--fsync', 'never']);
      onTestFinished(() => server[Symbol.asyncDispose]());
      if (when === 'at rest')
        await until('the plugins to consume', () => server.process.output.includes('notification: consuming'));
      const since = performance.now();
      expect(await server.process.stop()).toBe(0);
      expect(performance.now() - since).toBeLessThan(10_000);
    },
  );
});

describe('SIGTERM under load', () => {
  it('ends with 0, and every start that was acknowledged is there afterwards', async () => {
    const server = await RunningServer.start(flags);
    onTestFinished(() => server[Symbol.asyncDispose]());
    const model = await readFile(new URL('signature.bpmn', import.meta.url), 'utf8');
    expect(await server.post('/api/definitions', model, 'application/xml')).toMatchObject({ status: 201 });

    const acknowledged: string[] = [];
    const caller = async (): Promise<void> => {
      // A refused or cut connection is how a caller learns of the end; no answer is no acknowledgement.
      for (;;) acknowledged.push(await server.startInstance('signature', { n: acknowledged.length }));
    };
    const callers = Promise.allSettled(Array.from({ length: 16 }, caller));
    await until('enough to be in flight', () => acknowledged.length >= 100);
    const stopped = server.process.stop();
    await callers;
    // Kept-alive connections are no reason to wait: the bound on requests in flight is 10 s, and there are none left.
    const since = performance.now();
    expect(await stopped).toBe(0);
    expect(performance.now() - since).toBeLessThan(8_000);

    await server.process.start();
    for (const id of acknowledged) {
      const { status, body } = await server.get(`/api/process/${id}/status`);
      expect({ id, status, state: body['state'] }).toEqual({ id, status: 200, state: 'STARTED' });
    }
    const last = acknowledged.at(-1) ?? '';
    expect((await server.untilAt(last, 'Sign')).incidents).toEqual([]);
  });
});

interface FailedStart {
  readonly exitCode: number | null;
  readonly code: unknown;
  readonly message: string;
  readonly output: string;
}

/** Starts a server that is expected not to come up; what is not given is free. */
async function failedStart(given: { http?: string; kafka?: string; data?: string }): Promise<FailedStart> {
  const [httpPort, kafkaPort] = await freePorts(2);
  const own = mkdtempSync(join(tmpdir(), 'millrace-e2e-'));
  onTestFinished(() => rmSync(own, { recursive: true, force: true }));
  const { http = `127.0.0.1:${httpPort}`, kafka = `127.0.0.1:${kafkaPort}`, data = own } = given;
  const args = [main, 'up', ...flags, '--http', http, '--kafka', kafka, '--data', data];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [exitCode] = (await once(child, 'close')) as [number | null];
  const fatal = output.split('\n').find((line) => line.includes('could not start'));
  const { code, msg } = JSON.parse(fatal ?? '{"msg":""}') as { code?: unknown; msg: string };
  return { exitCode, code, message: msg, output };
}
