/** Consuming in fetches of 1 MB, one after the other as clients do it: what is in the hot tail, what is on disk, and that while producing. */
import type { ServedProcess } from '../served-process.ts';
import type { Row } from '../table.ts';
import { Pipeline } from './pipeline.ts';
import { withBroker } from './processes.ts';
import { figure, median } from './produce.ts';
import {
  createTopic,
  deleteTopic,
  expectNoError,
  fetchRequest,
  nextOffsetOf,
  produceRequest,
  type ReadyBatch,
} from './requests.ts';

const ROUNDS = 5;
const ROUND_MS = 1_000;
/** The broker keeps the newest 32 MB in memory of partitions that somebody reads. */
const TAIL_BYTES = 24 * 1024 * 1024;
const DISK_BYTES = 1024 * 1024 * 1024;
const MARK = 'mark: 2.6 M records/s';

export function compareConsuming(batches: readonly ReadyBatch[]): Promise<Row[]> {
  return withBroker('never', async (broker) => {
    const rows: Row[] = [];
    for (const batch of batches) rows.push(...(await consumeAll(broker, batch)));
    return rows;
  });
}

async function consumeAll(broker: ServedProcess, batch: ReadyBatch): Promise<Row[]> {
  const row = (what: string, measured: readonly Consumed[]): Row => {
    const cpu = median(measured.map(({ cpuSeconds }) => cpuSeconds)) * 1000;
    const against = `${MARK}; ${cpu.toFixed(0)} ms of processor for a million`;
    return {
      what: `${what}, ${batch.name} batches`,
      value: figure(median(measured.map(({ perSecond }) => perSecond))),
      against,
    };
  };
  await createTopic(broker.port, 'disk');
  const perSecond = await fill(broker.port, 'disk', batch, DISK_BYTES);
  const fromDisk = await rounds(() => consume(broker, 'disk', ROUND_MS));

  await createTopic(broker.port, 'other');
  const producing = await Pipeline.open(broker.port);
  const request = produceRequest('other', 0, batch.bytes, 1);
  const pace = { perSecond: perSecond / 2 / batch.records, forMs: (ROUNDS + 1) * ROUND_MS };
  const paced = producing.paced([request], pace, expectNoError('other'));
  const whileProducing = await rounds(() => consume(broker, 'disk', ROUND_MS));
  const { answers, ms } = await paced;
  producing.close();
  await deleteTopic(broker.port, 'other');
  await deleteTopic(broker.port, 'disk');

  await createTopic(broker.port, 'tail');
  await fillFollowed(broker.port, 'tail', batch, TAIL_BYTES);
  const fromTail = await rounds(() => consume(broker, 'tail', ROUND_MS));
  await deleteTopic(broker.port, 'tail');
  return [
    row('consume from the tail', fromTail),
    row('consume from disk', fromDisk),
    row(`consume from disk while producing ${figure((answers * batch.records * 1000) / ms)}`, whileProducing),
  ];
}

async function rounds<T>(measure: () => Promise<T>): Promise<T[]> {
  const all: T[] = [];
  for (let round = 0; round < ROUNDS; round++) all.push(await measure());
  return all;
}

/** Produces so many bytes; returns the records per second that were reached. */
export async function fill(port: number, topic: string, batch: ReadyBatch, bytes: number): Promise<number> {
  const client = await Pipeline.open(port);
  const began = performance.now();
  const count = Math.ceil(bytes / batch.bytes.length);
  const inFlight = Math.max(2, Math.floor((4 * 1024 * 1024) / batch.bytes.length));
  await client.times([produceRequest(topic, 0, batch.bytes, 1)], inFlight, count, expectNoError(topic));
  client.close();
  return (count * batch.records * 1000) / (performance.now() - began);
}

/** As `fill`, with a consumer that is at the end all the time. */
async function fillFollowed(port: number, topic: string, batch: ReadyBatch, bytes: number): Promise<void> {
  const client = await Pipeline.open(port);
  const filling = fill(port, topic, batch, bytes);
  const end = Math.ceil(bytes / batch.bytes.length) * batch.records;
  for (let offset = 0; offset < end; ) {
    offset = nextOffsetOf(await client.request(fetchRequest(topic, 0, offset, 500))) ?? offset;
  }
  await filling;
  client.close();
}

interface Consumed {
  readonly perSecond: number;
  /** Of the broker, for a million records. */
  readonly cpuSeconds: number;
}

/** Reads a topic from its start to its end, and from its start again, for so long. */
export async function consume(broker: ServedProcess, topic: string, forMs: number): Promise<Consumed> {
  const client = await Pipeline.open(broker.port);
  const cpuBefore = broker.cpuSeconds();
  const began = performance.now();
  let records = 0;
  let offset = 0;
  while (performance.now() - began < forMs) {
    const next = nextOffsetOf(await client.request(fetchRequest(topic, 0, offset)));
    if (next !== undefined) records += next - offset;
    offset = next ?? 0;
  }
  const ms = performance.now() - began;
  client.close();
  return { perSecond: (records * 1000) / ms, cpuSeconds: ((broker.cpuSeconds() - cpuBefore) * 1e6) / records };
}
