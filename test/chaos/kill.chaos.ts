/**
 * Nothing lost, nothing twice: the whole server, its plugin or a watcher is killed at random moments, again and again, while
 * instances are started at full speed, with jobs, timers, messages, user tasks and signals under way. What must hold then:
 *
 * K1. Every acknowledged start is one instance, and it completes exactly once, as does everything that it waits for.
 * K2. Every attempt of every job is on its plugin topic exactly once for a read_committed consumer.
 * K3. Every watcher saw each event once, in the order of the log, without a gap.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';

import { ServerProcess, freePorts } from '../support/server-process.ts';
import { SseWatcher } from '../support/sse-watcher.ts';
import { until } from '../support/until.ts';
import { KilledProgram } from './killed-program.ts';
import { Load } from './load.ts';
import { People } from './people.ts';
import { readTopic } from './topic-reader.ts';

const KILLS = Number(process.env['CHAOS_KILLS'] ?? 20);
const CALLERS = 8;
const WATCHERS = 3;
/** Of the model. */
const ELEMENTS = 8;

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

it(`keeps every promise through ${KILLS} kills under load`, async ({ onTestFailed, onTestFinished }) => {
  onTestFailed(() => console.log(`the server's last words:\n${server.output}`));
  await server.start();
  const form = new FormData();
  const model = readFileSync(new URL('all-kinds.bpmn', import.meta.url));
  form.append('files', new Blob([new Uint8Array(model)], { type: 'application/xml' }), 'all-kinds.bpmn');
  const deployed = await fetch(`${server.url}/api/definitions`, { method: 'POST', body: form });
  expect(deployed.status, await deployed.text()).toBe(201);

  const plugin = new KilledProgram('plugin.ts', server.kafka);
  const notes = join(dataDirectory, 'watched');
  const mortal = new KilledProgram('watcher.ts', `${server.url}/api/events?from=start`, notes);
  onTestFinished(async () => {
    await plugin.kill();
    await mortal.kill();
  });
  const watchers = Array.from({ length: WATCHERS }, () => new SseWatcher(`${server.url}/api/events?from=start`));
  const load = new Load(`${server.url}/api/process/all-kinds/start`, CALLERS);
  const people = new People(server.url, load.acknowledged);

  for (let kill = 1; kill <= KILLS; kill += 1) {
    const before = load.acknowledged.length;
    // Some kills hit a server that is still recovering from the last one.
    if (kill % 5 !== 0) await until('new starts to be acknowledged', () => load.acknowledged.length > before);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 1_500));
    const victim = Math.random();
    if (victim < 0.2) await plugin.replace();
    else if (victim < 0.4) await mortal.replace();
    else {
      await server.kill();
      await server.start();
    }
  }
  await load.stop();
  console.log(`${load.acknowledged.length} acknowledged, ${load.repeats} calls repeated`);
  expect(load.acknowledged.length).toBeGreaterThan(KILLS);

  const acknowledged = new Set(load.acknowledged.map((one) => one.processInstanceUuid));
  expect(acknowledged.size).toBe(load.acknowledged.length);
  await until('every acknowledged instance to finish', () => allFinished(acknowledged), 240_000);
  await people.stop();
  await plugin.kill();

  // K1
  const events = await readTopic(server.kafka, 'millrace.core.events.v1');
  const count = (type: string) => {
    const counts = new Map<string, number>();
    for (const event of events) {
      if (event.headers['ce_type'] === `millrace.${type}`) counts.set(event.key, (counts.get(event.key) ?? 0) + 1);
    }
    return counts;
  };
  for (const type of [
    'instance.started',
    'wait.correlated',
    'task.completed',
    'signalWait.triggered',
    'instance.completed',
  ]) {
    const counts = count(type);
    expect(
      [...counts].filter(([uuid, times]) => acknowledged.has(uuid) && times !== 1),
      type,
    ).toEqual([]);
    expect(
      [...acknowledged].filter((uuid) => !counts.has(uuid)),
      type,
    ).toEqual([]);
  }
  // Each element once, the one that waits for time among them.
  for (const [type, times] of [
    ['job.completed', 2],
    ['element.completed', ELEMENTS],
  ] as const) {
    const others = [...count(type)].filter(([uuid, found]) => acknowledged.has(uuid) && found !== times);
    expect(others, type).toEqual([]);
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
  await until('the watcher that was killed to have caught up', () => watched(notes).length >= inLog.length);
  expect(new Set(watched(notes)).size).toBe(watched(notes).length);
  expect(new Set(watched(notes))).toEqual(new Set(inLog));
});

/** What the watcher that was killed has written down. */
function watched(file: string): string[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split(' ')[0] ?? '');
}

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
