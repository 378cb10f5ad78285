/**
 * Nothing lost, nothing twice: the whole server is killed at random moments, again and again, while instances are
 * started at full speed. What must hold then:
 *
 * K1. Every acknowledged start is one instance, and it completes exactly once.
 * K2. Every attempt of every job is on its plugin topic exactly once for a read_committed consumer.
 * K3. Every watcher saw each event once, in the order of the log, without a gap.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { definePlugin, runPlugins } from '@millrace/plugin';
import { afterAll, expect, it } from 'vitest';
import { z } from 'zod';

import { ServerProcess, freePorts } from '../support/server-process.ts';
import { SseWatcher } from '../support/sse-watcher.ts';
import { until } from '../support/until.ts';
import { Load } from './load.ts';
import { readTopic } from './topic-reader.ts';

const KILLS = 20;
const CALLERS = 16;
const WATCHERS = 3;

const dataDirectory = mkdtempSync(join(tmpdir(), 'millrace-chaos-'));
const [httpPort, kafkaPort] = (await freePorts(2)) as [number, number];
const server = new ServerProcess({
  dataDirectory,
  httpPort,
  kafkaPort,
  flags: ['--demo', 'false', '--log-level', 'warn'],
});

afterAll(async () => {
  await server.kill();
  rmSync(dataDirectory, { recursive: true, force: true });
});

it(`keeps every promise through ${KILLS} kills under load`, async ({ onTestFailed }) => {
  onTestFailed(() => console.log(`the server's last words:\n${server.output}`));
  await server.start();
  const form = new FormData();
  const model = readFileSync(new URL('two-steps.bpmn', import.meta.url));
  form.append('files', new Blob([new Uint8Array(model)], { type: 'application/xml' }), 'two-steps.bpmn');
  const deployed = await fetch(`${server.url}/api/definitions`, { method: 'POST', body: form });
  expect(deployed.status, await deployed.text()).toBe(201);

  const step = (type: string) =>
    definePlugin({
      type,
      input: z.looseObject({}),
      output: z.looseObject({}),
      concurrency: 64,
      handler: () => ({ [type]: true }),
    });
  const plugins = runPlugins({
    brokers: [server.kafka],
    groupId: 'chaos',
    plugins: [step('chaos-reserve'), step('chaos-ship')],
  });
  const watchers = Array.from({ length: WATCHERS }, () => new SseWatcher(`${server.url}/api/events?from=start`));
  const load = new Load(`${server.url}/api/process/two-steps/start`, CALLERS);

  for (let kill = 1; kill <= KILLS; kill += 1) {
    const before = load.acknowledged.length;
    // Some kills hit a server that is still recovering from the last one.
    if (kill % 5 !== 0) await until('new starts to be acknowledged', () => load.acknowledged.length > before);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 1_500));
    await server.kill();
    await server.start();
  }
  await load.stop();
  console.log(`${load.acknowledged.length} acknowledged, ${load.repeats} calls repeated`);
  expect(load.acknowledged.length).toBeGreaterThan(KILLS);

  const acknowledged = new Set(load.acknowledged.map((one) => one.processInstanceUuid));
  expect(acknowledged.size).toBe(load.acknowledged.length);
  await until('every acknowledged instance to finish', () => allFinished(acknowledged), 120_000);
  await plugins.stop();

  // K1
  const events = await readTopic(server.kafka, 'millrace.core.events.v1');
  const count = (type: string) => {
    const counts = new Map<string, number>();
    for (const event of events) {
      if (event.headers['ce_type'] === `millrace.${type}`) counts.set(event.key, (counts.get(event.key) ?? 0) + 1);
    }
    return counts;
  };
  for (const counts of [count('instance.started'), count('instance.completed')]) {
    expect([...counts].filter(([, times]) => times !== 1)).toEqual([]);
    expect([...acknowledged].filter((uuid) => !counts.has(uuid))).toEqual([]);
  }

  // K2
  for (const type of ['chaos-reserve', 'chaos-ship']) {
    const offered = new Map<string, number>();
    for (const job of await readTopic(server.kafka, `millrace.plugin.${type}.v1`)) {
      const attempt = `${job.headers['mr-job']} attempt ${job.headers['mr-attempt']}`;
      offered.set(attempt, (offered.get(attempt) ?? 0) + 1);
    }
    expect([...offered].filter(([, times]) => times !== 1)).toEqual([]);
    expect(offered.size).toBeGreaterThanOrEqual(acknowledged.size);
  }

  // K3
  const inLog = events.map((event) => `${event.partition}.${event.offset}`);
  for (const watcher of watchers) {
    await until('the watcher to have caught up', () => watcher.events.length >= inLog.length);
    await watcher.stop();
    expect(watcher.connections).toBeGreaterThan(1);
    expect(watcher.notices).toEqual([]);
    const seen = watcher.events.map((event) => `${event.partition}.${event.offset}`);
    expect(new Set(seen).size).toBe(seen.length);
    expect(new Set(seen)).toEqual(new Set(inLog));
    expect(firstOutOfOrder(watcher.events)).toBeUndefined();
  }
});

async function allFinished(uuids: ReadonlySet<string>): Promise<boolean> {
  for (const uuid of uuids) {
    const response = await fetch(`${server.url}/api/process/${uuid}/status`);
    const status = (await response.json()) as { state?: string };
    if (status.state !== 'FINISHED') return false;
  }
  return true;
}

function firstOutOfOrder(
  events: readonly { readonly partition: number; readonly offset: number }[],
): string | undefined {
  const last = new Map<number, number>();
  for (const { partition, offset } of events) {
    if (offset <= (last.get(partition) ?? -1)) return `${partition}.${offset} after ${last.get(partition)}`;
    last.set(partition, offset);
  }
  return undefined;
}
