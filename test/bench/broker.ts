/**
 * The broker as a process of its own, against a bare loop that only takes bytes, checks them and writes them (ceiling.ts).
 * The client is in this process, so both share the machine's cores in either case, and both send the same bytes.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { apis, BatchBuilder, decodeResponse, encodeRequest } from '@millrace/wire';

import { Pipeline } from './pipeline.ts';
import { type ServedProcess, startServed } from './served-process.ts';
import type { Row } from './table.ts';

const RECORD_BYTES = 100;
const MEASURED_MS = 3_000;
const WARM_UP_MS = 1_000;
const IN_FLIGHT_BYTES = 4 * 1024 * 1024;
const FETCH_BYTES = 1024 * 1024;
const PRODUCE_VERSION = 7;
const FETCH_VERSION = 11;

const ceilingMain = fileURLToPath(new URL('ceiling.ts', import.meta.url));
const brokerMain = fileURLToPath(new URL('../../apps/broker/src/main.ts', import.meta.url));

type Fsync = 'always' | 'never';

interface ReadyBatch {
  readonly name: string;
  readonly bytes: Buffer;
  readonly records: number;
}

export async function benchBroker(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const batch of [readyBatch('16 KB', 16 * 1024), readyBatch('256 KB', 256 * 1024)]) {
    for (const fsync of ['never', 'always'] as const) rows.push(...(await compare(batch, fsync)));
  }
  return rows;
}

async function compare(batch: ReadyBatch, fsync: Fsync): Promise<Row[]> {
  const rows: Row[] = [];
  const ceilings = { written: await bareLoop(batch, 'never'), synced: await bareLoop(batch, fsync) };
  const row = (what: string, perSecond: number, ceiling: number): void => {
    const share = `${((perSecond / ceiling) * 100).toFixed(0)} % of the bare loop`;
    const against = what.startsWith('produce') ? `${share}, mark: at least 1 M records/s` : share;
    rows.push({ what: `${what}, ${batch.name} batches, fsync ${fsync}`, value: figure(perSecond), against });
  };
  if (fsync === 'never') row('bare loop', ceilings.written, ceilings.written);
  else row('bare loop that answers after fdatasync', ceilings.synced, ceilings.synced);
  await withBroker(fsync, async (port) => {
    row('produce, acks=1', await produce(port, batch, 1, expectNoError), ceilings.written);
    row('produce, acks=all', await produce(port, batch, -1, expectNoError), ceilings.synced);
    row('consume', await consume(port), ceilings.written);
  });
  return rows;
}

function bareLoop(batch: ReadyBatch, fsync: Fsync): Promise<number> {
  return withCeiling(fsync, (port) => produce(port, batch, 1, () => {}));
}

/** Records per second that are acknowledged. */
async function produce(
  port: number,
  batch: ReadyBatch,
  acks: 1 | -1,
  check: (answer: Buffer) => void,
): Promise<number> {
  const client = await Pipeline.open(port);
  const request = produceRequest(batch, acks);
  const inFlight = Math.max(2, Math.floor(IN_FLIGHT_BYTES / batch.bytes.length));
  await client.repeat(request, inFlight, WARM_UP_MS, check);
  const { answers, ms } = await client.repeat(request, inFlight, MEASURED_MS, check);
  client.close();
  return (answers * batch.records * 1000) / ms;
}

/** Records per second from the start of the topic, one fetch after the other, as clients do it. */
async function consume(port: number): Promise<number> {
  const client = await Pipeline.open(port);
  const began = performance.now();
  let offset = 0;
  while (performance.now() - began < MEASURED_MS) {
    const next = nextOffsetOf(await client.request(fetchRequest(offset)));
    if (next === undefined) break;
    offset = next;
  }
  const ms = performance.now() - began;
  client.close();
  return (offset * 1000) / ms;
}

