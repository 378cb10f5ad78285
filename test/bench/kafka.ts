/**
 * Apache Kafka and the built-in broker, one after the other on the same machine, with the same client sending the same bytes: both
 * without fsync (acks=1), and both with an fsync before each answer (acks=all; Kafka by `log.flush.interval.messages=1`).
 * Kafka runs with the flags of its own start script.
 */
import { spawnSync } from 'node:child_process';
import { ApacheKafka } from '../conformance/brokers/apache-kafka.ts';
import { prepareKafka } from '../conformance/prepare.ts';
import { until } from '../support/until.ts';
import { consume, fill } from './broker/consume.ts';
import { endToEnd, TOPIC as LATENCY_TOPIC } from './broker/latency.ts';
import { Pipeline } from './broker/pipeline.ts';
import { type Fsync, withBroker } from './broker/processes.ts';
import { figure, median, produce } from './broker/produce.ts';
import {
  createTopic,
  expectNoError,
  fetchRequest,
  nextOffsetOf,
  produceRequest,
  type ReadyBatch,
  readyBatch,
} from './broker/requests.ts';
import { type ServedProcess, servedProcess } from './served-process.ts';
import { percentile, type Row } from './table.ts';

const ROUNDS = 3;
const CONSUME_MS = 2_000;
const CONSUMED_BYTES = 256 * 1024 * 1024;
/** kafka-server-start and kafka-run-class. */
const KAFKA_FLAGS = [
  '-Xmx1G',
  '-Xms1G',
  '-server',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
  '-Djava.awt.headless=true',
];

interface Figures {
  readonly readyMs: number;
  readonly idleMegabytes: number;
  readonly loadedMegabytes: number;
  readonly produced: readonly number[];
  readonly consumed: number;
  readonly latencies: readonly number[];
}

export async function compareWithKafka(): Promise<Row[]> {
  prepareKafka();
  const batches = [readyBatch('16 KB', 16 * 1024), readyBatch('256 KB', 256 * 1024)];
  const rows: Row[] = [];
  for (const fsync of ['never', 'always'] as const) {
    writeBack();
    const kafka = await withKafka(fsync, (broker, readyMs) => measure(broker, readyMs, fsync, batches));
    writeBack();
    const began = performance.now();
    const ours = await withBroker(fsync, (broker) => measure(broker, performance.now() - began, fsync, batches));
    rows.push(...compare(fsync, batches, ours, kafka));
  }
  return rows;
}

/** Whoever comes second would else wait for the device to take what the first has left in the page cache. */
function writeBack(): void {
  spawnSync('sync');
}

async function measure(
  broker: ServedProcess,
  readyMs: number,
  fsync: Fsync,
  batches: readonly ReadyBatch[],
): Promise<Figures> {
  const idleMegabytes = broker.residentMegabytes();
  const acks = fsync === 'never' ? 1 : -1;
  const produced: number[] = [];
  for (const [index, batch] of batches.entries()) {
    const topic = await servedTopic(broker.port, `produced-${index}`);
    const requests = [produceRequest(topic, 0, batch.bytes, acks)];
    const rounds: number[] = [];
    // The first round warms up.
    for (let round = 0; round <= ROUNDS; round++) {
      rounds.push((await produce(broker, batch, requests, expectNoError(topic))).perSecond);
    }
    produced.push(median(rounds.slice(1)));
  }
  const topic = await servedTopic(broker.port, 'consumed');
  await fill(broker.port, topic, batches.at(-1) as ReadyBatch, CONSUMED_BYTES);
  const consumed: number[] = [];
  for (let round = 0; round <= ROUNDS; round++) consumed.push((await consume(broker, topic, CONSUME_MS)).perSecond);
  await servedTopic(broker.port, LATENCY_TOPIC);
  const latencies = await endToEnd(broker.port, acks);
  const loadedMegabytes = broker.residentMegabytes();
  return { readyMs, idleMegabytes, loadedMegabytes, produced, consumed: median(consumed.slice(1)), latencies };
}

function compare(fsync: Fsync, batches: readonly ReadyBatch[], ours: Figures, kafka: Figures): Row[] {
  const policy = fsync === 'never' ? 'acks=1, no fsync' : 'acks=all, fsync before each answer';
  const row = (
    what: string,
    one: number,
    other: number,
    show: (value: number) => string,
    isMoreBetter: boolean,
  ): Row => {
    const ratio = isMoreBetter ? one / other : other / one;
    return {
      what,
      value: show(one),
      against: `Kafka ${show(other)}: ${ratio >= 100 ? 'more than 100' : ratio.toFixed(2)} times as good`,
    };
  };
  const ms = (value: number): string => `${value.toFixed(2)} ms`;
  const megabytes = (value: number): string => `${value.toFixed(0)} MB`;
  const throughput = batches.map((batch, index) => {
    const [one = Number.NaN, other = Number.NaN] = [ours.produced[index], kafka.produced[index]];
    return row(`produce, ${batch.name} batches, ${policy}`, one, other, figure, true);
  });
  const latency = [0.5, 0.99].map((share) => {
    const [one, other] = [percentile(ours.latencies, share), percentile(kafka.latencies, share)];
    return row(`end to end at 1,000 records/s, p${share * 100}, ${policy}`, one, other, ms, false);
  });
  const consumed = row('consume', ours.consumed, kafka.consumed, figure, true);
  if (fsync === 'always') return [...throughput, ...latency];
  return [
    ...throughput,
    consumed,
    ...latency,
    row('ready, empty data directory', ours.readyMs, kafka.readyMs, ms, false),
    row('resident memory, idle', ours.idleMegabytes, kafka.idleMegabytes, megabytes, false),
    row('resident memory, after the load', ours.loadedMegabytes, kafka.loadedMegabytes, megabytes, false),
  ];
}

async function withKafka<T>(fsync: Fsync, use: (broker: ServedProcess, readyMs: number) => Promise<T>): Promise<T> {
  const flush: Record<string, string> = fsync === 'always' ? { 'log.flush.interval.messages': '1' } : {};
  const kafka = await ApacheKafka.start(() => flush, KAFKA_FLAGS);
  try {
    // As the other: from the start of the process to when it serves, without the formatting of its storage.
    await kafka.stop();
    const began = performance.now();
    await kafka.start();
    const readyMs = performance.now() - began;
    return await use(
      servedProcess(kafka.pid, kafka.port, () => kafka.stop()),
      readyMs,
    );
  } finally {
    await kafka.remove();
  }
}

/** Creates the topic, and waits until its partition is led: Kafka answers before. */
async function servedTopic(port: number, topic: string): Promise<string> {
  await createTopic(port, topic);
  const client = await Pipeline.open(port);
  await until('the topic to be served', async () => {
    try {
      nextOffsetOf(await client.request(fetchRequest(topic, 0, 0)));
      return true;
    } catch {
      return false;
    }
  });
  client.close();
  return topic;
}
