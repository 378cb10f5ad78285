/** Many instances that wait: what they take of memory, of a restart, and of the time until a message finds its own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { topicsOf } from '@millrace/bus';
import { createClient } from '@millrace/client';
import { ServerProcess, freePorts } from '../support/server-process.ts';
import { residentMegabytes } from './served-process.ts';
import { percentile, type Row } from './table.ts';

const MESSAGES = 100;

const model = `<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" id="d" targetNamespace="http://millrace.dev/bench">
  <bpmn:message id="m" name="paid"><bpmn:extensionElements><zeebe:subscription correlationKey="=order" /></bpmn:extensionElements></bpmn:message>
  <bpmn:process id="waiting" isExecutable="true">
    <bpmn:startEvent id="start" /><bpmn:receiveTask id="wait" messageRef="m" /><bpmn:endEvent id="end" />
    <bpmn:sequenceFlow id="f1" sourceRef="start" targetRef="wait" /><bpmn:sequenceFlow id="f2" sourceRef="wait" targetRef="end" />
  </bpmn:process>
</bpmn:definitions>`;

export async function benchWaiting(instances: number): Promise<Row[]> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const [httpPort = 0, kafkaPort = 0] = await freePorts(2);
  const flags = ['--demo', 'false', '--log-level', 'warn'];
  const server = new ServerProcess({ dataDirectory, httpPort, kafkaPort, flags });
  try {
    await server.start();
    const idle = residentMegabytes(server.pid);
    await post(server, '/api/definitions', model, 'application/xml');
    const startedMs = await startMany(server, instances);
    const full = residentMegabytes(server.pid);
    await server.stop();
    const cleanMs = await server.start();
    const again = residentMegabytes(server.pid);
    const samples = await correlate(server, instances);
    await server.kill();
    const killedMs = await server.start();
    return [
      row(`${instances} instances started by record`, `${((instances / startedMs) * 1000).toFixed(0)}/s`),
      row('resident memory with all of them waiting', `${full.toFixed(0)} MB`, `${idle.toFixed(0)} MB with none`),
      row('ready after a clean stop', `${cleanMs.toFixed(0)} ms`, `${again.toFixed(0)} MB resident then`),
      row('ready after a kill', `${killedMs.toFixed(0)} ms`),
      row('a message to its instance, over REST', `p50 ${at(samples, 0.5)} ms, p99 ${at(samples, 0.99)} ms`),
    ];
  } finally {
    await server.stop();
    rmSync(dataDirectory, { recursive: true, force: true });
  }
}

const row = (what: string, value: string, against = ''): Row => ({ what, value, against });
const at = (samples: readonly number[], share: number): string => percentile(samples, share).toFixed(1);

/** Returns the ms until every instance waits, and its wait is known where the messages arrive. */
async function startMany(server: ServerProcess, count: number): Promise<number> {
  const topics = topicsOf();
  const client = createClient({ brokers: [server.kafka], clientId: 'bench' });
  const producer = client.producer();
  const consumer = client.consumer({ isolation: 'read_committed', maxWaitMs: 500 });
  const partitions = (await client.admin.partitionCount(topics.events)) ?? 0;
  for (let partition = 0; partition < partitions; partition += 1) {
    consumer.add({ topic: topics.events, partition, offset: 0 });
  }
  const began = performance.now();
  const sending = Promise.all(
    Array.from({ length: count }, (_, n) =>
      producer.send({
        topic: topics.startTrigger,
        key: Buffer.from(`o-${n}`),
        value: Buffer.from(JSON.stringify({ processName: 'waiting', params: { order: `o-${n}` } })),
        headers: [],
      }),
    ),
  );
  let opened = 0;
  const wanted = Buffer.from('"kind":"subscription.opened"');
  for await (const { records } of consumer) {
    for (const { value } of records) if (value?.includes(wanted) === true) opened += 1;
    if (opened >= count) consumer.close();
  }
  await sending;
  const tookMs = performance.now() - began;
  await producer.close();
  client.close();
  return tookMs;
}

async function correlate(server: ServerProcess, instances: number): Promise<number[]> {
  const samples: number[] = [];
  for (let n = 0; n < MESSAGES; n += 1) {
    const order = Math.floor((n * instances) / MESSAGES);
    const began = performance.now();
    const answer = await post(server, '/api/messages', JSON.stringify({ name: 'paid', correlationKey: `o-${order}` }));
    samples.push(performance.now() - began);
    if (!answer.includes('"CORRELATED"')) throw new Error(`expected the message to be correlated, found ${answer}`);
  }
  return samples;
}

async function post(server: ServerProcess, path: string, body: string, type = 'application/json'): Promise<string> {
  const response = await fetch(server.url + path, { method: 'POST', headers: { 'content-type': type }, body });
  const text = await response.text();
  if (!response.ok) throw new Error(`expected ${path} to succeed, found ${response.status}: ${text}`);
  return text;
}
