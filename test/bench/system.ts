/** The whole system on one machine: server, plugin and load generator share its cores, as on a laptop. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ServerProcess, freePorts } from '../support/server-process.ts';
import { latencies, throughput } from './load.ts';
import { deploy, oneTaskModel, startAndWait, withPlugin } from './served-millrace.ts';
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

    for (const model of [oneTaskModel, tenTaskModel()]) await deploy(server.url, model);
    await withPlugin(server, async () => {
      const oneTask = (): Promise<void> => startAndWait(server.url, 'one-task');
      await throughput(WARM_UP_MS, 64, oneTask);
      const samples = await latencies(LATENCY_SAMPLES, LATENCY_PAUSE_MS, oneTask);
      rows.push({
        what: 'start to complete, one task, low load',
        value: `p50 ${percentile(samples, 0.5).toFixed(1)} ms, p99 ${percentile(samples, 0.99).toFixed(1)} ms`,
        against: 'mark: p50 at most 25 ms',
      });
      for (const callers of CALLERS) {
        const perSecond = await throughput(MEASURED_MS, callers, oneTask);
        rows.push({
          what: `one-task instances completed, ${callers} callers that wait for the result over HTTP`,
          value: `${perSecond.toFixed(0)}/s`,
          against: callers === 64 ? 'mark: at least 500/s' : 'mark: at least 1,500/s',
        });
      }
      const tenTasks = await throughput(MEASURED_MS, 512, () => startAndWait(server.url, 'ten-task'));
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
    });
  } finally {
    await server.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
  return rows;
}

/** A row of ten of the same task. */
function tenTaskModel(): string {
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
