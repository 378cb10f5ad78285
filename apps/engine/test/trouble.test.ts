import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { problemDocument } from '@millrace/contract';
import { createHttpServer, type Served, serve } from '@millrace/http';
import { openEventLog, type Projection, startProjection } from '@millrace/projection';
import type { RuntimeHealth } from '@millrace/runtime';
import { OperationalError, systemClock } from '@millrace/std';
import { VirtualClock } from '@millrace/testing';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type EngineDependencies, engineLimits, registerEngine } from '../src/index.ts';
import { Mill, topics } from './support/mill.ts';
import { userTask } from './support/models.ts';

/** A second REST on the same log, whose time stands still and whose way to the engine can be cut. */
describe('REST in trouble', () => {
  let mill: Mill;
  let directory: string;
  let projection: Projection;
  let served: Served;
  let clock: VirtualClock;
  let send: EngineDependencies['runtime']['sender']['send'];
  let health: () => RuntimeHealth;
  beforeAll(async () => {
    mill = await Mill.start();
    await mill.deploy(userTask('reviewed'));
  });
  afterAll(() => mill.end());
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'millrace-trouble-'));
    clock = new VirtualClock();
    send = (command) => mill.runtime.sender.send(command);
    health = () => mill.runtime.health();
    const logger = pino({ level: 'silent' });
    projection = await startProjection({
      log: await openEventLog(mill.client, topics.events),
      directory,
      clock,
      logger,
    });
    await projection.ready;
    const server = createHttpServer({ logger });
    const runtime = {
      sender: { send: (command: Parameters<typeof send>[0]) => send(command) },
      definitions: mill.runtime.definitions,
      partitionCount: mill.runtime.partitionCount,
      stats: () => mill.runtime.stats(),
      health: () => health(),
    };
    await registerEngine(server, { runtime, projection, plugins: mill.plugins, clock });
    served = await serve(server, { host: '127.0.0.1', port: 0 }, systemClock);
  });
  afterEach(async () => {
    await served.close();
    await projection.close();
    rmSync(directory, { recursive: true, force: true });
  });

  const start = async (
    query = '',
  ): Promise<{ status: number; document: ReturnType<typeof problemDocument.parse>; headers: Headers }> => {
    const response = await fetch(`${served.url}/api/process/reviewed/start${query}`, { method: 'POST' });
    return {
      status: response.status,
      document: problemDocument.parse(await response.json()),
      headers: response.headers,
    };
  };
  const waiting = async (count: number): Promise<void> => {
    while (projection.waiters.count < count) await new Promise((resolve) => void setImmediate(resolve));
  };

  it('A2: says 504 when the engine does not decide, and how to get the instance all the same', async () => {
    send = async () => ({ partition: 0, offset: 0 });
    const answer = start();
    await waiting(1);
    clock.advance(engineLimits.answerMsMax);
    const { status, document } = await answer;
    expect(status).toBe(504);
    expect(document).toMatchObject({
      code: 'ANSWER_TIMED_OUT',
      retriable: true,
      processInstanceUuid: expect.any(String),
    });
    expect(document.detail).toContain('Idempotency-Key');
    expect(projection.waiters.count).toBe(0);
  });

  it.for([
    [
      'the log is away',
      new OperationalError('DISCONNECTED', { httpStatus: 503, retriable: true }, 'expected a broker'),
      'LOG_UNAVAILABLE',
    ],
    [
      'too much is waiting',
      new OperationalError('OVERLOADED', { httpStatus: 503, retriable: true }, 'expected room'),
      'OVERLOADED',
    ],
  ] as const)('says 503 and when to come back when %s', async ([, error, code]) => {
    send = () => Promise.reject(error);
    const { status, document, headers } = await start();
    expect(status).toBe(503);
    expect(document).toMatchObject({ code, retriable: true, detail: error.message });
    expect(Number(headers.get('retry-after'))).toBeGreaterThan(0);
    expect(projection.waiters.count).toBe(0);
  });

  it('says 503 until the engine is ready, naming what is not, and then no more', async () => {
    const running = mill.runtime.health();
    health = () => ({ ...running, isReady: false, partitions: [{ partition: 1, phase: 'takingOver' }] });
    const { status, document } = await start();
    expect(status).toBe(503);
    expect(document.code).toBe('NOT_READY');
    expect(document.detail).toContain('partition 1 is takingOver');
    const ready = await fetch(`${served.url}/health/ready`);
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({
      status: 'not ready',
      checks: [{ name: 'engine', isReady: false }, { isReady: true }],
    });
    expect((await fetch(`${served.url}/health/live`)).status).toBe(200);
    health = () => running;
    expect((await fetch(`${served.url}/api/definitions`)).status).toBe(200);
  });

  it('H3: tells a call that waits for an end when the server closes, and lets one that waits for its answer finish', async () => {
    const long = start('?wait=completed&timeout=5m');
    await waiting(1);
    while ((await mill.call('GET', '/api/process?state=STARTED')).body.items.length === 0);
    const decide = Promise.withResolvers<void>();
    send = async (command) => {
      await decide.promise;
      return mill.runtime.sender.send(command);
    };
    const short = fetch(`${served.url}/api/process/reviewed/start`, { method: 'POST' });
    await waiting(2);
    const closed = served.close();
    const { status, document } = await long;
    expect(status).toBe(503);
    expect(document).toMatchObject({ code: 'NOT_READY', state: 'STARTED' });
    decide.resolve();
    expect((await short).status).toBe(200);
    await closed;
  });
});
