/** One instance that does a job for each of many items, to its end: over HTTP, the broker and a plugin process of its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ServerProcess, freePorts } from '../support/server-process.ts';
import { latencies } from './load.ts';
import { deploy, oneTaskModel, startAndWait, withPlugin } from './served-millrace.ts';
import { residentMegabytes } from './served-process.ts';
import { type Row, percentile } from './table.ts';

const POLL_MS = 1_000;
const OTHERS = 20;
const OTHERS_PAUSE_MS = 500;

const model = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="http://millrace.dev/bench">
  <bpmn:process id="for-each" isExecutable="true">
    <bpmn:startEvent id="start" />
    <bpmn:serviceTask id="each">
      <bpmn:extensionElements>
        <zeebe:taskDefinition type="bench-work" />
        <zeebe:ioMapping><zeebe:input source="=item" target="item" /></zeebe:ioMapping>
      </bpmn:extensionElements>
      <bpmn:multiInstanceLoopCharacteristics><bpmn:extensionElements>
        <zeebe:loopCharacteristics inputCollection="=items" inputElement="item" outputCollection="got" outputElement="=item" />
      </bpmn:extensionElements></bpmn:multiInstanceLoopCharacteristics>
    </bpmn:serviceTask>
    <bpmn:endEvent id="end" />
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="each" /><bpmn:sequenceFlow id="f2" sourceRef="each" targetRef="end" />
  </bpmn:process>
</bpmn:definitions>`;

export async function benchLoop(items: number): Promise<Row[]> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const [httpPort = 0, kafkaPort = 0] = await freePorts(2);
  const flags = ['--demo', 'false', '--log-level', 'warn'];
  const server = new ServerProcess({ dataDirectory, httpPort, kafkaPort, flags });
  const rows: Row[] = [];
  try {
    await server.start();
    const idle = residentMegabytes(server.pid);
    for (const one of [oneTaskModel, model]) await deploy(server.url, one);
    await withPlugin(server, async () => {
      await startAndWait(server.url, 'one-task');
      const began = performance.now();
      const id = await start(server.url, items);
      const answeredMs = performance.now() - began;
      const done = { isOver: false };
      let most = 0;
      const whole = (async () => {
        while ((await stateOf(server.url, id)) !== 'FINISHED') {
          most = Math.max(most, residentMegabytes(server.pid));
          await new Promise((resolve) => setTimeout(resolve, POLL_MS));
        }
        done.isOver = true;
        return performance.now() - began;
      })();
      // Others on the same server are served meanwhile: by its partition too, between two slices.
      const others = await latencies(OTHERS, OTHERS_PAUSE_MS, () => startAndWait(server.url, 'one-task'));
      const wasUnderWay = !done.isOver;
      const tookMs = await whole;
      rows.push(
        {
          what: `a job for each of ${items} items, to the end of the instance`,
          value: `${(tookMs / 1000).toFixed(1)} s`,
          against: `${((items / tookMs) * 1000).toFixed(0)} jobs/s`,
        },
        { what: 'its start answered', value: `${answeredMs.toFixed(0)} ms`, against: '' },
        {
          what: 'start to complete of a one-task instance meanwhile',
          value: `p50 ${percentile(others, 0.5).toFixed(0)} ms, p99 ${percentile(others, 0.99).toFixed(0)} ms`,
          against: wasUnderWay ? '' : 'the loop was over before the last of them',
        },
        {
          what: 'resident memory, at most',
          value: `${most.toFixed(0)} MB`,
          against: `${idle.toFixed(0)} MB idle`,
        },
      );
    });
  } finally {
    await server.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
  return rows;
}

async function start(url: string, count: number): Promise<string> {
  const body = JSON.stringify({ items: Array.from({ length: count }, (_, at) => at % 100) });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/process/for-each/start`, { method: 'POST', headers, body });
  const answer = (await response.json()) as { processInstanceUuid?: string };
  if (answer.processInstanceUuid === undefined)
    throw new Error(`expected an instance, found ${JSON.stringify(answer)}`);
  return answer.processInstanceUuid;
}

async function stateOf(url: string, id: string): Promise<string | undefined> {
  const response = await fetch(`${url}/api/process/${id}/status`);
  if (!response.ok) throw new Error(`expected the status, found ${response.status}: ${await response.text()}`);
  const { state, incidents } = (await response.json()) as { state?: string; incidents?: readonly object[] };
  if (incidents !== undefined && incidents.length > 0)
    throw new Error(`expected no incident, found ${JSON.stringify(incidents)}`);
  return state;
}