function readyBatch(name: string, bytesMax: number): ReadyBatch {
  const builder = new BatchBuilder(bytesMax);
  const value = Buffer.alloc(RECORD_BYTES, 'millrace ');
  const timestamp = Date.now();
  // A record is a few bytes more than its value.
  while (builder.sizeInBytes + RECORD_BYTES + 20 <= bytesMax) builder.append({ timestamp, value });
  const records = builder.recordCount;
  return { name, records, bytes: builder.seal() };
}

const TOPIC = 'bench';

function produceRequest(batch: ReadyBatch, acks: 1 | -1): Buffer[] {
  return encodeRequest(
    { api: apis.produce, version: PRODUCE_VERSION, correlationId: 1, clientId: 'bench' },
    { acks, timeoutMs: 30_000, topics: [{ name: TOPIC, partitions: [{ partition: 0, records: [batch.bytes] }] }] },
  );
}

/** The error code lies behind the correlation id, one topic with its name, and one partition. */
function expectNoError(answer: Buffer): void {
  const code = answer.readInt16BE(4 + 4 + 2 + TOPIC.length + 4 + 4);
  if (code !== 0) throw new Error(`expected the broker to accept a batch, found error ${code}`);
}

function fetchRequest(fetchOffset: number): Buffer[] {
  const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes: FETCH_BYTES }];
  return encodeRequest(
    { api: apis.fetch, version: FETCH_VERSION, correlationId: 1, clientId: 'bench' },
    {
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: FETCH_BYTES,
      isolationLevel: 0,
      topics: [{ name: TOPIC, partitions }],
      rackId: '',
    },
  );
}

/** Behind the last batch; undefined at the end of the log. Walks the batches by their headers, as any client has to. */
function nextOffsetOf(answer: Buffer): number | undefined {
  const { topics } = decodeResponse(apis.fetch, FETCH_VERSION, answer).body;
  const partition = topics[0]?.partitions[0];
  if (partition === undefined || partition.errorCode !== 0) {
    throw new Error(`expected records, found error ${partition?.errorCode}`);
  }
  const records = partition.records ?? Buffer.alloc(0);
  let next: number | undefined;
  for (let at = 0; at < records.length; at += 12 + records.readInt32BE(at + 8)) {
    next = Number(records.readBigInt64BE(at)) + records.readInt32BE(at + 23) + 1;
  }
  return next;
}

async function withCeiling(fsync: Fsync, use: (port: number) => Promise<number>): Promise<number> {
  const args = [ceilingMain, '--fsync', fsync];
  const ceiling = await startServed(args, (line) => (JSON.parse(line) as { port: number }).port);
  try {
    return await use(ceiling.port);
  } finally {
    await ceiling.stop();
  }
}

async function withBroker(fsync: Fsync, use: (port: number) => Promise<void>): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'millrace-bench-'));
  const args = [brokerMain, '--kafka', '127.0.0.1:0', '--data', data, '--fsync', fsync];
  let broker: ServedProcess | undefined;
  try {
    broker = await startServed(args, portOfLogLine);
    await createTopic(broker.port);
    await use(broker.port);
  } finally {
    await broker?.stop();
    rmSync(data, { recursive: true, force: true });
  }
}

function portOfLogLine(line: string): number | undefined {
  const { msg, addresses } = JSON.parse(line) as { msg: string; addresses?: { port: number }[] };
  return msg === 'broker is ready' ? addresses?.[0]?.port : undefined;
}

async function createTopic(port: number): Promise<void> {
  const client = await Pipeline.open(port);
  const request = encodeRequest(
    { api: apis.createTopics, version: 4, correlationId: 1, clientId: 'bench' },
    {
      topics: [{ name: TOPIC, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 10_000,
    },
  );
  await client.request(request);
  client.close();
}

function figure(perSecond: number): string {
  return `${(perSecond / 1e6).toFixed(2)} M records/s, ${((perSecond * RECORD_BYTES) / 1e6).toFixed(0)} MB/s`;
}
