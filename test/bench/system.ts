/** The whole system on one machine: server, plugin and load generator share its cores, as on a laptop. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { ServerProcess, freePorts } from '../support/server-process.ts';
import { residentMegabytes } from './served-process.ts';
import { type Row, percentile } from './table.ts';

const IDLE_MS = 5_000;
const WARM_UP_MS = 5_000;
const MEASURED_MS = 15_000;
const CALLERS = [64, 256, 768];
const LATENCY_SAMPLES = 200;
const LATENCY_PAUSE_MS = 20;

export async function benchSystem(): Promise<Row[]> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const [httpPort, kafkaPort] = (await freePorts(2)) as [number, number];
  const server = new ServerProcess({
    dataDirectory,
    httpPort,
    kafkaPort,
    flags: ['--demo', 'false', '--log-level', 'warn'],
  });
  const rows: Row[] = [];
  try {
    const firstMs = await server.start();
    await server.stop();
    const readyMs = await server.start();
    rows.push({
      what: 'ready, empty data directory',
      value: `${firstMs.toFixed(0)} ms`,
      against: 'mark: at most 1,000 ms',
    });
    rows.push({
      what: 'ready, after a clean stop',
      value: `${readyMs.toFixed(0)} ms`,
      against: 'mark: at most 1,000 ms',
    });
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    rows.push({
      what: 'resident memory, idle',
      value: `${residentMegabytes(server.pid).toFixed(0)} MB`,
      against: 'mark: at most 150 MB',
    });

    await deploy(server.url);
    const plugin = await startPlugin(server.kafka);
    try {
      await throughput(server.url, WARM_UP_MS, 64, 'one-task');
      const samples = await latencies(server.url);
      rows.push({
        what: 'start to complete, one task, low load',
        value: `p50 ${percentile(samples, 0.5).toFixed(1)} ms, p99 ${percentile(samples, 0.99).toFixed(1)} ms`,
        against: 'mark: p50 at most 25 ms',
      });
      for (const callers of CALLERS) {
        const perSecond = await throughput(server.url, MEASURED_MS, callers, 'one-task');
        rows.push({
          what: `one-task instances completed, ${callers} callers that wait for the result over HTTP`,
          value: `${perSecond.toFixed(0)}/s`,
          against: callers === 64 ? 'mark: at least 500/s' : 'mark: at least 1,500/s',
        });
      }
      const tenTasks = await throughput(server.url, MEASURED_MS, 512, 'ten-task');
      rows.push({
        what: 'ten-task instances completed, 512 callers',
        value: `${tenTasks.toFixed(0)}/s`,
        against: `${(tenTasks * 10).toFixed(0)} tasks/s`,
      });
      rows.push({
        what: 'resident memory, after the load',
        value: `${residentMegabytes(server.pid).toFixed(0)} MB`,
        against: '',
      });
    } finally {
      plugin.kill('SIGTERM');
      await once(plugin, 'exit');
    }
  } finally {
    await server.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
  return rows;
}

/** Instances that were started and completed within the time, by callers that wait for the result. */
async function throughput(url: string, forMs: number, callers: number, process: string): Promise<number> {
  const until = performance.now() + forMs;
  let completed = 0;
  await Promise.all(
    Array.from({ length: callers }, async () => {
      while (performance.now() < until) {
        await startAndWait(url, process);
        if (performance.now() < until) completed += 1;
      }
    }),
  );
  return completed / (forMs / 1_000);
}

async function latencies(url: string): Promise<number[]> {
  const samples: number[] = [];
  while (samples.length < LATENCY_SAMPLES) {
    const began = performance.now();
    await startAndWait(url, 'one-task');
    samples.push(performance.now() - began);
    await new Promise((resolve) => setTimeout(resolve, LATENCY_PAUSE_MS));
  }
  return samples;
}

async function startAndWait(url: string, process: string): Promise<void> {
  const response = await fetch(`${url}/api/process/${process}/start?wait=completed&timeout=30s`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"customer":"Ada","amount":1200}',
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`expected the instance to complete, found ${response.status}: ${text}`);
}

async function deploy(url: string): Promise<void> {
  const model = readFileSync(new URL('one-task.bpmn', import.meta.url), 'utf8');
  for (const xml of [model, tenTask()]) await deployOne(url, xml);
}

/** A row of ten of the same task. */
function tenTask(): string {
  const ids = Array.from({ length: 10 }, (_, n) => `t${n}`);
  const work = '<bpmn:extensionElements><zeebe:taskDefinition type="bench-work" /></bpmn:extensionElements>';
  const tasks = ids.map((id) => `<bpmn:serviceTask id="${id}">${work}</bpmn:serviceTask>`);
  const row = ['start', ...ids, 'end'];
  const flows = row.slice(1).map((to, n) => `<bpmn:sequenceFlow id="f${n}" sourceRef="${row[n]}" targetRef="${to}" />`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="http://millrace.dev/bench">
  <bpmn:process id="ten-task" isExecutable="true">
    <bpmn:startEvent id="start" />${tasks.join('')}<bpmn:endEvent id="end" />${flows.join('')}
  </bpmn:process>
</bpmn:definitions>`;
}

async function deployOne(url: string, model: string): Promise<void> {
  const response = await fetch(`${url}/api/definitions`, {
    method: 'POST',
    headers: { 'content-type': 'application/xml' },
    body: model,
  });
  if (response.status !== 201)
    throw new Error(`expected the model to be deployed, found ${response.status}: ${await response.text()}`);
  await response.body?.cancel();
}

async function startPlugin(broker: string): Promise<ReturnType<typeof spawn>> {
  const script = fileURLToPath(new URL('echo-plugin.ts', import.meta.url));
  const plugin = spawn(process.execPath, [script, broker], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(plugin.stdout, 'data');
  return plugin;
}
